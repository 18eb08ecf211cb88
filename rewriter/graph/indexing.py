"""Index maps of the builder: NumPy's indexing, reshapes, transposes, gathers and paddings."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from rewriter.errors import AttributeValueError, DataTypeError, ShapeError
from rewriter.graph import dimension as dim
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.dimension import Dimension, Shape, shape_text
from rewriter.graph.dtype import dtype_name
from rewriter.graph.inference import broadcast_shapes, checked_axes
from rewriter.graph.node import Node, apply


def checked_shape(shape: Any) -> Shape:
    """Return a shape given as a dimension or a sequence of dimensions.

    Raises:
        ShapeError: something in it is no dimension.
    """
    parts = shape if isinstance(shape, (tuple, list)) else (shape,)
    return tuple(dim.checked_dimension(part) for part in parts)


def reshape(x: Any, shape: Any) -> Node:
    """Reshape; one dimension may be -1.

    Raises:
        ShapeError: the number of elements would change.
    """
    node = e.as_node(x)
    parts = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    if -1 in [p for p in parts if isinstance(p, int)]:
        place = parts.index(-1)
        known = dim.size(checked_shape(parts[:place] + parts[place + 1 :]))
        missing = dim.divide_exactly(dim.size(node.shape), known)
        if missing is None:
            raise ShapeError(f"cannot reshape {shape_text(node.shape)}", culprit=tuple(parts))
        parts[place] = missing
    wanted = checked_shape(parts)
    return node if wanted == node.shape else apply(o.RESHAPE, [node], {"shape": wanted})


def transpose(x: Any, axes: Sequence[int] | None = None) -> Node:
    """Permute the axes; reverse them by default."""
    node = e.as_node(x)
    order = tuple(range(node.ndim))[::-1] if axes is None else tuple(a % node.ndim for a in axes)
    return node if order == tuple(range(node.ndim)) else apply(o.TRANSPOSE, [node], {"axes": order})


def broadcast_to(x: Any, shape: Any) -> Node:
    """Broadcast to a shape.

    Raises:
        ShapeError: it does not broadcast to that shape.
    """
    node, wanted = e.as_node(x), checked_shape(shape)
    return node if wanted == node.shape else apply(o.BROADCAST_TO, [node], {"shape": wanted})


def expand_dims(x: Any, axis: int | Sequence[int]) -> Node:
    """Insert dimensions of size 1 at the given axes of the result."""
    node = e.as_node(x)
    wanted = (axis,) if isinstance(axis, int) else tuple(axis)
    places = checked_axes(wanted, node.ndim + len(wanted))
    rest = iter(node.shape)
    return reshape(node, [1 if a in places else next(rest) for a in range(node.ndim + len(places))])


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Node:
    """Drop dimensions of size 1: all of them, or the given axes.

    Raises:
        ShapeError: a named axis is not of size 1.
    """
    node = e.as_node(x)
    if axis is None:
        places: tuple[int, ...] = tuple(a for a, d in enumerate(node.shape) if d == 1)
    else:
        places = checked_axes((axis,) if isinstance(axis, int) else tuple(axis), node.ndim)
    for place in places:
        if node.shape[place] != 1:
            raise ShapeError("only dimensions of size 1 are squeezed", culprit=node.shape[place])
    return reshape(node, [d for a, d in enumerate(node.shape) if a not in places])


def swapaxes(x: Any, first: int, second: int) -> Node:
    """Exchange two axes."""
    node = e.as_node(x)
    order = list(range(node.ndim))
    order[first], order[second] = order[second], order[first]
    return transpose(node, order)


def concatenate(tensors: Sequence[Any], axis: int = 0) -> Node:
    """Join tensors along an axis."""
    nodes = e.promoted(*tensors)
    (place,) = checked_axes((axis,), nodes[0].ndim)
    return nodes[0] if len(nodes) == 1 else apply(o.CONCATENATE, nodes, {"axis": place})


def stack(tensors: Sequence[Any], axis: int = 0) -> Node:
    """Join tensors along a new axis."""
    return concatenate([expand_dims(t, axis) for t in tensors], axis)


def flip(x: Any, axis: int | Sequence[int] | None = None) -> Node:
    """Reverse the order of elements along axes (all by default)."""
    node = e.as_node(x)
    chosen = range(node.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return apply(o.REVERSE, [node], {"axes": checked_axes(tuple(chosen), node.ndim)})


def pad(x: Any, widths: Sequence[tuple[int, int]], value: Any = 0) -> Node:
    """Surround with a constant: ``widths`` gives (before, after) for each axis."""
    node = e.as_node(x)
    low, high = tuple(w[0] for w in widths), tuple(w[1] for w in widths)
    attributes = {"low": low, "high": high, "interior": (0,) * node.ndim}
    return apply(o.PAD, [node, e.astype(e.as_node(value, node.dtype), node.dtype)], attributes)


def iota(shape: Any, axis: int = 0, dtype: Any = "int64") -> Node:
    """Each element is its own index along ``axis``."""
    wanted = checked_shape(shape)
    (place,) = checked_axes((axis,), len(wanted))
    return apply(o.IOTA, [], {"shape": wanted, "axis": place, "dtype": dtype_name(dtype)})


def arange(size: Dimension, dtype: Any = "int64") -> Node:
    """``0, 1, …, size - 1``."""
    return iota((size,), 0, dtype)


def one_hot(labels: Any, classes: Dimension, dtype: Any = "float32") -> Node:
    """1 where the last, new index equals the label, 0 elsewhere: an equality with iota."""
    node = e.as_node(labels)
    return e.astype(e.equal(expand_dims(node, -1), arange(classes, node.dtype)), dtype)


def slice_axes(x: Node, parts: Sequence[tuple[Dimension, Dimension, int]]) -> Node:
    """Slice every axis: (start, stop, step), non-negative, step positive."""
    if all(p == (0, d, 1) for p, d in zip(parts, x.shape, strict=True)):
        return x
    start, stop, step = (tuple(p[k] for p in parts) for k in range(3))
    return apply(o.SLICE, [x], {"start": start, "stop": stop, "step": step})


def gather(x: Node, indices: Sequence[Node], axes: Sequence[int], mode: str = "promise") -> Node:
    """Pick elements: see ``rewriter.graph.inference.gathering``.

    Raises:
        AttributeValueError: the mode is not "clip", "fill" or "promise".
    """
    if mode not in ("clip", "fill", "promise"):
        raise AttributeValueError("a gather clips, fills or promises", culprit=mode)
    return apply(o.GATHER, [x, *indices], {"axes": tuple(axes), "mode": mode})


def scatter_add(x: Node, updates: Node, indices: Sequence[Node], axes: Sequence[int],
                mode: str = "promise") -> Node:  # fmt: skip
    """Add updates at the places that ``gather`` with the same indices would read."""
    attributes = {"axes": tuple(axes), "mode": mode}
    return apply(o.SCATTER_ADD, [x, updates, *indices], attributes)


def take(x: Any, indices: Any, axis: int = 0) -> Node:
    """Pick along one axis; the axis is replaced by the axes of ``indices``."""
    node, index_node = e.as_node(x), e.as_node(indices)
    (place,) = checked_axes((axis,), node.ndim)
    picked = gather(node, [_wrapped(index_node, node.shape[place])], (place,))
    count = index_node.ndim
    order = [*range(count, count + place), *range(count), *range(count + place, picked.ndim)]
    return transpose(picked, order)


def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Node:
    """``result[i, k] = x[i, indices[i, k]]`` along ``axis``, the other axes aligned."""
    node, index_node = e.as_node(x), e.as_node(indices)
    (place,) = checked_axes((axis,), node.ndim)
    if index_node.ndim != node.ndim:
        raise ShapeError("indices have as many axes as the tensor", culprit=index_node)
    every = []
    for a, size in enumerate(node.shape):
        around = [1] * a + [size] + [1] * (node.ndim - a - 1)
        own = _wrapped(index_node, size) if a == place else None
        every.append(own if own is not None else reshape(arange(size, index_node.dtype), around))
    return gather(node, every, tuple(range(node.ndim)))


def _wrapped(indices: Node, size: Dimension) -> Node:
    """Negative indices count from the end."""
    if not isinstance(size, int) or indices.operator is o.IOTA:
        return indices
    if indices.operator is o.CONSTANT and (indices.attribute("value").array >= 0).all():
        return indices
    return e.where(e.less(indices, 0), e.add(indices, size), indices)


def _slice_bounds(key: slice, size: Dimension) -> tuple[Dimension, Dimension, int]:
    step = 1 if key.step is None else operator.index(key.step)
    if isinstance(size, int):
        if step < 1:
            raise AttributeValueError("a step is positive; use flip", culprit=key)
        start, stop, step = key.indices(size)
        return start, max(start, stop), step
    first, last = _bound(key.start, size, 0), _bound(key.stop, size, size)
    if step != 1:
        raise AttributeValueError(f"dimension {size} takes steps of 1 only", culprit=key)
    return first, last, 1


def _bound(value: Any, size: Dimension, default: Dimension) -> Dimension:
    if value is None:
        return default
    number = operator.index(value)
    return number if number >= 0 else dim.add(size, number)


def _integer_bounds(key: int, size: Dimension) -> tuple[Dimension, Dimension, int]:
    if isinstance(size, int) and not -size <= key < size:
        raise AttributeValueError(f"index out of range for size {size}", culprit=key)
    start = _bound(key, size, 0)
    return start, dim.add(start, 1), 1


def _expanded(key: Any, rank: int) -> list[Any]:
    parts = list(key) if isinstance(key, tuple) else [key]
    used = sum(1 for p in parts if p is not None and p is not Ellipsis)
    if used > rank:
        raise AttributeValueError(f"too many indices for {rank} axes", culprit=key)
    filler = [slice(None)] * (rank - used)
    for place, part in enumerate(parts):
        if part is Ellipsis:
            return parts[:place] + filler + parts[place + 1 :]
    return parts + filler


def index(x: Any, key: Any) -> Node:
    """``x[key]``: integers, slices, None, Ellipsis, and integer tensors (advanced indexing).

    Raises:
        AttributeValueError: an index is out of range, or of a kind that is not taken.
    """
    node = e.as_node(x)
    parts = _expanded(key, node.ndim)
    if any(isinstance(p, list) or hasattr(p, "dtype") for p in parts):
        return _advanced(node, parts)
    bounds: list[tuple[Dimension, Dimension, int]] = []
    final: list[Dimension] = []
    for part in parts:
        if part is None:
            final.append(1)
            continue
        size = node.shape[len(bounds)]
        if isinstance(part, slice):
            bounds.append(_slice_bounds(part, size))
            final.append(-1)
        else:
            try:
                bounds.append(_integer_bounds(operator.index(part), size))
            except TypeError:
                raise AttributeValueError("not an index", culprit=repr(part)) from None
    sliced = slice_axes(node, bounds)
    kept = iter(d for d, p in zip(sliced.shape, [p for p in parts if p is not None], strict=True)
                if isinstance(p, slice))  # fmt: skip
    return reshape(sliced, [next(kept) if d == -1 else d for d in final])


def _advanced(node: Node, parts: list[Any]) -> Node:
    if any(p is None for p in parts):
        raise AttributeValueError("None beside index tensors; use expand_dims", culprit="None")
    axes, tensors, plain = [], [], []
    for axis, part in enumerate(parts):
        if isinstance(part, slice):
            plain.append(_slice_bounds(part, node.shape[axis]))
            continue
        one = e.as_node(part if isinstance(part, Node) else e.constant(part))
        if one.dtype == "bool":
            raise DataTypeError("a mask has no fixed number of elements; use where", culprit=one)
        plain.append((0, node.shape[axis], 1))
        axes.append(axis)
        tensors.append(_wrapped(one, node.shape[axis]))
    picked = gather(slice_axes(node, plain), tensors, axes)
    if axes != list(range(axes[0], axes[0] + len(axes))):
        return picked
    count = len(broadcast_shapes([t.shape for t in tensors]))
    before = range(count, count + axes[0])
    return transpose(picked, [*before, *range(count), *range(count + axes[0], picked.ndim)])
