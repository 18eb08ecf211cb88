"""An order of products that multiplication respects: by exponents first, then by powers of factors.

What multiplies all summands of a sum changes neither which comes first in it nor which comes last,
so that a sum is told from its multiples, and divided by another as polynomials are.
"""

from __future__ import annotations

from rewriter.terms.algebra import add
from rewriter.terms.factors import sort_factors
from rewriter.terms.simple import negate
from rewriter.terms.term import ZERO, Combination, Product


def least_product(term: Combination) -> Product:
    """The product least in a lexicographic order of exponents (a group order)."""
    best = term.products[0]
    for product in term.products[1:]:
        if precedes(product, best):
            best = product
    return best


def greatest_product(term: Combination) -> Product:
    """The product greatest in that order."""
    best = term.products[0]
    for product in term.products[1:]:
        if precedes(best, product):
            best = product
    return best


def precedes(left: Product, right: Product) -> bool:
    """Tell whether a product is less than another in that order, whatever multiplies both."""
    gap = (
        add((right.exponent, negate(left.exponent)))
        if right.exponent is not left.exponent
        else ZERO
    )
    if gap.products:
        return gap.products[0].coefficient > 0
    powers = dict(right.factors)
    for base, q in left.factors:
        powers[base] = powers.get(base, 0) - q
    remaining = sort_factors(powers)
    return bool(remaining) and remaining[0][1] > 0
