"""Divisions: a product with a power of an inverse, ``x·y^-2``, is divided step by step.

So autodiffs write the derivative of a quotient, and ``y^-2`` is infinite or 0 where ``(x/y)/y`` is
neither: at y = 1e-30 in float32. What is proved to be far from 0 (``√(v + ε)``, ``1 + exp(x)``)
has no such power, and is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.engine.passes.powers import INDEX_MAPS
from rewriter.engine.result import Result, Step
from rewriter.facts.ranges import range_of
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import LARGEST_EXPONENT, is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import Origin, origin_of

MOST_DIVISIONS = 4
"""The highest power that is divided by step by step."""

MOST_FACTORS = 4
"""Products in a product that are looked through."""

HAZARD = "a product with a power that may overflow or vanish"


def cure_divisions(graph: Graph, result: Result) -> Graph:
    """Return the graph with powers of inverses divided by; the same object where there are none.

    Args:
        graph: any graph.
        result: takes the steps.
    """
    if not any(node.operator is o.POWER and _divisions(node) for node in graph.ordered):
        return graph

    def change(node: Node, made: Mapping[Node, Node]) -> Node | None:
        """Return a product that is divided instead, None for any other node."""
        after = _cured(node, made) if node.operator is o.MULTIPLY else None
        if after is not None:
            result.steps.append(Step(node, after, HAZARD, [], None))
        return after

    return graph.rebuilt(change)


def _divisions(node: Node) -> int:
    """Return by how many divisions a power of an inverse is computed, 0 where it is none."""
    if node.operator is not o.POWER or not is_float(node.dtype):
        return 0
    base, exponent = (range_of(operand) for operand in node.operands)
    if exponent.low != exponent.high or exponent.low not in range(-MOST_DIVISIONS, -1):
        return 0
    times = int(-exponent.low)
    far = 2.0 ** (-LARGEST_EXPONENT[node.dtype] // (times + 1))
    return 0 if base.low > far or base.high < -far else times


def _cured(node: Node, made: Mapping[Node, Node]) -> Node | None:
    """Return a product with its powers of an inverse divided by, None where it has none."""
    factors = _factors(node)
    for position, factor in enumerate(factors):
        maps, inner = [], factor
        while inner.operator in INDEX_MAPS and inner.operator is not o.GATHER:
            maps.append(inner)
            inner = inner.operands[0]
        times = _divisions(inner)
        others = factors[:position] + factors[position + 1 :]
        if times and any(other.operator is not o.CONSTANT for other in others):
            divisor = made[inner.operands[0]]
            with origin_of(Origin(node.origin.file, node.origin.line, "division")):
                for one in reversed(maps):
                    divisor = with_operands(one, (divisor,))
                total = _divided([made[other] for other in others], divisor, times)
                return op.broadcast_to(total, node.shape)
    return None


def _factors(node: Node) -> list[Node]:
    """The factors of a product of products, a few deep."""
    found = [node]
    for _ in range(MOST_FACTORS):
        inner = next((p for p in found if p.operator is o.MULTIPLY), None)
        if inner is None:
            break
        place = found.index(inner)
        found[place : place + 1] = inner.operands
    return found


def _divided(factors: list[Node], divisor: Node, times: int) -> Node:
    """Divide a product, each time another of its factors that is no constant."""
    varying = [k for k, part in enumerate(factors) if part.operator is not o.CONSTANT]
    parts = list(factors)
    for step in range(times):
        k = varying[step % len(varying)]
        parts[k] = op.divide(parts[k], divisor)
    total = parts[0]
    for part in parts[1:]:
        total = op.multiply(total, part)
    return total
