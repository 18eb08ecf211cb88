"""Reading a node with as much of what is below it as rules speak of, however deep the graph is.

A term is as deep as what was read, and what handles terms goes down into them; so of a deep graph
a node is read with so many operations below it, and what lies deeper stands as tensors.
"""

from __future__ import annotations

from rewriter.graph import operators as o
from rewriter.graph.node import Node, worked_out
from rewriter.graph.primitive import Kind
from rewriter.terms.reading import Reader
from rewriter.terms.term import Combination

DEEPEST_WHOLE = 40
"""Operations above one another up to which an expression is read as a whole."""

DEEPEST_WINDOW = 12
"""Operations below a node that are read with it where the graph is deeper."""


class Window:
    """Reads nodes; each is read once.

    Args:
        compares: comparisons are read as such.
        kind: what reads: by the theory, or as it is written.
    """

    def __init__(self, compares: bool = False, kind: type[Reader] = Reader) -> None:
        self.compares, self.kind = compares, kind
        self.whole = kind(lambda _: True, compares)
        self.known: dict[Node, Combination] = {}
        self.depths: dict[Node, int] = {}

    def __call__(self, node: Node) -> Combination:
        """Return the term of a node at its own axes."""
        if self.depth(node) <= DEEPEST_WHOLE:
            return self.whole(node)
        found = self.known.get(node)
        if found is None:
            near = _near(node)
            found = self.known[node] = self.kind(lambda one: one in near, self.compares)(node)
        return found

    def depth(self, node: Node) -> int:
        """Return how many operations are above one another in an expression; layout counts none."""
        return worked_out(node, self.depths, self._depth, lambda one: one.operands)

    def _depth(self, node: Node) -> int:
        below = max((self.depths[p] for p in node.operands), default=0)
        return below + _step(node)


def _step(node: Node) -> int:
    layout = node.operator.kind in (Kind.INDEXING, Kind.LEAF) or node.operator is o.ASTYPE
    return 0 if layout else 1


def _near(root: Node) -> frozenset[Node]:
    """Return the nodes that are so few operations below a node."""
    distances = {root: _step(root)}
    queue = [root]
    for node in queue:
        for operand in node.operands:
            distance = distances[node] + _step(operand)
            if operand not in distances and distance <= DEEPEST_WINDOW:
                distances[operand] = distance
                queue.append(operand)
    return frozenset(distances)
