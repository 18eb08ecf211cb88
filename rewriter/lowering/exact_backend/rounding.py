"""Rounding of numbers to the nearest float of a dtype, ties to even, with overflow (IEEE 754)."""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from rewriter.errors import BackendError
from rewriter.graph.dtype import FLOATS, LARGEST_EXPONENT, SIGNIFICAND_BITS
from rewriter.lowering.exact_backend.element import Element, PrecisionNeeded
from rewriter.lowering.exact_backend.mark import dyadic
from rewriter.lowering.exact_backend.real import Real

NEGLIGIBLE_EXPONENT = -1100
"""A number below ``2**-1100`` is 0 at every dtype, whatever its sign: float64 ends at 2**-1074."""


class Format(NamedTuple):
    """A binary float format.

    Attributes:
        bits: of the significand, the hidden one included.
        overflow: the exponent of the first power of two that overflows.
        unit: the exponent of the smallest subnormal number.
    """

    bits: int
    overflow: int
    unit: int


def format_of(dtype: str) -> Format:
    """Return the format of a float dtype.

    Raises:
        BackendError: it is none of the four.
    """
    if dtype not in FLOATS:
        raise BackendError(f"rounds to {', '.join(FLOATS)} only", culprit=dtype)
    bits, overflow = SIGNIFICAND_BITS[dtype], LARGEST_EXPONENT[dtype]
    return Format(bits, overflow, 3 - overflow - bits)


def nearest(mantissa: int, exponent: int, form: Format) -> float:
    """Return the float nearest to ``mantissa · 2**exponent``."""
    size, sign = abs(mantissa), -1.0 if mantissa < 0 else 1.0
    scale = exponent + size.bit_length()
    if scale > form.overflow:
        return sign * math.inf
    if not size or scale < form.unit:
        return sign * 0.0
    dropped = max(scale - form.bits, form.unit) - exponent
    if dropped > 0:
        half, rest = 1 << (dropped - 1), size & ((1 << dropped) - 1)
        size >>= dropped
        size += rest > half or (rest == half and size & 1)
        exponent += dropped
    if exponent + size.bit_length() > form.overflow:
        return sign * math.inf
    return math.ldexp(sign * size, exponent)


def _of_exact(bound: arb, form: Format) -> float:
    mantissa, exponent = bound.man_exp()
    return nearest(int(mantissa), int(exponent), form)


def is_negligible(ball: arb) -> bool:
    """Tell whether a ball lies within ``2**-1100`` of 0."""
    return bool(ball.abs_upper() < _negligible())


@functools.cache
def _negligible() -> arb:
    return arb((1, NEGLIGIBLE_EXPONENT))


def rounded(x: Element, form: Format) -> float:
    """Return the nearest float.

    Raises:
        PrecisionNeeded: the ball holds numbers that round differently.
    """
    if isinstance(x, float):
        return x
    if type(x) is not Real:
        raise PrecisionNeeded("an element is not known", culprit=x)
    ball = x.enclosure()
    if is_negligible(ball):
        return -0.0 if x.sign() < 0 else 0.0
    low, high = _of_exact(ball.lower(), form), _of_exact(ball.upper(), form)
    if low == high:
        return low
    middle = (_finite(low, form) + _finite(high, form)) / 2
    exponent = 1 - middle.denominator.bit_length()
    if x.mark == dyadic(middle.numerator, exponent).mark:
        return nearest(middle.numerator, exponent, form)
    raise PrecisionNeeded("an element does not round one way", culprit=ball)


def _finite(value: float, form: Format) -> Fraction:
    """The float, or for an infinity the power of two that overflows."""
    if math.isinf(value):
        return Fraction(int(math.copysign(1, value)) * 2**form.overflow)
    return Fraction(value)
