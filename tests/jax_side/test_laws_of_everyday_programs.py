"""Laws that programs of everyday practice asked for, each on the smallest program that needs it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

import rewriter as rw

SCORES = np.float32([[200, -300, 1], [2, -1000, 5], [3, 2, 500]])
LABELS = np.float32([1, 0, 0, 1, 1])
LOGITS = np.float32([200, -300, 1, 2, -1000])


def shares(scores):
    """Shares in proportion to exponentials, by rows."""
    e = jnp.exp(scores)
    return e / e.sum(-1, keepdims=True)


def log_shares(scores):
    """Logarithms of the same, by mpmath."""
    rows = []
    for row in np.asarray(scores, float):
        total = mpmath.log(mpmath.fsum(map(mpmath.exp, row)))
        rows.append([float(mpmath.mpf(value) - total) for value in row])
    return np.array(rows)


@pytest.mark.parametrize("data", [[0.0, 0.4, 1.0], [1.0, 1.0, 0.0], [0.5, 0.5, 0.5]])
def test_the_logarithm_of_a_choice_within_a_choice(data):
    y = jnp.asarray(data)

    def loss(x):
        share = shares(x)
        inner = jnp.where(y == 1, share[:, 1], share[:, 2])
        return -jnp.log(jnp.where(y == 0, share[:, 0], inner)).sum()

    places = [0 if one == 0 else 1 if one == 1 else 2 for one in data]
    wanted = -sum(log_shares(SCORES)[row, place] for row, place in enumerate(places))
    assert_allclose(rw.stabilize(loss)(SCORES), wanted, rtol=1e-6)


def test_a_likelihood_to_the_power_of_its_labels():
    """The gradient of −log(p^y·(1 − p)^(1 − y)) is p − y."""

    def loss(x):
        p = 1 / (1 + jnp.exp(-x))
        return -jnp.log(p**LABELS * (1 - p) ** (1 - LABELS)).sum()

    wanted = [float(1 / (1 + mpmath.exp(-mpmath.mpf(float(x)))) - y)
              for x, y in zip(LOGITS, LABELS, strict=True)]  # fmt: skip
    assert np.isnan(jax.grad(loss)(LOGITS)).any()
    assert_allclose(rw.stabilize(jax.grad(loss))(LOGITS), wanted, rtol=1e-6, atol=1e-30)
    assert_allclose(jax.grad(rw.stabilize(loss))(LOGITS), wanted, rtol=1e-6, atol=1e-30)


def test_labels_that_are_traced_are_joined_too():
    def loss(x, y):
        p = 1 / (1 + jnp.exp(-x))
        return -jnp.log(p**y * (1 - p) ** (1 - y)).sum()

    soft = np.float32([0.25, 0.5, 1, 0, 0.75])
    wanted = [float(1 / (1 + mpmath.exp(-mpmath.mpf(float(x)))) - y)
              for x, y in zip(LOGITS, soft, strict=True)]  # fmt: skip
    assert_allclose(rw.stabilize(jax.grad(loss))(LOGITS, soft), wanted, rtol=1e-6, atol=1e-30)


@pytest.mark.parametrize("offset", [0, 1e4, -1e4])
def test_a_geometric_mean_keeps_its_digits_at_an_offset(offset):
    x = np.float32([[0.125, -0.5, 0.75], [1, 0.5, 0.25], [0.125, 0.25, -0.5]]) + np.float32(offset)

    def mean(x):
        return jnp.prod(shares(x)[:, 1]) ** (1 / 3)

    wanted = np.exp(log_shares(x)[:, 1].mean())
    assert_allclose(rw.stabilize(mean)(x), wanted, rtol=5e-6)


def test_shifts_that_cancel_are_of_one_form():
    """What was right as written stays so: log(1 + (tanh x − 1/2)²) far from 0."""

    def loss(x):
        return jnp.log(1 + (jnp.tanh(x) - 0.5) ** 2)

    x = np.float32([3000, -4000, 20, 1, 1e18])
    wanted = [float(mpmath.log(1 + (mpmath.tanh(mpmath.mpf(float(one))) - 0.5) ** 2)) for one in x]
    assert_allclose(rw.stabilize(loss)(x), wanted, rtol=5e-6)


def test_exponentials_of_exponentials():
    """A Gumbel's density by its cumulative u = exp(−exp(−x)): the gradient is 2 − exp(−x)."""

    def loss(x):
        u = jnp.exp(-jnp.exp(-x))
        return -(jnp.log(-jnp.log(u)) + jnp.log(-jnp.log(u) * u)).sum()

    x = np.float32([1, 2, 1000, -3, 60])
    value = sum(2 * mpmath.mpf(float(one)) + mpmath.exp(-float(one)) for one in x)
    assert_allclose(rw.stabilize(loss)(x), float(value), rtol=1e-6)
    assert np.isnan(jax.grad(loss)(x)).any()
    assert_allclose(rw.stabilize(jax.grad(loss))(x), 2 - np.exp(-x.astype(float)), rtol=1e-6)


@pytest.mark.parametrize("spread", [1e4, -200, 0.5])
def test_a_temperature_by_softplus(spread):
    """Scores divided by a softplus: digits of what is divided are lost first, as it is written."""
    x = np.float32([10000, 9999, 10003, spread])

    def loss(x):
        scaled = x[:3] / (jnp.log(1 + jnp.exp(x[3])) + 0.5)
        return -jnp.log((jnp.exp(scaled) / jnp.exp(scaled).sum())[1])

    numbers = [mpmath.mpf(float(one)) for one in x]
    temperature = mpmath.log(1 + mpmath.exp(numbers[3])) + mpmath.mpf("0.5")
    scaled = [one / temperature for one in numbers[:3]]
    wanted = mpmath.log(mpmath.fsum(map(mpmath.exp, scaled))) - scaled[1]
    assert_allclose(rw.stabilize(loss)(x), float(wanted), rtol=2e-4)


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4, 1e6])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_gradient_of_an_average_at_an_offset(offset, sign):
    """The gradient of Σ p·x, for p in proportion to exp(±x), is p·(1 ± (x − Σ p·x))."""
    x = np.float32([0.25, -0.5, 0.75, 0.3125, -1.25]) + np.float32(offset)

    def average(x):
        weight = jnp.exp(sign * x)
        return (x * weight).sum() / weight.sum()

    exact = [mpmath.mpf(float(value)) for value in x]
    weight = [mpmath.exp(sign * value) for value in exact]
    share = [one / mpmath.fsum(weight) for one in weight]
    mean = mpmath.fsum(p * value for p, value in zip(share, exact, strict=True))
    wanted = [float(p * (1 + sign * (v - mean))) for p, v in zip(share, exact, strict=True)]
    assert_allclose(rw.stabilize(jax.grad(average))(x), wanted, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("padding", [(1, 2, 1), (-1, 0, 2), (0, -2, 1)])
def test_exponentials_with_zeros_put_between_them(padding):
    """log(1 + exp(x)) where x was spread out, and its gradient."""
    x = np.float32([1, 200, 3, -4])
    weights = np.arange(1, 13, dtype="float32")

    def spread(values):
        return jax.lax.pad(values, np.float32(0), (padding,))

    def loss(x):
        e = spread(jnp.exp(x))
        return (jnp.log(1 + e) * weights[: e.size]).sum()

    places = np.asarray(spread(np.arange(1, 5, dtype="float32"))).astype(int)
    wanted = np.zeros(4)
    for weight, place in zip(weights, places, strict=False):
        if place:
            wanted[place - 1] = weight * float(1 / (1 + mpmath.exp(-float(x[place - 1]))))
    assert_allclose(rw.stabilize(jax.grad(loss))(x), wanted, rtol=1e-6)


def test_the_gradient_of_the_logarithm_of_a_running_product():
    """Survival by hazards, S = Π (1 − h): the gradient of log S[3] is −h at each step."""
    x = np.float32([1, 200, -3, 1000, 2])

    def survived(x):
        return jnp.log(jnp.cumprod(1 / (1 + jnp.exp(x)))[3])

    wanted = [-float(1 / (1 + mpmath.exp(-float(one)))) for one in x[:4]] + [0.0]
    value = -mpmath.fsum(mpmath.log1p(mpmath.exp(float(one))) for one in x[:4])
    assert_allclose(rw.stabilize(survived)(x), float(value), rtol=1e-6)
    assert_allclose(rw.stabilize(jax.grad(survived))(x), wanted, rtol=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4])
def test_the_gradient_of_responsibilities_far_from_the_means(offset):
    """Of Σ g·r, r the posterior of components of variance 1: Σ g·r·m − (Σ g·r)·(Σ r·m)."""
    means, weights = np.float32([0.5, -1, 2, 0.25]), np.float32([1, -0.5, 0.25, 2])
    x = np.float32(0.375 + offset)

    def weighed(x):
        e = jnp.exp(-((x - means) ** 2) / 2)
        return (weights * e / e.sum()).sum()

    exact = [mpmath.exp(-((mpmath.mpf(float(x)) - float(m)) ** 2) / 2) for m in means]
    share = [one / mpmath.fsum(exact) for one in exact]

    def average(*factors):
        return mpmath.fsum(mpmath.fprod(map(float, one)) * p
                           for *one, p in zip(*factors, share, strict=True))  # fmt: skip

    with mpmath.workdps(60):
        wanted = average(weights, means) - average(weights) * average(means)
    assert_allclose(rw.stabilize(jax.grad(weighed))(x), float(wanted), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("beyond", [np.nan, 1e9, -1e9])
def test_what_is_masked_does_not_move_the_origin_of_an_average(beyond):
    """The gradient of Σ p·x over the places that a mask leaves is that of those places alone."""
    kept = np.float32([0.25, -0.5, 0.75, 1e3])
    x = np.append(kept, np.float32(beyond))
    mask = np.array([1, 1, 1, 1, 0], bool)

    def average(x):
        inside = jnp.where(mask, x, 0)
        weight = jnp.where(mask, jnp.exp(inside), 0)
        return (inside * weight).sum() / weight.sum()

    def alone(x):
        return (x * jnp.exp(x)).sum() / jnp.exp(x).sum()

    graph = rw.from_jax(jax.grad(alone), kept)
    wanted = np.append(rw.exact(graph, kept), 0)
    assert_allclose(rw.stabilize(jax.grad(average))(x), wanted, rtol=1e-6, atol=1e-7)
