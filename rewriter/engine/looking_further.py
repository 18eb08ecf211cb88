"""Looking further: what a region follows after all, once it is known what it is divided by.

A contraction of no sign, and a sum that is far from 0, are sound as they stand; they are read where
a divisor may vanish with them, or where what is left of a bound may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.engine.reading import LAYOUTS
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.node import Node

if TYPE_CHECKING:
    from rewriter.engine.region import Region

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
    """Follow a sum that is far from 0 after all where what is left of its bound may vanish.

    So ``1 − (c + (1 − c)·p)``, which is never below 0, is ``(1 − c)·(1 − p)``.
    """
    entries = region.entries
    for operand in node.operands:
        below = operand not in entries and any(p in entries for p in operand.operands)
        if not below or operand.operator not in (o.ADD, o.SUBTRACT):
            continue
        bounds = range_of(node)
        if min(abs(bounds.low), abs(bounds.high)) < ROUNDING:
            region.follow_after_all((operand,))
            region.carry_on(operand)
