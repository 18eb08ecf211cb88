"""Rational numbers: an int where they are integral, else a `fractions.Fraction`.

Both hash and compare alike, and an int does so in C: nearly all coefficients and powers are
integral. ``/`` and ``**`` of ints may be floats, so quotients and powers are taken here.

>>> quotient(6, 3), quotient(1, 2), raised(2, -1)
(2, Fraction(1, 2), Fraction(1, 2))
"""

from __future__ import annotations

import math
from fractions import Fraction

Rational = int | Fraction


def exact(value: Rational | float) -> Rational:
    """Return a number as a rational, an int where it is integral."""
    if type(value) is int:
        return value
    fraction = Fraction(value)
    return fraction.numerator if fraction.denominator == 1 else fraction


def absolute(value: Rational) -> Rational:
    """Return ``|value|``."""
    return -value if value < 0 else value


def quotient(dividend: Rational, divisor: Rational) -> Rational:
    """Return ``dividend / divisor``."""
    if divisor == 1:
        return dividend
    return exact(Fraction(dividend) / Fraction(divisor))


def raised(base: Rational, power: int) -> Rational:
    """Return ``base^power``."""
    if base == 1 or power == 1:
        return base
    return exact(Fraction(base) ** power)


LARGEST_SCALE = 1000
"""Powers of two up to which a number is far from the largest float, and from the smallest."""


def is_float_sized(value: Rational) -> bool:
    """Tell whether a rational is neither beyond the floats nor below them."""
    digits = value.numerator.bit_length() - value.denominator.bit_length()
    return abs(digits) <= LARGEST_SCALE


def logarithm(value: Rational) -> float:
    """Return ``log(value)`` of a rational of any size: minus infinity of 0, nan of less."""
    if value <= 0:
        return math.nan if value else -math.inf
    if is_float_sized(value):
        return math.log(value)
    return math.log(value.numerator) - math.log(value.denominator)


def whole_root(value: int, degree: int) -> int | None:
    """Return the root of a whole number >= 0 that is a power; None of one that is none.

    >>> whole_root(3**200, 4) == 3**50, whole_root(10, 2)
    (True, None)
    """
    if value < 2:
        return value
    if value.bit_length() <= degree:
        return None  # below 2^degree, which may be too large a number to be written down
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < value:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == value else None


def rational_power(base: Rational, power: Rational) -> Rational | None:
    """Return ``base^power`` where that is rational, else None, as for every base below 0.

    >>> rational_power(Fraction(4, 9), Fraction(-3, 2)), rational_power(2, Fraction(1, 2))
    (Fraction(27, 8), None)
    """
    if base < 0:
        return None
    parts = []
    for part in (base.numerator, base.denominator):
        root = whole_root(part, power.denominator)
        if root is None:
            return None
        parts.append(root)
    return raised(quotient(*parts), power.numerator)
