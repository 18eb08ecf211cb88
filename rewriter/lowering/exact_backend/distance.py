"""The distance of a float from a ball, in units in the last place."""

from __future__ import annotations

import math

import flint
from flint import arb

from rewriter.lowering.exact_backend.rounding import format_of, is_negligible, nearest

_PRECISION = 256


def _middle(truth: arb, dtype: str) -> float:
    """The float that a ball's middle rounds to; nan, where there is no number."""
    if not truth.is_finite():
        exact = not truth.is_nan() and truth.is_exact()
        return math.inf if exact and truth > 0 else -math.inf if exact else math.nan
    mantissa, exponent = truth.mid().man_exp()
    return nearest(int(mantissa), int(exponent), format_of(dtype))


def ulp_exponent(truth: arb, dtype: str) -> int:
    """Return e where ``2**e`` is the distance of the floats around a true value.

    For what is not finite it is that of 0, the smallest.
    """
    form = format_of(dtype)
    rounded = _middle(truth, dtype)
    if math.isnan(rounded) or not truth.is_finite():
        return form.unit
    if math.isinf(rounded):
        return form.overflow - form.bits
    return max(math.frexp(rounded)[1] - form.bits, form.unit) if rounded else form.unit


def ulps(value: float, truth: arb, dtype: str, unit: int | None = None) -> float:
    """Return ``|value - truth|`` in ulps of the dtype at the truth.

    Args:
        value: a float of the dtype.
        truth: a ball of the true value, much narrower than an ulp, or negligible.
        dtype: the dtype.
        unit: exponent of the ulp to count in, where it is not the truth's own.

    Returns:
        0 where the value is the float nearest to the truth (or both are nan), infinity where one
        of the two is nan or infinite and the other is not.
    """
    expected = _middle(truth, dtype)
    if math.isnan(value) or math.isnan(expected):
        return 0.0 if math.isnan(value) and math.isnan(expected) else math.inf
    if value == expected or (value == 0 and is_negligible(truth)):
        return 0.0
    if math.isinf(value) or not truth.is_finite():
        return math.inf
    exponent = ulp_exponent(truth, dtype) if unit is None else unit
    with flint.ctx.workprec(_PRECISION):
        distance = abs(arb(value) - truth.mid()) / arb((1, exponent))
        return float(distance.mid())
