"""Where a side is a number: no infinity and no nan inside, but in branches that are not taken.

An infinity that is written in a graph, as the logit -inf of a mask, is no accident of a division or
a logarithm: it may be inside, and what is computed from it (exp(-inf) = 0) is as good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rewriter.checking.evaluation import at_each_point
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological
from rewriter.graph.primitive import Kind

Array = np.ndarray[Any, Any]


def strictly_defined(
    inputs: Sequence[Node],
    root: Node,
    arguments: Sequence[Array],
    sizes: Mapping[str, int] | None = None,
) -> bool:
    """Tell whether a node is a number at every place, and all that it is computed from.

    Args:
        inputs: the inputs of the graph.
        root: the node.
        arguments: one array for each input.
        sizes: the size of each named dimension.
    """
    places = defined_places(inputs, root, arguments, sizes)
    return places is not None and bool(places.all())


def defined_places(
    inputs: Sequence[Node],
    root: Node,
    arguments: Sequence[Array],
    sizes: Mapping[str, int] | None = None,
) -> Array | None:
    """Tell of each place whether a node is a number there, and all that it is computed from.

    Args as for `strictly_defined`; None where the balls do not tell.
    """
    nodes = list(topological([root]))
    found = at_each_point(Graph(inputs, nodes), arguments, sizes)
    if found is None:
        return None
    values = dict(zip(nodes, found, strict=True))
    good: dict[Node, Array] = {}
    for node in nodes:
        good[node] = _good(node, values, [good[p] for p in node.operands])
    return good[root]


def _good(node: Node, values: dict[Node, Array], operands: list[Array]) -> Array:
    own = _finite(node, values)
    if node.operator is o.WHERE:
        condition = values[node.operands[0]]
        chosen = np.where(condition, operands[1], operands[2])
        return np.asarray(operands[0] & chosen)
    if node.operator is o.MAX:
        return own
    if node.operator.kind is Kind.ELEMENTWISE:
        for operand in operands:
            own = own & operand
        return np.asarray(own)
    if node.operator.kind is Kind.REDUCTION:
        axes, keepdims = node.attribute("axis"), node.attribute("keepdims")
        return np.asarray(own & np.all(operands[0], axis=axes, keepdims=keepdims))
    return np.asarray(own & all(bool(operand.all()) for operand in operands))


def _finite(node: Node, values: dict[Node, Array]) -> Array:
    """Tell where a node is a number, or an infinity that it was given and did not make."""
    value = values[node]
    if not is_float(node.dtype):
        return np.ones(value.shape, bool)
    flags = _where(value, lambda x: bool(x.is_finite()))
    if flags.all():
        return flags
    infinite = _where(value, lambda x: not x.is_finite() and not x.is_nan())
    if node.operator is o.CONSTANT:
        return np.asarray(flags | infinite)
    given = [_infinite(p, values[p]) for p in node.operands]
    if node.operator.kind is Kind.ELEMENTWISE:
        here = np.logical_or.reduce(np.broadcast_arrays(*given, flags), axis=0)
        return np.asarray(flags | (infinite & here))
    return np.asarray(flags | infinite if any(one.any() for one in given) else flags)


def _infinite(node: Node, value: Array) -> Array:
    if not is_float(node.dtype):
        return np.zeros(np.shape(value), bool)
    return _where(value, lambda x: not x.is_finite() and not x.is_nan())


def _where(value: Array, test: Callable[[Any], bool]) -> Array:
    return np.array([test(x) for x in value.ravel().tolist()], bool).reshape(value.shape)
