"""The cure of what no law has bounded: the same operations, on numbers of an extended range.

A product of many factors, a sum of large terms, a quotient of both overflow or vanish where the
result need not. The laws of exponentials see to it that they are never computed; where terms grow
too large for that, or no law is known, each value is carried as a principal part and a power of
two, as in a loop that rescales what it multiplies. Nothing is proved for it, as nothing is needed:
the operations are the program's, and only their range is larger. It costs several operations for
each, so it is taken only where what is computed otherwise is seen to fail (`probing`).
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.extended_range import number
from rewriter.engine.extended_range.arithmetic import Operand, outcome
from rewriter.engine.extended_range.beside_one import with_nothing_absorbed
from rewriter.engine.extended_range.number import EXTENDED_RANGE, ExtendedNumber
from rewriter.engine.probing import most_trusted
from rewriter.engine.result import Result, Step
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import Origin, origin_of

HAZARD = "values that may overflow or vanish, which no law bounds"
REASON = "v = p·2^k: products add indices k, sums align them (extended-range arithmetic)"

LARGEST_GRAPH = 4000
"""Nodes of a graph in the extended range, unless the laws have made more: compilers take long."""


def cure_by_extended_range(written: Graph, cured: Graph, result: Result, kept: int) -> Graph:
    """Return a graph in the extended range where the cured one is seen to fail, else the cured.

    Args:
        written: the graph before the laws were used.
        cured: what they made of it.
        result: takes the step, in place of those of the laws where what was written is carried;
            no hazard is left then.
        kept: how many of its steps are not of the laws.
    """
    carried: dict[Graph, Graph] = {}
    largest = max(LARGEST_GRAPH, len(cured.ordered))

    def candidates() -> Iterator[Graph]:
        """Carry both where they are asked for; one that has grown too large is none."""
        for graph in dict.fromkeys((written, cured)):
            extended = in_extended_range(graph)
            if len(extended.ordered) <= largest:
                carried[extended] = graph
                yield extended

    chosen = most_trusted(cured, candidates())
    before = carried.get(chosen)
    if before is None:
        return cured
    result.left, result.carried = [], before
    if before is written:
        del result.steps[kept:]
    result.steps += [
        Step(old, new, HAZARD, [], None, reason=REASON)
        for old, new in zip(before.outputs, chosen.outputs, strict=True)
        if old is not new
    ]
    return chosen


def in_extended_range(graph: Graph) -> Graph:
    """Return the graph with what is made of exponentials carried in the extended range."""
    graph = with_nothing_absorbed(graph)
    values: dict[Node, Operand] = {}
    plain: dict[Node, Node] = {}

    def as_plain(node: Node) -> Node:
        """The value of a node as a plain tensor, made once."""
        if node not in plain:
            value = values[node]
            if isinstance(value, ExtendedNumber):
                value = number.plain(value, node.dtype)
            plain[node] = value
        return plain[node]

    for node in graph.ordered:
        with origin_of(Origin(node.origin.file, node.origin.line, EXTENDED_RANGE)):
            found = None
            if any(is_float(p.dtype) for p in node.operands):
                found = outcome(node, [values[p] for p in node.operands])
            if found is None:
                found = with_operands(node, tuple(as_plain(p) for p in node.operands))
            values[node] = found
    with origin_of(Origin(rule=EXTENDED_RANGE)):
        return graph.with_outputs([as_plain(output) for output in graph.outputs])
