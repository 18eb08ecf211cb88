"""Arithmetic of cotangents: broadcasting and its transpose.

A cotangent is often a broadcast, ``broadcast_to(g)`` of a reduction. ``product`` and its like work
beneath the broadcast, ``broadcast_to(g) * y = broadcast_to(g * y)``, so that a factor per row is
computed once a row, and a broadcast that NumPy's own rules make needless disappears.
"""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph import reduction as r
from rewriter.graph.dimension import Shape
from rewriter.graph.indexing import broadcast_to, reshape
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Primitive


def zeros(shape: Shape, dtype: str) -> Node:
    """Return a tensor of zeros: a broadcast constant."""
    return broadcast_to(e.constant(0, dtype), shape)


def core(node: Node) -> Node:
    """Return what a broadcast was made of, and any other node itself."""
    return node.operands[0] if node.operator is o.BROADCAST_TO else node


def is_one(node: Node) -> bool:
    """Tell whether a node is a constant of ones."""
    return node.operator is o.CONSTANT and bool((node.attribute("value").array == 1).all())


def beneath(operator: Primitive, cotangent: Node, *others: Node) -> Node:
    """Apply an elementwise primitive beneath the broadcast that a cotangent may be.

    The result has the shape of the cotangent, to which the others broadcast.
    """
    return broadcast_to(apply(operator, [core(cotangent), *others]), cotangent.shape)


def product(cotangent: Node, factor: Node) -> Node:
    """``cotangent * factor``; the factor alone where the cotangent is 1."""
    if is_one(core(cotangent)):
        return broadcast_to(factor, cotangent.shape)
    return beneath(o.MULTIPLY, cotangent, factor)


def quotient(cotangent: Node, divisor: Node) -> Node:
    """``cotangent / divisor``."""
    return beneath(o.DIVIDE, cotangent, divisor)


def negative(cotangent: Node) -> Node:
    """``-cotangent``."""
    return beneath(o.NEGATIVE, cotangent)


def total(first: Node, second: Node) -> Node:
    """Sum of two cotangents of one node."""
    return beneath(o.ADD, first, core(second))


def selected(condition: Node, chosen: Node | None, other: Node | None, shape: Shape) -> Node:
    """``where(condition, chosen, other)`` of cotangents of that shape; None stands for zero."""
    given = chosen if chosen is not None else other
    assert given is not None
    branches = [e.constant(0, given.dtype) if b is None else core(b) for b in (chosen, other)]
    return broadcast_to(apply(o.WHERE, [condition, *branches]), shape)


def unbroadcast(cotangent: Node, shape: Shape) -> Node:
    """Sum a cotangent over the axes along which an operand of ``shape`` was broadcast."""
    if cotangent.shape == shape:
        return cotangent
    leading = cotangent.ndim - len(shape)
    stretched = [
        axis
        for axis in range(leading, cotangent.ndim)
        if shape[axis - leading] == 1 and cotangent.shape[axis] != 1
    ]
    if not leading:
        return r.sum(cotangent, stretched, keepdims=True)
    return reshape(r.sum(cotangent, (*range(leading), *stretched)), shape)


def kept(reduced: Node, operand: Node, axes: Sequence[int]) -> Node:
    """Return what reducing ``operand`` over ``axes`` gave, these axes kept with size 1."""
    return reshape(reduced, [1 if a in axes else d for a, d in enumerate(operand.shape)])


def spread(cotangent: Node, operand: Node, axes: Sequence[int]) -> Node:
    """Broadcast the cotangent of a reduction over ``axes`` to the operand's shape."""
    source = core(cotangent) if not core(cotangent).ndim else cotangent
    leading = tuple(axes) == tuple(range(len(axes)))
    if source.ndim and not leading:
        source = kept(source, operand, axes)
    return broadcast_to(source, operand.shape)
