"""Indicators: 1 where index expressions are equal, differ, are ordered or lie within; else 0."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from rewriter.facts.ranges import range_of
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination
from rewriter.terms.index import Affine, Axis, Data, Fixed, IndexExpression, affine, index_key
from rewriter.terms.index import replace as replace_index
from rewriter.terms.term import (
    UNIT,
    ZERO,
    AtMost,
    Combination,
    Delta,
    Distinct,
    Term,
    Truth,
    Within,
)  # fmt: skip

Places = tuple[IndexExpression, int, int]
"""(index, low, high) of an indicator that is 1 where ``low <= index < high``."""

IndexMap = Mapping[Any, IndexExpression]


def delta(left: IndexExpression, right: IndexExpression) -> Combination:
    """``δ(left, right)``: 1 where the index expressions are equal, else 0."""
    if left == right:
        return UNIT
    if _never_meet(left, right):
        return ZERO
    (base, step, offset), (other, pace, moved) = _moved(left), _moved(right)
    if base == other and isinstance(offset, int) and isinstance(moved, int):
        place, rest = divmod(moved - offset, step - pace)
        return ZERO if rest else delta(base, Fixed(place))
    alone = _solved(left, right) or _solved(right, left)
    if alone is not None:
        return alone
    first, second = sorted((left, right), key=index_key)
    return as_combination(Delta.make(first, second))


def _solved(moved: IndexExpression, place: IndexExpression) -> Combination | None:
    """``δ(s·i + k, t) = δ(i, (t − k)/s)``, for a place t that has no axis of its own."""
    base, step, offset = _moved(moved)
    if base is moved or not isinstance(offset, int):
        return None
    if isinstance(place, Fixed) and isinstance(place.place, int):
        there, rest = divmod(place.place - offset, step)
        return ZERO if rest else delta(base, Fixed(there))
    if isinstance(base, Axis) and abs(step) == 1 and isinstance(_moved(place)[0], Data):
        return delta(base, affine(place, step, -offset * step))
    return None


def _never_meet(left: IndexExpression, right: IndexExpression) -> bool:
    """Tell whether two index expressions are moved against one another, or lie apart."""
    base, step, offset = _moved(left)
    if (base, step) == _moved(right)[:2] and isinstance(offset, int):
        other = _moved(right)[2]
        return isinstance(other, int) and offset != other
    (low, high), (least, most) = ends(left), ends(right)
    below = high is not None and least is not None and high < least
    return below or (most is not None and low is not None and most < low)


def _moved(index: IndexExpression) -> tuple[Any, int, Any]:
    """Return (base, step, offset) of an index expression."""
    return (index.base, index.step, index.offset) if isinstance(index, Affine) else (index, 1, 0)


def moved_by(index: IndexExpression, other: IndexExpression) -> int:
    """Return how far an index expression lies after another; 0 where that is not known."""
    if isinstance(index, Fixed) and isinstance(other, Fixed):
        after, before = index.place, other.place
    else:
        (base, step, after), (beside, pace, before) = _moved(index), _moved(other)
        if (base, step) != (beside, pace):
            return 0
    return after - before if isinstance(after, int) and isinstance(before, int) else 0


def opposite_of(mask: Term) -> Term | None:
    """Return the indicator that is 1 where this one is 0, if there is one."""
    if isinstance(mask, Truth):
        return Truth.make(mask.element, not mask.negated)
    if isinstance(mask, (Delta, Distinct)):
        return (Distinct if isinstance(mask, Delta) else Delta).make(*mask.parts)
    return None


def opposite(mask: Delta | Truth | AtMost | Within) -> Combination:
    """1 where a mask is 0; of ``j <= k``, where ``k + 1 <= j``; of a stretch, what is beside it."""
    if isinstance(mask, Within):
        index, low, high = mask.parts
        before, after = ends(index)
        if before is None or after is None or not isinstance(low, int) or not isinstance(high, int):
            return algebra.add((UNIT, algebra.negate(as_combination(mask))))
        apart = within(index, before, low), within(index, high, after + 1)
        return algebra.add(apart)
    if isinstance(mask, AtMost):
        low, high = mask.parts
        return at_most(affine(high, 1, 1), low)
    other = opposite_of(mask)
    assert other is not None
    return as_combination(other)


def distinct(left: IndexExpression, right: IndexExpression) -> Combination:
    """1 where the index expressions differ, else 0."""
    equal = delta(left, right)
    if algebra.is_number(equal):
        return UNIT if equal is ZERO else ZERO
    return as_combination(Distinct.make(*algebra.plain(equal).parts))


def _distinct_replaced(base: Any, mapping: IndexMap) -> Term:
    left, right = (replace_index(e, mapping) for e in base.parts)
    return algebra.plain(distinct(left, right))


def at_most(left: IndexExpression, right: IndexExpression) -> Combination:
    """1 where ``left <= right``, else 0; indices are not negative and end before their extent."""
    if left == right:
        return UNIT
    last, first = _greatest(left), _least(right)
    if last is not None and first is not None and last <= first:
        return UNIT
    least, greatest = _least(left), _greatest(right)
    if least is not None and greatest is not None and least > greatest:
        return ZERO
    return as_combination(AtMost.make(left, right))


def _least(index: IndexExpression) -> int | None:
    return ends(index)[0]


def _greatest(index: IndexExpression) -> int | None:
    return ends(index)[1]


def ends(index: IndexExpression) -> tuple[int | None, int | None]:
    """The least and the greatest place that an index may be; None where that is not known."""
    if isinstance(index, Fixed):
        return (index.place, index.place) if isinstance(index.place, int) else (None, None)
    if isinstance(index, Axis):
        return 0, index.extent - 1 if isinstance(index.extent, int) else None
    if isinstance(index, Data):
        bounds = range_of(index.node)
        low, high = bounds.low, bounds.high
        return int(low) if isfinite(low) else None, int(high) if isfinite(high) else None
    if not isinstance(index, Affine) or not isinstance(index.offset, int):
        return None, None
    offset, step = index.offset, index.step
    moved = [None if end is None else step * end + offset for end in ends(index.base)]
    return (moved[0], moved[1]) if step > 0 else (moved[1], moved[0])


def _at_most_replaced(base: Any, mapping: IndexMap) -> Term:
    left, right = (replace_index(e, mapping) for e in base.parts)
    return algebra.plain(at_most(left, right))


def _delta_replaced(base: Any, mapping: IndexMap) -> Term:
    left, right = (replace_index(e, mapping) for e in base.parts)
    return algebra.plain(delta(left, right))


def places_of(mask: Any) -> Places | None:
    """Return where on an index an indicator is 1, None of one that asks something else."""
    if isinstance(mask, Delta):
        left, right = mask.parts
        for index, place in ((left, right), (right, left)):
            if isinstance(place, Fixed) and isinstance(place.place, int):
                return index, place.place, place.place + 1
    if isinstance(mask, Within):
        index, low, high = mask.parts
        if isinstance(low, int) and isinstance(high, int):
            return index, low, high
    return None


def within(index: IndexExpression, low: Any, high: Any) -> Combination:
    """1 where ``low <= index < high``, else 0; of the base of the index, where that is moved."""
    base, step, offset = _moved(index)
    if base is not index and all(isinstance(n, int) for n in (offset, low, high)):
        first, end = low - offset, high - offset
        if step < 0:
            first, end = 1 - end, 1 - first
        return within(base, -(-first // abs(step)), -(-end // abs(step)))
    if low == 0 and isinstance(index, Axis) and index.extent == high:
        return UNIT
    least, greatest = ends(index)
    if isinstance(high, int) and least is not None and greatest is not None:
        if low <= least and greatest < high:
            return UNIT
        if greatest < low or least >= high:
            return ZERO
    if isinstance(high, int) and high <= low:
        return ZERO
    if isinstance(high, int) and high == low + 1:
        return delta(index, Fixed(low))
    return as_combination(Within.make(index, low, high))


def _within_replaced(base: Any, mapping: IndexMap) -> Term:
    index, low, high = base.parts
    return algebra.plain(within(replace_index(index, mapping), low, high))


REPLACERS: dict[type[Term], Any] = {
    Delta: _delta_replaced,
    Distinct: _distinct_replaced,
    AtMost: _at_most_replaced,
    Within: _within_replaced,
}
"""How indices are replaced in each."""


def implies(one: Term, other: Term) -> bool:
    """Tell whether an indicator is 0 wherever another is: what lies within a stretch may differ.

    ``[2 <= j < 4]`` implies ``[1 != j]`` and ``[0 <= j < 4]``.
    """
    if one is other or not isinstance(one, Within):
        return one is other
    index, low, high = one.parts
    if not isinstance(low, int) or not isinstance(high, int):
        return False
    if isinstance(other, Within):
        ends = other.parts[1:]
        whole = all(isinstance(end, int) for end in ends)
        return other.parts[0] == index and whole and ends[0] <= low and high <= ends[1]
    if not isinstance(other, Distinct) or index not in other.parts:
        return False
    place = next((part for part in other.parts if part != index), None)
    if not isinstance(place, Fixed) or not isinstance(place.place, int):
        return False
    return not low <= place.place < high
