"""Mixtures of sigmoids and their complements, a batch of them, in value and gradient.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

BASE = np.random.default_rng(1).normal(size=(2, 4)).astype(np.float32)
REGIMES = {
    "moderate": BASE,
    "spread": BASE * np.float32(500),
    "offset": BASE + np.float32(1e4),
    "negative offset": BASE - np.float32(1e4),
}
ORIGINS = jnp.array([-1.0, 0.0, 0.5, 2.0])
NUMBERS = jnp.array([0.1, 0.2, 0.3, 0.4])
MOST_BITS = 4.0


def share(x):
    e = jnp.exp(x)
    return e / e.sum()


def cumulative(x):
    """Of two mixtures of logistic distributions with common weights."""
    return (share(x[0]) / (1 + jnp.exp(-(x[1][:, None] - ORIGINS)))).sum(-1)


def below(x):
    return jnp.log(cumulative(x)).sum()


def above(x):
    return jnp.log(1 - cumulative(x)).sum()


def density(x):
    z = x[1][:, None] - ORIGINS
    return jnp.log((share(x[0]) * jnp.exp(-z) / (1 + jnp.exp(-z)) ** 2).sum(-1)).sum()


def above_one(x):
    return jnp.log(1 - (share(x[0]) / (1 + jnp.exp(-x[1]))).sum())


def of_known_weights(x):
    z = (x[1][:, None] - ORIGINS) / 0.7
    return jnp.log((NUMBERS / (1 + jnp.exp(-z))).sum(-1)).sum()


PROGRAMS = {
    "below": below,
    "above": above,
    "density": density,
    "above, one": above_one,
    "below, of known weights": of_known_weights,
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("derivative", [False, True])
def test_values_and_gradients_are_right_in_every_regime(name, derivative):
    program = jax.grad(PROGRAMS[name]) if derivative else PROGRAMS[name]
    graph = rw.from_jax(program, BASE)
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    truths = {regime: np.asarray(exact(x), float) for regime, x in REGIMES.items()}
    floor = min(1.0, max(np.abs(truth).max() for truth in truths.values()))
    for regime, x in REGIMES.items():
        scale = max(np.abs(truths[regime]).max(), floor)
        error = np.abs(np.asarray(cured(x), float) - truths[regime]).max() / scale
        assert np.log2(1 + error * 2.0**24) <= MOST_BITS, regime
