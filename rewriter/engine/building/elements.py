"""Building elements: a tensor read at index expressions becomes slices, gathers and transposes."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

from rewriter.engine.building.labelled import Labelled
from rewriter.graph import dimension as dim
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.indexing import slice_axes
from rewriter.graph.node import Node
from rewriter.terms.index import Affine, Axis, Data, Fixed, IndexExpression
from rewriter.terms.regrouping import described, place_tensor
from rewriter.terms.term import Application, AtMost, Delta, Distinct, Element, Term, Truth, Within

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


def build_element(builder: Builder, element: Element) -> Labelled:
    """Build ``x[i, j]``: the tensor labelled by its indices."""
    node = builder.rebuilt(element.node)
    if is_float(node.dtype) and node.dtype != builder.dtype:
        node = op.astype(node, builder.dtype)
    return labelled_at(builder, node, element.indices)


def labelled_at(builder: Builder, node: Node, indices: tuple[IndexExpression, ...]) -> Labelled:
    """Label a node that is read at index expressions."""
    node, indices = _reshaped(node, indices)
    inside = all(is_inside(index, size) for index, size in zip(indices, node.shape, strict=True))
    if not inside or _repeats(indices):
        return _gathered(builder, node, indices)
    bounds: list[tuple[Any, Any, int]] = []
    labels: list[Axis] = []
    flipped: list[int] = []
    for position, index in enumerate(indices):
        bounds.append(_bounds(index))
        if isinstance(index, Affine) and index.step < 0:
            flipped.append(position)
        labels += _axes(index)
    sliced = slice_axes(node, bounds)
    if flipped:
        sliced = op.flip(sliced, flipped)
    return Labelled(op.reshape(sliced, tuple(label.extent for label in labels)), tuple(labels))


def _reshaped(
    node: Node, indices: tuple[IndexExpression, ...]
) -> tuple[Node, tuple[IndexExpression, ...]]:
    """Split or join axes, where the places on them are told as a reshape tells them."""
    for position, index in enumerate(indices):
        found = described(index.node) if isinstance(index, Data) else None
        if not isinstance(index, Data) or found is None or found[1] != 0:
            continue
        before, _, after = found
        end = position + len(before)
        alike = tuple(
            Data(place_tensor(before, k, after), index.indices) for k in range(end - position)
        )
        if indices[position:end] == alike and node.shape[position:end] == before:
            shape = (*node.shape[:position], *after, *node.shape[end:])
            regrouped = op.reshape(node, shape)
            return _reshaped(regrouped, (*indices[:position], *index.indices, *indices[end:]))
    return node, indices


def _bounds(index: IndexExpression) -> tuple[dim.Dimension, dim.Dimension, int]:
    """The slice (start, stop, step) of what an index runs over, from below where it runs down."""
    if isinstance(index, Fixed):
        return index.place, dim.add(index.place, 1), 1
    if isinstance(index, Axis):
        return 0, index.extent, 1
    assert isinstance(index, Affine)
    assert isinstance(index.base, Axis)
    if index.base.extent == 0:
        return 0, 0, 1
    count = dim.subtract(index.base.extent, 1)
    first, last = index.offset, dim.add(index.offset, dim.multiply(count, index.step))
    if index.step < 0:
        return last, dim.add(first, 1), -index.step
    return first, dim.add(last, 1), index.step


def is_inside(index: IndexExpression, size: dim.Dimension) -> bool:
    """Whether an index stays on an axis, as far as sizes tell: a part of a joined tensor is read
    beyond its ends, where an indicator says that it does not count.
    """
    if isinstance(index, Data) or (isinstance(index, Affine) and not isinstance(index.base, Axis)):
        return False
    start, stop, _ = _bounds(index)
    return not _sinks(start) and not _sinks(dim.subtract(size, stop))


def _sinks(dimension: dim.Dimension) -> bool:
    """Whether a dimension is negative, or falls as a named one grows."""
    if isinstance(dimension, int):
        return dimension < 0
    if isinstance(dimension, str):
        return False
    return any(factor < 0 for names, factor in dimension.terms if names)


def _repeats(indices: tuple[IndexExpression, ...]) -> bool:
    seen = [axis for index in indices for axis in _axes(index)]
    return len(seen) != len(set(seen))


def _axes(index: IndexExpression) -> list[Axis]:
    if isinstance(index, Affine):
        return _axes(index.base)
    if isinstance(index, Data):
        return [axis for inner in index.indices for axis in _axes(inner)]
    return [index] if isinstance(index, Axis) else []


def _gathered(builder: Builder, node: Node, indices: tuple[IndexExpression, ...]) -> Labelled:
    parts = [index_tensor(builder, index) for index in indices]
    order = builder.frame.sorted([label for part in parts for label in part.labels])
    tensors = [part.at(order) for part in parts]
    fills = any(isinstance(index, Data) and index.fills for index in indices)
    picked = op.gather(node, tensors, tuple(range(node.ndim)), "fill" if fills else "clip")
    return Labelled(op.broadcast_to(picked, tuple(a.extent for a in order)), order)


def index_tensor(builder: Builder, index: IndexExpression) -> Labelled:
    """Build the integer tensor of an index expression's values."""
    if isinstance(index, Axis):
        return Labelled(op.arange(index.extent, "int32"), (index,))
    if isinstance(index, Affine):
        inner = index_tensor(builder, index.base)
        scaled = op.multiply(inner.node, index.step) if index.step != 1 else inner.node
        if index.offset == 0:
            return Labelled(scaled, inner.labels)
        return Labelled(op.add(scaled, place_of(index.offset)), inner.labels)
    if isinstance(index, Data):
        read = labelled_at(builder, builder.rebuilt(index.node), index.indices)
        return Labelled(op.astype(read.node, "int32"), read.labels)
    assert isinstance(index, Fixed)
    return Labelled(place_of(index.place), ())


def place_of(dimension: dim.Dimension) -> Node:
    """Build a dimension as an integer tensor of shape (): a named one counts its own places."""
    if isinstance(dimension, int):
        return op.constant(dimension, "int32")
    if isinstance(dimension, str):
        ones = op.broadcast_to(op.constant(1, "int32"), (dimension,))
        return op.astype(op.sum(ones), "int32")
    total = op.constant(0, "int32")
    for names, factor in dimension.terms:
        product = reduce(op.multiply, map(place_of, names), op.constant(factor, "int32"))
        total = op.add(total, product)
    return total


COMPARISONS: dict[type, Callable[..., Node]] = {
    Delta: op.equal, Distinct: op.not_equal, AtMost: op.less_equal,
}  # fmt: skip
"""What an indicator of two indices asks of them."""


PREDICATES: dict[Any, Callable[..., Node]] = {
    o.LESS: op.less, o.LESS_EQUAL: op.less_equal, o.GREATER: op.greater,
    o.GREATER_EQUAL: op.greater_equal, o.EQUAL: op.equal, o.ISFINITE: op.isfinite,
    o.ISNAN: op.isnan,
}  # fmt: skip


def build_condition(builder: Builder, mask: Term) -> Labelled:
    """Build the boolean tensor that an indicator asks."""
    if isinstance(mask, Truth):
        element = mask.element
        if isinstance(element, Application):
            read = builder.frame.combine(PREDICATES[element.operator],
                                         *map(builder.combination, element.arguments))  # fmt: skip
            return Labelled(op.logical_not(read.node), read.labels) if mask.negated else read
        read = labelled_at(builder, builder.rebuilt(element.node), element.indices)
        return Labelled(op.logical_not(read.node), read.labels) if mask.negated else read
    if type(mask) in COMPARISONS:
        left, right = (index_tensor(builder, part) for part in mask.parts)
        return builder.frame.combine(COMPARISONS[type(mask)], left, right)
    assert isinstance(mask, Within)
    index, low, high = mask.parts
    place = index_tensor(builder, index)
    above = Labelled(op.greater_equal(place.node, place_of(low)), place.labels)
    below = Labelled(op.less(place.node, place_of(high)), place.labels)
    return builder.frame.combine(op.logical_and, above, below)
