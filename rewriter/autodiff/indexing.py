"""Derivatives of index maps: each is the transpose of the map, linear in the cotangent."""

from __future__ import annotations

from rewriter.autodiff.broadcasting import selected, unbroadcast, zeros
from rewriter.autodiff.rule import Rule
from rewriter.graph import dimension as dim
from rewriter.graph import elementwise as e
from rewriter.graph import indexing as i
from rewriter.graph import operators as o
from rewriter.graph import reduction as r
from rewriter.graph.dimension import Dimension
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Primitive


def _reshape(node: Node, cotangent: Node, position: int) -> Node:
    return i.reshape(cotangent, node.operands[0].shape)


def _transpose(node: Node, cotangent: Node, position: int) -> Node:
    axes: tuple[int, ...] = node.attribute("axes")
    return i.transpose(cotangent, [axes.index(a) for a in range(len(axes))])


def _broadcast_to(node: Node, cotangent: Node, position: int) -> Node:
    return unbroadcast(cotangent, node.operands[0].shape)


def _reverse(node: Node, cotangent: Node, position: int) -> Node:
    return i.flip(cotangent, node.attribute("axes"))


def _slice(node: Node, cotangent: Node, position: int) -> Node:
    """Pad with zeros what the slice left out: before, after, and between where it strides."""
    (x,) = node.operands
    low, step = node.attribute("start"), node.attribute("step")
    high = []
    for start, stride, size, length in zip(low, step, x.shape, cotangent.shape, strict=True):
        covered = dim.add(dim.multiply(dim.subtract(length, 1), stride), 1) if length != 0 else 0
        high.append(dim.subtract(size, dim.add(start, covered)))
    attributes = {"low": low, "high": tuple(high), "interior": tuple(s - 1 for s in step)}
    return apply(o.PAD, [cotangent, e.constant(0, x.dtype)], attributes)


def _pad(node: Node, cotangent: Node, position: int) -> Node:
    """The operand has the slice of the cotangent at its places, the value the sum of the rest."""
    x = node.operands[0]
    if position == 0:
        return i.slice_axes(cotangent, _places_in(node))
    inside = i.broadcast_to(e.constant(False), x.shape)
    outside = apply(o.PAD, [inside, e.constant(True)], dict(node.attributes))
    return r.sum(selected(outside, cotangent, None, cotangent.shape))


def _places_in(node: Node) -> list[tuple[Dimension, Dimension, int]]:
    """Return, an axis, the slice of a padded tensor that holds the operand."""
    counts = (node.attribute(name) for name in ("low", "high", "interior"))
    return [
        (low, dim.subtract(size, high), interior + 1)
        for low, high, interior, size in zip(*counts, node.shape, strict=True)
    ]


def _concatenate(node: Node, cotangent: Node, position: int) -> Node:
    axis, x = node.attribute("axis"), node.operands[position]
    start: Dimension = 0
    for operand in node.operands[:position]:
        start = dim.add(start, operand.shape[axis])
    parts: list[tuple[Dimension, Dimension, int]] = [(0, d, 1) for d in x.shape]
    parts[axis] = (start, dim.add(start, x.shape[axis]), 1)
    return i.slice_axes(cotangent, parts)


def _gather(node: Node, cotangent: Node, position: int) -> Node:
    """Add the cotangent up at the places that were read."""
    x, *indices = node.operands
    nothing = zeros(x.shape, x.dtype)
    return apply(o.SCATTER_ADD, [nothing, cotangent, *indices], dict(node.attributes))


def _scatter_add(node: Node, cotangent: Node, position: int) -> Node:
    """The updates have the cotangent of the places that they went to, 0 where they went nowhere."""
    if position == 0:
        return cotangent
    _, updates, *indices = node.operands
    attributes = dict(node.attributes)
    picked = apply(o.GATHER, [cotangent, *indices], attributes)
    if node.attribute("mode") != "fill":
        return picked
    ones = i.broadcast_to(e.constant(1, cotangent.dtype), cotangent.shape)
    nowhere = e.isnan(apply(o.GATHER, [ones, *indices], attributes))  # gather fills with nan
    return selected(nowhere, None, picked, updates.shape)


RULES: dict[Primitive, Rule] = {
    o.RESHAPE: _reshape,
    o.TRANSPOSE: _transpose,
    o.BROADCAST_TO: _broadcast_to,
    o.SLICE: _slice,
    o.REVERSE: _reverse,
    o.PAD: _pad,
    o.CONCATENATE: _concatenate,
    o.GATHER: _gather,
    o.SCATTER_ADD: _scatter_add,
}
