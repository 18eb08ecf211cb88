"""What expressions cost, by which one is preferred to another."""

from __future__ import annotations

from rewriter.graph import operators as o
from rewriter.graph.node import Node, topological
from rewriter.graph.primitive import Kind

_LAYOUT = frozenset((o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.ASTYPE, o.STOP_GRADIENT))
_CHEAP = frozenset((o.ADD, o.SUBTRACT, o.MULTIPLY, o.NEGATIVE, o.MAXIMUM, o.MINIMUM, o.ABSOLUTE))
FUNCTION = 8.0
"""What a function of each element costs, where an addition costs 1."""


def operations(roots: tuple[Node, ...]) -> float:
    """Return the cost of computing expressions: 1 an addition or product, 8 a function, 0 layout.

    Every node is counted once, whatever its size.
    """
    total = 0.0
    for node in topological(roots):
        kind = node.operator.kind
        if kind is not Kind.LEAF and node.operator not in _LAYOUT:
            plain = node.operator in _CHEAP or kind is not Kind.ELEMENTWISE
            total += 1.0 if plain else FUNCTION
    return total
