"""How each primitive is evaluated on exact tensors, and a graph from its inputs on.

Integers and bools are NumPy's own, by the same functions that generated source calls; floats are
elements, over the reals: converting between floats does not round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rewriter.errors import BackendError
from rewriter.graph import operators as o
from rewriter.graph.declared import declaration_of
from rewriter.graph.dtype import COMPLEX, is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.primitive import Kind, Primitive
from rewriter.lowering.exact_backend import contraction, declared, index_maps
from rewriter.lowering.exact_backend.elementwise import ELEMENTWISE, INTEGER_FUNCTIONS
from rewriter.lowering.exact_backend.reduction import REDUCTIONS
from rewriter.lowering.exact_backend.tensor import Array, from_array

Sizes = Mapping[str, int]
Rule = Callable[[Node, Sequence[Any], Sizes], Any]


def _constant(node: Node, operands: Sequence[Any], sizes: Sizes) -> Array:
    array: Array = node.attribute("value").array
    return from_array(array) if is_float(node.dtype) else array


def _elementwise(node: Node, operands: Sequence[Any], sizes: Sizes) -> Any:
    if any(is_float(operand.dtype) for operand in node.operands) or is_float(node.dtype):
        return ELEMENTWISE[node.operator](node, operands)
    with np.errstate(all="ignore"):
        result = INTEGER_FUNCTIONS[node.operator](*operands)
    return np.asarray(result).astype(node.dtype, copy=False)


def _reduction(node: Node, operands: Sequence[Any], sizes: Sizes) -> Any:
    return REDUCTIONS[node.operator](node, operands[0])


def _call(node: Node, operands: Sequence[Any], sizes: Sizes) -> Any:
    body: Graph | None = node.attribute("body")
    if body is None:
        raise BackendError("an opaque call has no meaning over the reals",
                           culprit=node.attribute("name"))  # fmt: skip
    inner = {
        name: size
        for given, operand in zip(body.inputs, operands, strict=True)
        for name, size in zip(given.shape, operand.shape, strict=True)
        if isinstance(name, str)
    }
    results = evaluate(body, operands, inner)
    return tuple(results) if node.attribute("results") else results[0]


def _component(node: Node, operands: Sequence[Any], sizes: Sizes) -> Any:
    return operands[0][node.attribute("index")]


_BY_KIND: dict[Kind, Rule] = {
    Kind.ELEMENTWISE: _elementwise, Kind.REDUCTION: _reduction, Kind.CUMULATION: _reduction,
    Kind.CONTRACTION: contraction.evaluate, Kind.INDEXING: index_maps.evaluate,
}  # fmt: skip

_BY_PRIMITIVE: dict[Primitive, Rule] = {
    o.CONSTANT: _constant, o.IOTA: index_maps.iota, o.CALL: _call, o.COMPONENT: _component,
}  # fmt: skip


def _rule(node: Node) -> Rule:
    if node.dtype in COMPLEX:
        raise BackendError("complex numbers have no exact evaluation", culprit=node)
    if declaration_of(node.operator) is not None:
        return declared.evaluate
    rule = _BY_PRIMITIVE.get(node.operator) or _BY_KIND.get(node.operator.kind)
    if rule is None:
        raise BackendError("the exact backend does not know this primitive", culprit=node.operator)
    return rule


def evaluate(graph: Graph, inputs: Sequence[Array], sizes: Sizes) -> list[Any]:
    """Return the outputs of a graph for exact tensors, at the working precision.

    A value is dropped as soon as nothing reads it any more.

    Args:
        graph: the graph.
        inputs: a tensor for each input: of elements for floats, of numbers for the rest.
        sizes: the size of each named dimension.

    Raises:
        BackendError: an operation has no meaning over the reals here.
        PrecisionNeeded: a decision is not settled at the working precision.
    """
    nodes = list(graph.nodes())
    left = Counter(operand for node in nodes for operand in node.operands)
    left.update(graph.outputs)
    values: dict[Node, Any] = dict(zip(graph.inputs, inputs, strict=True))
    for node in nodes:
        if node.operator is not o.INPUT:
            operands = [values[operand] for operand in node.operands]
            values[node] = _rule(node)(node, operands, sizes)
        for operand in node.operands:
            left[operand] -= 1
            if not left[operand]:
                values.pop(operand, None)
    return [values[node] for node in graph.outputs]
