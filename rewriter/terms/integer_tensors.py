"""What an element of an integer tensor is, told as an index expression of the places it is at.

What counts is the index that it counts along, and a constant that repeats one number is that
number; through what moves elements, or picks them, an operand is read. What is left is data.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rewriter.facts.interval import point
from rewriter.facts.ranges import range_of
from rewriter.facts.wrapping import fits
from rewriter.graph import operators as o
from rewriter.graph.constants import counted_along, repeated_constant
from rewriter.graph.dimension import squeezed_axes
from rewriter.graph.dtype import is_integer
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.terms.index import Affine, Axis, Data, Fixed, IndexExpression, affine, axis

Places = tuple[IndexExpression, ...]
Step = tuple[Node, Places]


def index_expression(node: Node, position: int) -> IndexExpression | None:
    """Return an integer operand as an index expression at the axes of ``node``."""
    operand = node.operands[position]
    shift = node.ndim - operand.ndim
    places = tuple(Fixed(0) if d == 1 else axis(a + shift, d) for a, d in enumerate(operand.shape))
    return index_at(operand, places)


def index_at(node: Node, places: Places) -> IndexExpression:
    """Return an integer tensor's element at ``places`` as an index expression."""
    while True:
        if node.operator is o.IOTA:
            counted: int = node.attribute("axis")
            return places[counted]
        if node.operator is o.CONSTANT:
            array = node.attribute("value").array
            if (array == array.flat[0]).all():
                return Fixed(int(array.flat[0]))
            counts = counted_along(array)
            return Data(node, places) if counts is None else affine(places[counts[0]], 1, counts[1])
        step = _STEPS.get(node.operator)
        moved = None if step is None else step(node, places)
        if moved is None:
            return Data(node, places)
        node, places = moved


def _through_broadcast(node: Node, places: Places) -> Step:
    return node.operands[0], _operand_places(node, 0, places)


def _operand_places(node: Node, position: int, places: Places) -> Places:
    operand = node.operands[position]
    shift = node.ndim - operand.ndim
    return tuple(Fixed(0) if d == 1 else places[a + shift] for a, d in enumerate(operand.shape))


def _through_reshape(node: Node, places: Places) -> Step | None:
    operand = node.operands[0]
    pairs = squeezed_axes(operand.shape, node.shape)
    if pairs is None:
        return None
    new = dict(pairs)
    return operand, tuple(places[new[a]] if a in new else Fixed(0) for a in range(operand.ndim))


def _through_transpose(node: Node, places: Places) -> Step:
    axes = node.attribute("axes")
    return node.operands[0], tuple(places[axes.index(a)] for a in range(node.ndim))


def _through_astype(node: Node, places: Places) -> Step | None:
    """A conversion that changes no integer; of a named axis, the places are few enough."""
    operand = node.operands[0]
    if not is_integer(operand.dtype) or not is_integer(node.dtype):
        return None
    keeps = fits(range_of(operand), node.dtype) or np.can_cast(operand.dtype, node.dtype)
    return (operand, places) if keeps else None


def _through_offset(node: Node, places: Places) -> Step | None:
    """``i + 0`` is i."""
    for position in (0, 1):
        if range_of(node.operands[1 - position]) == point(0.0):
            return node.operands[position], _operand_places(node, position, places)
    return None


def _through_slice(node: Node, places: Places) -> Step:
    bounds = zip(places, node.attribute("step"), node.attribute("start"), strict=True)
    return node.operands[0], tuple(affine(place, step, start) for place, step, start in bounds)


def _through_concatenate(node: Node, places: Places) -> Step | None:
    """A fixed place lies in one of the parts."""
    joined = node.attribute("axis")
    place = places[joined]
    if not isinstance(place, Fixed) or not isinstance(place.place, int):
        return None
    offset = 0
    for operand in node.operands:
        size = operand.shape[joined]
        if not isinstance(size, int):
            return None
        if place.place < offset + size:
            here = Fixed(place.place - offset)
            return operand, (*places[:joined], here, *places[joined + 1 :])
        offset += size
    return None


def _through_wrap(node: Node, places: Places) -> Step | None:
    """``where(i < 0, i + n, i)`` is i where an index is counted from the start."""
    condition, _, index = node.operands
    known = repeated_constant(condition)
    if known is not None and known.any() == known.all():
        position = 1 if known.all() else 2
        return node.operands[position], _operand_places(node, position, places)
    if condition.operator is not o.LESS or condition.operands[0] is not index:
        return None
    bound = condition.operands[1]
    if index_at(bound, (Fixed(0),) * bound.ndim) != Fixed(0):
        return None
    inside = _operand_places(node, 2, places)
    return (index, inside) if _counts_up(index_at(index, inside)) else None


def _counts_up(index: IndexExpression) -> bool:
    """Whether an index is proved not to be negative."""
    if isinstance(index, Affine):
        offset = index.offset
        return _counts_up(index.base) and index.step > 0 and isinstance(offset, int) and offset >= 0
    if isinstance(index, Fixed):
        return not isinstance(index.place, int) or index.place >= 0
    if isinstance(index, Data):
        return range_of(index.node).nonnegative
    return isinstance(index, Axis)


_STEPS: dict[Primitive, Callable[[Node, Places], Step | None]] = {
    o.BROADCAST_TO: _through_broadcast,
    o.RESHAPE: _through_reshape,
    o.TRANSPOSE: _through_transpose,
    o.ASTYPE: _through_astype,
    o.ADD: _through_offset,
    o.SLICE: _through_slice,
    o.CONCATENATE: _through_concatenate,
    o.WHERE: _through_wrap,
}
"""What an integer tensor's element is: an element of an operand."""
