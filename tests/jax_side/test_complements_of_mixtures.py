"""Complements of mixtures: ``1 − Σ_k π_k·p_k`` is ``Σ_k π_k·(1 − p_k)``, in value and gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import rewriter as rw

pytestmark = pytest.mark.filterwarnings("ignore")

SHARES = np.float32([0.125, -0.5, 0.75, 0.3125])
SCORES = np.float32([-1.25, 0.5, -0.0625, 1.5])


def survival(x):
    """The logarithm of what a mixture of sigmoids leaves of 1."""
    share = jnp.exp(x[0]) / jnp.exp(x[0]).sum()
    return jnp.log(1 - (share * (1 / (1 + jnp.exp(-x[1])))).sum())


def exact_survival(shares, scores):
    """The same in mpmath, without a difference."""
    weights = [mpmath.exp(score) for score in shares]
    left = [1 / (1 + mpmath.exp(score)) for score in scores]
    return mpmath.log(mpmath.fdot(weights, left) / mpmath.fsum(weights))


def moved(offset):
    """Shares and scores, moved, and the same in mpmath."""
    x = np.stack([SHARES + np.float32(offset), SCORES + np.float32(offset)])
    return x, [[mpmath.mpf(float(v)) for v in row] for row in x]


@pytest.mark.parametrize("offset", [0, 40, 1e3, -1e3])
def test_logarithm_of_the_complement_of_a_mixture(offset):
    x, exact = moved(offset)
    with mpmath.workdps(600):
        value = float(exact_survival(*exact))
    got = jax.jit(rw.stabilize(survival))(x)
    assert abs(float(got) - value) <= 8 * 2.0**-24 * max(1, abs(value)) + 2.0**-126


def exact_slopes(shares, scores):
    """The gradient: ``p·(s̄/C − 1)`` of the shares, ``−p·s̄·σ/C`` of the scores, s̄ what σ leaves."""
    weights = [mpmath.exp(score) for score in shares]
    left = [1 / (1 + mpmath.exp(score)) for score in scores]
    chances = [w / mpmath.fsum(weights) for w in weights]
    ratios = [s / mpmath.fdot(chances, left) for s in left]
    pairs = list(zip(chances, ratios, left, strict=True))
    return [[p * (r - 1) for p, r, _ in pairs], [p * r * (s - 1) for p, r, s in pairs]]


@pytest.mark.parametrize("offset", [0, 40, 1e3, -1e3])
def test_its_gradient(offset):
    x, exact = moved(offset)
    with mpmath.workdps(600):
        slopes = np.array(exact_slopes(*exact), float)
    gradient = jax.jit(rw.stabilize(jax.grad(survival)))(x)
    np.testing.assert_allclose(gradient, slopes, rtol=0, atol=16 * 2.0**-24)


@pytest.mark.parametrize("offset", [0, 1e4, -1e4])
def test_complement_of_a_quadratic_form(offset):
    """One share on both sides: its sum stands squared."""

    def program(x):
        share = jnp.exp(x[0]) / jnp.exp(x[0]).sum()
        return jnp.log(1 - share @ (1 / (1 + jnp.exp(-x[1:]))) @ share)

    x = np.float32([SHARES[:2], SCORES[:2], SCORES[2:]]) + np.float32(offset)
    wanted = rw.compile(rw.from_jax(program, x), backend="exact")(x)
    np.testing.assert_allclose(jax.jit(rw.stabilize(program))(x), wanted, rtol=2**-20)


def test_complement_over_both_sides_of_an_edge():
    """Memberships on either side, ``1 − m·r·mᵀ``: two sums inside one another."""

    def program(x):
        member = jnp.exp(x[:2]) / jnp.exp(x[:2]).sum(1, keepdims=True)
        rates = 1 / (1 + jnp.exp(-x[2:]))
        return jnp.log(1 - member @ rates @ member.T)

    x = np.float32([SHARES[:2], SCORES[:2], [25, 30], [30, 28]])
    m = np.exp(np.float64(x[:2])) / np.exp(np.float64(x[:2])).sum(1, keepdims=True)
    left = 1 / (1 + np.exp(np.float64(x[2:])))
    got = jax.jit(rw.stabilize(program))(x)
    np.testing.assert_allclose(got, np.log(m @ left @ m.T), rtol=2**-20)
