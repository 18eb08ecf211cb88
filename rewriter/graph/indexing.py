"""Index maps of the builder: NumPy's indexing, reshapes, transposes, gathers and paddings."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from rewriter.errors import AttributeValueError, DataTypeError, ShapeError
from rewriter.graph import dimension as dim
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.dimension import Dimension, Shape, shape_text
from rewriter.graph.dtype import dtype_name
from rewriter.graph.inference import broadcast_shapes, checked_axes, integers
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


def _axis(axis: int, rank: int) -> int:
    return checked_axes((axis,), rank)[0]


def transpose(x: Any, axes: Sequence[int] | None = None) -> Node:
    """Permute the axes; reverse them by default."""
    node = e.as_node(x)
    order = tuple(range(node.ndim))[::-1]
    if axes is not None:
        order = tuple(_axis(a, node.ndim) for a in integers(axes))
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
    wanted = integers(axis)
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
        places = checked_axes(integers(axis), node.ndim)
    for place in places:
        if node.shape[place] != 1:
            raise ShapeError("only dimensions of size 1 are squeezed", culprit=node.shape[place])
    return reshape(node, [d for a, d in enumerate(node.shape) if a not in places])


def swapaxes(x: Any, first: int, second: int) -> Node:
    """Exchange two axes."""
    node = e.as_node(x)
    order = list(range(node.ndim))
    one, other = _axis(first, node.ndim), _axis(second, node.ndim)
    order[one], order[other] = other, one
    return transpose(node, order)


def concatenate(tensors: Sequence[Any], axis: int = 0) -> Node:
    """Join tensors along an axis.

    Raises:
        ShapeError: there are none, or their other axes differ.
    """
    nodes = e.promoted(*tensors)
    if not nodes:
        raise ShapeError("there is nothing to join", culprit="an empty list")
    (place,) = checked_axes((axis,), nodes[0].ndim)
    return nodes[0] if len(nodes) == 1 else apply(o.CONCATENATE, nodes, {"axis": place})


def stack(tensors: Sequence[Any], axis: int = 0) -> Node:
    """Join tensors along a new axis."""
    return concatenate([expand_dims(t, axis) for t in tensors], axis)


def flip(x: Any, axis: int | Sequence[int] | None = None) -> Node:
    """Reverse the order of elements along axes (all by default)."""
    node = e.as_node(x)
    chosen = range(node.ndim) if axis is None else axis
    return apply(o.REVERSE, [node], {"axes": checked_axes(integers(chosen), node.ndim)})


def pad(x: Any, widths: Sequence[tuple[int, int]], value: Any = 0) -> Node:
    """Surround with a constant: ``widths`` gives (before, after) for each axis.

    Raises:
        ShapeError: they are not one pair an axis.
    """
    node = e.as_node(x)
    if len(widths) != node.ndim or any(len(width) != 2 for width in widths):
        raise ShapeError(f"padding takes a pair for each of {node.ndim} axes", culprit=widths)
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
    node = _wide(e.as_node(labels), (classes,))
    return e.astype(e.equal(expand_dims(node, -1), arange(classes, node.dtype)), dtype)


def slice_axes(x: Node, parts: Sequence[tuple[Dimension, Dimension, int]]) -> Node:
    """Slice every axis: (start, stop, step), non-negative, step positive."""
    if all(p == (0, d, 1) for p, d in zip(parts, x.shape, strict=True)):
        return x
    start, stop, step = (tuple(p[k] for p in parts) for k in range(3))
    return apply(o.SLICE, [x], {"start": start, "stop": stop, "step": step})


def gather(x: Any, indices: Sequence[Any], axes: Sequence[int], mode: str = "promise") -> Node:
    """Pick elements: see ``rewriter.graph.inference.gathering``.

    Raises:
        AttributeValueError: the mode is not "clip", "fill" or "promise".
    """
    node = e.as_node(x)
    attributes = _indexed(node, axes, mode)
    return apply(o.GATHER, [node, *map(e.as_node, indices)], attributes)


def scatter_add(x: Any, updates: Any, indices: Sequence[Any], axes: Sequence[int],
                mode: str = "promise") -> Node:  # fmt: skip
    """Add updates at the places that ``gather`` with the same indices would read.

    Raises:
        AttributeValueError: the mode is not "clip", "fill" or "promise".
        ShapeError: the updates do not have the shape that ``gather`` would give.
    """
    nodes = e.promoted(x, updates)
    attributes = _indexed(nodes[0], axes, mode)
    return apply(o.SCATTER_ADD, [*nodes, *map(e.as_node, indices)], attributes)


def _indexed(node: Node, axes: Sequence[int], mode: str) -> dict[str, Any]:
    if mode not in ("clip", "fill", "promise"):
        raise AttributeValueError("a gather clips, fills or promises", culprit=mode)
    return {"axes": tuple(_axis(a, node.ndim) for a in integers(axes)), "mode": mode}


def _wide(indices: Node, sizes: Sequence[Dimension]) -> Node:
    """Return indices in a dtype that holds every size, int64 where one of them is a name."""
    if all(isinstance(size, int) and e.holds(indices.dtype, size) for size in sizes):
        return indices
    return indices if indices.dtype in ("int32", "int64") else e.astype(indices, "int64")


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
    node = e.as_node(x)
    index_node = _wide(e.as_node(indices), node.shape)
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
    """Return indices that count from the start: negative ones count from the end.

    Raises:
        AttributeValueError: a constant index is out of range.
    """
    if indices.operator is o.CONSTANT:
        return _wrapped_constant(indices, size)
    counts_up = indices.operator is o.IOTA or indices.dtype.startswith("uint")
    if counts_up or not isinstance(size, int):
        return indices
    wide = _wide(indices, (size,))
    return e.where(e.less(wide, 0), e.add(wide, size), wide)


def _wrapped_constant(indices: Node, size: Dimension) -> Node:
    places = indices.attribute("value").array
    negative = places[places < 0]
    beyond = places[places >= size] if isinstance(size, int) else negative
    if isinstance(size, int) and not beyond.size:
        beyond = negative[negative < -size]
    if beyond.size:
        raise AttributeValueError(f"index out of range for size {size}", culprit=beyond.flat[0])
    return e.constant(np.where(places < 0, places + size, places)) if negative.size else indices


def _slice_bounds(key: slice, size: Dimension) -> tuple[Dimension, Dimension, int]:
    """Return start, stop and a positive step; those of the reversed slice for a negative one."""
    parts = [None if p is None else _whole(p, key) for p in (key.start, key.stop, key.step)]
    step = 1 if parts[2] is None else parts[2]
    if step == 0:
        raise AttributeValueError("a step is not 0", culprit=key)
    if isinstance(size, int):
        start, stop, step = slice(*parts).indices(size)
        if step > 0:
            return start, max(start, stop), step
        upward = range(start, stop, step)[::-1]
        return (upward.start, upward[-1] + 1, -step) if upward else (0, 0, -step)
    if step == -1 and parts[:2] == [None, None]:
        return 0, size, 1
    if step != 1:
        raise AttributeValueError(f"dimension {size} takes steps of 1 only", culprit=key)
    return _bound(parts[0], size, 0), _bound(parts[1], size, size), 1


def _whole(value: Any, key: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise AttributeValueError("a bound of a slice is an integer", culprit=key) from None


def _bound(value: int | None, size: Dimension, default: Dimension) -> Dimension:
    if value is None:
        return default
    return value if value >= 0 else dim.add(size, value)


def _integer_bounds(key: int, size: Dimension) -> tuple[Dimension, Dimension, int]:
    if isinstance(size, int) and not -size <= key < size:
        raise AttributeValueError(f"index out of range for size {size}", culprit=key)
    start = _bound(key, size, 0)
    return start, dim.add(start, 1), 1


def _expanded(key: Any, rank: int) -> list[Any]:
    parts = list(key) if isinstance(key, tuple) else [key]
    if sum(p is Ellipsis for p in parts) > 1:
        raise AttributeValueError("an index has one ellipsis at most", culprit=key)
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
        DataTypeError: an index is a mask, whose number of elements is not known.
    """
    node = e.as_node(x)
    parts = [int(p) if isinstance(p, np.integer) else p for p in _expanded(key, node.ndim)]
    return _advanced(node, parts) if any(map(_is_tensor, parts)) else _basic(node, parts)


def _is_tensor(part: Any) -> bool:
    return isinstance(part, list) or hasattr(part, "dtype")


def _basic(node: Node, parts: Sequence[Any]) -> Node:
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
            bounds.append(_integer_bounds(_integer(part), size))
    sliced = _turned(slice_axes(node, bounds), parts)
    kept = iter(d for d, p in zip(sliced.shape, [p for p in parts if p is not None], strict=True)
                if isinstance(p, slice))  # fmt: skip
    return reshape(sliced, [next(kept) if d == -1 else d for d in final])


def _integer(part: Any) -> int:
    try:
        if not isinstance(part, bool):
            return operator.index(part)
    except TypeError:
        pass
    raise AttributeValueError("not an index", culprit=repr(part))


def _turned(node: Node, parts: Sequence[Any]) -> Node:
    """Reverse the axes that are sliced with a negative step."""
    keys = [part for part in parts if part is not None]
    down = [axis for axis, key in enumerate(keys)
            if isinstance(key, slice) and key.step is not None and key.step < 0]  # fmt: skip
    return flip(node, down) if down else node


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
    picked = gather(_turned(slice_axes(node, plain), parts), tensors, axes)
    if axes != list(range(axes[0], axes[0] + len(axes))):
        return picked
    count = len(broadcast_shapes([t.shape for t in tensors]))
    before = range(count, count + axes[0])
    return transpose(picked, [*before, *range(count), *range(count + axes[0], picked.ndim)])
