"""Data far from 0 to which what is near 0 is added before it is exponentiated.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw

BASE = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
REGIMES = regimes_of(BASE, extreme=True)
REWARDS = jnp.array([1.0, 0.5, -0.5, 2.0])


def softmax(x):
    e = jnp.exp(x)
    return e / e.sum(-1, keepdims=True)


def moved(preferences, arm):
    """Towards an arm, as a bandit's step moves it."""
    return preferences + 0.4 * (jax.nn.one_hot(arm, 4) - softmax(preferences))


def advantages(x):
    """Of each row, its mean less the value of its policy."""
    return softmax((x.mean(1) - (softmax(x) * REWARDS).sum(1)) / 0.5) @ jnp.arange(3.0)


def rated(x):
    """Two meetings of the same two players: the second by what the first changed."""
    expected = 1 / (1 + jnp.exp(x[0, 1] - x[0, 0]))
    after = x[0].at[0].add(0.5 * (1 - expected)).at[1].add(-0.5 * (1 - expected))
    return -jnp.log(jnp.exp(after[0]) / (jnp.exp(after[0]) + jnp.exp(after[1])))


def tempered(x):
    """Of each column, by a temperature that is computed of a number."""
    return (softmax(jnp.exp(2.3) * x.T - 10.0) * jnp.arange(3.0)).sum()


def mixture(x):
    return -jnp.log((softmax(x[0]) * (1 / (1 + jnp.exp(-x[1])))).sum())


def spike_and_slab(x):
    """The chance of the wider of two normal densities, beside a little of their logarithm."""
    slab, spike = jnp.exp(-0.125 * x**2) / 2, jnp.exp(-50.0 * x**2) / 0.1
    return jnp.log(slab + spike).sum() * 1e-3 + (slab / (slab + spike)).sum()


PROGRAMS = {
    "a softmax of data and what it moves by": lambda x: jnp.log(softmax(moved(x[0], 2))[1]),
    "moved twice": lambda x: softmax(moved(moved(x[0], 1), 0))[2],
    "means less what is bounded": advantages,
    "scattered changes that meet again": rated,
    "a temperature": tempered,
    "exponentials of two tensors": mixture,
    "a share beside little of it": spike_and_slab,
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("take", [lambda f: f, jax.grad], ids=["value", "gradient"])
def test_what_is_near_zero_keeps_its_digits(name, take):
    assert_near(rw.from_jax(take(PROGRAMS[name]), BASE), REGIMES, 4e-6)


def test_masked_data_is_none_to_be_near():
    x = rw.input("x", (4,), "float32")
    preferences = x + 0.5 * rw.tanh(x)
    e = rw.exp(preferences)
    run = rw.compile(rw.optimize(rw.Graph([x], [e / rw.sum(e)])))
    found = run(np.array([1e4, -np.inf, 1e4, 1e4 - 0.5], np.float32))
    weights = np.exp([0.0, -np.inf, 0.0, -0.5])
    np.testing.assert_allclose(found, weights / weights.sum(), rtol=1e-6)


def test_a_sum_of_computed_tensors_is_left_as_it_is():
    x, w = rw.input("x", (4, 3), "float32"), rw.input("w", (3, 5), "float32")
    bias = rw.input("bias", (5,), "float32")
    logits = rw.einsum("ab,bc->ac", x, w) + bias
    e = rw.exp(logits - rw.stop_gradient(rw.max(logits, axis=1, keepdims=True)))
    graph = rw.Graph([x, w, bias], [e / rw.sum(e, axis=1, keepdims=True)])
    assert rw.optimize(graph) is graph
