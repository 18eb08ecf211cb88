"""Elementwise primitives with the same function in mpmath, and points inside its domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
from mpmath import mpf

import rewriter as rw

SIGNED = (-3.5, -1.0, -0.625, -0.1, 0.25, 1.0, 1.75, 2.0, 7.25)
POSITIVE = (0.0625, 0.3, 0.75, 1.0, 1.5, 3.75, 20.0)
PAIRS = ((-3.5, 2.0), (0.3, -0.7), (1.5, 1.5), (-0.25, -4.0), (6.0, 0.125), (7.5, 2.5))
POSITIVE_PAIRS = ((0.3, -2.0), (1.5, 0.5), (2.5, 3.25), (4.0, -0.5), (0.75, 7.0))


@dataclass(frozen=True)
class Case:
    """A primitive twice, and the arguments to compare it at.

    ``bits``: of error that the numpy backend is allowed in each of the four dtypes: 0 where IEEE
    arithmetic rounds correctly, else 1.8, the 2.5 ulps of NumPy's float32 exponential. A doubled
    answer is at least 8 bits away in the narrowest dtype.
    """

    build: Callable[..., Any]
    truth: Callable[..., Any]
    points: tuple[tuple[float, ...], ...]
    bits: float = 1.8

    @property
    def name(self) -> str:
        return self.build.__name__


def _of_one(points: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    return tuple((point,) for point in points)


def _rounded_to_even(x: mpf) -> mpf:
    below = mpmath.floor(x)
    if x - below != mpf("0.5"):
        return mpmath.nint(x)
    return below if below % 2 == 0 else below + 1


FUNCTIONS = (
    Case(rw.exp, mpmath.exp, _of_one(SIGNED)),
    Case(rw.exp2, lambda x: mpf(2) ** x, _of_one(SIGNED)),
    Case(rw.expm1, mpmath.expm1, _of_one(SIGNED)),
    Case(rw.log, mpmath.log, _of_one(POSITIVE)),
    Case(rw.log2, lambda x: mpmath.log(x) / mpmath.log(2), _of_one(POSITIVE)),
    Case(rw.log1p, mpmath.log1p, _of_one((-0.875, -0.01, *POSITIVE))),
    Case(rw.logistic, lambda x: 1 / (1 + mpmath.exp(-x)), _of_one(SIGNED)),
    Case(rw.sqrt, mpmath.sqrt, _of_one(POSITIVE)),
    Case(rw.rsqrt, lambda x: 1 / mpmath.sqrt(x), _of_one(POSITIVE)),
    Case(rw.sin, mpmath.sin, _of_one(SIGNED)),
    Case(rw.cos, mpmath.cos, _of_one(SIGNED)),
    Case(rw.tan, mpmath.tan, _of_one(SIGNED)),
    Case(rw.arctan, mpmath.atan, _of_one(SIGNED)),
    Case(rw.sinh, mpmath.sinh, _of_one(SIGNED)),
    Case(rw.cosh, mpmath.cosh, _of_one(SIGNED)),
    Case(rw.tanh, mpmath.tanh, _of_one(SIGNED)),
    Case(rw.erf, mpmath.erf, _of_one(SIGNED)),
    Case(rw.erfc, mpmath.erfc, _of_one(SIGNED), 2.4),
    Case(rw.erfcx, lambda x: mpmath.exp(x * x) * mpmath.erfc(x), _of_one(SIGNED), 2.4),
    Case(rw.logaddexp, lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)), PAIRS),
)

ARITHMETIC = (
    Case(rw.add, lambda x, y: x + y, PAIRS, bits=0),
    Case(rw.subtract, lambda x, y: x - y, PAIRS, bits=0),
    Case(rw.multiply, lambda x, y: x * y, PAIRS, bits=0),
    Case(rw.divide, lambda x, y: x / y, PAIRS, bits=0),
    Case(rw.power, lambda x, y: x**y, POSITIVE_PAIRS),
    Case(rw.negative, lambda x: -x, _of_one(SIGNED), bits=0),
    Case(rw.absolute, abs, _of_one(SIGNED), bits=0),
    Case(rw.sign, mpmath.sign, _of_one((*SIGNED, 0.0)), bits=0),
    Case(
        rw.binade,
        lambda x: mpf(2) ** mpmath.floor(mpmath.log(abs(x) * 4 / 3, 2)),
        _of_one((-3.5, 1.0, 0.3)),
        bits=0,
    ),
    Case(rw.maximum, max, PAIRS, bits=0),
    Case(rw.minimum, min, PAIRS, bits=0),
    Case(
        rw.remainder,
        lambda x, y: x - y * mpmath.floor(x / y),
        ((7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (6.0, 3.0)),
        bits=0,
    ),
    Case(
        rw.floor_divide,
        lambda x, y: mpmath.floor(x / y),
        ((7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (6.0, 3.0)),
        bits=0,
    ),
    Case(rw.floor, mpmath.floor, _of_one(SIGNED), bits=0),
    Case(rw.ceil, mpmath.ceil, _of_one(SIGNED), bits=0),
    Case(rw.round, _rounded_to_even, _of_one((*SIGNED, 0.5, 1.5, 2.5, -0.5, -2.5)), bits=0),
    Case(rw.stop_gradient, lambda x: x, _of_one(SIGNED), bits=0),
    Case(rw.where, lambda c, x, y: x if c else y, ((1.0, 2.0, 3.0), (0.0, 2.0, 3.0)), bits=0),
)

PREDICATES = (
    Case(rw.equal, lambda x, y: x == y, PAIRS),
    Case(rw.not_equal, lambda x, y: x != y, PAIRS),
    Case(rw.less, lambda x, y: x < y, PAIRS),
    Case(rw.less_equal, lambda x, y: x <= y, PAIRS),
    Case(rw.greater, lambda x, y: x > y, PAIRS),
    Case(rw.greater_equal, lambda x, y: x >= y, PAIRS),
    Case(
        rw.logical_and, lambda x, y: bool(x and y), ((0.0, 1.0), (2.0, 1.0), (0.0, 0.0), (3.0, 0.0))
    ),
    Case(
        rw.logical_or, lambda x, y: bool(x or y), ((0.0, 1.0), (2.0, 1.0), (0.0, 0.0), (3.0, 0.0))
    ),
    Case(rw.logical_not, lambda x: not x, _of_one((0.0, 1.0, -2.0))),
    Case(
        rw.isfinite,
        lambda x: bool(mpmath.isfinite(x)),
        _of_one((0.0, 3.0, float("inf"), float("-inf"), float("nan"))),
    ),
    Case(
        rw.isnan,
        lambda x: bool(mpmath.isnan(x)),
        _of_one((0.0, 3.0, float("inf"), float("-inf"), float("nan"))),
    ),
)

VALUED = (*FUNCTIONS, *ARITHMETIC)
