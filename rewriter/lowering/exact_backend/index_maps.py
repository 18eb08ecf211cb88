"""Index maps on exact tensors: they move elements, whatever these are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rewriter.graph import dimension as dim
from rewriter.graph import operators as o
from rewriter.graph.dimension import Shape
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.lowering.exact_backend import arithmetic as a
from rewriter.lowering.exact_backend.tensor import Array, from_array
from rewriter.lowering.numpy_backend import runtime

Sizes = Mapping[str, int]
Rule = Callable[[Node, Sequence[Array], Sizes], Array]


def _shape(shape: Shape, sizes: Sizes) -> tuple[int, ...]:
    return tuple(dim.evaluate(d, sizes) for d in shape)


def iota(node: Node, operands: Sequence[Any], sizes: Sizes) -> Array:
    """Each element is its own index along an axis."""
    exact = is_float(node.dtype)
    kind = np.int64 if exact else node.dtype
    counted = runtime.iota(_shape(node.shape, sizes), node.attribute("axis"), kind)
    return from_array(counted) if exact else counted


def _reshape(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    return operands[0].reshape(_shape(node.shape, sizes))


def _transpose(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    return operands[0].transpose(node.attribute("axes"))


def _broadcast_to(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    return np.broadcast_to(operands[0], _shape(node.shape, sizes))


def _slice(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    start, stop = (_shape(node.attribute(name), sizes) for name in ("start", "stop"))
    parts = zip(start, stop, node.attribute("step"), strict=True)
    key: Any = (*(slice(*part) for part in parts), ...)
    return np.asarray(operands[0][key])


def _reverse(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    return np.flip(operands[0], node.attribute("axes"))


def _pad(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    x, value = operands
    low, high = (_shape(node.attribute(name), sizes) for name in ("low", "high"))
    return runtime.pad(x, value[()], low, high, node.attribute("interior"))


def _concatenate(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    return np.concatenate(operands, axis=node.attribute("axis"))


def _gather(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    x, *indices = operands
    missing = math.nan if is_float(node.dtype) else 0
    return runtime.gather(x, indices, node.attribute("axes"), node.attribute("mode"), missing)


def _scatter_add(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    x, updates, *indices = operands
    axes, mode = node.attribute("axes"), node.attribute("mode", "promise")
    add = a.add if is_float(node.dtype) else None
    return runtime.scatter_add(x, updates, indices, axes, mode, add)


_RULES: dict[Primitive, Rule] = {
    o.RESHAPE: _reshape, o.TRANSPOSE: _transpose, o.BROADCAST_TO: _broadcast_to, o.SLICE: _slice,
    o.REVERSE: _reverse, o.PAD: _pad, o.CONCATENATE: _concatenate, o.GATHER: _gather,
    o.SCATTER_ADD: _scatter_add,
}  # fmt: skip


def evaluate(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    """Return what an index map gives."""
    return _RULES[node.operator](node, operands, sizes)
