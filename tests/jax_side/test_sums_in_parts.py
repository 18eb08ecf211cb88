"""Sums of exponentials over parts of an axis, by slices and by constant weights, and over pairs.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import regimes_of

import rewriter as rw

BASE = np.random.default_rng(1).normal(size=8).astype(np.float32)
REGIMES = regimes_of(BASE, extreme=True)
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


def share_among_others(x):
    """The share that one takes of what another leaves, beside an outside good."""
    share = jnp.exp(x) / (1 + jnp.exp(x).sum())
    return share[0] / (1 - share[1])


def shares_among_others(x):
    share = jnp.exp(x) / jnp.exp(x).sum()
    return (share / (1 - share[1]))[2:5].sum()


def log_odds_of_shares(x):
    share = jnp.exp(x) / jnp.exp(x).sum()
    return jnp.log(share / (1 - share)).sum()


CURED = {
    "a share among others": jax.grad(share_among_others),
    "shares among others": jax.grad(shares_among_others),
    "log-odds of shares": jax.grad(log_odds_of_shares),
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


SCORES = BASE[:6].reshape(2, 3)


def shares(x):
    e = jnp.exp(x)
    return e / e.sum(-1, keepdims=True)


def variation_of_loads(x):
    """A squared coefficient of variation, beside the shares that are kept and renormalised."""
    gates = shares(x)
    kept = jnp.where(gates >= 0.5 * gates.max(1, keepdims=True), gates, 0.0)
    kept = kept / kept.sum(1, keepdims=True)
    load = gates.sum(0)
    variation = load.var() / (load.mean() ** 2 + 1e-10)
    return (kept * jnp.array([1.0, -0.5, 2.0])).sum() + 0.75 * variation


def powers_of_allocations(x):
    """A nested logit in which alternatives are shared out among nests."""
    scale = jnp.array([0.5, 0.8])
    allocation = jnp.array([[1.0, 0.5, 0], [0, 0.5, 1.0]])
    terms = (allocation * jnp.exp(x[0])) ** (1 / scale[:, None])
    nests = terms.sum(1)
    return jnp.log((nests**scale).sum()) + jnp.log((terms / nests[:, None]).sum(0)).sum()


OF_ROWS = {
    "variation of loads": jax.grad(variation_of_loads),
    "powers of allocations": powers_of_allocations,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OF_ROWS)
@pytest.mark.parametrize("regime", ["moderate", "spread", "offset", "negative offset", "ties"])
def test_sums_of_rows(name, regime):
    x = np.float32(REGIMES[regime])[:6].reshape(2, 3)
    graph = rw.from_jax(OF_ROWS[name], SCORES)
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    truth = np.asarray(exact(x), float)
    scale = max(np.abs(truth).max(), 1e-2)
    assert np.abs(np.asarray(cured(x), float) - truth).max() <= 2.0**-19 * scale
