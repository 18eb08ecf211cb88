"""Constants: what a node holds that depends on no input, behind conversions as well."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rewriter.graph import operators as o
from rewriter.graph.elementwise import constant
from rewriter.graph.node import Node


def constant_array(node: Node) -> Any:
    """Return what a constant holds, or a constant of another dtype converted; else None."""
    if node.operator is o.CONSTANT:
        return node.attribute("value").array
    if node.operator is not o.ASTYPE or node.operands[0].operator is not o.CONSTANT:
        return None
    array = node.operands[0].attribute("value").array
    whole = array.dtype.kind in "biu"
    return constant(array, node.dtype).attribute("value").array if whole else None


_FOLDED = {
    o.ADD: np.add, o.SUBTRACT: np.subtract, o.MULTIPLY: np.multiply, o.NEGATIVE: np.negative,
}  # fmt: skip

MOST_FOLDED = 8
"""Operations on constants that are worked out."""


LARGEST_FOLDED = 2**16
"""Elements of what is worked out of constants of different shapes."""


def folded_constant(node: Node, most: int = MOST_FOLDED) -> Any:
    """Return what a sum or product of constants is, without its repetitions; else None."""
    held = repeated_constant(node)
    return _in_place(node, most) if held is None and node.operator in _FOLDED else held


def _in_place(node: Node, most: int) -> Any:
    """Return what is worked out of constants, each element where it stands; one for all alike."""
    if node.operator is o.CONSTANT:
        return node.attribute("value").array
    if node.operator in (o.BROADCAST_TO, o.RESHAPE):
        return _laid_out(_in_place(node.operands[0], most), node)
    if node.operator not in _FOLDED or most == 0:
        return None
    parts = [_in_place(operand, most - 1) for operand in node.operands]
    return None if any(part is None for part in parts) else _FOLDED[node.operator](*parts)


def _laid_out(array: Any, node: Node) -> Any:
    """Return an array in the layout of a node; None where that is too large, or has no sizes."""
    if array is None or array.size == 1:
        return None if array is None else array.reshape(())
    sizes = [size for size in node.shape if isinstance(size, int)]
    if len(sizes) < node.ndim or math.prod(sizes) > LARGEST_FOLDED:
        return None
    return array.reshape(sizes) if node.operator is o.RESHAPE else np.broadcast_to(array, sizes)


def repeated_constant(node: Node) -> Any:
    """Return what the constant holds that a node is, or is a layout of without new values."""
    while node.operator in (o.BROADCAST_TO, o.RESHAPE):
        (node,) = node.operands
    return node.attribute("value").array if node.operator is o.CONSTANT else None


def repeats(node: Node, value: float) -> bool:
    """Tell whether a node is a constant, or a layout of one, that is one value at every place."""
    array = repeated_constant(node)
    return array is not None and bool((array == value).all())


def diagonal_in(array: Any) -> tuple[int, int, Any, Any] | None:
    """Return (axis, other axis, value, value on their diagonal) of what ``numpy.eye`` makes.

    None of an array of other values, and of one that varies along other than two axes.
    """
    axes = [a for a, size in enumerate(array.shape) if size > 1]
    if len(axes) != 2 or array.dtype.kind not in "fiub":
        return None
    square = array.reshape([array.shape[a] for a in axes])
    rows, columns = np.indices(square.shape)
    within, without = square[rows == columns], square[rows != columns]
    if (within != within[0]).any() or (without != without[0]).any() or within[0] == without[0]:
        return None
    return axes[0], axes[1], without[0].item(), within[0].item()


def counted_along(array: Any) -> tuple[int, int] | None:
    """Return (axis, first) of integers that count up along one axis, ``numpy.arange``'s.

    None where they count along none, or along several.
    """
    several = [a for a, size in enumerate(array.shape) if size > 1 and array.size]
    for a in several:
        first = int(array.flat[0])
        places = np.arange(array.shape[a]).reshape([-1 if b == a else 1 for b in range(array.ndim)])
        if bool((array == first + places).all()):
            return a, first
    return None
