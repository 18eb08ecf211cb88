"""Series: coefficients as FLINT has them, and what is left out no larger than its bound."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq, fmpq_series

from rewriter.facts import series as s
from rewriter.facts.series import RADII, Series

KNOWN = 40


def of_u(order=1):
    return s.constant(1, KNOWN).shifted(order)


def number(value):
    return s.constant(value, KNOWN)


def plus(one, value):
    return s.add(one, number(value))


def quotient_of_exponential():
    return s.multiply(plus(s.exponential(of_u()), -1), s.power(of_u(), -1))


def langevin():
    double = s.exponential(s.add(of_u(), of_u()))
    ratio = s.multiply(plus(double, 1), s.power(plus(double, -1), -1))
    return s.add(ratio, s.multiply(number(-1), s.power(of_u(), -1)))


def of_flint():
    u = fmpq_series([0, 1], prec=KNOWN + 4)
    one = fmpq_series([1], prec=KNOWN + 4)
    exponential, double = u.exp(), (2 * u).exp()
    return {
        "exp(-u/2)": (-u / 2).exp(),
        "(exp(u) - 1)/u": (exponential - 1) / u,
        "u/(exp(u) - 1)": u / (exponential - 1),
        "log((exp(u) - 1)/u)": ((exponential - 1) / u).log(),
        "√(1 + u)": (one + u).sqrt(),
        "1/√(1 + u²)": (one + u * u).rsqrt(),
        "(1 + u)³": (one + u) ** 3,
        "coth u - 1/u": (u * (double + 1) - (double - 1)) / (u * (double - 1)),
    }


def ours():
    root = s.power(plus(of_u(), 1), Fraction(1, 2))
    return {
        "exp(-u/2)": s.exponential(s.multiply(number(Fraction(-1, 2)), of_u())),
        "(exp(u) - 1)/u": quotient_of_exponential(),
        "u/(exp(u) - 1)": s.power(quotient_of_exponential(), -1),
        "log((exp(u) - 1)/u)": s.logarithm(quotient_of_exponential()),
        "√(1 + u)": root,
        "1/√(1 + u²)": s.power(plus(of_u(2), 1), Fraction(-1, 2)),
        "(1 + u)³": s.power(plus(of_u(), 1), 3),
        "coth u - 1/u": langevin(),
    }


NAMES = list(ours())


def exactly(value):
    return Fraction(int(fmpq(value).p), int(fmpq(value).q))


def expected(name, known):
    """All coefficients from u^0 on, by FLINT."""
    ctx.cap = KNOWN + 4
    series = of_flint()[name]
    return [exactly(series[n]) for n in range(known)]


@pytest.mark.parametrize("name", NAMES)
def test_coefficients_are_those_of_flint(name):
    found = ours()[name]
    known = len(found.coefficients)
    assert known >= KNOWN - 6
    zeros = [0] * found.order
    assert [*zeros, *found.coefficients] == expected(name, found.order + known)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_out_is_within_its_bound(name):
    found = ours()[name]
    wanted = expected(name, KNOWN - 6)[found.order :]
    shorter = s.add(found, Series(found.order, (Fraction(1),) * 8, (0.0,) * len(RADII)))
    left = wanted[8:]
    assert len(shorter.coefficients) == 8
    assert len(left) >= 20
    for r, tail in zip(RADII, shorter.tail, strict=True):
        assert tail >= sum(abs(float(c)) * r ** (n + 8) for n, c in enumerate(left)) * (1 - 1e-9)


def functions():
    return {
        "u/(exp(u) - 1)": lambda u: u / u.expm1(),
        "log((exp(u) - 1)/u)": lambda u: (u.expm1() / u).log(),
        "√(1 + u)": lambda u: (1 + u).sqrt(),
        "coth u - 1/u": lambda u: u.coth() - 1 / u,
    }


@pytest.mark.parametrize("bits", [8, 11, 24, 53])
@pytest.mark.parametrize("name", list(functions()))
def test_a_polynomial_is_as_near_as_asked_on_its_disc(name, bits):
    ctx.prec = 200
    polynomial = s.truncated(ours()[name], 2.0**-bits, 24)
    assert polynomial is not None
    assert polynomial.radius >= 1 / 16
    assert len(polynomial.coefficients) <= 24
    for step in range(1, 9):
        for sign in (-1, 1):
            u = arb(sign * step * polynomial.radius / 8)
            value = functions()[name](u)
            terms = enumerate(polynomial.coefficients)
            near = sum(arb(fmpq(c.numerator, c.denominator)) * u**n for n, c in terms)
            error = abs(near * u**polynomial.order - value) / abs(value)
            assert bool(error < 4 * 2.0**-bits)


def test_of_what_has_no_rational_series_nothing_is_said():
    assert s.exponential(plus(of_u(), 1)) is None
    assert s.logarithm(plus(of_u(), 2)) is None
    assert s.power(plus(of_u(), 2), Fraction(1, 2)) is None
    assert s.power(of_u(), Fraction(1, 2)) is None
    assert s.add(of_u(), s.multiply(number(-1), of_u())) is None


def test_a_disc_does_not_reach_a_pole():
    geometric = s.power(plus(s.multiply(number(-1), of_u()), 1), -1)
    assert all(
        tail == float("inf") for r, tail in zip(RADII, geometric.tail, strict=True) if r >= 1
    )
    assert s.truncated(geometric, 2.0**-26, 24).radius < 1
