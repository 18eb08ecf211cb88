"""Offsets: data far from 0, to which what is near 0 is added before its maximum is taken away.

In ``u − max u``, where u is ``x + s`` of data x and a bounded s, the sum rounds s at the size of x,
and the difference has no digits but those. What all elements of x are at least away from 0 is
taken away from them first: ``(x − c) + s`` less its own maximum is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rewriter.engine.passes.powers import INDEX_MAPS
from rewriter.engine.replacing import Cure, replaced
from rewriter.engine.result import Result
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.terms.reading import Reader
from rewriter.terms.term import Combination, Element, Product

HAZARD = "a sum that rounds what is near 0 at the size of what is not"

_SUMS = frozenset((o.ADD, o.SUBTRACT))
_EXPONENTIALS = frozenset((o.EXP, o.LOGISTIC, o.LOGADDEXP))
_LAYOUTS = INDEX_MAPS | {o.PAD, o.SCATTER_ADD, o.CONCATENATE}


def cure_offsets(graph: Graph, result: Result) -> Graph:
    """Return the graph with maxima taken away from sums of centred data.

    Args:
        graph: any graph.
        result: takes the steps.
    """
    linear = Linear(graph)
    cures = {}
    for node in graph.ordered:
        found = linear.less_maximum(node) or linear.that_cancels(node)
        if found is not None:
            term = found.read(node)
            cures[node] = Cure(term, HAZARD, (), centred=True, guarded=bool(found.guards))
    return replaced(graph, cures, result) if cures else graph


@dataclass
class Difference:
    """``u − max u`` and what of the graph it is read through.

    Attributes:
        opened: the operations that are read.
        guards: choices of a maximum where it is finite, each with the maximum.
    """

    opened: set[Node] = field(default_factory=set)
    guards: dict[Node, Node] = field(default_factory=dict)

    def passed(self, node: Node, maps: frozenset[Primitive]) -> Node:
        """Return what is below index maps and the like, which are read."""
        while node.operator in maps or is_guard(node):
            below = node.operands[1 if is_guard(node) else 0]
            if is_guard(node):
                self.guards[node] = below
            self.opened.add(node)
            node = below
        return node

    def _reads(self, node: Node) -> bool:
        return node in self.opened or node.operator is o.CONSTANT or not is_float(node.dtype)

    def read(self, node: Node) -> Combination:
        """Return its term; a guard is read as the maximum."""
        reader = Reader(self._reads)
        for guard, below in self.guards.items():
            reader.known[guard] = reader(below)
        return reader(node)


def is_guard(node: Node) -> bool:
    """Tell whether a node is ``where(isfinite(m), m, 0)``."""
    if node.operator is not o.WHERE:
        return False
    condition, chosen, other = node.operands
    return condition.operator is o.ISFINITE and condition.operands[0] is chosen and _is_zero(other)


class Linear:
    """What of a graph is linear in data, and which of it adds to data what is bounded.

    Args:
        graph: any graph.
    """

    def __init__(self, graph: Graph) -> None:
        self.data: set[Node] = set()
        """Data, index maps and multiples of it, sums of such and of what is bounded."""
        self.mixed: set[Node] = set()
        """Those in which something bounded is added to data."""
        for node in graph.ordered:
            if is_float(node.dtype):
                self._add(node)
        self.exponents = self._exponents(graph)

    def _add(self, node: Node) -> None:
        operator, operands = node.operator, node.operands
        of_data = [operand in self.data for operand in operands]
        if operator is o.INPUT:
            self.data.add(node)
        elif not any(of_data):
            return
        elif operator is o.SUM:
            self._take(node)
        elif operator in _SUMS or operator in _LAYOUTS:
            floats = [p for p in operands if is_float(p.dtype)]
            others = [p for p in floats if p not in self.data and not _is_zero(p)]
            if all(range_of(p).bounded for p in others):
                self._take(node, mixed=bool(others))
        elif sum(of_data) == 1 and (
            operator is o.MULTIPLY or (operator is o.DIVIDE and of_data[0])
        ):
            self._take(node)

    def _take(self, node: Node, mixed: bool = False) -> None:
        self.data.add(node)
        if mixed or not self.mixed.isdisjoint(node.operands):
            self.mixed.add(node)

    def that_cancels(self, node: Node) -> Difference | None:
        """Return what is read of ``(x[i] + s) − (x[j] + t)`` in an exponent, else None."""
        if node not in self.exponents or not self.data.issuperset(node.operands):
            return None
        if node.operator not in _SUMS or self.mixed.isdisjoint(node.operands):
            return None
        found = Difference()
        self._open(found, node)
        signs: dict[Node, set[bool]] = {}
        for product in found.read(node).products:
            element = _sole_element(product)
            if element is not None and element.node in self.data:
                signs.setdefault(element.node, set()).add(product.coefficient > 0)
        return found if any(len(both) > 1 for both in signs.values()) else None

    def less_maximum(self, node: Node) -> Difference | None:
        """Return what is read of ``u − max u`` with such a sum u; None where a node is none."""
        if node.operator is not o.SUBTRACT:
            return None
        value, shift = node.operands
        found = Difference({node})
        shift = found.passed(shift, INDEX_MAPS | {o.STOP_GRADIENT})
        if shift.operator is not o.MAX:
            return None
        found.opened.add(shift)
        inside = found.passed(shift.operands[0], INDEX_MAPS)
        if inside not in self.mixed or found.passed(value, INDEX_MAPS) is not inside:
            return None
        self._open(found, inside)
        return found

    def _exponents(self, graph: Graph) -> set[Node]:
        """What is linear in data and exponentiated."""
        stack = [p for node in graph.ordered if node.operator in _EXPONENTIALS
                 for p in node.operands]  # fmt: skip
        found: set[Node] = set()
        while stack:
            node = stack.pop()
            if node in self.data and node not in found:
                found.add(node)
                stack += node.operands
        return found

    def _open(self, found: Difference, node: Node) -> None:
        stack = [node]
        while stack:
            one = stack.pop()
            if one in self.data and one not in found.opened and one.operator is not o.INPUT:
                found.opened.add(one)
                stack += one.operands


def _sole_element(product: Product) -> Element | None:
    """The element that a product is a multiple of, else None."""
    if len(product.factors) != 1 or product.exponent.products:
        return None
    ((base, q),) = product.factors
    return base if isinstance(base, Element) and q == 1 else None


def _is_zero(node: Node) -> bool:
    bounds = range_of(node)
    return bounds.low == bounds.high == 0
