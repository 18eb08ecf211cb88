"""Readers of gathers and scatters: the cases that index whole axes, element by element.

JAX's general gather takes a tensor of index vectors and cuts a window at each. Where a window is
one element long on every indexed axis and the whole axis elsewhere, it is NumPy's advanced
indexing, and an index map in the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from jax.extend.core import JaxprEqn
from jax.lax import GatherScatterMode

from rewriter.facts.ranges import range_of
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.constants import repeated_constant
from rewriter.graph.dtype import COMPLEX, FLOATS
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.jax.equation import Equation
from rewriter.jax.reading.indexing import reshaped, result_shape, sliced, transposed
from rewriter.jax.reading.program import Operands, Reader, Reading, input_node

_MODES = {
    GatherScatterMode.CLIP: "clip",
    GatherScatterMode.FILL_OR_DROP: "fill",
    GatherScatterMode.PROMISE_IN_BOUNDS: "promise",
}


@dataclass(frozen=True, slots=True)
class Windows:
    """Where a gather reads, or a scatter writes.

    Attributes:
        indexed: for each axis of the operand that an index vector names, its place in the vector.
        batching: for each axis that runs along with one of the index tensor, that axis.
        window: axes of the operand that the result keeps, in order.
        offsets: their axes in the result.
        sizes: the window's size on each axis of the operand.
    """

    indexed: Mapping[int, int]
    batching: Mapping[int, int]
    window: tuple[int, ...]
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def axes(self) -> tuple[int, ...]:
        """Axes of the operand that are picked from one element at a time."""
        return tuple(sorted((*self.indexed, *self.batching)))

    def picks(self, operand: Node) -> bool:
        """Tell whether windows are single elements of these axes and the whole of the others."""
        wanted = [1 if axis in self.axes else size for axis, size in enumerate(operand.shape)]
        return list(self.sizes) == wanted

    def indices(self, reading: Reading, vectors: Node) -> list[Node]:
        """Return one index tensor for each axis picked from, out of the tensor of vectors."""
        shape = vectors.shape[:-1]
        parts = []
        for axis in self.axes:
            if axis in self.batching:
                along, dtype = self.batching[axis], vectors.dtype
                parts.append(reading.apply(o.IOTA, shape=shape, axis=along, dtype=dtype))
            else:
                parts.append(_element(reading, vectors, self.indexed[axis]))
        return parts

    def order(self, rank: int) -> list[int]:
        """Return, for each axis of JAX's result, its axis when those of the indices come first."""
        first = rank - len(self.offsets)
        leading = iter(range(first))
        places = {axis: first + k for k, axis in enumerate(self.offsets)}
        return [places[axis] if axis in places else next(leading) for axis in range(rank)]


def _paired(keys: Sequence[int], values: Sequence[int]) -> dict[int, int]:
    return dict(zip(keys, values, strict=True))


def _element(reading: Reading, vectors: Node, place: int) -> Node:
    shape: Any = vectors.shape
    start, stop = [0] * (len(shape) - 1) + [place], [*shape[:-1], place + 1]
    part = sliced(reading, vectors, start, stop, [1] * len(shape))
    return reshaped(reading, part, shape[:-1])


def gathering(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``gather``; out of bounds it clips, or fills with nan (0 for integers)."""
    operand, vectors = operands
    numbers = equation.params["dimension_numbers"]
    gone = (*numbers.collapsed_slice_dims, *numbers.operand_batching_dims)
    windows = Windows(
        {axis: k for k, axis in enumerate(numbers.start_index_map)},
        _paired(numbers.operand_batching_dims, numbers.start_indices_batching_dims),
        tuple(axis for axis in range(operand.ndim) if axis not in gone),
        tuple(numbers.offset_dims),
        tuple(equation.params["slice_sizes"]),
    )
    mode = _mode(equation)
    zero = mode == "fill" and operand.dtype in FLOATS and equation.params["fill_value"] == 0
    if mode is None or not windows.picks(operand) or not (zero or _fills(equation, operand)):
        return None
    attributes = {"axes": windows.axes, "mode": "clip" if zero else mode, **_promises(equation)}
    indices = windows.indices(reading, vectors)
    picked = reading.apply(o.GATHER, operand, *indices, **attributes)
    if zero:
        picked = _zero_outside(operand, picked, indices, windows.axes)
    wanted = result_shape(equation)
    order = windows.order(len(wanted))
    shape = [wanted[order.index(axis)] for axis in range(len(wanted))]
    return transposed(reading, reshaped(reading, picked, shape), order)


def _zero_outside(
    operand: Node, picked: Node, indices: Sequence[Node], axes: Sequence[int]
) -> Node:
    """What is picked, 0 where an index is out of bounds: the transpose of a scatter that drops."""
    for index, axis in zip(indices, axes, strict=True):
        size, range_of_index = operand.shape[axis], range_of(index)
        if isinstance(size, int) and range_of_index.low >= 0 and range_of_index.high < size:
            continue
        inside = op.logical_and(op.greater_equal(index, 0), op.less(index, size))
        rest = picked.ndim - inside.ndim
        picked = op.where(op.reshape(inside, (*inside.shape, *[1] * rest)), picked, 0.0)
    return picked


def _mode(equation: JaxprEqn) -> str | None:
    return _MODES.get(GatherScatterMode.from_any(equation.params["mode"]))


def _promises(equation: JaxprEqn) -> dict[str, bool]:
    names = ("indices_are_sorted", "unique_indices")
    return {name: True for name in names if equation.params[name]}


def _fills(equation: JaxprEqn, operand: Node) -> bool:
    if _mode(equation) != "fill":
        return True
    value = equation.params["fill_value"]
    if operand.dtype in (*FLOATS, *COMPLEX):
        return value is None or bool(np.isnan(value))
    return value is not None and value == 0


def scattering(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``scatter-add``; what is out of bounds is clipped or dropped."""
    target, vectors, updates = operands
    numbers = equation.params["dimension_numbers"]
    gone = (*numbers.inserted_window_dims, *numbers.operand_batching_dims)
    window = tuple(axis for axis in range(target.ndim) if axis not in gone)
    sizes = dict(zip(window, (updates.shape[a] for a in numbers.update_window_dims), strict=True))
    windows = Windows(
        {axis: k for k, axis in enumerate(numbers.scatter_dims_to_operand_dims)},
        _paired(numbers.operand_batching_dims, numbers.scatter_indices_batching_dims),
        window,
        tuple(numbers.update_window_dims),
        tuple(sizes.get(axis, 1) for axis in range(target.ndim)),
    )
    mode = _mode(equation)
    if mode is None or not windows.picks(target):
        return None
    order = windows.order(updates.ndim)
    moved = transposed(reading, updates, [order.index(axis) for axis in range(updates.ndim)])
    rest = [size for axis, size in enumerate(target.shape) if axis not in windows.axes]
    addends = reshaped(reading, moved, [*vectors.shape[:-1], *rest])
    attributes = {"axes": windows.axes, "mode": mode, **_promises(equation)}
    indices = windows.indices(reading, vectors)
    return reading.apply(o.SCATTER_ADD, target, addends, *indices, **attributes)


def overwriting(reading: Reading, equation: JaxprEqn, operands: Operands) -> list[Node] | None:
    """``scatter`` of one window at a constant place within; its body joins what is around it."""
    target, vectors, updates = operands
    numbers = equation.params["dimension_numbers"]
    place = _constant_vector(vectors)
    if place is None or numbers.operand_batching_dims:
        return None
    window, start = iter(updates.shape), [0] * target.ndim
    sizes = [
        1 if axis in numbers.inserted_window_dims else next(window) for axis in range(target.ndim)
    ]
    for axis, first in zip(numbers.scatter_dims_to_operand_dims, place, strict=True):
        start[axis] = first
    bounds: Any = zip(start, sizes, target.shape, strict=True)
    if not all(first >= 0 and first + size <= length for first, size, length in bounds):
        return None
    inputs = [input_node(f"operand_{k}", a.aval) for k, a in enumerate(equation.invars)]
    whole = _with_part(reading, inputs[0], reshaped(reading, inputs[2], sizes), start)
    function = Equation(equation, dict(equation.params), literals=False)
    return reading.call(equation, operands, function, body=Graph(inputs, [whole]))


def _constant_vector(vectors: Node) -> list[int] | None:
    """The places in one vector of indices, where they are constants."""
    if vectors.ndim != 1:
        return None
    parts = vectors.operands if vectors.operator is o.CONCATENATE else (vectors,)
    found: list[int] = []
    for part in parts:
        array, shape = repeated_constant(part), cast(tuple[int, ...], part.shape)
        if array is None:
            return None
        found += np.broadcast_to(array, shape).tolist()
    return found


def _with_part(reading: Reading, target: Node, part: Node, start: Sequence[int]) -> Node:
    """Return a tensor with a part of it, at that place, replaced."""
    shape: Any = target.shape
    cut = [axis for axis in range(target.ndim) if part.shape[axis] != shape[axis]]
    if not cut:
        return part
    axis, ones = cut[0], [1] * len(shape)

    def along(first: int, last: int) -> Node:
        low, high = [0] * len(shape), list(shape)
        low[axis], high[axis] = first, last
        return sliced(reading, target, low, high, ones)

    size: Any = part.shape[axis]
    first, last = start[axis], start[axis] + size
    beside = [0 if a == axis else place for a, place in enumerate(start)]
    middle = _with_part(reading, along(first, last), part, beside)
    before = [along(0, first)] if first else []
    after = [along(last, shape[axis])] if last < shape[axis] else []
    return reading.apply(o.CONCATENATE, *before, middle, *after, axis=axis)


def dynamic_slicing(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``dynamic_slice`` at constants is a slice; of single elements it is a gather that clips."""
    operand, *starts = operands
    sizes: Sequence[int] = equation.params["slice_sizes"]
    cut = [axis for axis in range(operand.ndim) if sizes[axis] != operand.shape[axis]]
    if all(starts[axis].operator is o.CONSTANT for axis in cut):
        return _sliced_at_constants(reading, operand, starts, sizes)
    if any(sizes[axis] != 1 for axis in cut):
        return None
    indices = [starts[axis] for axis in cut]
    picked = reading.apply(o.GATHER, operand, *indices, axes=tuple(cut), mode="clip")
    return reshaped(reading, picked, result_shape(equation))


def _sliced_at_constants(
    reading: Reading, operand: Node, starts: Operands, sizes: Sequence[int]
) -> Node:
    shape: Any = operand.shape
    first = []
    for start, length, size in zip(starts, sizes, shape, strict=True):
        value = 0 if length == size else int(start.attribute("value").array)
        first.append(min(max(value, 0), size - length))
    stop = [start + length for start, length in zip(first, sizes, strict=True)]
    return sliced(reading, operand, first, stop, [1] * len(first))


READERS: dict[str, Reader] = {
    "gather": gathering,
    "scatter": overwriting,
    "scatter-add": scattering,
    "scatter_add": scattering,
    "dynamic_slice": dynamic_slicing,
}
