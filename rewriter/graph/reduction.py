"""Reductions and cumulations of the builder. ``where`` and ``initial`` become plain nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rewriter.errors import AttributeValueError, PatternError, ShapeError
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.dimension import shape_text
from rewriter.graph.dtype import is_float, is_integer
from rewriter.graph.inference import checked_axes, integers
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Primitive

AxisLike = int | Sequence[int] | None


def axes_of(axis: AxisLike, rank: int) -> tuple[int, ...]:
    """Return the axes meant by ``axis``: all for None.

    Raises:
        AttributeValueError: one is out of range or named twice.
    """
    if axis is None:
        return tuple(range(rank))
    return checked_axes(integers(axis), rank)


def _reduce(operator: Primitive, x: Node, axis: AxisLike, keepdims: bool) -> Node:
    attributes = {"axis": axes_of(axis, x.ndim), "keepdims": bool(keepdims)}
    return apply(operator, [x], attributes)


def _least(dtype: str) -> Any:
    if is_float(dtype):
        return -np.inf
    return np.iinfo(dtype).min if is_integer(dtype) else False


def _greatest(dtype: str) -> Any:
    if is_float(dtype):
        return np.inf
    return np.iinfo(dtype).max if is_integer(dtype) else True


def _summand(x: Any) -> Node:
    """Return x in the dtype in which NumPy adds it up: bools and short integers in 64 bits."""
    node = e.as_node(x)
    if node.dtype == "bool" or is_integer(node.dtype):
        return e.astype(node, "uint64" if node.dtype.startswith("uint") else "int64")
    return node


def _selected(where: Any, node: Node, other: Any) -> Node:
    """Return the node with ``other`` where ``where`` does not hold.

    Raises:
        ShapeError: ``where`` does not broadcast to the shape of the node.
    """
    chosen = e.where(where, node, e.constant(other, node.dtype))
    if chosen.shape != node.shape:
        raise ShapeError(f"where does not broadcast to {shape_text(node.shape)}",
                         culprit=shape_text(e.as_node(where).shape))  # fmt: skip
    return chosen


def _truth(x: Any) -> Node:
    node = e.as_node(x)
    return node if node.dtype == "bool" else e.not_equal(node, 0)


def sum(
    x: Any, axis: AxisLike = None, keepdims: bool = False, where: Any = None, initial: Any = None,
    *, over: Any = None,
) -> Node:  # fmt: skip
    """Sum over ``axis`` (int, tuple or None for all), of the elements where ``where`` holds.

    In a rule, ``over`` is the index that the sum binds.
    """
    if over is not None:
        from rewriter.authoring.pattern import bound_sum

        return bound_sum(x, over)
    node = _summand(x)
    if where is not None:
        node = _selected(where, node, 0)
    total = _reduce(o.SUM, node, axis, keepdims)
    return total if initial is None else e.add(total, initial)


def prod(
    x: Any, axis: AxisLike = None, keepdims: bool = False, where: Any = None, initial: Any = None,
    *, over: Any = None,
) -> Node:  # fmt: skip
    """Product over ``axis``, of the elements where ``where`` holds.

    Raises:
        PatternError: ``over`` is given; in a rule, write the sum of logarithms.
    """
    if over is not None:
        raise PatternError("rules have no bound product; the sum of logarithms is one",
                           culprit=over)  # fmt: skip
    node = _summand(x)
    if where is not None:
        node = _selected(where, node, 1)
    total = _reduce(o.PROD, node, axis, keepdims)
    return total if initial is None else e.multiply(total, initial)


def max(
    x: Any, axis: AxisLike = None, keepdims: bool = False, where: Any = None, initial: Any = None,
    *, over: Any = None,
) -> Node:  # fmt: skip
    """Maximum over ``axis``, of the elements where ``where`` holds; of none it is -inf.

    In a rule, ``over`` is the index that the maximum binds, and ``where`` a weight: the places
    at which it is not 0 take part.

    Raises:
        AttributeValueError: ``where`` is given without ``initial`` (as in NumPy).
    """
    if over is not None:
        from rewriter.authoring.pattern import bound_maximum

        return bound_maximum(x, over, where)
    node = e.as_node(x)
    if where is not None:
        if initial is None:
            raise AttributeValueError("max with where needs initial", culprit="initial")
        node = _selected(where, node, _least(node.dtype))
    largest = _reduce(o.MAX, node, axis, keepdims)
    return largest if initial is None else e.maximum(largest, initial)


def min(
    x: Any, axis: AxisLike = None, keepdims: bool = False, where: Any = None, initial: Any = None,
    *, over: Any = None,
) -> Node:  # fmt: skip
    """Minimum over ``axis``, of the elements where ``where`` holds; of none it is inf.

    In a rule, ``over`` and ``where`` are as for the maximum.

    Raises:
        AttributeValueError: ``where`` is given without ``initial`` (as in NumPy).
    """
    if over is not None:
        return e.negative(max(e.negative(x), where=where, over=over))
    node = e.as_node(x)
    if where is not None:
        if initial is None:
            raise AttributeValueError("min with where needs initial", culprit="initial")
        node = _selected(where, node, _greatest(node.dtype))
    smallest = _reduce(o.MIN, node, axis, keepdims)
    return smallest if initial is None else e.minimum(smallest, initial)


def mean(
    x: Any, axis: AxisLike = None, keepdims: bool = False, where: Any = None, *, over: Any = None
) -> Node:
    """Mean over ``axis``: the sum divided by the count (a sum of ones over a named dimension).

    In a rule, ``over`` is the index that the sum and the count bind.
    """
    if over is not None:
        return e.divide(sum(x, over=over), sum(1.0, over=over))
    node = e.real(x)
    total = sum(node, axis, keepdims, where)
    count = _count(node, axes_of(axis, node.ndim))
    if where is None and count is not None:
        if node.dtype == "float16" and count > int(np.finfo(np.float16).max):
            return e.astype(e.divide(e.astype(total, "float32"), count), "float16")
        return e.divide(total, count)
    ones = e.broadcast_like(e.constant(1, node.dtype), node)
    return e.divide(total, sum(ones, axis, keepdims, where))


def _count(node: Node, axes: Sequence[int]) -> int | None:
    count = 1
    for axis in axes:
        size = node.shape[axis]
        if not isinstance(size, int):
            return None
        count *= size
    return count


def all(x: Any, axis: AxisLike = None, keepdims: bool = False) -> Node:
    """Tell whether all elements over ``axis`` are true (numbers: not 0)."""
    return _reduce(o.ALL, _truth(x), axis, keepdims)


def any(x: Any, axis: AxisLike = None, keepdims: bool = False) -> Node:
    """Tell whether any element over ``axis`` is true (numbers: not 0)."""
    return _reduce(o.ANY, _truth(x), axis, keepdims)


def _extreme_index(operator: Primitive, x: Any, axis: int, keepdims: bool) -> Node:
    node = e.as_node(x)
    (place,) = axes_of(axis, node.ndim)
    if node.shape[place] == 0:
        raise ShapeError(f"nothing along axis {place}, and so no {operator.name}", culprit=node)
    return apply(operator, [node], {"axis": place, "keepdims": bool(keepdims), "dtype": "int64"})


def argmax(x: Any, axis: int = -1, keepdims: bool = False) -> Node:
    """Index of the first largest element along ``axis``."""
    return _extreme_index(o.ARGMAX, x, axis, keepdims)


def argmin(x: Any, axis: int = -1, keepdims: bool = False) -> Node:
    """Index of the first smallest element along ``axis``."""
    return _extreme_index(o.ARGMIN, x, axis, keepdims)


def _cumulate(operator: Primitive, node: Node, axis: int, reverse: bool) -> Node:
    (place,) = axes_of(axis, node.ndim)
    return apply(operator, [node], {"axis": place, "reverse": bool(reverse)})


def cumsum(x: Any, axis: int = -1, reverse: bool = False) -> Node:
    """Running sum along ``axis``, from the end where ``reverse``."""
    return _cumulate(o.CUMSUM, _summand(x), axis, reverse)


def cumprod(x: Any, axis: int = -1, reverse: bool = False) -> Node:
    """Running product along ``axis``, from the end where ``reverse``."""
    return _cumulate(o.CUMPROD, _summand(x), axis, reverse)


def cummax(x: Any, axis: int = -1, reverse: bool = False) -> Node:
    """Running maximum along ``axis``, from the end where ``reverse``."""
    return _cumulate(o.CUMMAX, e.as_node(x), axis, reverse)
