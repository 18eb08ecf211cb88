"""Averages of what does not depend on the index, and sums whose summands cancel beside others."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

SCORES = np.float32([[0.125, -0.5, 0.75, 0.3125], [-1.25, 0.5, -0.0625, 1.5]])
TEMPERATURE = 0.25


def policy(x):
    """A soft value of each row, and the policy that it implies."""
    value = TEMPERATURE * jnp.log(jnp.sum(jnp.exp(x / TEMPERATURE), axis=1))
    return value, jnp.exp((x - value[:, None]) / TEMPERATURE)


def soft_value(x):
    """The mean of a score less its entropy's share is the soft value itself."""
    _, chance = policy(x)
    return (chance * (x - TEMPERATURE * jnp.log(chance))).sum()


def weights(x):
    """Softmax at the temperature, in float64."""
    e = np.exp((np.float64(x) - np.float64(x).max(1, keepdims=True)) / TEMPERATURE)
    return e / e.sum(1, keepdims=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("offset", [0, 1e4, -1e4])
def test_slope_of_a_soft_value_is_the_policy(offset):
    x = SCORES + np.float32(offset)
    got = jax.jit(rw.stabilize(jax.grad(soft_value)))(x)
    np.testing.assert_allclose(got, weights(x), rtol=0, atol=4 * 2.0**-24)


@pytest.mark.filterwarnings("ignore")
def test_a_value_that_cancels_leaves_no_rounding():
    """``p·v + p·g − p·Σ p·v``, v the same in a row, is ``p·g``."""

    def program(x):
        value, chance = policy(x)
        chosen = chance * value[:, None] + chance * jnp.arange(4.0)
        return chosen - chance * (chance * value[:, None]).sum(1, keepdims=True)

    x = SCORES + np.float32(1e4)
    got = jax.jit(rw.stabilize(program))(x)
    np.testing.assert_allclose(got, weights(x) * np.arange(4.0), rtol=0, atol=16 * 2.0**-24)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("offset", [0, 1e4, -1e4])
def test_weights_between_models_of_different_size(offset):
    """Penalties of up to 12, which no exponential minds, are added to scores that are less."""
    penalty = np.float32([3.5, 12, 0.25, 7])
    x = SCORES + np.float32(offset)

    def program(x):
        e = jnp.exp(x - penalty)
        return e / e.sum(1, keepdims=True)

    exact = np.float64(x) - penalty
    e = np.exp(exact - exact.max(1, keepdims=True))
    got = jax.jit(rw.stabilize(program))(x)
    np.testing.assert_allclose(got, e / e.sum(1, keepdims=True), rtol=0, atol=8 * 2.0**-24)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("offset", [0, 1e4, -1e4])
def test_slope_of_a_mean_energy_along_a_direction(offset):
    """A direction that is nowhere 0 weighs energies as their exponentials do: none is left out."""
    direction = np.float32([1.25, 0.5, -0.75, 1.5])

    def energy(x):
        e = jnp.exp(x)
        return (e * x).sum() / e.sum()

    x = SCORES[0] + np.float32(offset)
    got = jax.jit(rw.stabilize(lambda x: jax.jvp(energy, (x,), (direction,))[1]))(x)
    chance = np.exp(np.float64(SCORES[0]))
    chance /= chance.sum()
    slope = chance * (1 + SCORES[0] - (chance * SCORES[0]).sum())
    np.testing.assert_allclose(got, (slope * direction).sum(), rtol=0, atol=4 * 2.0**-24)
