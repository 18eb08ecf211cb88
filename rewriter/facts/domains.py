"""Domains: for which operands an operation is a number, and so is its derivative.

``sqrt(x)`` is a number for x >= 0, and so is its derivative for x > 0; ``log(x)`` is minus infinity
at 0. One table says so by intervals alone, whatever they were found for: nodes, terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

from rewriter.facts.interval import Interval
from rewriter.graph import operators as o
from rewriter.graph.dtype import overflow
from rewriter.graph.primitive import Primitive


class Demand(IntEnum):
    """What is asked of an operation, each more than the one before."""

    DEFINED = 0
    """That it is no nan."""
    FINITE = 1
    """That it is a number of its dtype."""
    SMOOTH = 2
    """That its derivative is one as well."""


class Domain(NamedTuple):
    """Where an operation is what is asked of it.

    Args:
        place: the operand that may lie outside.
        inside: a number inside, whatever is asked.
        holds: tells by the ranges of the operands whether what is asked is proved, in a dtype.
    """

    place: int
    inside: float
    holds: Callable[[Sequence[Interval], Demand, str], bool]


def holds(operator: Primitive, bounds: Sequence[Interval], demand: Demand, dtype: str) -> bool:
    """Tell whether an operation is proved to be what is asked of it.

    Args:
        operator: the operation.
        bounds: the range of each operand.
        demand: what is asked.
        dtype: the dtype that the operation is computed in.
    """
    domain = DOMAINS.get(operator)
    return domain is None or domain.holds(bounds, demand, dtype)


def _beyond(end: float, inside: float, at_end: Demand) -> Domain:
    """From an end on upwards, at which no more than ``at_end`` is given."""

    def above(bounds: Sequence[Interval], demand: Demand, dtype: str) -> bool:
        low = bounds[0].low
        return low > end or (low == end and (bounds[0].low_open or demand <= at_end))

    return Domain(0, inside, above)


def _divisor(bounds: Sequence[Interval], demand: Demand, dtype: str) -> bool:
    return bounds[1].nonzero


def _power(bounds: Sequence[Interval], demand: Demand, dtype: str) -> bool:
    base, exponent = bounds
    whole = exponent.low == exponent.high and exponent.low.is_integer()
    if base.positive or (whole and (exponent.low >= 0 or base.nonzero)):
        return True
    if demand is Demand.DEFINED:
        return base.nonnegative or whole
    return demand is Demand.FINITE and exponent.positive and base.nonnegative


def _exponential(bounds: Sequence[Interval], demand: Demand, dtype: str) -> bool:
    return demand is Demand.DEFINED or bounds[0].high < overflow(dtype)


def _even(bounds: Sequence[Interval], demand: Demand, dtype: str) -> bool:
    largest = overflow(dtype)
    return demand is Demand.DEFINED or (-largest < bounds[0].low and bounds[0].high < largest)


DOMAINS: dict[Primitive, Domain] = {
    o.DIVIDE: Domain(1, 1.0, _divisor),
    o.POWER: Domain(0, 1.0, _power),
    o.LOG: _beyond(0.0, 1.0, Demand.DEFINED),
    o.LOG2: _beyond(0.0, 1.0, Demand.DEFINED),
    o.LOG1P: _beyond(-1.0, 0.0, Demand.DEFINED),
    o.SQRT: _beyond(0.0, 1.0, Demand.FINITE),
    o.RSQRT: _beyond(0.0, 1.0, Demand.DEFINED),
    o.EXP: Domain(0, 0.0, _exponential),
    o.EXP2: Domain(0, 0.0, _exponential),
    o.EXPM1: Domain(0, 0.0, _exponential),
    o.SINH: Domain(0, 0.0, _even),
    o.COSH: Domain(0, 0.0, _even),
}
"""The operations that are not a number, with a derivative, for every operand."""
