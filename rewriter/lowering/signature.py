"""What a compiled graph takes: arguments are counted, converted and measured against the inputs.

A named dimension gets its size from the first argument that has it; every other one must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rewriter.errors import DataTypeError, EvaluationError, ShapeError
from rewriter.graph import dimension as dim
from rewriter.graph import operators as o
from rewriter.graph.dimension import Dimension, Shape, shape_text
from rewriter.graph.dtype import COMPLEX, FLOATS, INTEGERS
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import array_type

Array = np.ndarray[Any, Any]
Sizes = dict[str, int]


def label(node: Node) -> str:
    """Return how error messages call an input."""
    return f"input {node.attribute('name')!r}"


def _rank(dtype: str) -> int:
    if dtype == "bool":
        return 0
    if dtype in INTEGERS:
        return 1
    return 2 if dtype in FLOATS else 3 if dtype in COMPLEX else 4


def converted(value: Any, node: Node) -> Array:
    """Return the argument as an array of the input's dtype.

    A bool may become an integer, an integer a float, a float a complex number, never the reverse;
    integers keep their value.

    Raises:
        DataTypeError: the argument is of a kind that does not convert, or an integer is too large.
    """
    wanted = array_type(node.dtype)
    array = np.asarray(value)
    if array.dtype == wanted:
        return array
    if array.size and _rank(array.dtype.name) > _rank(node.dtype):
        raise DataTypeError(f"{label(node)} is {node.dtype}", culprit=array.dtype.name)
    with np.errstate(all="ignore"):
        result = array.astype(wanted)
    if node.dtype in INTEGERS and not np.array_equal(result, array):
        raise DataTypeError(f"{label(node)} is {node.dtype}, which does not hold the values",
                            culprit=array.dtype.name)  # fmt: skip
    return result


def _demanded(node: Node) -> tuple[tuple[Dimension, str], ...]:
    """Dimensions of a node that must not come out negative, with what they are."""
    found: list[tuple[Dimension, str]] = []
    if node.operator is o.SLICE:
        (operand,) = node.operands
        for start, stop, size in zip(
            node.attribute("start"), node.attribute("stop"), operand.shape, strict=True
        ):
            found.append((start, "the start of a slice"))
            found.append((dim.subtract(size, stop), "what a slice leaves"))
    if node.operator is o.PAD:
        counts = (*node.attribute("low"), *node.attribute("high"))
        found.extend((count, "a padding") for count in counts)
    found.extend((size, "a size") for size in node.shape)
    return tuple(pair for pair in found if isinstance(pair[0], dim.Polynomial))


class Signature:
    """The inputs of a graph, against which arguments are checked.

    Args:
        graph: the graph that is compiled.

    Raises:
        BackendError: NumPy holds no arrays of an input's dtype.
    """

    def __init__(self, graph: Graph) -> None:
        self.inputs = graph.inputs
        for node in self.inputs:
            array_type(node.dtype)
        self._demands = tuple(dict.fromkeys(d for node in graph.nodes() for d in _demanded(node)))
        self._accepted: tuple[tuple[int, ...], ...] | None = None
        self._sizes: Sizes = {}

    def bind(self, arguments: Sequence[Any]) -> tuple[list[Array], Sizes]:
        """Return the arguments as arrays, and the size of each named dimension.

        Raises:
            EvaluationError: there are too few or too many arguments.
            DataTypeError: an argument's dtype does not convert to the input's.
            ShapeError: an argument's rank or a size does not fit.
        """
        if len(arguments) != len(self.inputs):
            names = ", ".join(str(node.attribute("name")) for node in self.inputs)
            raise EvaluationError(
                f"the graph takes {len(self.inputs)} arguments ({names})", culprit=len(arguments)
            )
        arrays = [
            converted(value, node) for value, node in zip(arguments, self.inputs, strict=True)
        ]
        shapes = tuple(array.shape for array in arrays)
        if shapes != self._accepted:
            self._sizes = self._measured(shapes)
            self._accepted = shapes
        return arrays, self._sizes

    def _measured(self, shapes: Sequence[tuple[int, ...]]) -> Sizes:
        sizes: Sizes = {}
        givers: dict[str, str] = {}
        for node, shape in zip(self.inputs, shapes, strict=True):
            if len(shape) != node.ndim:
                raise ShapeError(
                    f"{label(node)} has shape {shape_text(node.shape)}", culprit=shape_text(shape)
                )
            for axis, (name, size) in enumerate(zip(node.shape, shape, strict=True)):
                if isinstance(name, str) and name not in sizes:
                    sizes[name], givers[name] = size, f"{label(node)}, axis {axis}"
        for node, shape in zip(self.inputs, shapes, strict=True):
            _check_sizes(node, shape, sizes, givers)
        for dimension, role in self._demands:
            if dim.evaluate(dimension, sizes) < 0:
                raise ShapeError(f"{role} would be negative", culprit=f"{dimension} with {sizes}")
        return sizes


def _check_sizes(node: Node, shape: Shape, sizes: Sizes, givers: dict[str, str]) -> None:
    for axis, (wanted, size) in enumerate(zip(node.shape, shape, strict=True)):
        if isinstance(wanted, str) and size == 0:
            raise ShapeError(
                f"{label(node)}, axis {axis}: a named dimension is at least 1",
                culprit=f"{wanted} = 0",
            )
        expected = dim.evaluate(wanted, sizes)
        if expected != size:
            origin = f" from {givers[wanted]}" if isinstance(wanted, str) else ""
            text = str(wanted) if isinstance(wanted, int) else f"{wanted} = {expected}{origin}"
            raise ShapeError(f"{label(node)}, axis {axis} has size {text}", culprit=size)
