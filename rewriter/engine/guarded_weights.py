"""Weights of a sum of exponentials, ``exp(x − logaddexp(x, y))``, as derivatives have them.

JAX guards both against infinity: ``exp(where(x = ∞, 0, x) − where(l = ∞, 0, l))`` with l the
logarithm of the sum. That is ``logistic(x − y)``, at infinity too unless both are infinite, and is
read as such; with the guards in an exponent, nothing would cancel.
"""

from __future__ import annotations

import numpy as np

from rewriter.graph import operators as o
from rewriter.graph.node import Node


def weighed_in(node: Node) -> tuple[Node, Node] | None:
    """Return (x, y) of such a weight, None of any other node."""
    if node.operator is not o.EXP or node.operands[0].operator is not o.SUBTRACT:
        return None
    one, total = map(_guarded, node.operands[0].operands)
    if one is None or total is None or total.operator is not o.LOGADDEXP:
        return None
    left, right = total.operands
    if one is left:
        return left, right
    return (right, left) if one is right else None


def _guarded(node: Node) -> Node | None:
    """Return x of ``where(x = ∞, 0, x)``."""
    if node.operator is not o.WHERE:
        return None
    condition, zero, value = node.operands
    if condition.operator is not o.EQUAL or value not in condition.operands or not _is(zero, 0.0):
        return None
    bounds = [p for p in condition.operands if p is not value]
    return value if bounds and _is(bounds[0], np.inf) else None


def _is(node: Node, value: float) -> bool:
    """Tell whether a node is a number, at every place."""
    while node.operator in (o.BROADCAST_TO, o.RESHAPE, o.ASTYPE):
        node = node.operands[0]
    if node.operator is not o.CONSTANT:
        return False
    return bool((np.asarray(node.attribute("value").array) == value).all())
