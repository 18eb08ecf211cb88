"""What a condition says of the values that it chooses: of ``where(s == 0, 1, s)``, that s is not 0.

Interval constraint propagation through one comparison (Cleary, "Logical arithmetic", 1987).
"""

from __future__ import annotations

from collections.abc import Callable

from rewriter.facts.interval import Interval
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive

Ranges = Callable[[Node], Interval]


def given(condition: Node, holds: bool, value: Node, range_of: Ranges) -> Interval:
    """Return the range of a value where a condition holds, or where it does not.

    Args:
        condition: a boolean node.
        holds: whether it is true there.
        value: any node; more is known of it only if the condition compares it.
        range_of: gives the range of nodes as far as no condition is known.
    """
    bounds = range_of(value)
    while condition.operator is o.LOGICAL_NOT:
        (condition,), holds = condition.operands, not holds
    if condition.operator not in _OPPOSITE:
        return bounds
    left, right = condition.operands
    operator = condition.operator if holds else _OPPOSITE[condition.operator]
    if value is left:
        return _compared(bounds, operator, range_of(right))
    if value is right:
        return _compared(bounds, _MIRRORED[operator], range_of(left))
    return bounds


_OPPOSITE: dict[Primitive, Primitive] = {
    o.EQUAL: o.NOT_EQUAL, o.NOT_EQUAL: o.EQUAL, o.LESS: o.GREATER_EQUAL,
    o.GREATER_EQUAL: o.LESS, o.GREATER: o.LESS_EQUAL, o.LESS_EQUAL: o.GREATER,
}  # fmt: skip

_MIRRORED: dict[Primitive, Primitive] = {
    o.EQUAL: o.EQUAL, o.NOT_EQUAL: o.NOT_EQUAL, o.LESS: o.GREATER,
    o.GREATER: o.LESS, o.GREATER_EQUAL: o.LESS_EQUAL, o.LESS_EQUAL: o.GREATER_EQUAL,
}  # fmt: skip


def _compared(x: Interval, operator: Primitive, y: Interval) -> Interval:
    """The values of x that compare so with some value of y; x where that leaves none."""
    low, high = (x.low, x.low_open), (x.high, not x.high_open)
    if operator is o.NOT_EQUAL and y.low == y.high:
        low = (x.low, x.low_open or x.low == y.low)
        high = (x.high, not (x.high_open or x.high == y.high))
    if operator in (o.GREATER, o.GREATER_EQUAL, o.EQUAL):
        low = max(low, (y.low, y.low_open or operator is o.GREATER))
    if operator in (o.LESS, o.LESS_EQUAL, o.EQUAL):
        high = min(high, (y.high, not (y.high_open or operator is o.LESS)))
    if low[0] > high[0] or (low[0] == high[0] and (low[1] or not high[1])):
        return x
    return Interval(low[0], high[0], low[1], not high[1])
