"""Spans: what bounds a number from below and from above, at many points at once.

Ends are arrays, or floats; a lower end may be -inf and an upper one inf, where nothing bounds the
number there. Sums and multiples are as exact as floats are; where ends are multiplied by each other
they are widened by more than the product is rounded by.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from rewriter.terms.rational import Rational

ROUNDED_BY = 2.0**-45
"""What a product of ends, or a power, is widened by, beside its own size."""


class Span(NamedTuple):
    """The numbers from ``low`` to ``high``."""

    low: Any
    high: Any


FARTHEST = 2.0**900
"""Ends beyond this are taken to be at it where that says less: sums of them are numbers."""

ANY = Span(-np.inf, np.inf)


def exactly(value: Any) -> Span:
    """Return the span of what is known."""
    return Span(value, value)


def plus(left: Span, right: Span) -> Span:
    """Return the span of a sum."""
    return Span(left.low + right.low, left.high + right.high)


def scaled(span: Span, factor: float) -> Span:
    """Return the span of a multiple; the factor is not 0."""
    ends = factor * span.low, factor * span.high
    return Span(*ends) if factor > 0 else Span(*ends[::-1])


def times(left: Span, right: Span) -> Span:
    """Return the span of a product."""
    with np.errstate(invalid="ignore", over="ignore"):
        products = [np.asarray(a * b) for a in left for b in right]
    ends = [np.where(np.isnan(one), 0.0, one) for one in products]  # 0 · inf: of numbers, 0
    return _widened(Span(np.minimum.reduce(ends), np.maximum.reduce(ends)))


def raised(span: Span, power: Rational) -> Span:
    """Return the span of a power; any number where it may be undefined."""
    low, high = np.asarray(span.low), np.asarray(span.high)
    if power.denominator == 1 and power > 0:
        with np.errstate(over="ignore"):
            ends = low ** int(power), high ** int(power)
        if power % 2:
            return _widened(Span(*ends))
        across = (low < 0) & (high > 0)
        return _widened(Span(np.where(across, 0.0, np.minimum(*ends)), np.maximum(*ends)))
    if not (low > 0).all():
        return ANY
    with np.errstate(over="ignore"):
        return _widened(Span(*map(np.exp, scaled(logarithm(span), float(power)))))


def logarithm(span: Span) -> Span:
    """Return the span of a logarithm; any number where it is undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.log(span.low), np.log(span.high)
    return Span(np.where(np.isnan(low), -np.inf, low), np.where(high > -np.inf, high, np.inf))


def larger(left: Span, right: Span) -> Span:
    """Return the span of a maximum."""
    return Span(np.maximum(left.low, right.low), np.maximum(left.high, right.high))


def smaller(left: Span, right: Span) -> Span:
    """Return the span of a minimum."""
    return Span(np.minimum(left.low, right.low), np.minimum(left.high, right.high))


def logarithm_of_sum(left: Span, right: Span) -> Span:
    """Return the span of ``log(exp(a) + exp(b))``."""
    return Span(np.logaddexp(left.low, right.low), np.logaddexp(left.high, right.high))


def summed(span: Span, extent: int) -> Span:
    """Return the span of a sum over the last axis, which has so many places."""
    ends = [np.asarray(end) for end in span]
    return Span(
        *(
            end.sum(axis=-1) if end.ndim and end.shape[-1] == extent else end * extent
            for end in ends
        )
    )


def within(span: Span, bounds: Span) -> Span:
    """Return the span of a number that is known to be within other bounds as well."""
    return Span(np.maximum(span.low, bounds.low), np.minimum(span.high, bounds.high))


def _widened(span: Span) -> Span:
    """Round outward by more than what a product or a power is rounded by."""
    low, high = np.minimum(span.low, FARTHEST), np.maximum(span.high, -FARTHEST)
    return Span(low - ROUNDED_BY * abs(low), high + ROUNDED_BY * abs(high))
