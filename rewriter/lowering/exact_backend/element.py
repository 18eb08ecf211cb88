"""Elements of tensors: real numbers other than zero, and what IEEE arithmetic has beside them.

A zero (with its sign), an infinity and nan are Python floats; every other number is a ``Real``.
``UNRESOLVED`` stands where the balls were too wide to tell what comes out; it goes through
everything that it is not masked from, and asks for more precision where it reaches an output.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from rewriter.errors import RewriterError
from rewriter.lowering.exact_backend.real import Real, of_integer


class PrecisionNeeded(RewriterError):
    """A decision (a comparison, a rounding) that the balls at this precision do not settle."""


class Unresolved:
    """What comes out is not known at this precision."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNRESOLVED"


UNRESOLVED = Unresolved()

Element = Real | float | Unresolved


def lifted(value: Any) -> Element:
    """Return a number of Python or NumPy, exactly."""
    if isinstance(value, int):
        return of_integer(value) if value else 0.0
    number = float(value)
    if number == 0 or not math.isfinite(number):
        return number
    mantissa, exponent = math.frexp(number)
    return of_integer(int(mantissa * 2**53), exponent - 53)


def or_zero(value: Real | None) -> Element:
    """Return a sum, which is 0.0 where it vanished."""
    return 0.0 if value is None else value


def or_unresolved(value: Real | None) -> Element:
    """Return a result that may not be known."""
    return UNRESOLVED if value is None else value


def sign(x: Element) -> int | None:
    """Return -1, 0 or 1 (0 for nan too), None where it is not known."""
    if type(x) is Real:
        return x.sign() or None
    if isinstance(x, Unresolved):
        return None
    assert isinstance(x, float)
    return 1 if x > 0 else -1 if x < 0 else 0


def ball(x: Element) -> arb:
    """Return a ball that contains the element; nan where it is nan or not known."""
    if type(x) is Real:
        return x.enclosure()
    return arb(x) if isinstance(x, float) else arb.nan()


def representative(x: Element) -> float | None:
    """Return a float that IEEE arithmetic treats alike beside 0, inf and nan: x or ±1.

    None where the sign is not known.
    """
    if isinstance(x, float):
        return x
    known = sign(x)
    return None if known is None else float(known)


def by_representatives(ufunc: Callable[..., Any], *operands: Element) -> Element:
    """Return what IEEE arithmetic gives where an operand is 0, inf or nan."""
    floats = [representative(operand) for operand in operands]
    if any(value is None for value in floats):
        return UNRESOLVED
    with np.errstate(all="ignore"):
        return lifted(ufunc(*map(np.float64, floats)))
