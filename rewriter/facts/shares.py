"""Shares: what is divided by a sum of non-negative numbers that it is one of is at most 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewriter.facts.interval import Interval
from rewriter.graph import operators as o
from rewriter.graph.dimension import squeezed_axes
from rewriter.graph.node import Node

Ranges = Callable[[Node], Interval]

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
    while True:
        if whole is part:
            return _is_in_place(places, whole)
        if whole.operator in (o.ADD, o.MAXIMUM):
            one, other = whole.operands
            added = whole.operator is o.ADD
            return any(
                (not added or range_of(rest).nonnegative)
                and _holds(inner, part, places[len(places) - inner.ndim :], range_of)
                for inner, rest in ((one, other), (other, one))
            )
        if whole.operator is o.SUM:
            (inner,) = whole.operands
            return inner is part and _is_in_place(_summed(whole, places), inner)
        below = _below(whole, places)
        if below is None:
            return False
        whole, places = below


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


def _below(node: Node, places: Places) -> tuple[Node, Places] | None:
    """Look through a node that only moves axes, or repeats along them."""
    inner = node.operands[0] if node.operands else node
    if node.operator is o.STOP_GRADIENT:
        return inner, places
    if node.operator is o.BROADCAST_TO:
        return inner, places[node.ndim - inner.ndim :]
    found: list[int | None] = [None] * inner.ndim
    if node.operator is o.TRANSPOSE:
        pairs = [(b, a) for a, b in enumerate(node.attribute("axes"))]
    elif node.operator is o.RESHAPE:
        pairs = squeezed_axes(inner.shape, node.shape) or []
        if not pairs and any(size != 1 for size in inner.shape):
            return None
    else:
        return None
    for old, new in pairs:
        found[old] = places[new]
    return inner, found
