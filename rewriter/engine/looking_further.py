"""Looking further: what a region follows after all, once it is known what it is divided by.

A contraction of no sign, and a sum that is far from 0, are sound as they stand; they are read where
a divisor may vanish with them, or where what is left of a bound may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.engine.reach import LAYOUTS
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

    So ``1 − (c + (1 − c)·p)``, which is never below 0, is ``(1 − c)·(1 − p)``; ``1 − exp(−p)`` is
    as small as p.
    """
    entries = region.entries
    for operand in node.operands:
        below = operand not in entries and any(p in entries for p in operand.operands)
        if not below or operand.operator not in (o.ADD, o.SUBTRACT, o.EXP):
            continue
        if _may_be_zero(node):
            region.follow_after_all((operand,))
            if operand.operator is o.EXP:
                region.start_on(operand)
            else:
                region.carry_on(operand)


def look_into_function(region: Region, node: Node) -> None:
    """Follow a function after all that vanishes with its argument: ``expm1(−p)`` is small as p."""
    (operand,) = node.operands
    if operand in region.entries and _may_be_zero(node):
        region.divided.add(node)


def _may_be_zero(node: Node) -> bool:
    """Tell whether an end of a node's range is 0."""
    bounds = range_of(node)
    return min(abs(bounds.low), abs(bounds.high)) < ROUNDING
