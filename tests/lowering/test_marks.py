"""Marks: the finite fields are what they should be, and the images keep sums, products and exp."""

from __future__ import annotations

from fractions import Fraction

import flint
import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.lowering.exact_backend import real
from rewriter.lowering.exact_backend import transcendental as t
from rewriter.lowering.exact_backend.mark import (
    LOG_OF_TWO,
    MARKS,
    TWINS,
    P,
    Q,
    drawn,
    dyadic,
    exponential,
    is_canonical,
)
from rewriter.lowering.exact_backend.real import Real

DYADIC = st.tuples(st.integers(-(2**60), 2**60), st.integers(-80, 80))


def fraction(value: tuple[int, int]) -> Fraction:
    return Fraction(value[0]) * Fraction(2) ** value[1]


def image(value: Fraction):
    return dyadic(value.numerator, 1 - value.denominator.bit_length())


def test_the_fields_are_a_safe_prime_and_its_half() -> None:
    assert flint.fmpz(P).is_prime()
    assert flint.fmpz(Q).is_prime()
    assert P == 2 * Q + 1
    assert P % 8 == 7


@given(DYADIC, DYADIC)
def test_images_keep_sums_and_products(left: tuple[int, int], right: tuple[int, int]) -> None:
    x, y = fraction(left), fraction(right)
    for place in (0, 1):
        assert image(x)[place] + image(y)[place] == image(x + y)[place]
        assert image(x)[place] * image(y)[place] == image(x * y)[place]


@given(DYADIC, DYADIC)
def test_exponentials_of_sums_are_products(left: tuple[int, int], right: tuple[int, int]) -> None:
    x, y = fraction(left), fraction(right)
    product = exponential(image(x).twin).mark * exponential(image(y).twin).mark
    assert product == exponential(image(x + y).twin).mark


def test_powers_of_two_are_exponentials() -> None:
    for exponent in (-7, 0, 1, 30):
        assert exponential(LOG_OF_TWO.twin * exponent).mark == dyadic(1, exponent).mark


def test_different_numbers_have_different_marks() -> None:
    numbers = {int(dyadic(m, e).mark) for m in range(-99, 100, 2) for e in range(-20, 20)}
    assert len(numbers) == 100 * 40
    functions = {int(drawn(name, MARKS(m)).mark) for name in ("log", "sin") for m in range(100)}
    assert len(functions) == 200
    assert drawn("f", MARKS(1), MARKS(12)) != drawn("f", MARKS(11), MARKS(2))


@given(st.integers(1, P - 1))
def test_one_of_a_mark_and_its_negative_is_canonical(number: int) -> None:
    assert is_canonical(MARKS(number)) != is_canonical(-MARKS(number))


# Sums of balls -----------------------------------------------------------------------------------
SCALES = st.lists(
    st.tuples(st.integers(-(2**30), 2**30).filter(bool), st.integers(-400, 400)),
    min_size=1,
    max_size=5,
)


def number(parts: list[tuple[int, int]]) -> Real | None:
    terms = [term for part in parts for term in real.of_integer(*part).terms]
    mark = sum((term.mark for term in terms), MARKS(0))
    twin = sum((term.twin for term in terms), TWINS(0))
    kept = real.arranged(terms)
    return Real(kept, mark, twin) if kept else None


def contains(x: Real | None, truth: Fraction) -> bool:
    """Tell whether a number's balls hold the truth, and its mark is the truth's."""
    if x is None:
        return truth == 0
    if x.mark != image(truth).mark:
        return False
    with flint.ctx.workprec(4000):
        exact = flint.arb(flint.fmpq(truth.numerator, truth.denominator))
        return bool(x.enclosure().contains(exact))


@given(SCALES, SCALES)
def test_sums_and_products_hold_the_truth(left: list, right: list) -> None:
    a, b = sum(map(fraction, left)), sum(map(fraction, right))
    with flint.ctx.workprec(64):
        x, y = number(left), number(right)
        assert contains(x, a)
        assert contains(y, b)
        if x is not None and y is not None:
            assert contains(real.add(x, y), a + b)
            assert contains(real.subtract(x, y), a - b)
            assert contains(real.multiply(x, y), a * b)


@given(SCALES)
def test_reciprocals_hold_the_truth(parts: list) -> None:
    total = sum(map(fraction, parts))
    with flint.ctx.workprec(64):
        x = number(parts)
        inverse = None if x is None else real.reciprocal(x)
    if inverse is None:
        assert x is None or any(mantissa < 0 for mantissa, _ in parts)
        return
    with flint.ctx.workprec(4000):
        truth = flint.arb(flint.fmpq(total.denominator, total.numerator))
        assert inverse.enclosure().overlaps(truth)
        assert inverse.mark * image(total).mark == MARKS(1)


@pytest.mark.parametrize("precision", [64, 128, 512])
def test_series_hold_the_truth(precision: int) -> None:
    """1 + 2**-700 and its like through exp, log and 1/x, against mpmath at 4000 bits."""
    functions = [
        (t.exp, mpmath.exp),
        (t.log, mpmath.log),
        (t.tanh, mpmath.tanh),
        (t.expm1, mpmath.expm1),
        (t.logistic, lambda v: 1 / (1 + mpmath.exp(-v))),
    ]
    parts = (
        [(1, 0), (1, -700)],
        [(3, -1), (-5, -600), (1, -1300)],
        [(1, -650)],
        [(25, 0), (-1, -900)],
    )
    for terms in parts:
        with mpmath.workprec(4000):
            at = mpmath.fsum(mpmath.mpf(m) * mpmath.mpf(2) ** e for m, e in terms)
            truths = [function(at) for _, function in functions]
        for (function, _), truth in zip(functions, truths, strict=True):
            with flint.ctx.workprec(precision):
                ball = function(number(terms)).enclosure()
            with flint.ctx.workprec(4000):
                exact = flint.arb(truth)
                assert ball.overlaps(exact), (function, terms)
                assert ball.rel_accuracy_bits() > precision - 16
