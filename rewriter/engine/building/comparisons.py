"""Which of two values is the larger, as autodiff asks it: ``a = max(a, b)``, which is ``a >= b``.

The two are one for floats, of nan and infinities too. Where what is compared is rebuilt, a and the
maximum would each be rounded on its own, and be equal nowhere.
"""

from __future__ import annotations

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive

_ORDERS = {o.MAXIMUM: o.GREATER_EQUAL, o.MINIMUM: o.LESS_EQUAL}

Question = tuple[Primitive, Node, Node]


def which_is_larger(node: Node) -> Question | None:
    """Return ``(>=, a, b)`` of ``a = max(a, b)``, and ``(<=, a, b)`` of a minimum; else None."""
    if node.operator is not o.EQUAL:
        return None
    for one, other in (node.operands, node.operands[::-1]):
        beside = [operand for operand in other.operands if operand is not one]
        if other.operator in _ORDERS and len(beside) == 1 and one in other.operands:
            return _ORDERS[other.operator], one, beside[0]
    return None


def looks_at(node: Node) -> tuple[Node, ...]:
    """Return what a node is computed from when it is asked so."""
    asked = which_is_larger(node)
    return node.operands if asked is None else (*node.operands, *asked[1:])
