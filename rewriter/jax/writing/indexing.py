"""Writers of index maps that move elements by position."""

from __future__ import annotations

from typing import Any

from jax import lax

from rewriter.graph import operators as o
from rewriter.graph.dimension import Shape
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.jax.writing.step import Sizes, Step, Writer, jax_dtype, sized, spread


def inserted_ones(before: Shape, after: Shape) -> tuple[int, ...] | None:
    """Return the axes of ``after`` that a reshape inserts, all of size 1; None if it does more."""
    places, rest = [], list(before)
    for axis, size in enumerate(after):
        if rest and rest[0] == size:
            rest.pop(0)
        elif size == 1:
            places.append(axis)
        else:
            return None
    return None if rest else tuple(places)


def _reshape(node: Node) -> Step:
    before, after = node.operands[0].shape, node.shape
    added = inserted_ones(before, after)
    dropped = inserted_ones(after, before)

    def compute(sizes: Sizes, x: Any) -> Any:
        if added is not None:
            return lax.expand_dims(x, added)
        return lax.reshape(x, sized(after, sizes)) if dropped is None else lax.squeeze(x, dropped)

    return Step(node.operands, compute)


def _broadcast(node: Node) -> Step:
    (operand,) = node.operands
    if operand.operator is o.RESHAPE:
        inner = operand.operands[0]
        added = inserted_ones(inner.shape, operand.shape)
        if added is not None:
            return _spread_axes(node, inner, operand.ndim, added)
    return Step((operand,), lambda sizes, x: spread(x, sized(node.shape, sizes)))


def _spread_axes(node: Node, inner: Node, rank: int, added: tuple[int, ...]) -> Step:
    """Insert ones and broadcast by one primitive, as JAX writes it."""
    first = node.ndim - rank
    places = [first + axis for axis in range(rank) if axis not in added]

    def compute(sizes: Sizes, x: Any) -> Any:
        return lax.broadcast_in_dim(x, sized(node.shape, sizes), places)

    return Step((inner,), compute)


def _transpose(node: Node) -> Step:
    axes = node.attribute("axes")
    return Step(node.operands, lambda sizes, x: lax.transpose(x, axes))


def _slice(node: Node) -> Step:
    start, stop = node.attribute("start"), node.attribute("stop")
    step = node.attribute("step")
    strides = None if all(s == 1 for s in step) else step

    def compute(sizes: Sizes, x: Any) -> Any:
        return lax.slice(x, sized(start, sizes), sized(stop, sizes), strides)

    return Step(node.operands, compute)


def _reverse(node: Node) -> Step:
    axes = node.attribute("axes")
    return Step(node.operands, lambda sizes, x: lax.rev(x, [a % x.ndim for a in axes]))


def _pad(node: Node) -> Step:
    parts = (node.attribute("low"), node.attribute("high"), node.attribute("interior"))
    widths = list(zip(*parts, strict=True))
    return Step(node.operands, lambda sizes, x, value: lax.pad(x, value, widths))


def _concatenate(node: Node) -> Step:
    axis = node.attribute("axis") % node.ndim
    return Step(node.operands, lambda sizes, *values: lax.concatenate(values, axis))


def _iota(node: Node) -> Step:
    axis, dtype = node.attribute("axis"), jax_dtype(node.dtype)
    return Step((), lambda sizes: lax.broadcasted_iota(dtype, sized(node.shape, sizes), axis))


WRITERS: dict[Primitive, Writer] = {
    o.RESHAPE: _reshape,
    o.TRANSPOSE: _transpose,
    o.BROADCAST_TO: _broadcast,
    o.SLICE: _slice,
    o.REVERSE: _reverse,
    o.PAD: _pad,
    o.CONCATENATE: _concatenate,
    o.IOTA: _iota,
}
