"""Constants: what a node holds that depends on no input, behind conversions as well."""

from __future__ import annotations

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


def folded_constant(node: Node, most: int = MOST_FOLDED) -> Any:
    """Return what a sum or product of constants is, without its repetitions; else None."""
    held = repeated_constant(node)
    if held is not None or node.operator not in _FOLDED or most == 0:
        return held
    parts = [folded_constant(operand, most - 1) for operand in node.operands]
    return None if any(part is None for part in parts) else _FOLDED[node.operator](*parts)


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
