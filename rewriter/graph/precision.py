"""Graphs with all their floats computed in those of another dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.elementwise import constant
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply
from rewriter.graph.origin import origin_of


def in_precision(graph: Graph, dtype: str) -> Graph:
    """Return the graph with all that is computed in floats computed in those of a dtype."""
    made = computed_in(graph, {node: _in_dtype(node, (), dtype) for node in graph.inputs}, dtype)
    return Graph([made[one] for one in graph.inputs], [made[one] for one in graph.outputs])


def computed_in(graph: Graph, inputs: Mapping[Node, Node], dtype: str) -> dict[Node, Node]:
    """Return what nodes become that are computed in floats of a dtype.

    Args:
        graph: a graph.
        inputs: what becomes of its inputs.
        dtype: of floats.
    """
    made = dict(inputs)
    for node in graph.ordered:
        if node not in made:
            with origin_of(node.origin):
                made[node] = _in_dtype(node, [made[operand] for operand in node.operands], dtype)
    return made


def _in_dtype(node: Node, operands: Sequence[Node], dtype: str) -> Node:
    """Return a node of other operands, with what it says of floats said of those of a dtype."""
    if not is_float(node.dtype) and tuple(operands) == node.operands:
        return node
    if node.operator is o.CONSTANT:
        return constant(node.attribute("value").array, dtype)
    attributes = {
        name: dtype if name == "dtype" and isinstance(value, str) and is_float(value) else value
        for name, value in node.attributes
    }
    return apply(node.operator, operands, attributes)
