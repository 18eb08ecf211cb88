"""Choices by a sign: where ``x > 0`` holds, ``|x|`` is x, and ``max(−x, 0)`` is 0.

A function that a library computes in pieces, of ``|x|`` and by a choice of the sign of x, is so
read as the one function that it is.
"""

from __future__ import annotations

from rewriter.graph import operators as o
from rewriter.graph.constants import repeats
from rewriter.graph.node import Node
from rewriter.terms.algebra import negate, plain
from rewriter.terms.assuming import Facts, assuming
from rewriter.terms.functions import apply, positive_part
from rewriter.terms.term import ZERO, Combination

_ABOVE = frozenset((o.GREATER, o.GREATER_EQUAL))
_BELOW = frozenset((o.LESS, o.LESS_EQUAL))


def told_apart(node: Node) -> tuple[Node, bool] | None:
    """Return (x, whether it is positive where the first is chosen) of a choice by the sign of x.

    None of any other node, and where one of its operands is repeated along an axis.
    """
    if node.operator is not o.WHERE or node.operands[0].operator not in _ABOVE | _BELOW:
        return None
    test, *values = node.operands
    x, bound = test.operands
    above = test.operator in _ABOVE
    if repeats(x, 0):
        x, bound, above = bound, x, not above
    if not repeats(bound, 0) or any(one.shape != node.shape for one in (x, *values)):
        return None
    return x, above


def by_sign(x: Combination, first: Combination, second: Combination) -> Combination | None:
    """Return what is ``first`` where x >= 0 and ``second`` where x <= 0, if it is one term."""
    first, second = assuming(first, _facts(x)), assuming(second, _facts(negate(x)))
    if assuming(second, _facts(x)) is first:
        return second
    return first if assuming(first, _facts(negate(x))) is second else None


def each_by_sign(
    x: Combination, first: Combination, second: Combination
) -> tuple[Combination, Combination]:
    """Return what is chosen where x >= 0, and where x <= 0, each by what is known there."""
    return assuming(first, _facts(x)), assuming(second, _facts(negate(x)))


def _facts(x: Combination) -> Facts:
    """What is known of functions of x where ``x >= 0``."""
    opposite = negate(x)
    told = {plain(apply(o.ABSOLUTE, one)): x for one in (x, opposite)}
    part = positive_part(opposite)
    if len(part.products) == 1 and len(part.products[0].factors) == 1:
        told[part.products[0].factors[0][0]] = ZERO
    return told
