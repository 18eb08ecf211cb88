"""Tails of the normal distribution: probabilities that underflow, by the error function."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax.scipy.special import erf, erfc
from jax.scipy.stats import norm
from numpy.testing import assert_allclose, assert_array_equal

import rewriter as rw

ROOT_TWO = math.sqrt(2)
POINTS = np.float32([-300, -38, -14, -6, -1, 0, 0.4, 3])


def by_error_function(x):
    """Φ by erf."""
    return 0.5 * (1 + erf(x / ROOT_TWO))


def by_its_complement(x):
    """Φ by erfc."""
    return 0.5 * erfc(-x / ROOT_TWO)


def one_less_the_upper_tail(x):
    """Φ as the complement of what is above."""
    return 1 - 0.5 * (1 - erf(x / ROOT_TWO))


SPELLINGS = (by_error_function, by_its_complement, one_less_the_upper_tail, norm.cdf)


def exactly(function, points=POINTS):
    """A function of a number at points, by mpmath with 60 digits."""
    with mpmath.workdps(60):
        return np.array([float(function(mpmath.mpf(float(x)))) for x in points])


def log_probability(x):
    """log Φ(x)."""
    return mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2)


def ratio(x):
    """φ(x)/Φ(x), the derivative of log Φ."""
    return mpmath.npdf(x) / (mpmath.erfc(-x / mpmath.sqrt(2)) / 2)


@pytest.mark.parametrize("probability", SPELLINGS)
def test_the_logarithm_of_a_probability(probability):
    def loss(x):
        return jnp.log(probability(x))

    assert np.isinf(loss(POINTS)).any()
    assert_allclose(rw.stabilize(loss)(POINTS), exactly(log_probability), rtol=1e-6)


@pytest.mark.parametrize("probability", SPELLINGS)
def test_its_gradient(probability):
    def loss(x):
        return jnp.log(probability(x)).sum()

    assert np.isnan(jax.grad(loss)(POINTS)).any()
    wanted = exactly(ratio)
    assert_allclose(rw.stabilize(jax.grad(loss))(POINTS), wanted, rtol=2e-6)
    assert_allclose(jax.grad(rw.stabilize(loss))(POINTS), wanted, rtol=2e-6)


@pytest.mark.parametrize("probability", SPELLINGS)
def test_the_inverse_mills_ratio(probability):
    def written(x):
        return jnp.exp(-0.5 * x**2) / math.sqrt(2 * math.pi) / probability(x)

    near = POINTS[1:]  # (x/√2)² with √2 rounded is no longer x²/2 at −300
    assert np.isnan(written(near)).any()
    assert_allclose(rw.stabilize(written)(near), exactly(ratio, near), rtol=1e-4)


@pytest.mark.parametrize("probability", SPELLINGS)
def test_the_chance_of_an_interval(probability):
    """Both ends far above, both far below, and around 0."""

    def loss(x):
        return jnp.log(probability(x + 1) - probability(x))

    def wanted(x):
        root = mpmath.sqrt(2)
        if x > 0:
            return mpmath.log((mpmath.erfc(x / root) - mpmath.erfc((x + 1) / root)) / 2)
        return mpmath.log((mpmath.erfc(-(x + 1) / root) - mpmath.erfc(-x / root)) / 2)

    points = np.float32([-300, -20, -3, -0.5, 0.25, 4, 20, 300])
    assert np.isinf(loss(points)).any()
    assert_allclose(rw.stabilize(loss)(points), exactly(wanted, points), rtol=1e-6)
    slopes = jax.grad(lambda x: loss(x).sum())
    assert np.isnan(slopes(points)).any()
    derivative = exactly(lambda x: mpmath.diff(wanted, x, h=mpmath.mpf(10) ** -15), points)
    assert_allclose(rw.stabilize(slopes)(points), derivative, rtol=1e-4)


def test_an_interval_around_zero_is_as_accurate_as_it_was():
    """Near 0 erf is small and accurate, where 1 − erf is not."""

    def loss(x):
        return jnp.log(erf(x + 1e-3) - erf(x - 1e-3))

    points = np.float32([0, 1e-4, -2e-4])
    wanted = exactly(lambda x: mpmath.log(mpmath.erf(x + mpmath.mpf(float(np.float32(1e-3))))
                                          - mpmath.erf(x - mpmath.mpf(float(np.float32(1e-3))))),
                     points)  # fmt: skip
    assert_allclose(rw.stabilize(loss)(points), wanted, rtol=1e-6)


def test_a_probability_near_one_has_a_logarithm_of_its_own():
    points = np.float32([6, 8, 9])

    def loss(x):
        return jnp.log(by_error_function(x))

    assert_array_equal(loss(points), 0)
    assert_allclose(rw.stabilize(loss)(points), exactly(log_probability, points), rtol=3e-5)


def test_an_argument_that_overflows_itself():
    """log(1 − Φ(log(1 + exp(x)))), whose argument is a softplus."""

    def loss(x):
        return jnp.log(1 - by_error_function(jnp.log(1 + jnp.exp(x))))

    points = np.float32([-5, 2, 30, 500])
    wanted = exactly(lambda x: log_probability(-mpmath.log(1 + mpmath.exp(x))), points)
    assert np.isinf(loss(points)).any()
    assert_allclose(rw.stabilize(loss)(points), wanted, rtol=1e-6)


def test_open_and_closed_intervals_side_by_side():
    """An ordered probit: the first and the last rating are tails, the others are intervals."""
    cuts = jnp.float32([-1, 2])

    def loss(mean):
        below = norm.cdf(cuts - mean)
        edges = jnp.concatenate([jnp.zeros(1), below, jnp.ones(1)])
        return jnp.log(edges[1:] - edges[:-1])

    for mean in (-40.0, 0.5, 40.0):
        with mpmath.workdps(60):
            a, b = (log_probability(mpmath.mpf(x - mean)) for x in (-1, 2))
            upper = log_probability(mpmath.mpf(mean - 2))
            far = mean > 2
            ends = (mpmath.mpf(mean + 1), mpmath.mpf(mean - 2)) if not far else (b, a)
            middle = (mpmath.log(mpmath.exp(b) - mpmath.exp(a)) if far else
                      mpmath.log(mpmath.exp(log_probability(ends[0]))
                                 - mpmath.exp(log_probability(ends[1]))))  # fmt: skip
            wanted = [float(a), float(middle), float(upper)]
        assert_allclose(rw.stabilize(loss)(jnp.float32(mean)), wanted, rtol=1e-6, atol=1e-30)


def test_gaussian_error_gates_stay_as_they_are():
    """What no logarithm and no divisor reads of tails is sound."""

    def network(x):
        hidden = x * 0.5 * (1 + erf(x / ROOT_TWO))
        centred = hidden - hidden.mean(-1, keepdims=True)
        return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)

    before = rw.from_jax(network, np.zeros((4, 8), "float32"))
    assert rw.optimize(before) is before


@pytest.mark.parametrize("swapped", [False, True])
def test_choices_by_other_signs_are_told_apart(swapped):
    """The same operations, but the sign that one chooses by is of another tensor."""

    def ratio(x, sign):
        tail = erfc(jnp.abs(x))
        return jnp.exp(-x * x) / jnp.where(sign > 0, 2 - tail, tail)

    def ratios(x, y):
        pair = ratio(x, x), ratio(y, x)
        return pair[::-1] if swapped else pair

    x, y = np.float32([-30, -3, 2, 30, 5]), np.float32([30, -3, -2, -30, -4])
    graph = rw.from_jax(ratios, x, y)
    for value, exact in zip(
        rw.compile(rw.optimize(graph))(x, y), rw.exact(graph, x, y), strict=True
    ):
        assert_allclose(value, exact, rtol=2e-5, atol=1e-37)


def test_an_explanation_says_what_a_tail_is():
    def loss(x):
        return jnp.log(by_error_function(x)).sum()

    text = str(rw.explain(rw.from_jax(jax.grad(loss), POINTS)))
    assert "= erfc(z)·exp(maximum(z, 0)^2) < 2, z = -0.707107 · x[i0]" in text


@rw.rule
def tail_as_an_exponential(z: rw.Real) -> rw.Rewrite:
    """exp(−max(z, 0)²)·erfcx(max(z, 0))·erfc(min(z, 0)) = erfc(z)."""
    above, below = rw.maximum(z, 0.0), rw.minimum(z, 0.0)
    return rw.rewrite(rw.exp(-above * above) * rw.erfcx(above) * rw.erfc(below), to=rw.erfc(z))


@rw.rule
def complement_of_error_function(z: rw.Real, c: rw.Real) -> rw.Rewrite:
    """c + c·erf(z) = c·erfc(−z)."""
    return rw.rewrite(c + c * rw.erf(z), to=c * rw.erfc(-z))


@rw.rule
def difference_of_error_functions(y: rw.Real, z: rw.Real) -> rw.Rewrite:
    """erf(y) − erf(z) by the two tails on the side of 0 where both are small."""
    tails = rw.erfc(z) - rw.erfc(y), rw.erfc(-y) - rw.erfc(-z)
    return rw.rewrite(rw.erf(y) - rw.erf(z), to=rw.where(y + z > 0, *tails))


@rw.rule
def square_by_its_parts(z: rw.Real) -> rw.Rewrite:
    """max(z, 0)² + max(−z, 0)² = z²."""
    return rw.rewrite(rw.maximum(z, 0.0) ** 2 + rw.maximum(-z, 0.0) ** 2, to=z * z)


@pytest.mark.parametrize(
    "law",
    [
        tail_as_an_exponential,
        complement_of_error_function,
        difference_of_error_functions,
        square_by_its_parts,
    ],
    ids=lambda law: law.name,
)
def test_the_identities_hold_over_the_reals(law):
    verdict = rw.check(law)
    assert verdict.over_the_reals == "proved", verdict
