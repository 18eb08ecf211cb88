"""Values relative to the exponential that they are near where both are small.

``log(1 + t)`` and ``1 − exp(−t)`` are t to first order. Where ``t = exp(λ)·s`` is below the
smallest float they are 0, though what divides by them, or takes their logarithm, need be neither
infinite nor undefined: with ``value = exp(λ)·r``, r, the value relative to the exponential, is s
there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rewriter.facts.interval import Interval
from rewriter.graph.primitive import Kind, Primitive
from rewriter.terms.simple import as_combination
from rewriter.terms.term import Application, Combination

LEAST_SHARE = 2.0**-10
"""What is beside an exponential is at least this: where it may be less, nothing is taken apart."""


def _described(operands: Sequence[Any], attributes: Mapping[str, Any]) -> tuple[Any, str]:
    return operands[0].shape, operands[0].dtype


RELATIVE = Primitive("relative", Kind.ELEMENTWISE, _described)
"""``value / exp(exponent)``, which is ``share`` where the exponential is all but 0."""


def relative(value: Combination, exponent: Combination, share: Combination) -> Combination:
    """``value / exp(exponent)``, of a value that is ``share`` times the exponential to first order.

    Args:
        value: near ``share·exp(exponent)`` where that is small.
        exponent: not positive.
        share: at least `LEAST_SHARE`.
    """
    return as_combination(Application.make(RELATIVE, (value, exponent, share)))


def range_of_relative(value: Interval, exponent: Interval, share: Interval) -> Interval:
    """The range of such a quotient: a value that is 0 at 0 and concave is above half its chord."""
    return Interval(min(share.low, 1.0) / 2, max(share.high, value.high, 0.0) or math.inf)
