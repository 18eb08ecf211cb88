"""Data types by name, and how they combine: NumPy's rules, with Python scalars weak (NEP 50).

bfloat16, which NumPy does not know, follows the same lattice: with float16 it gives float32.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rewriter.errors import DataTypeError

FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
COMPLEX = ("complex64", "complex128")
OTHER_FLOATS = (
    "float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz", "float8_e4m3fn", "float8_e4m3fnuz",
    "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "float4_e2m1fn",
)  # fmt: skip
NAMES = frozenset((*FLOATS, *INTEGERS, *COMPLEX, "bool"))


def is_float(dtype: str) -> bool:
    """Tell whether values of that dtype are real floats that this engine reasons about."""
    return dtype in FLOATS


def is_integer(dtype: str) -> bool:
    """Tell whether values of that dtype are integers (bool is not one)."""
    return dtype in INTEGERS


def dtype_name(dtype: object) -> str:
    """Return the name of a dtype given as a name, a NumPy dtype or a scalar type.

    Names that this package does not know (extended types of JAX) pass through as they are
    written, so that opaque nodes may carry them.

    Raises:
        DataTypeError: it is no dtype at all, or none of numbers.
    """
    if isinstance(dtype, str) and (dtype in NAMES or dtype in OTHER_FLOATS):
        return dtype
    name = getattr(dtype, "name", None)
    if isinstance(name, str) and not isinstance(dtype, (type, np.dtype)):
        return name
    try:
        found = np.dtype(dtype)  # type: ignore[call-overload]
    except TypeError:
        raise DataTypeError("no such dtype", culprit=repr(dtype)) from None
    if dtype is None or (found.kind in "OSUMmfc" and found.name not in NAMES):
        raise DataTypeError("not a dtype of tensors", culprit=repr(dtype))
    return found.name  # type: ignore[no-any-return]


def promote(left: str, right: str) -> str:
    """Return the dtype that both convert to: ``promote("float16", "bfloat16") == "float32"``.

    Raises:
        DataTypeError: there is none.
    """
    if left == right:
        return left
    if "bfloat16" in (left, right):
        other = right if left == "bfloat16" else left
        if other in INTEGERS or other == "bool":
            return "bfloat16"
        return "float32" if other in ("float16", "float32") else promote("float32", other)
    try:
        return np.promote_types(left, right).name
    except TypeError:
        raise DataTypeError("no dtype holds both", culprit=f"{left} and {right}") from None


def with_python_scalar(dtype: str, scalar: bool | int | float | complex) -> str:
    """Return the dtype of a tensor of ``dtype`` combined with a Python scalar, which is weak."""
    if isinstance(scalar, bool):
        return dtype
    if isinstance(scalar, int):
        return "int64" if dtype == "bool" else dtype
    if isinstance(scalar, float):
        return dtype if dtype in FLOATS or dtype in COMPLEX else "float64"
    if dtype in COMPLEX:
        return dtype
    return "complex64" if dtype in ("float16", "bfloat16", "float32") else "complex128"


def inexact(dtype: str) -> str:
    """Return the float that NumPy computes ``exp`` of such a value in."""
    if dtype in FLOATS or dtype in COMPLEX:
        return dtype
    return np.exp(np.zeros((), dtype)).dtype.name


def rounded_to_bfloat16(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the bfloat16 nearest to each element, ties to even, held as float32."""
    wide = array.astype("float64")
    quantum = np.maximum(np.frexp(wide)[1] - SIGNIFICAND_BITS["bfloat16"], _LEAST_BFLOAT16)
    with np.errstate(over="ignore"):
        nearest = np.ldexp(np.rint(np.ldexp(wide, -quantum)), quantum)
        return np.asarray(nearest, "float32")


_LEAST_BFLOAT16 = -133
"""The exponent of the least positive bfloat16, as of every bfloat16 that is subnormal."""

SIGNIFICAND_BITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
"""Bits of the significand, the hidden one included (IEEE 754; bfloat16: Intel, 2018)."""

LARGEST_EXPONENT = {"float16": 16, "bfloat16": 128, "float32": 128, "float64": 1024}
"""The e for which 2**e is the first power of two that overflows."""


def exponent_bits(dtype: str) -> int:
    """Return the bits of the exponent: ``exponent_bits("float32") == 8``."""
    return LARGEST_EXPONENT[dtype].bit_length()


def largest_binade(dtype: str) -> int:
    """Return the e for which 2**e and 2**-e are the farthest powers of two that are both normal.

    ``largest_binade("float32") == 126``.
    """
    return LARGEST_EXPONENT[dtype] - 2


def overflow(dtype: str) -> float:
    """Return the x from which on ``exp(x)`` overflows; float32's for what is no float."""
    return math.log(2.0) * LARGEST_EXPONENT.get(dtype, LARGEST_EXPONENT["float32"])


def least_number(dtype: str) -> float:
    """Return the finite number below all others, as a Python float."""
    return math.ldexp(2.0 ** -SIGNIFICAND_BITS[dtype] - 1.0, LARGEST_EXPONENT[dtype])
