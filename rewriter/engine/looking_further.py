"""Looking further: what a region follows after all, once it is known what it is divided by.

A contraction of no sign, and a sum that is far from 0, are sound as they stand; they are read where
a divisor may vanish with them, or where what is left of a bound may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.engine.reach import CARRIED, LAYOUTS, LOGARITHMS, starts
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.node import Node

if TYPE_CHECKING:
    from rewriter.engine.region import Region

FARTHEST = 8
"""Operations below a sum that are looked through for what was left out."""

ROUNDING = 2.0**-40
"""What bounds that are 0 may be off by, rounded outward as they are."""


def look_into_numerator(region: Region, node: Node) -> None:
    """Follow a contraction of no sign after all where it is divided by what may vanish."""
    top, divisor = node.operands
    if divisor not in region.entries:
        return
    path = [top]
    while path[-1].operator in LAYOUTS and path[-1] not in region.entries:
        path.append(path[-1].operands[0])
    below = path[-1]
    vanishing = any(operand in region.entries for operand in below.operands)
    if below.operator is o.EINSUM and below not in region.entries and vanishing:
        region.follow_after_all(path)
        for each in reversed(path):
            region.carry_on(each)


def look_into_sum(region: Region, node: Node) -> None:
    """Have all that is far from 0 followed after all where what is left of its bound may vanish.

    So ``1 − (c + (1 − c)·p)``, which is never below 0, is ``(1 − c)·(1 − p)``; ``1 − exp(−p)`` is
    as small as p; and ``1 − exp(u)/s``, of the sum s of ``exp(u)`` less their maximum, which needs
    no shift of its own, is what s has beside ``exp(u)``, over s. What reads such a value before or
    after reads it so too: another survey of the graph follows it from the start.
    """
    if _may_cancel(node):
        region.left_out.update(_left_out_beneath(region, node))


def _left_out_beneath(region: Region, root: Node) -> list[Node]:
    """Return what a sum is made of that was left out, and what was read without it; operands first.

    No further down than `FARTHEST` operations.
    """
    entries = region.entries
    found: dict[Node, None] = {}
    seen: dict[Node, int] = {}

    def look(node: Node, depth: int) -> None:
        if seen.get(node, 0) >= depth:
            return
        seen[node] = depth
        entry = entries.get(node)
        if node.operator in LOGARITHMS or not (node.operator in CARRIED or starts(node)):
            return
        for operand in node.operands:
            look(operand, depth - 1)
        left_out = entry is None and any(p in entries for p in node.operands)
        if left_out or any(p in found for p in node.operands):
            found.setdefault(node)

    for operand in root.operands:
        look(operand, FARTHEST)
    return list(found)


def look_into_function(region: Region, node: Node) -> None:
    """Follow a function after all that vanishes with its argument: ``expm1(−p)`` is small as p."""
    (operand,) = node.operands
    if operand in region.entries and _may_be_zero(node):
        region.divided.add(node)


def _may_be_zero(node: Node) -> bool:
    """Tell whether an end of a node's range is 0."""
    bounds = range_of(node)
    return min(abs(bounds.low), abs(bounds.high)) < ROUNDING


def _may_cancel(node: Node) -> bool:
    """Tell whether what is left of a number, or of a bound, may be 0; of a logarithm, its 1 + x."""
    if node.operator is o.LOG1P:
        bounds = range_of(node.operands[0])
        return bounds.low - ROUNDING < -1.0 < bounds.high
    numbers = [x for x in map(range_of, node.operands) if x.low == x.high != 0.0]
    bounds = range_of(node)
    return _may_be_zero(node) or (bool(numbers) and bounds.low < 0.0 < bounds.high)
