"""Indicators: 1 where index expressions are equal, differ, are ordered or lie within; else 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination
from rewriter.terms.index import Axis, Fixed, IndexExpression, index_key
from rewriter.terms.index import replace as replace_index
from rewriter.terms.term import (
    UNIT,
    ZERO,
    AtMost,
    Combination,
    Delta,
    Distinct,
    Term,
    Within,
)  # fmt: skip

IndexMap = Mapping[Any, IndexExpression]


def delta(left: IndexExpression, right: IndexExpression) -> Combination:
    """``δ(left, right)``: 1 where the index expressions are equal, else 0."""
    if left == right:
        return UNIT
    places = [e.place for e in (left, right) if isinstance(e, Fixed)]
    if len(places) == 2 and all(isinstance(place, int) for place in places):
        return ZERO
    first, second = sorted((left, right), key=index_key)
    return as_combination(Delta.make(first, second))


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
    if isinstance(index, Fixed):
        return index.place if isinstance(index.place, int) else None
    return 0 if isinstance(index, Axis) else None


def _greatest(index: IndexExpression) -> int | None:
    if isinstance(index, Axis):
        return index.extent - 1 if isinstance(index.extent, int) else None
    return _least(index) if isinstance(index, Fixed) else None


def _at_most_replaced(base: Any, mapping: IndexMap) -> Term:
    left, right = (replace_index(e, mapping) for e in base.parts)
    return algebra.plain(at_most(left, right))


def _delta_replaced(base: Any, mapping: IndexMap) -> Term:
    left, right = (replace_index(e, mapping) for e in base.parts)
    return algebra.plain(delta(left, right))


def within(index: IndexExpression, low: Any, high: Any) -> Combination:
    """1 where ``low <= index < high``, else 0."""
    if isinstance(index, Fixed) and isinstance(index.place, int) and isinstance(high, int):
        return UNIT if low <= index.place < high else ZERO
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
