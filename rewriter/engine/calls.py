"""Calls that carry their meaning as a graph: closed where nothing around them looks inside.

``log(jax.nn.softmax(x))`` needs the softmax opened, ``relu(x)`` beside it stays a call.
"""

from __future__ import annotations

from collections.abc import Iterable

from rewriter.engine.curing import survey, wanted_entries
from rewriter.engine.region import Region
from rewriter.graph import operators as o
from rewriter.graph.calls import inline_call
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological, with_operands


def open_calls(graph: Graph) -> Graph:
    """Return the graph with those calls opened that a cure outside of them has to look into."""
    while True:
        if not any(_is_open(node) for node in graph.ordered):
            return graph
        everything, inside = _opened(graph.outputs, None)
        wanted = _looked_into(graph.with_outputs(everything), inside)
        if not wanted:
            return graph
        graph = graph.with_outputs(_opened(graph.outputs, wanted)[0])


def _is_open(node: Node) -> bool:
    return node.operator is o.CALL and node.attribute("body") is not None


def _opened(
    roots: Iterable[Node], chosen: set[Node] | None
) -> tuple[tuple[Node, ...], dict[Node, Node]]:
    """Inline the chosen calls, or all and all in them; say which call a new node was in."""
    ends = tuple(roots)
    made: dict[Node, Node] = {}
    results: dict[Node, tuple[Node, ...]] = {}
    inside: dict[Node, Node] = {}
    for node in topological(ends):
        operands = tuple(made[operand] for operand in node.operands)
        if _is_open(node) and (chosen is None or node in chosen):
            inner = inline_call(with_operands(node, operands))
            if chosen is None:
                inner = _opened(inner, None)[0]
                _attribute(inner, operands, node, inside)
            results[node] = inner
            made[node] = inner[0]
        elif node.operator is o.COMPONENT and node.operands[0] in results:
            made[node] = results[node.operands[0]][node.attribute("index")]
        else:
            made[node] = with_operands(node, operands)
    return tuple(made[end] for end in ends), inside


def _attribute(
    results: Iterable[Node], operands: tuple[Node, ...], call: Node, inside: dict[Node, Node]
) -> None:
    stack, border = list(results), set(operands)
    while stack:
        node = stack.pop()
        if node not in border and node not in inside:
            inside[node] = call
            stack.extend(node.operands)


def _looked_into(graph: Graph, inside: dict[Node, Node]) -> set[Node]:
    """Return the calls through which a cure of a node outside reads."""
    region = survey(graph)
    found: set[Node] = set()
    for node, entry in wanted_entries(graph, region).items():
        if entry.replaced and node not in inside:
            found |= _calls_below(node, region, inside)
    return found


def _calls_below(node: Node, region: Region, inside: dict[Node, Node]) -> set[Node]:
    found: set[Node] = set()
    stack, seen = [node], {node}
    while stack:
        for operand in stack.pop().operands:
            if operand not in seen and operand in region.entries:
                seen.add(operand)
                stack.append(operand)
                if operand in inside:
                    found.add(inside[operand])
    return found
