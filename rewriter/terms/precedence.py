"""An order of products that multiplication respects: by exponents first, then by powers of factors.

What multiplies all summands of a sum changes neither which comes first in it nor which comes last,
so that a sum is told from its multiples, and divided by another as polynomials are.
"""

from __future__ import annotations

from functools import reduce

from rewriter.terms.algebra import add
from rewriter.terms.factors import sort_factors
from rewriter.terms.simple import negate
from rewriter.terms.term import ZERO, Combination, Product


def least_product(term: Combination) -> Product:
    """The product least in a lexicographic order of exponents (a group order)."""
    return reduce(lambda best, one: one if precedes(one, best) else best, term.products)


def greatest_product(term: Combination) -> Product:
    """The product greatest in that order."""
    return reduce(lambda best, one: one if precedes(best, one) else best, term.products)


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
