"""Derivatives of cumulations along an axis. None divides, so that all are right at zeros too."""

from __future__ import annotations

from collections.abc import Callable

from rewriter.autodiff.broadcasting import zeros
from rewriter.autodiff.rule import Rule
from rewriter.graph import dimension as dim
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph import reduction as r
from rewriter.graph.dimension import Dimension
from rewriter.graph.indexing import (
    expand_dims,
    flip,
    iota,
    pad,
    reshape,
    scatter_add,
    slice_axes,
)
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive

INDEX = "int32"
"""The dtype of the indices that derivatives make."""


def _section(x: Node, axis: int, start: Dimension, size: Dimension) -> Node:
    parts: list[tuple[Dimension, Dimension, int]] = [(0, d, 1) for d in x.shape]
    parts[axis] = (start, dim.add(start, size), 1)
    return slice_axes(x, parts)


def _delayed(x: Node, axis: int, value: float) -> Node:
    """``[value, x[0], …, x[n-2]]``."""
    widths = [(int(a == axis), 0) for a in range(x.ndim)]
    return _section(pad(x, widths, value), axis, 0, x.shape[axis])


def _advanced(x: Node, axis: int, steps: int, value: float) -> Node:
    """``[x[steps], …, x[n-1], value, …]``."""
    widths = [(0, steps if a == axis else 0) for a in range(x.ndim)]
    return _section(pad(x, widths, value), axis, steps, x.shape[axis])


def product_of_others(x: Node, axis: int) -> Node:
    """``result[i] = Π_{j≠i} x[j]`` along ``axis``: the product before times the product after."""
    before = r.cumprod(_delayed(x, axis, 1), axis)
    after = r.cumprod(_advanced(x, axis, 1, 1), axis, reverse=True)
    return e.multiply(before, after)


def _cumsum(node: Node, cotangent: Node, position: int) -> Node:
    return r.cumsum(cotangent, node.attribute("axis"), reverse=not node.attribute("reverse"))


def _both_ways(
    cumulate: Callable[[Node, int], Node], derivative: Callable[[Node, Node, Node, int], Node]
) -> Rule:
    """Return a rule for both directions, given (g, z, x, axis) -> cotangent for the forward one."""

    def rule(node: Node, cotangent: Node, position: int) -> Node:
        """Return the operand's cotangent; a reversed cumulation is the forward one, flipped."""
        (x,), axis = node.operands, node.attribute("axis") % node.ndim
        if not node.attribute("reverse"):
            return derivative(cotangent, node, x, axis)
        x = flip(x, axis)
        return flip(derivative(flip(cotangent, axis), cumulate(x, axis), x, axis), axis)

    return rule


def _cumprod(g: Node, z: Node, x: Node, axis: int) -> Node:
    """``∂/∂x[i] = z[i-1] R[i]`` with ``R[i] = Σ_{k≥i} g[k] Π_{i<j≤k} x[j]``.

    That is a recurrence, ``R[i] = g[i] + x[i+1] R[i+1]``.
    """
    tail = _recurrence(_advanced(x, axis, 1, 0), g, axis)
    return e.multiply(_delayed(z, axis, 1), tail)


def _recurrence(factors: Node, terms: Node, axis: int) -> Node:
    """``R[i] = terms[i] + factors[i] R[i+1]``, with 0 after the end.

    By doubling, in as many steps as the size has binary digits (Kogge & Stone 1973); along a named
    dimension, where that number is not known, as the sum of all products.
    """
    size = factors.shape[axis]
    if not isinstance(size, int):
        return _all_products(factors, terms, axis)
    distance = 1
    while distance < size:
        terms = e.add(terms, e.multiply(factors, _advanced(terms, axis, distance, 0)))
        factors = e.multiply(factors, _advanced(factors, axis, distance, 0))
        distance *= 2
    return terms


def _all_products(factors: Node, terms: Node, axis: int) -> Node:
    """``R[i] = Σ_{k≥i} terms[k] Π_{i≤j<k} factors[j]``: rows i at ``axis``, columns after it."""
    size = factors.shape[axis]
    row, column = iota((size, 1), 0, INDEX), iota((1, size), 1, INDEX)
    trailing = [1] * (factors.ndim - axis - 1)
    started = reshape(e.less_equal(row, column), [size, size, *trailing])
    grid = e.where(started, expand_dims(factors, axis), 1)
    products = _delayed(r.cumprod(grid, axis + 1), axis + 1, 1)
    summands = e.where(started, e.multiply(products, expand_dims(terms, axis)), 0)
    return r.sum(summands, axis + 1)


def _cummax(g: Node, z: Node, x: Node, axis: int) -> Node:
    """The cotangent goes to the latest element that attained the maximum."""
    grid = [_places(x, a) for a in range(x.ndim)]
    attained = e.where(e.equal(x, z), grid[axis], e.constant(0, INDEX))
    grid[axis] = r.cummax(attained, axis)
    return scatter_add(zeros(x.shape, x.dtype), g, grid, range(x.ndim))


def _places(x: Node, axis: int) -> Node:
    """Return the index along an axis, with dimensions of size 1 for the others."""
    return iota([d if a == axis else 1 for a, d in enumerate(x.shape)], axis, INDEX)


RULES: dict[Primitive, Rule] = {
    o.CUMSUM: _cumsum,
    o.CUMPROD: _both_ways(r.cumprod, _cumprod),
    o.CUMMAX: _both_ways(r.cummax, _cummax),
}
