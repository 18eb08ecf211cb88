"""Spans hold what is worked out of numbers within them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from rewriter.terms import spans
from rewriter.terms.spans import ANY, Span

ENDS = [(-3.0, 2.0), (0.5, 4.0), (-5.0, -0.25), (0.0, 7.0), (2.0, 2.0)]
BINARY = {
    spans.plus: lambda a, b: a + b,
    spans.times: lambda a, b: a * b,
    spans.larger: max,
    spans.smaller: min,
    spans.logarithm_of_sum: lambda a, b: math.log(math.exp(a) + math.exp(b)),
}
POWERS = [2, 3, -1, -2, Fraction(1, 2)]


def within(span, number):
    slack = 1e-12 * max(1.0, abs(number))
    return bool(span.low <= number + slack) and bool(span.high >= number - slack)


def numbers(ends):
    return np.linspace(*ends, 5)


@pytest.mark.parametrize("left", ENDS)
@pytest.mark.parametrize("right", ENDS)
@pytest.mark.parametrize("operation", BINARY, ids=lambda one: one.__name__)
def test_of_two_numbers(operation, left, right):
    found = operation(Span(*left), Span(*right))
    for a in numbers(left):
        assert all(within(found, BINARY[operation](a, b)) for b in numbers(right))


@pytest.mark.parametrize("ends", ENDS)
def test_of_one_number(ends):
    span = Span(*ends)
    for x in numbers(ends):
        assert within(spans.scaled(span, -2.5), -2.5 * x)
        for q in POWERS:
            if x > 0 or (q == int(q) and (x or q > 0)):
                assert within(spans.raised(span, q), float(x) ** float(q))
        if x > 0:
            assert within(spans.logarithm(span), math.log(x))
    assert within(spans.summed(span, 3), 3 * ends[0])


def test_what_nothing_bounds_stays_without_a_bound():
    positive = Span(0.0, np.inf)
    assert spans.times(ANY, Span(0.0, 1.0)) == ANY
    assert spans.times(positive, positive) == positive
    assert spans.logarithm(Span(-2.0, -1.0)) == ANY
    assert spans.raised(ANY, 2) == positive
    assert spans.within(ANY, positive) == positive
