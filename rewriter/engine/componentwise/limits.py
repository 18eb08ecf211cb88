"""Limits: which values are one thing where one exponential is all there is, and more beside that.

Told from the graph alone; `rewriter.engine.componentwise.parts` builds them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rewriter.engine.componentwise.shifted import Shifted
from rewriter.engine.passes.powers import INDEX_MAPS
from rewriter.engine.reach import LAYOUTS
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node

LINEAR = LAYOUTS | {o.SUM, o.CUMSUM, o.ADD, o.SUBTRACT}
"""What has the parts of its operands, each by itself."""

MULTILINEAR = frozenset((o.MULTIPLY, o.EINSUM))

MULTIPLES = MULTILINEAR | INDEX_MAPS | {o.SUM}
"""What is a multiple of each of its operands."""

LARGEST_POWER = 8
"""Up to which a power is a product."""


Terms = Sequence[tuple[int, Node]]
"""The terms of a sum, with their signs."""


class Has(NamedTuple):
    """Whether a node has a limit that may differ from 0, and something beside it."""

    limit: bool
    beside: bool


DATA = Has(True, False)
"""What is not made of exponentials is its own limit."""


class Limits:
    """Which nodes of a graph have parts.

    Args:
        graph: any graph.

    Attributes:
        has: what each node that is made of shifted exponentials has.
        shifted: the exponents whose largest may be 0.
        places: limits that are in the graph already: what tells where an exponent is 0, or a
            sigmoid's argument positive, what is made of that alone, and multiples of it.
    """

    def __init__(self, graph: Graph) -> None:
        self.shifted = Shifted(graph)
        self._arguments = {p.operands[0] for p in graph.ordered if p.operator is o.LOGISTIC}
        self.has: dict[Node, Has] = {}
        self.places: set[Node] = set()
        for node in graph.ordered:
            found = self.found(node, self.of)
            if found.beside:
                self.has[node] = found
            multiple = node not in self.has or node.operator in MULTIPLES
            if self._tells_places(node) or (multiple and not self.places.isdisjoint(node.operands)):
                self.places.add(node)

    def _tells_places(self, node: Node) -> bool:
        if node.operator is o.EQUAL:
            return node.operands[0] in self.shifted.exponents
        return node.operator is o.SIGN and node.operands[0] in self._arguments

    def of(self, node: Node) -> Has:
        """Return what a node has."""
        return self.has.get(node, DATA)

    def found(self, node: Node, of: Callable[[Node], Has]) -> Has:
        """Return what a node has by what its operands have."""
        operator = node.operator
        if not is_float(node.dtype) or (operator is o.PAD and node.attribute("value")):
            return DATA
        if operator is o.EXP:
            return Has(True, True) if node.operands[0] in self.shifted.exponents else DATA
        if operator is o.LOGISTIC:
            return DATA if node.operands[0] in self.places else Has(True, True)
        below = [of(operand) for operand in tensors_of(node)]
        if not any(one.beside for one in below):
            return DATA
        if operator in LINEAR:
            return Has(any(one.limit for one in below), True)
        if operator in MULTILINEAR or times(node):
            return Has(all(one.limit for one in below), True)
        if operator is o.DIVIDE:
            divided = range_of(node.operands[1]).nonnegative
            return Has(divided and all(one.limit for one in below), True)
        if operator is o.SQRT:
            return Has(below[0].limit and range_of(node.operands[0]).positive, True)
        return Has(False, True) if operator is o.LOG else DATA


def tensors_of(node: Node) -> tuple[Node, ...]:
    """The operands that a node has parts of: not what chooses or tells places."""
    if node.operator is o.WHERE:
        return node.operands[1:]
    if node.operator is o.GATHER:
        return node.operands[:1]
    if node.operator is o.SCATTER_ADD:
        return node.operands[:2]
    if times(node):
        return node.operands[:1]
    return node.operands


def times(node: Node) -> int:
    """How many times a power multiplies its base; 0 of what is no such power."""
    if node.operator is not o.POWER or node.operands[1].operator is not o.CONSTANT:
        return 0
    exponent = node.operands[1].attribute("value").array
    if exponent.size != 1 or float(exponent.flat[0]) not in range(2, LARGEST_POWER + 1):
        return 0
    return int(exponent.flat[0])
