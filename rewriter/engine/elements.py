"""Building elements: a tensor read at index expressions becomes slices, gathers and transposes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.engine.labelled import Labelled
from rewriter.graph import dimension as dim
from rewriter.graph import operations as op
from rewriter.graph.dtype import is_float
from rewriter.graph.indexing import slice_axes
from rewriter.graph.node import Node
from rewriter.terms.index import Affine, Axis, Data, Fixed, IndexExpression
from rewriter.terms.term import Delta, Element, Term, Truth, Within

if TYPE_CHECKING:
    from rewriter.engine.building import Builder


def build_element(builder: Builder, element: Element) -> Labelled:
    """Build ``x[i, j]``: the tensor labelled by its indices."""
    node = builder.rebuilt(element.node)
    if is_float(node.dtype) and node.dtype != builder.dtype:
        node = op.astype(node, builder.dtype)
    return labelled_at(builder, node, element.indices)


def labelled_at(builder: Builder, node: Node, indices: tuple[IndexExpression, ...]) -> Labelled:
    """Label a node that is read at index expressions."""
    if any(_needs_gather(index) for index in indices) or _repeats(indices):
        return _gathered(builder, node, indices)
    bounds: list[tuple[Any, Any, int]] = []
    labels: list[Axis] = []
    flipped: list[int] = []
    for position, index in enumerate(indices):
        if isinstance(index, Fixed):
            bounds.append((index.place, dim.add(index.place, 1), 1))
            continue
        if isinstance(index, Affine):
            assert isinstance(index.base, Axis)
            bounds.append(_affine_bounds(index))
            if index.step < 0:
                flipped.append(position)
            labels.append(index.base)
        else:
            assert isinstance(index, Axis)
            bounds.append((0, index.extent, 1))
            labels.append(index)
    sliced = slice_axes(node, bounds)
    if flipped:
        sliced = op.flip(sliced, flipped)
    return Labelled(op.reshape(sliced, tuple(label.extent for label in labels)), tuple(labels))


def _affine_bounds(index: Affine) -> tuple[Any, Any, int]:
    assert isinstance(index.base, Axis)
    count = dim.subtract(index.base.extent, 1)
    first, last = index.offset, dim.add(index.offset, dim.multiply(count, index.step))
    if index.step < 0:
        return last, dim.add(first, 1), -index.step
    return first, dim.add(last, 1), index.step


def _repeats(indices: tuple[IndexExpression, ...]) -> bool:
    seen = [axis for index in indices for axis in _axes(index)]
    return len(seen) != len(set(seen))


def _axes(index: IndexExpression) -> list[Axis]:
    if isinstance(index, Affine):
        return _axes(index.base)
    if isinstance(index, Data):
        return [axis for inner in index.indices for axis in _axes(inner)]
    return [index] if isinstance(index, Axis) else []


def _needs_gather(index: IndexExpression) -> bool:
    return isinstance(index, Data) or (isinstance(index, Affine) and not _slices(index))


def _slices(index: Affine) -> bool:
    """A pad moves an index before 0: only where it stays inside is it a slice."""
    if not isinstance(index.base, Axis):
        return False
    first, _, _ = _affine_bounds(index)
    return not (isinstance(first, int) and first < 0)


def _gathered(builder: Builder, node: Node, indices: tuple[IndexExpression, ...]) -> Labelled:
    parts = [index_tensor(builder, index) for index in indices]
    order = builder.frame.sorted([label for part in parts for label in part.labels])
    tensors = [part.at(order) for part in parts]
    clipped = [
        _clipped(t, size, index)
        for t, size, index in zip(tensors, node.shape, indices, strict=True)
    ]
    picked = op.gather(node, clipped, tuple(range(node.ndim)), "clip")
    return Labelled(op.broadcast_to(picked, tuple(a.extent for a in order)), order)


def _clipped(tensor: Node, size: Any, index: IndexExpression) -> Node:
    if isinstance(index, Affine) and isinstance(size, int):
        return op.minimum(op.maximum(tensor, 0), size - 1)
    return tensor


def index_tensor(builder: Builder, index: IndexExpression) -> Labelled:
    """Build the integer tensor of an index expression's values."""
    if isinstance(index, Axis):
        return Labelled(op.arange(index.extent, "int32"), (index,))
    if isinstance(index, Affine):
        inner = index_tensor(builder, index.base)
        scaled = op.multiply(inner.node, index.step) if index.step != 1 else inner.node
        return Labelled(op.add(scaled, index.offset) if index.offset != 0 else scaled, inner.labels)
    if isinstance(index, Data):
        read = labelled_at(builder, builder.rebuilt(index.node), index.indices)
        return Labelled(op.astype(read.node, "int32"), read.labels)
    assert isinstance(index, Fixed)
    return Labelled(op.constant(index.place, "int32"), ())


def build_condition(builder: Builder, mask: Term) -> Labelled:
    """Build the boolean tensor that an indicator asks."""
    if isinstance(mask, Truth):
        element = mask.element
        read = labelled_at(builder, builder.rebuilt(element.node), element.indices)
        return Labelled(op.logical_not(read.node), read.labels) if mask.negated else read
    if isinstance(mask, Delta):
        left, right = (index_tensor(builder, part) for part in mask.parts)
        return builder.frame.combine(op.equal, left, right)
    assert isinstance(mask, Within)
    index, low, high = mask.parts
    place = index_tensor(builder, index)
    above = Labelled(op.greater_equal(place.node, low), place.labels)
    below = Labelled(op.less(place.node, high), place.labels)
    return builder.frame.combine(op.logical_and, above, below)
