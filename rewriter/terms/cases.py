"""Cases: sums whose summands hold at different places, ``Σ_k [c_k]·a_k`` with one c_k everywhere.

What is applied to such a sum is applied to each: ``f(Σ_k [c_k]·a_k) = Σ_k [c_k]·f(a_k)``. A choice
has two, ``[c]·a + [not c]·b``; a tensor joined of parts has one for each part, and a difference of
two slices of it one for each stretch on which both are of one part.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from rewriter.terms.algebra import add, as_combination
from rewriter.terms.index import Fixed, IndexExpression
from rewriter.terms.indicators import ends, opposite_of, within
from rewriter.terms.term import Combination, Delta, Product, Within

MOST_CASES = 16
"""Cases that a sum is taken apart into."""

Case = tuple[Combination, Combination]
"""(indicator, what the sum is where it holds)"""

Stretch = tuple[int, int]
"""The places from the first up to, and without, the second."""


def cases_in(term: Combination) -> list[Case] | None:
    """Return the cases of a sum, exactly one of which holds anywhere; None where it has none."""
    return _of_a_choice(term) or stretches_in(term)


def at_once(term: Combination) -> list[Combination]:
    """Return the sums of which a sum is one at each place: its cases, or itself."""
    cases = cases_in(term) if len(term.products) > 1 else None
    return [term] if cases is None else [inside for _, inside in cases]


def _of_a_choice(term: Combination) -> list[Case] | None:
    """``[c]·a + [not c]·b`` as (indicator, summands under it) of both, else None."""
    for base, _ in term.products[0].factors:
        opposite = opposite_of(base)
        if opposite is None:
            continue
        pair = (base, opposite)
        under = [[p.without(one) for p in term.products if p.has(one)] for one in pair]
        if sum(map(len, under)) == len(term.products) and all(under):
            return [
                (as_combination(c), add(map(as_combination, ps)))
                for c, ps in zip(pair, under, strict=True)
            ]
    return None


def stretches_in(term: Combination) -> list[Case] | None:
    """Return the cases of a sum that the places of one index tell apart; None where it has none."""
    for base, _ in term.products[0].factors:
        found = _place_in(base)
        if found is None:
            continue
        index = found[0]
        first, last = ends(index)
        if first is None or last is None:
            continue
        kept = [_restricted(product, index, (first, last + 1)) for product in term.products]
        cuts = sorted({end for stretch, _ in kept for end in stretch} | {first, last + 1})
        if not 2 < len(cuts) <= MOST_CASES + 1:
            continue
        cases = [_case(index, stretch, kept) for stretch in pairwise(cuts)]
        if all(inside.products for _, inside in cases):
            return cases
    return None


def _place_in(mask: Any) -> tuple[IndexExpression, Stretch] | None:
    """Return (index, stretch) of an indicator of places: where on its index it is 1."""
    if isinstance(mask, Delta):
        left, right = mask.parts
        for index, place in ((left, right), (right, left)):
            if isinstance(place, Fixed) and isinstance(place.place, int):
                return index, (place.place, place.place + 1)
    if isinstance(mask, Within):
        index, low, high = mask.parts
        if isinstance(low, int) and isinstance(high, int):
            return index, (low, high)
    return None


def _restricted(
    product: Product, index: IndexExpression, whole: Stretch
) -> tuple[Stretch, Product]:
    """Return where on an index a product may differ from 0, and the product there."""
    low, high = whole
    factors = []
    for factor in product.factors:
        found = _place_in(factor[0])
        if found is None or found[0] != index:
            factors.append(factor)
        else:
            low, high = max(low, found[1][0]), min(high, found[1][1])
    return (low, max(low, high)), Product.make(
        product.coefficient, tuple(factors), product.exponent
    )


def _case(index: IndexExpression, stretch: Stretch, kept: list[tuple[Stretch, Product]]) -> Case:
    from rewriter.terms.binding import replace
    from rewriter.terms.fractions import over_common_denominator

    low, high = stretch
    inside = add(as_combination(p) for (start, end), p in kept if start <= low and high <= end)
    if high == low + 1:
        inside = replace(inside, {index: Fixed(low)})
    return within(index, low, high), over_common_denominator(inside) or inside
