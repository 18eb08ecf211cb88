"""Sums of exponentials over parts of an axis, by slices and by constant weights, and over pairs.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

BASE = np.random.default_rng(1).normal(size=8).astype(np.float32)
PLACES = np.arange(8)
REGIMES = {
    "moderate": BASE,
    "spread": BASE * np.float32(500),
    "offset": BASE + np.float32(1e4),
    "negative offset": BASE - np.float32(1e4),
    "extreme": np.select([PLACES % 3 == 1, PLACES % 3 == 2], [1e18, -1e18], BASE),
    "ties": np.where(BASE > 0, np.float32(5e3), BASE),
}
TIMES = jnp.array([3.0, 1, 4, 1.5, 9, 2, 6, 5])
MODELS = jnp.array([[(m >> k) & 1 for k in range(3)] for m in range(8)])


def tied_deaths(x):
    """Efron's partial likelihood: of those at risk, a share of the tied is taken away."""
    risk = jnp.exp(x)
    tied, later = risk[2:5].sum(), risk[2:].sum()
    likelihood = jnp.prod(risk[2:5])
    for k in range(3):
        likelihood = likelihood / (later - k / 3 * tied)
    return -jnp.log(likelihood)


def overlapping_slices(x):
    e = jnp.exp(x)
    return jnp.log(2 * e[:5].sum() + e[6:].sum() - e[3:5].sum() - 0.5 * e[1:4].sum())


def levels_of_sums(x):
    e = jnp.exp(x)
    return jnp.log(jnp.prod(e[1:4]) / e.sum() / e[1:].sum() / e[2:].sum())


def ordered_pairs(x):
    before = TIMES[:, None] < TIMES[None]
    agree = 1 / (1 + jnp.exp(-(x[:, None] - x[None])))
    return -jnp.log(jnp.where(before, agree, 0.0).sum() / before.sum())


def opposite_pairs(x):
    before = TIMES[:, None] < TIMES[None]
    agree = jnp.exp(x[:, None] - x[None]) / (1 + jnp.exp(x[:, None] - x[None]))
    return -jnp.log(jnp.where(before, agree, 0.0).sum())


def odds_of_inclusion(x):
    share = jnp.exp(x) / jnp.exp(x).sum()
    include = (share[:, None] * MODELS).sum(0)
    return include / (1 - include)


def inclusion(x):
    return jnp.log(odds_of_inclusion(x))


CURED = {
    "tied deaths": tied_deaths,
    "gradient of tied deaths": jax.grad(tied_deaths),
    "overlapping slices": overlapping_slices,
    "gradient of overlapping slices": jax.grad(overlapping_slices),
    "levels of sums": levels_of_sums,
    "ordered pairs": ordered_pairs,
    "gradient of ordered pairs": jax.grad(ordered_pairs),
    "opposite pairs": opposite_pairs,
    "gradient of opposite pairs": jax.grad(opposite_pairs),
    "inclusion": inclusion,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CURED)
def test_sums_in_parts(name):
    graph = rw.from_jax(CURED[name], BASE)
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    for regime, x in REGIMES.items():
        truth = np.asarray(exact(np.float32(x)), float)
        value = np.asarray(cured(np.float32(x)), float)
        scale = max(np.abs(truth).max(), 1e-3)
        assert np.abs(value - truth).max() <= 2.0**-19 * scale, regime


@pytest.mark.filterwarnings("ignore")
def test_the_gradient_of_odds_of_inclusion():
    graph = rw.from_jax(jax.grad(lambda x: inclusion(x).sum()), BASE)
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    x = BASE - np.float32(100)
    np.testing.assert_allclose(cured(x), np.asarray(exact(x), float), rtol=1e-5, atol=1e-5)
