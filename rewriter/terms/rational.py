"""Rational numbers: an int where they are integral, else a `fractions.Fraction`.

Both hash and compare alike, and an int does so in C: nearly all coefficients and powers are
integral. ``/`` and ``**`` of ints may be floats, so quotients and powers are taken here.

>>> quotient(6, 3), quotient(1, 2), raised(2, -1)
(2, Fraction(1, 2), Fraction(1, 2))
"""

from __future__ import annotations

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
