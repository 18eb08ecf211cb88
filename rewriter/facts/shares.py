"""Shares: what is divided by a sum of non-negative numbers that it is one of is at most 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewriter.facts.interval import Interval
from rewriter.graph import operators as o
from rewriter.graph.dimension import squeezed_axes
from rewriter.graph.node import Node

Ranges = Callable[[Node], Interval]

MOST_SUMMANDS = 64
"""Values that are looked at for one of which a divisor is the sum."""

Places = Sequence[int | None]
"""For each axis of a node, which axis of the quotient it is; None where its size is 1."""


def is_share(quotient: Node, range_of: Ranges) -> bool:
    """Tell whether a quotient is proved to be at most 1 wherever it is defined.

    So are ``e/sum(e)``, along any axes, ``e/(1 + e)`` and ``e/maximum(sum(e), 1e-9)`` of e >= 0.

    Args:
        quotient: a division.
        range_of: gives the ranges of what it is made of.
    """
    part, whole = quotient.operands
    if part.shape != quotient.shape or not range_of(part).nonnegative:
        return False
    shift = quotient.ndim - whole.ndim
    return _holds(whole, part, [a + shift for a in range(whole.ndim)], range_of)


def _holds(whole: Node, part: Node, places: Places, range_of: Ranges) -> bool:
    """Tell whether a value, at places of the quotient, is no less than its part there."""
    stack, seen = [(whole, places)], {whole}
    while stack and len(seen) <= MOST_SUMMANDS:
        node, places = stack.pop()
        if node is part:
            if _is_in_place(places, node):
                return True
        elif node.operator is o.SUM:
            (inner,) = node.operands
            if inner is part and _is_in_place(_summed(node, places), inner):
                return True
        else:
            for inner, at in _below(node, places, range_of):
                if inner not in seen:
                    seen.add(inner)
                    stack.append((inner, at))
    return False


def _is_in_place(places: Places, node: Node) -> bool:
    """Tell whether each axis that has a place is the quotient's own."""
    pairs = enumerate(zip(places, node.shape, strict=True))
    return all(place == a or size == 1 for a, (place, size) in pairs)


def _summed(total: Node, places: Places) -> Places:
    """The places of what is summed; an axis that is summed over has its own among them."""
    (inner,) = total.operands
    gone = total.attribute("axis")
    kept = iter(places)
    found: list[int | None] = []
    for a in range(inner.ndim):
        if a in gone and total.attribute("keepdims"):
            next(kept)
        found.append(a if a in gone else next(kept))
    return found


def _below(node: Node, places: Places, range_of: Ranges) -> list[tuple[Node, Places]]:
    """Return what a value is, or is no less than: what it adds up, or moves, or repeats."""
    if node.operator in (o.ADD, o.MAXIMUM):
        pairs = zip(node.operands, reversed(node.operands), strict=True)
        return [
            (inner, places[len(places) - inner.ndim :])
            for inner, rest in pairs
            if node.operator is o.MAXIMUM or range_of(rest).nonnegative
        ]
    if node.operator not in (o.STOP_GRADIENT, o.BROADCAST_TO, o.TRANSPOSE, o.RESHAPE):
        return []
    (inner,) = node.operands
    if node.operator in (o.STOP_GRADIENT, o.BROADCAST_TO):
        return [(inner, places[node.ndim - inner.ndim :])]
    found: list[int | None] = [None] * inner.ndim
    if node.operator is o.TRANSPOSE:
        moved = [(b, a) for a, b in enumerate(node.attribute("axes"))]
    else:
        moved = squeezed_axes(inner.shape, node.shape) or []
        if not moved and any(size != 1 for size in inner.shape):
            return []
    for old, new in moved:
        found[old] = places[new]
    return [(inner, found)]
