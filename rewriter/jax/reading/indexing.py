"""Readers of index maps: broadcasts, reshapes, slices and whatever else moves elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jax.extend.core import JaxprEqn

from rewriter.graph import dimension as dim
from rewriter.graph import operators as o
from rewriter.graph.dimension import Dimension, Shape
from rewriter.graph.node import Node
from rewriter.jax.compatibility import is_unspecified
from rewriter.jax.reading.program import Operands, Reader, Reading, shape_and_dtype


def result_shape(equation: JaxprEqn, position: int = 0) -> Shape:
    """Return the shape of a result of an equation."""
    return shape_and_dtype(equation.outvars[position].aval)[0]


def reshaped(reading: Reading, node: Node, shape: Sequence[Dimension]) -> Node:
    """Return the node in another shape, itself where it has it."""
    wanted = tuple(shape)
    return node if node.shape == wanted else reading.apply(o.RESHAPE, node, shape=wanted)


def transposed(reading: Reading, node: Node, axes: Sequence[int]) -> Node:
    """Return the node with its axes in another order, itself where it is its own."""
    if tuple(axes) == tuple(range(node.ndim)):
        return node
    return reading.apply(o.TRANSPOSE, node, axes=tuple(axes))


def broadcasting(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``broadcast_in_dim``: insert ones, then broadcast."""
    if len(operands) != 1 or not is_unspecified(equation.params["sharding"]):
        return None
    (operand,), wanted = operands, result_shape(equation)
    places = dict(zip(equation.params["broadcast_dimensions"], operand.shape, strict=True))
    aligned = tuple(places.get(axis, 1) for axis in range(len(wanted)))
    if aligned == wanted:
        return reshaped(reading, operand, wanted)
    first = min(places, default=len(wanted))
    spread = reshaped(reading, operand, aligned[first:])
    return reading.apply(o.BROADCAST_TO, spread, shape=wanted)


def reshaping(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``reshape``, of the axes in another order where it says one."""
    parameters = equation.params
    if len(operands) != 1 or not is_unspecified(parameters["sharding"]):
        return None
    (operand,), order = operands, parameters["dimensions"]
    moved = operand if order is None else transposed(reading, operand, order)
    return reshaped(reading, moved, result_shape(equation))


def squeezing(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``squeeze`` and ``expand_dims``."""
    return reshaped(reading, operands[0], result_shape(equation))


def transposition(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``transpose``."""
    return transposed(reading, operands[0], [int(a) for a in equation.params["permutation"]])


def reversal(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``rev``."""
    axes = tuple(sorted(int(a) for a in equation.params["dimensions"]))
    return reading.apply(o.REVERSE, operands[0], axes=axes) if axes else operands[0]


def sliced(
    reading: Reading,
    node: Node,
    start: Sequence[int],
    stop: Sequence[Dimension],
    step: Sequence[int],
) -> Node:
    """Return a slice of the node, itself where it is all of it."""
    whole = (tuple(start), tuple(stop), tuple(step)) == (
        (0,) * node.ndim,
        node.shape,
        (1,) * node.ndim,
    )
    if whole:
        return node
    return reading.apply(o.SLICE, node, start=tuple(start), stop=tuple(stop), step=tuple(step))


def slicing(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``slice``."""
    (operand,), parameters = operands, equation.params
    step = parameters["strides"] or (1,) * operand.ndim
    start, stop = parameters["start_indices"], parameters["limit_indices"]
    return sliced(reading, operand, *([int(n) for n in part] for part in (start, stop, step)))


def splitting(reading: Reading, equation: JaxprEqn, operands: Operands) -> list[Node]:
    """``split``: one slice a part."""
    (operand,), axis = operands, equation.params["axis"]
    parts, place = [], 0
    for size in equation.params["sizes"]:
        start: list[Any] = [0] * operand.ndim
        stop: list[Any] = [*operand.shape]
        start[axis], stop[axis] = place, place + int(size)
        parts.append(sliced(reading, operand, start, stop, [1] * operand.ndim))
        place += int(size)
    return parts


def padding(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``pad``; a negative width cuts off."""
    widths = [tuple(int(n) for n in width) for width in equation.params["padding_config"]]
    low, high, interior = (tuple(max(width[k], 0) for width in widths) for k in range(3))
    made = reading.apply(o.PAD, *operands, low=low, high=high, interior=interior)
    start = [max(-width[0], 0) for width in widths]
    stop = [dim.add(size, min(width[1], 0)) for size, width in zip(made.shape, widths, strict=True)]
    return sliced(reading, made, start, stop, [1] * made.ndim)


def concatenation(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``concatenate``."""
    if len(operands) == 1:
        return operands[0]
    return reading.apply(o.CONCATENATE, *operands, axis=int(equation.params["dimension"]))


def stacking(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``stack``: each operand with a new axis, then joined."""
    axis = int(equation.params["axis"])
    parts = [reshaped(reading, x, [*x.shape[:axis], 1, *x.shape[axis:]]) for x in operands]
    return parts[0] if len(parts) == 1 else reading.apply(o.CONCATENATE, *parts, axis=axis)


def unstacking(reading: Reading, equation: JaxprEqn, operands: Operands) -> list[Node]:
    """``unstack``: one slice a part, without the axis."""
    (operand,), axis = operands, int(equation.params["axis"])
    parts = []
    for place in range(len(equation.outvars)):
        start: list[Any] = [0] * operand.ndim
        stop: list[Any] = [*operand.shape]
        start[axis], stop[axis] = place, place + 1
        part = sliced(reading, operand, start, stop, [1] * operand.ndim)
        parts.append(reshaped(reading, part, result_shape(equation, place)))
    return parts


def tiling(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``tile``: a new axis before each, broadcast and merged into it."""
    (operand,), repetitions = operands, [int(n) for n in equation.params["reps"]]
    spread = reshaped(reading, operand, [d for size in operand.shape for d in (1, size)])
    pairs = zip(repetitions, operand.shape, strict=True)
    shape = tuple(d for pair in pairs for d in pair)
    if spread.shape != shape:
        spread = reading.apply(o.BROADCAST_TO, spread, shape=shape)
    return reshaped(reading, spread, result_shape(equation))


def counting(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``iota``."""
    if operands or not is_unspecified(equation.params["sharding"]):
        return None
    shape, dtype = shape_and_dtype(equation.outvars[0].aval)
    return reading.apply(o.IOTA, shape=shape, axis=int(equation.params["dimension"]), dtype=dtype)


READERS: dict[str, Reader] = {
    "broadcast_in_dim": broadcasting,
    "reshape": reshaping,
    "squeeze": squeezing,
    "expand_dims": squeezing,
    "transpose": transposition,
    "rev": reversal,
    "slice": slicing,
    "split": splitting,
    "pad": padding,
    "concatenate": concatenation,
    "stack": stacking,
    "unstack": unstacking,
    "tile": tiling,
    "iota": counting,
}
