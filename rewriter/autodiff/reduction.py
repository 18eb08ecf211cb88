"""Derivatives of reductions."""

from __future__ import annotations

from rewriter.autodiff.broadcasting import kept, product, spread
from rewriter.autodiff.cumulation import product_of_others
from rewriter.autodiff.rule import Rule
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph import reduction as r
from rewriter.graph.inference import checked_axes
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive


def _axes(node: Node) -> tuple[int, ...]:
    return checked_axes(node.attribute("axis"), node.operands[0].ndim)


def _sum(node: Node, cotangent: Node, position: int) -> Node:
    (x,) = node.operands
    return spread(cotangent, x, _axes(node))


def _extreme(node: Node, cotangent: Node, position: int) -> Node:
    """The cotangent is shared out in equal parts among the elements that attain the extreme."""
    (x,) = node.operands
    axes = _axes(node)
    mask = e.astype(e.equal(x, kept(node, x, axes)), x.dtype)
    share = e.divide(kept(cotangent, x, axes), r.sum(mask, axes, keepdims=True))
    return e.multiply(share, mask)


def _prod(node: Node, cotangent: Node, position: int) -> Node:
    """``∂/∂x[i] = Π_{j≠i} x[j]``, without a division, which would fail at 0; one axis at a time."""
    (x,) = node.operands
    result, partial = spread(cotangent, x, _axes(node)), x
    for axis in _axes(node):
        result = product(result, product_of_others(partial, axis))
        partial = r.prod(partial, axis, keepdims=True)
    return result


RULES: dict[Primitive, Rule] = {o.SUM: _sum, o.PROD: _prod, o.MAX: _extreme, o.MIN: _extreme}

WITHOUT = frozenset({o.ALL, o.ANY, o.ARGMAX, o.ARGMIN})
