"""Long sums: what they vanish with, told in few summands.

A sum that stands beside others is multiplied by them, and a long one would grow beyond measure;
left alone, it is 0 where the exponential that it is multiplied by is infinite. What matters of it
are its largest exponentials: ``e²ᵘ·a + eᵘ·b + eᵛ·c``, where u <= 0, is ``eᵘ·s + eᵛ·c``, s a name.
Where many are left of which none is proved to be the largest, it is ``eᵐ·s``, m the largest of all.
"""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.engine.scaling import Scaling
from rewriter.terms.algebra import add, as_combination, multiply, negate
from rewriter.terms.binding import evaluated
from rewriter.terms.cases import at_once
from rewriter.terms.naming import with_names
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import Combination, Product

LARGEST_DIFFERENCE = 8
"""Summands that a difference of vanishing values is followed to."""

MOST_JOINED = 3
"""Exponentials of which none is proved to be the largest that a sum is told by."""


def is_long(term: Combination) -> bool:
    """Tell whether a term has more summands than are multiplied by others."""
    return any(len(one.products) > LARGEST_DIFFERENCE for one in at_once(term))


def vanishes(term: Combination) -> bool:
    """Tell whether there is an exponential that some summand vanishes with."""
    return any(product.wild for product in term.products)


def by_largest_exponentials(term: Combination, scaling: Scaling, dtype: str) -> Combination:
    """Return a sum as ``Σ_k exp(c[k])·s[k]`` of bounded, named s.

    Summands whose exponentials are proved to be no larger than that of another are joined to it.

    Args:
        term: a sum, of any signs.
        scaling: scales it.
        dtype: what its pieces are to be computed in.
    """
    joined: dict[Combination, list[Product]] = {}
    for product in with_names(scaling.by_shift(term).term, dtype).products:
        exponent = product.exponent
        larger = next((c for c in joined if _are_beside([product], c, scaling)), None)
        if larger is not None:
            joined[larger].append(product)
        else:
            smaller = [c for c, them in joined.items() if _are_beside(them, exponent, scaling)]
            joined[exponent] = [product, *(p for c in smaller for p in joined.pop(c))]
    shortened = add(_named_beside(c, summands, dtype) for c, summands in joined.items())
    if len(shortened.products) > MOST_JOINED:
        return _in_one(shortened, scaling, dtype)
    return shortened


def _in_one(term: Combination, scaling: Scaling, dtype: str) -> Combination:
    """Return ``exp(m)·s``, m the largest of the exponents in a sum."""
    exponents = dict.fromkeys(product.exponent for product in term.products)
    sizes = scaling.joined(add(map(sole_exponential, exponents)))
    if len(sizes.products) != 1:
        return term
    largest = with_names(sizes, dtype).products[0].exponent
    return _named_beside(largest, list(term.products), dtype)


def _are_beside(products: Sequence[Product], exponent: Combination, scaling: Scaling) -> bool:
    """Tell whether products are proved to be bounded once divided by ``exp(exponent)``."""
    return all(map(scaling.is_bounded, _divided(products, exponent).products))


def _divided(products: Sequence[Product], exponent: Combination) -> Combination:
    return multiply(Combination.make(tuple(products)), sole_exponential(negate(exponent)))


def _named_beside(exponent: Combination, summands: Sequence[Product], dtype: str) -> Combination:
    if len(summands) == 1:
        return as_combination(summands[0])
    bounded = with_names(evaluated(None, _divided(summands, exponent)), dtype)
    return multiply(sole_exponential(exponent), bounded)
