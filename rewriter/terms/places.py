"""Products with indicators of places: what one says of the others and of all that is beside it."""

from __future__ import annotations

from typing import Any

from rewriter.terms.algebra import as_combination, collect, multiply
from rewriter.terms.index import Axis, Data, Fixed, IndexExpression, occurs
from rewriter.terms.indicators import delta, ends
from rewriter.terms.term import ZERO, Combination, Delta, Distinct, Product, Term, Within


def under_deltas(product: Product) -> Combination | None:
    """Under δ(i, t) the two are one: a place replaces i, and i replaces data."""
    from rewriter.terms.binding import replace

    for base, _ in product.factors:
        if not isinstance(base, Delta):
            continue
        rest = tuple(f for f in product.factors if f[0] is not base)
        others = Combination.make((Product.make(product.coefficient, rest, product.exponent),))
        changed = replace(others, _orientation(*base.parts))
        if changed is not others:
            return multiply(as_combination(base), changed)
    return None


def combine_places(total: Combination) -> Combination:
    """``Σ_c [i = c]·t = t`` where i is at one of the places c, as labels are of a few classes."""
    groups: dict[tuple[IndexExpression, Product], dict[int, Product]] = {}
    for product in total.products:
        for base, _ in product.factors:
            found = _label(base)
            if found is not None:
                index, place = found
                groups.setdefault((index, product.without(base)), {})[place] = product
    for (index, rest), places in groups.items():
        low, high = ends(index)
        if low is None or high is None or high - low >= len(places):
            continue
        gone = {places[place] for place in range(low, high + 1) if place in places}
        if len(gone) <= high - low:
            continue
        return combine_places(collect([*(p for p in total.products if p not in gone), rest]))
    return total


def _label(base: Term) -> tuple[IndexExpression, int] | None:
    """Return (index, place) of an indicator that data is at a place, else None."""
    if not isinstance(base, Delta):
        return None
    left, right = base.parts
    for index, place in ((left, right), (right, left)):
        if isinstance(index, Data) and isinstance(place, Fixed) and isinstance(place.place, int):
            return index, place.place
    return None


def within_both(product: Product) -> Combination | None:
    """``[a <= i < b]·[c <= i < d] = [max(a, c) <= i < min(b, d)]``."""
    from rewriter.terms.indicators import within

    seen: dict[Any, Within] = {}
    for base, _ in product.factors:
        if not isinstance(base, Within) or not all(isinstance(e, int) for e in base.parts[1:]):
            continue
        index, low, high = base.parts
        other = seen.setdefault(index, base)
        if other is not base:
            rest = product.without(base).without(other)
            _, first, end = other.parts
            both = within(index, max(low, first), min(high, end))
            return multiply(both, Combination.make((rest,)))
    return None


def at_place_left(product: Product) -> Combination | None:
    """Of an index that differs from all places but one, ``[i ≠ 0]·[i ≠ 1] = δ(i, 2)`` of three.

    It is 0 where it differs from all.
    """
    excluded: dict[Axis, dict[int, Term]] = {}
    for base, _ in product.factors:
        if isinstance(base, Distinct):
            index, place = base.parts if isinstance(base.parts[0], Axis) else base.parts[::-1]
            if isinstance(index, Axis) and isinstance(place, Fixed) and type(place.place) is int:
                excluded.setdefault(index, {})[place.place] = base
    for index, bases in excluded.items():
        if not isinstance(index.extent, int) or len(bases) < max(2, index.extent - 1):
            continue
        for base in bases.values():
            product = product.without(base)
        left = [place for place in range(index.extent) if place not in bases]
        there = delta(index, Fixed(left[0])) if left else ZERO
        return multiply(there, Combination.make((product,)))
    return None


def _orientation(left: Any, right: Any) -> dict[Any, Any]:
    """Return what is replaced, by what: nothing by what it is itself a part of."""
    one, other = (left, right) if isinstance(left, Axis) else (right, left)
    if isinstance(other, Axis):
        return {left: right} if left.level > right.level else {right: left}
    first, second = (other, one) if isinstance(other, Data) else (one, other)
    if not occurs(first, second):
        return {first: second}
    return {} if occurs(second, first) or not isinstance(second, Data) else {second: first}
