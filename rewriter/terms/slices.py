"""Sums over slices of one axis: what is in both is weighed once.

``a·Σ_{j in A} f[j] − b·Σ_{j in B} f[j]`` is ``(a − b)·Σ_{A and B} f + a·Σ_{A not B} f − …``: where
a slice lies within another and counts for less, nothing is subtracted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from rewriter.terms.algebra import add, as_combination, multiply, scale
from rewriter.terms.binding import bound_sum, replace
from rewriter.terms.index import Affine, Axis, IndexExpression, affine, axes_in
from rewriter.terms.interning import remembered
from rewriter.terms.rational import Rational
from rewriter.terms.term import BoundSum, Combination, Element, Product
from rewriter.terms.traversal import parts_of

MOST_SLICES = 8
"""Sums over slices of one axis up to which they are weighed together."""

Slice = tuple[Combination, int, int]
"""What is summed, at any place of the whole axis, and the places: from the first to before one."""


def combine_slices(total: Combination) -> Combination:
    """Return a sum with slices of one axis, where they overlap with both signs, taken apart."""
    for beside, found in groups_of_sums(total, lambda base: type(base.axis.extent) is int):
        apart = _weighed(found)
        if apart is not None:
            gone = {product for product, _ in found}
            kept = Combination.make(tuple(p for p in total.products if p not in gone))
            return add((kept, multiply(as_combination(beside), apart)))
    return total


def groups_of_sums(
    total: Combination, counts: Callable[[BoundSum], bool] = lambda _: True
) -> Iterator[tuple[Product, list[tuple[Product, BoundSum]]]]:
    """Yield the summands that are one product times sums over an axis, some of either sign."""
    groups: dict[Product, list[tuple[Product, BoundSum]]] = {}
    for product in total.products:
        for base, q in product.factors:
            if q == 1 and type(base) is BoundSum and base.wild and counts(base):
                groups.setdefault(product.without(base).monomial, []).append((product, base))
    for beside, found in groups.items():
        several = 1 < len(found) <= MOST_SLICES
        if several and len({product.coefficient > 0 for product, _ in found}) > 1:
            yield beside, found


def _weighed(found: list[tuple[Product, BoundSum]]) -> Combination | None:
    """The sums as runs of places of one weight each; None where they have no places in common."""
    slices = [(_slice(base), product.coefficient) for product, base in found]
    known = [(one, weight) for one, weight in slices if one is not None]
    bodies = {body for (body, _, _), _ in known}
    if len(known) < len(slices) or len(bodies) > 1:
        return None
    (body,) = bodies
    ends = sorted({end for (_, *pair), _ in known for end in pair})
    runs: list[tuple[int, int, Rational]] = []
    overlap = False
    for low, high in pairwise(ends):
        there = [weight for (_, start, stop), weight in known if start <= low and high <= stop]
        overlap |= len({weight > 0 for weight in there}) > 1
        runs.append((low, high, sum(there, start=0)))
    return add(_run(body, *run) for run in runs) if overlap else None


def _run(body: Combination, low: int, high: int, weight: Rational) -> Combination:
    return scale(sum_over(_anywhere(), body, low, high), weight)


def sum_over(axis: Axis, body: Combination, low: int, high: int) -> Combination:
    """Return a sum over the places of an axis from the first up to, and without, the second."""
    along = Axis("k", high - low)
    return bound_sum(along, replace(body, {axis: affine(along, 1, low)}))


@lru_cache(maxsize=1)
def _anywhere() -> Axis:
    """The axis that stands for a place of the whole."""
    return Axis("place", "places")


@remembered
def _slice(total: BoundSum) -> Slice | None:
    """Read a sum as one over consecutive places, counted as what it reads has them; else None."""
    extent = total.axis.extent
    offsets = [_offset(place, total.axis) for place in _places(total)]
    if not offsets or None in offsets or not isinstance(extent, int):
        return None
    first = min(offset for offset in offsets if offset is not None)
    whole = {total.axis: affine(_anywhere(), 1, -first)}
    return replace(as_combination(total.body), whole), first, first + extent


def _places(total: BoundSum) -> Iterator[IndexExpression]:
    """The indices along its axis at which a sum reads tensors."""
    for part in parts_of(total.body):
        if isinstance(part, Element):
            yield from (index for index in part.indices if total.axis in axes_in(index))


def _offset(place: IndexExpression, axis: Axis) -> int | None:
    if place is axis:
        return 0
    if not isinstance(place, Affine) or place.base is not axis or place.step != 1:
        return None
    return place.offset if isinstance(place.offset, int) else None
