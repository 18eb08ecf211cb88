"""Which terms have grown so large that what they sum gets names."""

from __future__ import annotations

from rewriter.terms.naming import weight_of
from rewriter.terms.sign import interval_of
from rewriter.terms.term import ONE, Combination, Product

DEEPEST_NESTING = 3
LARGEST_WEIGHT = 400
MOST_SUMMANDS = 4
"""Binders inside one another, parts of a term, and exponentials of one sign in a sum, beyond which
what is summed gets a name."""

LARGEST_NESTED_WEIGHT = 240
"""Parts of a term with as many binders inside one another as may be: a batch of mixtures has so
many, and what is multiplied out of more grows fast."""


def is_long_sum(term: Combination) -> bool:
    """Tell whether a term adds up many exponentials: multiplied by another, it would explode."""
    many = len(set(map(_exponentials_of, term.products))) > MOST_SUMMANDS
    return many and all(p.wild and interval_of(p).nonnegative for p in term.products)


def is_large(term: Combination) -> bool:
    """Tell whether a term has so many parts, or binders inside one another, that it gets names."""
    largest = LARGEST_WEIGHT if term.level < DEEPEST_NESTING else LARGEST_NESTED_WEIGHT
    return term.level > DEEPEST_NESTING or _weight_of_exponentials(term) > largest


def _exponentials_of(product: Product) -> Product:
    """What is exponential in a product."""
    wild = tuple(factor for factor in product.factors if factor[0].wild)
    return Product.make(ONE, wild, product.exponent)


def _weight_of_exponentials(term: Combination) -> int:
    """How large a term is; what its products have in common, but for weights, counts once."""
    if len(term.products) < 2:
        return weight_of(term)
    return sum(map(weight_of, set(map(_exponentials_of, term.products))))
