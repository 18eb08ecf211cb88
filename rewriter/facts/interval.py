"""Intervals of reals with open or closed ends; what is known of a value's size and sign.

The ends are floats rounded outward by one step wherever an operation on them may round, so that
an interval never says too much (Moore, "Interval Analysis", 1966).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """The reals from ``low`` to ``high``; an end that is open is not taken itself.

    Where ``apart`` is true, 0 is between the ends and is left out.
    """

    low: float = -INFINITY
    high: float = INFINITY
    low_open: bool = False
    high_open: bool = False
    apart: bool = False

    @property
    def positive(self) -> bool:
        """Every value is > 0."""
        return self.low > 0 or (self.low == 0 and self.low_open)

    @property
    def negative(self) -> bool:
        """Every value is < 0."""
        return self.high < 0 or (self.high == 0 and self.high_open)

    @property
    def nonnegative(self) -> bool:
        """Every value is >= 0."""
        return self.low >= 0

    @property
    def nonpositive(self) -> bool:
        """Every value is <= 0."""
        return self.high <= 0

    @property
    def nonzero(self) -> bool:
        """No value is 0."""
        return self.positive or self.negative or self.apart

    @property
    def bounded(self) -> bool:
        """Neither end is infinite."""
        return max(abs(self.low), abs(self.high)) < INFINITY

    def __str__(self) -> str:
        left, right = "(" if self.low_open else "[", ")" if self.high_open else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}" + " without 0" * self.apart


ANYTHING = Interval()
POSITIVE = Interval(0.0, INFINITY, low_open=True)
NONNEGATIVE = Interval(0.0, INFINITY)
UNIT = Interval(0.0, 1.0)
SYMMETRIC_UNIT = Interval(-1.0, 1.0)


def without_zero(x: Interval) -> Interval:
    """The values of x that are not 0."""
    if x.low < 0 < x.high:
        return replace(x, apart=True)
    if x.low == x.high == 0:
        return x
    return replace(x, low_open=x.low_open or x.low == 0, high_open=x.high_open or x.high == 0)


def point(value: float) -> Interval:
    """The interval of one value; nothing is known of nan."""
    return ANYTHING if math.isnan(value) else Interval(value, value)


def _down(value: float) -> float:
    return math.nextafter(value, -INFINITY) if math.isfinite(value) and value else value


def _up(value: float) -> float:
    return math.nextafter(value, INFINITY) if math.isfinite(value) and value else value


def hull(left: Interval, right: Interval) -> Interval:
    """The smallest interval that holds both."""
    low = min((left.low, left.low_open), (right.low, right.low_open))
    high = max((left.high, not left.high_open), (right.high, not right.high_open))
    joined = Interval(low[0], high[0], low[1], not high[1])
    kept = (left.apart or right.apart) and left.nonzero and right.nonzero
    return without_zero(joined) if kept else joined


def negate(x: Interval) -> Interval:
    """``-x``."""
    return Interval(-x.high, -x.low, x.high_open, x.low_open, x.apart)


def nonnegative_part(x: Interval) -> Interval:
    """The values of x that are >= 0."""
    if x.low >= 0:
        return x
    return Interval(0.0, max(x.high, 0.0), x.apart, x.high_open and x.high > 0)


def add(x: Interval, y: Interval) -> Interval:
    """``x + y``."""
    low, high = x.low + y.low, x.high + y.high
    low = -INFINITY if math.isnan(low) else low
    high = INFINITY if math.isnan(high) else high
    if not (x.low == 0 or y.low == 0):
        low = _down(low)
    if not (x.high == 0 or y.high == 0):
        high = _up(high)
    return Interval(low, high, x.low_open or y.low_open, x.high_open or y.high_open)


def _corner(a: float, a_open: bool, b: float, b_open: bool) -> tuple[float, bool]:
    if a == 0 or b == 0:
        is_open = (a_open if a == 0 else False) or (b_open if b == 0 else False)
        closed_zero = (a == 0 and not a_open) or (b == 0 and not b_open)
        return 0.0, is_open and not closed_zero
    return a * b, a_open or b_open


def multiply(x: Interval, y: Interval) -> Interval:
    """``x * y``."""
    for one, other in ((x, y), (y, x)):
        if one.low == one.high == 1:
            return other
    corners = [
        _corner(a, a_open, b, b_open)
        for a, a_open in ((x.low, x.low_open), (x.high, x.high_open))
        for b, b_open in ((y.low, y.low_open), (y.high, y.high_open))
    ]
    low, low_open = min(corners)
    high, shut = max((value, not is_open) for value, is_open in corners)
    product = Interval(_down(low), _up(high), low_open, not shut)
    return without_zero(product) if x.nonzero and y.nonzero else product


def reciprocal(x: Interval) -> Interval:
    """``1 / x``, of the values that are not 0; nothing is known where there is none."""
    if x.low == x.high == 0:
        return ANYTHING
    if x.low >= 0:
        high = INFINITY if x.low == 0 else _up(1 / x.low)
        low = 0.0 if x.high == INFINITY else _down(1 / x.high)
        return Interval(low, high, x.high_open or x.high == INFINITY, x.low_open)
    if x.high <= 0:
        return negate(reciprocal(negate(x)))
    return without_zero(ANYTHING) if x.apart else ANYTHING


def power(x: Interval, exponent: float) -> Interval:
    """``x ** exponent`` for a fixed exponent."""
    if exponent < 0:
        return reciprocal(power(x, -exponent))
    if exponent == 0:
        return point(1.0)
    if exponent == 1:
        return x
    if x.low >= 0:
        return Interval(_down(_raise(x.low, exponent)), _up(_raise(x.high, exponent)),
                        x.low_open, x.high_open)  # fmt: skip
    if exponent != int(exponent):
        return POSITIVE if x.apart else NONNEGATIVE
    if int(exponent) % 2:
        low, high = _down(-_raise(-x.low, exponent)), _up(_signed(x.high, exponent))
        return Interval(low, high, apart=x.apart)
    return Interval(0.0, _up(_raise(max(-x.low, abs(x.high)), exponent)), low_open=x.nonzero)


def _signed(value: float, exponent: float) -> float:
    return math.copysign(_raise(abs(value), exponent), value)


def _raise(value: float, exponent: float) -> float:
    try:
        return float(value**exponent)
    except OverflowError:
        return INFINITY


def exponential(x: Interval) -> Interval:
    """``exp(x)``, never 0."""
    low = 0.0 if x.low == -INFINITY else _down(_exp(x.low))
    high = INFINITY if x.high == INFINITY else _up(_exp(x.high))
    if x.high == 0:
        high = 1.0
    if x.low == 0:
        low = 1.0
    return Interval(low, high, low == 0.0 or x.low_open, x.high_open)


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return INFINITY


def increasing(
    function: Callable[[float], float], x: Interval, low: float, high: float
) -> Interval:
    """``f(x)`` of an increasing function f that is 0 at 0, or exactly its value, and has limits.

    Args:
        function: f, rounded by less than two units in the last place.
        x: where it is taken.
        low: its limit at minus infinity, which it does not take.
        high: its limit at infinity.
    """
    ends = []
    for end, limit, outward in ((x.low, low, _down), (x.high, high, _up)):
        if math.isinf(end):
            ends.append(limit)
            continue
        try:
            value = function(end)
        except OverflowError:
            value = math.copysign(INFINITY, end)
        ends.append(value if end == 0 else min(max(outward(outward(value)), low), high))
    return Interval(ends[0], ends[1], x.low_open or ends[0] == low, x.high_open or ends[1] == high)


def logarithm(x: Interval) -> Interval:
    """``log(x)`` of the positive values in x."""
    low = -INFINITY if x.low <= 0 else _down(math.log(x.low))
    high = INFINITY if x.high == INFINITY else -INFINITY if x.high <= 0 else _up(math.log(x.high))
    return Interval(0.0 if x.low == 1 else low, 0.0 if x.high == 1 else high)


def absolute(x: Interval) -> Interval:
    """``|x|``."""
    if x.low >= 0:
        return x
    if x.high <= 0:
        return negate(x)
    return Interval(0.0, max(-x.low, x.high), x.apart)


def maximum(x: Interval, y: Interval) -> Interval:
    """``max(x, y)``."""
    low = max((x.low, x.low_open), (y.low, y.low_open))
    high = max((x.high, not x.high_open), (y.high, not y.high_open))
    return Interval(low[0], high[0], low[1], not high[1])


def logaddexp(x: Interval, y: Interval) -> Interval:
    """``log(exp(x) + exp(y))``, which is at most log 2 above the larger."""
    larger = maximum(x, y)
    return Interval(larger.low, _up(larger.high + math.log(2.0)))


def minimum(x: Interval, y: Interval) -> Interval:
    """``min(x, y)``."""
    return negate(maximum(negate(x), negate(y)))
