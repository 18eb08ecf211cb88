"""Constants as text: exact, short where a number is short, base64 of the bytes where it is not.

A scalar is ``float32(0.1)``, a small array ``int64([0, 1, 2])``, equal elements
``float32[99](0.0)``, anything else ``float32[784, 10]("…")``: base64 of the little-endian bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from rewriter.errors import DataTypeError, ShapeError
from rewriter.graph.dimension import Shape
from rewriter.graph.elementwise import constant
from rewriter.graph.node import Node
from rewriter.text.names import data_type_text

Number = bool | int | float | complex
Array = np.ndarray[Any, Any]

INLINE_ELEMENTS = 16
"""Arrays with more elements than this are written as bytes."""


def shape_in_brackets(shape: Shape) -> str:
    """Return ``[n, 5]``, and nothing for a scalar."""
    return f"[{', '.join(map(str, shape))}]" if shape else ""


def type_text(shape: Shape, dtype: str) -> str:
    """Return ``float32[n, 5]``, or ``float32`` for a scalar."""
    return data_type_text(dtype) + shape_in_brackets(shape)


def _real_text(value: Any) -> str:
    if value.dtype.kind == "f":
        shortest = str(value)
        return shortest if value.dtype.type(float(shortest)) == value else repr(float(value))
    return str(value)


def _element_text(value: Any) -> str:
    if value.dtype.kind != "c":
        return _real_text(value)
    imaginary = _real_text(value.imag)
    sign = "" if imaginary.startswith("-") else "+"
    return f"{_real_text(value.real)}{sign}{imaginary}j"


def _is_exact(array: Array) -> bool:
    """Tell whether numbers in decimal say all bits: a nan may carry some that they do not."""
    if array.dtype.kind not in "fc":
        return array.dtype.kind in "biu"
    parts = array.reshape(-1).view(array.real.dtype)
    bits = parts[np.isnan(parts)]
    return bool(bits.tobytes() == np.full(bits.shape, np.nan, parts.dtype).tobytes())


def scalar_text(node: Node) -> str | None:
    """Return the number that a scalar constant is, or None where none would say it exactly."""
    array = node.attribute("value").array
    return _element_text(array[()]) if array.shape == () and _is_exact(array) else None


def is_short(node: Node) -> bool:
    """Tell whether a constant is written where it is used, not at the end of the text."""
    array = node.attribute("value").array
    return array.size <= INLINE_ELEMENTS or _fills(array)


def _fills(array: Array) -> bool:
    if not array.size or not _is_exact(array):
        return False
    flat = array.reshape(-1)
    return bool(flat.tobytes() == flat[:1].tobytes() * flat.size)


def constant_text(node: Node) -> str:
    """Return a constant with its dtype, ``float32(0.1)``, from which it can be rebuilt."""
    array = node.attribute("value").array
    dtype = data_type_text(node.dtype)
    if not array.shape and _is_exact(array):
        return f"{dtype}({_element_text(array[()])})"
    if array.size > 1 and _fills(array):
        return f"{dtype}{shape_in_brackets(node.shape)}({_element_text(array.reshape(-1)[0])})"
    if 0 < array.size <= INLINE_ELEMENTS and _is_exact(array):
        return f"{dtype}({_nested_text(array)})"
    return f'{dtype}{shape_in_brackets(node.shape)}("{_encoded(array)}")'


def _nested_text(array: Array) -> str:
    if array.ndim == 0:
        return _element_text(array[()])
    return f"[{', '.join(_nested_text(part) for part in array)}]"


def _encoded(array: Array) -> str:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes()).decode("ascii")


def held_dtype(dtype: str) -> np.dtype[Any]:
    """Return the NumPy dtype in which constants of a dtype are held.

    Raises:
        DataTypeError: constants of that dtype cannot be held.
    """
    return constant(0, dtype).attribute("value").array.dtype  # type: ignore[no-any-return]


def decoded(text: str, shape: Sequence[int], dtype: str) -> Node:
    """Return the constant whose bytes a base64 text gives.

    Raises:
        ShapeError: there are more or fewer bytes than the shape needs.
        ValueError: it is not base64.
    """
    data = base64.b64decode(text, validate=True)
    kind = held_dtype(dtype).newbyteorder("<")
    wanted = int(np.prod(np.array(shape, dtype=object))) * kind.itemsize if shape else kind.itemsize
    if len(data) != wanted:
        raise ShapeError(f"the constant takes {wanted} bytes", culprit=f"{len(data)} bytes")
    return constant(np.frombuffer(data, kind).reshape(tuple(shape)), dtype)


def elements(numbers: Sequence[Number], dtype: str) -> Array:
    """Return numbers as a flat array that holds them for a dtype; floats are rounded to it.

    Raises:
        DataTypeError: the dtype does not hold one of the numbers.
    """
    held = held_dtype(dtype)
    for number in numbers:
        if not _fits(number, held.kind):
            raise DataTypeError(f"{dtype} does not hold that number", culprit=number)
    try:
        with np.errstate(over="raise"):
            return np.array(numbers, held if held.kind in "iub" else None).astype(held)
    except (OverflowError, FloatingPointError):
        raise DataTypeError(
            f"{dtype} does not hold that number", culprit=max(numbers, key=abs)
        ) from None


def _fits(number: Number, kind: str) -> bool:
    if isinstance(number, bool) or kind == "b":
        return isinstance(number, bool) and kind == "b"
    if isinstance(number, int):
        return kind in "iufc"
    return kind in ("fc" if isinstance(number, float) else "c")
