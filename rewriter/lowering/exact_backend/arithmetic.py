"""Arithmetic of elements: the field operations, powers, signs and rounding to integers."""

from __future__ import annotations

import math

import numpy as np
from flint import arb, fmpz

from rewriter.lowering.exact_backend import real
from rewriter.lowering.exact_backend.element import (
    UNRESOLVED,
    Element,
    PrecisionNeeded,
    Unresolved,
    by_representatives,
    lifted,
    or_unresolved,
    or_zero,
)
from rewriter.lowering.exact_backend.mark import Image, drawn, is_canonical
from rewriter.lowering.exact_backend.real import ONE, Real

LARGEST_REPEATED_POWER = 64
"""Integer exponents up to this are products; so ``x**2`` and ``x*x`` have one mark."""


def add(x: Element, y: Element) -> Element:
    """``x + y``."""
    if type(x) is Real and type(y) is Real:
        return or_zero(real.add(x, y))
    if _unknown(x, y):
        return math.nan if _is_nan(x) or _is_nan(y) else UNRESOLVED
    if type(x) is Real:
        return x if y == 0 else y
    if type(y) is Real:
        return y if x == 0 else x
    return x + y  # type: ignore[operator]


def negative(x: Element) -> Element:
    """``-x``."""
    if type(x) is Real:
        return x.negative()
    return x if isinstance(x, Unresolved) else -x  # type: ignore[operator]


def subtract(x: Element, y: Element) -> Element:
    """``x - y``."""
    if type(x) is Real and type(y) is Real:
        return or_zero(real.subtract(x, y))
    return add(x, negative(y))


def multiply(x: Element, y: Element) -> Element:
    """``x · y``; a zero whose sign is not known is 0.0."""
    if type(x) is Real and type(y) is Real:
        return real.multiply(x, y)
    if _is_nan(x) or _is_nan(y):
        return math.nan
    result = by_representatives(np.multiply, x, y)
    if result is UNRESOLVED and (_is_zero(x) or _is_zero(y)) and not _unknown(x, y):
        return 0.0
    return result


def _is_nan(x: Element) -> bool:
    return isinstance(x, float) and math.isnan(x)


def _is_zero(x: Element) -> bool:
    return isinstance(x, float) and x == 0


def _unknown(*operands: Element) -> bool:
    return any(operand is UNRESOLVED for operand in operands)


def divide(x: Element, y: Element) -> Element:
    """``x / y``; by zero as IEEE has it."""
    if type(x) is Real and type(y) is Real:
        inverse = real.reciprocal(y)
        return UNRESOLVED if inverse is None else real.multiply(x, inverse)
    if _is_nan(x) or _is_nan(y):
        return math.nan
    result = by_representatives(np.divide, x, y)
    if result is UNRESOLVED and type(x) is Real and isinstance(y, float) and math.isinf(y):
        return 0.0
    return result


def absolute(x: Element) -> Element:
    """``|x|``."""
    if type(x) is not Real:
        return x if isinstance(x, Unresolved) else abs(x)  # type: ignore[arg-type]
    known = x.sign()
    if known:
        return x if known > 0 else x.negative()
    one = x if is_canonical(x.mark) else x.negative()
    return real.of_ball(abs(one.enclosure()), drawn("absolute", one.mark))


def sign(x: Element) -> Element:
    """-1, 0 or 1."""
    if type(x) is Real:
        known = x.sign()
        return UNRESOLVED if not known else ONE if known > 0 else ONE.negative()
    return by_representatives(np.sign, x)


def from_ball(ball: arb, image: Image) -> Element:
    """Return a function's value: unresolved where the ball is not finite, exact where it is so."""
    if not ball.is_finite():
        return UNRESOLVED
    if ball.is_exact():
        mantissa, exponent = ball.man_exp()
        return real.of_integer(int(mantissa), int(exponent)) if mantissa else 0.0
    return real.of_ball(ball, image)


def integer_power(x: Real, exponent: int) -> Element:
    """``x ** n`` by repeated squaring."""
    result, square, left = ONE, x, abs(exponent)
    while left:
        if left & 1:
            result = real.multiply(result, square)
        left >>= 1
        if left:
            square = real.multiply(square, square)
    return or_unresolved(real.reciprocal(result)) if exponent < 0 else result


def square_root(x: Element) -> Element:
    """``sqrt(x)``; nan below zero."""
    if type(x) is not Real:
        return by_representatives(np.sqrt, x)
    known = x.sign()
    if known <= 0:
        return UNRESOLVED if not known else math.nan
    return from_ball(x.enclosure().sqrt(), drawn("square root", x.mark))


def reciprocal_square_root(x: Element) -> Element:
    """``1 / sqrt(x)``."""
    return divide(ONE, square_root(x))


def _as_integer(x: Real) -> int | None:
    """Return the integer that a number is exactly, else None."""
    middle = x.enclosure().mid()
    mantissa, exponent = middle.man_exp()
    nearest = int(mantissa) << int(exponent) if 0 <= exponent < 4096 else _rounded(middle)
    if not nearest:
        return None
    return nearest if not x.mark - real.of_integer(nearest).mark else None


def _rounded(middle: arb) -> int:
    value = (middle + 0.5).floor().unique_fmpz() if abs(middle) < arb(2) ** 4096 else None
    return 0 if value is None else int(value)


def power(x: Element, y: Element) -> Element:
    """``x ** y``; nan for a negative base and an exponent that is no integer."""
    if x is UNRESOLVED or y is UNRESOLVED:
        return UNRESOLVED
    if type(x) is not Real or type(y) is not Real:
        return _special_power(x, y)
    whole = _as_integer(y)
    if whole is not None and abs(whole) <= LARGEST_REPEATED_POWER:
        return integer_power(x, whole)
    doubled = _as_integer(real.add(y, y) or ONE)
    known = x.sign()
    if not known:
        return UNRESOLVED
    if doubled is not None and abs(doubled) <= LARGEST_REPEATED_POWER:
        root = square_root(x)
        return integer_power(root, doubled) if type(root) is Real else root
    if known < 0 and whole is None:
        return math.nan if not y.enclosure().contains_integer() else UNRESOLVED
    base, image = x, drawn("power", x.mark, y.mark)
    if known < 0:
        base = x.negative()
        image = drawn("power", base.mark, y.mark)
    result = from_ball(base.enclosure() ** y.enclosure(), image)
    return negative(result) if known < 0 and whole is not None and whole % 2 else result


def _special_power(x: Element, y: Element) -> Element:
    if type(y) is Real:
        whole = _as_integer(y)
        direction = y.sign()
        if not direction:
            return UNRESOLVED
        size = 0.75 if whole is None else 2.0 if whole % 2 == 0 else 1.0
        return by_representatives(lambda base: np.power(base, direction * size), x)
    if type(x) is not Real or y == 0 or math.isnan(y):  # type: ignore[arg-type]
        if type(x) is Real and math.isnan(y) and x.mark == ONE.mark:  # type: ignore[arg-type]
            return ONE
        return by_representatives(np.power, 2.0 if type(x) is Real else x, y)
    return _power_to_infinity(x, y)  # type: ignore[arg-type]


def _power_to_infinity(x: Real, y: float) -> Element:
    size = abs(x.enclosure())
    if x.mark in (ONE.mark, -ONE.mark):
        return ONE
    if size < 1:
        return 0.0 if y > 0 else math.inf
    if size > 1:
        return math.inf if y > 0 else 0.0
    return UNRESOLVED


def floor(x: Element) -> Element:
    """The largest integer not above x."""
    if type(x) is not Real:
        return x
    whole = _as_integer(x)
    if whole is not None:
        return lifted(whole)
    lower = x.enclosure().floor().unique_fmpz()
    if lower is None:
        return UNRESOLVED
    return real.of_integer(int(lower)) if lower != fmpz(0) else 0.0


def binade(x: Element, largest: int) -> Element:
    """The power of two nearest to ``|x|``, between ``2**-largest`` and ``2**largest``.

    Half-way between two, where a ball need not tell, it is either.
    """
    if type(x) is not Real:
        exponent = -largest if x == 0 else largest
        return x if x is UNRESOLVED or x != x else real.of_integer(1, exponent)
    middle, last = x.enclosure().mid().man_exp()
    size = abs(int(middle))
    below = int(last) + size.bit_length() - 1
    nearest = below + (2 * size >= 3 << (size.bit_length() - 1))
    return real.of_integer(1, min(max(nearest, -largest), largest))


def ceil(x: Element) -> Element:
    """The smallest integer not below x."""
    return negative(floor(negative(x)))


def round_half_even(x: Element) -> Element:
    """The nearest integer, ties to even."""
    if type(x) is not Real:
        return x
    half = real.of_integer(1, -1)
    lower = floor(or_zero(real.add(x, half)))
    if lower is UNRESOLVED:
        return UNRESOLVED
    distance = subtract(lower, x)
    tie = type(distance) is Real and distance.mark == half.mark
    if tie and type(lower) is Real and (_as_integer(lower) or 0) % 2:
        return subtract(lower, ONE)
    return math.copysign(0.0, x.sign()) if lower == 0.0 else lower


def floor_divide(x: Element, y: Element) -> Element:
    """``floor(x / y)``."""
    if type(x) is Real and type(y) is Real:
        return floor(divide(x, y))
    return by_representatives(np.floor_divide, x, y)


def remainder(x: Element, y: Element) -> Element:
    """``x - y·floor(x / y)``, with the sign of y."""
    if type(x) is Real and type(y) is Real:
        quotient = floor(divide(x, y))
        rest = subtract(x, multiply(y, quotient))
        return math.copysign(0.0, y.sign()) if rest == 0.0 else rest
    if type(x) is Real and isinstance(y, float) and math.isinf(y):
        known = x.sign()
        return UNRESOLVED if not known else x if known == math.copysign(1, y) else y
    return by_representatives(np.remainder, x, y)


def truncated(x: Element) -> int:
    """Return the integer part towards zero, as a Python int; 0 for nan.

    Raises:
        PrecisionNeeded: the balls do not tell it.
    """
    if type(x) is Real:
        known = x.sign()
        lower = floor(x if known > 0 else x.negative()) if known else UNRESOLVED
        if type(lower) is Real:
            return known * (_as_integer(lower) or 0)
        if lower is UNRESOLVED:
            raise PrecisionNeeded("the integer part of a number is not settled", culprit=x)
        return 0
    if isinstance(x, Unresolved):
        raise PrecisionNeeded("the integer part of a number is not settled", culprit=x)
    if math.isnan(x):  # type: ignore[arg-type]
        return 0
    return int(math.copysign(1 << 80, x)) if math.isinf(x) else 0  # type: ignore[arg-type]
