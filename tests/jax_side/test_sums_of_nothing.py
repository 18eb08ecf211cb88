"""Sums of exponentials whose weights may all be 0, beside others: they take no part in a shift.

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
REGIMES = regimes_of(BASE)
EARLIER = jnp.array([[0, 0, 0, 0], [0.25, 0, 0, 0], [0.1, 0.3, 0, 0], [0.05, 0.15, 0.3, 0]])


def features(x):
    """Of a linear attention: elu(x) + 1."""
    return jnp.where(x > 0, x + 1, jnp.exp(jnp.where(x > 0, 0.0, x)))


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


def examined(x):
    """The mean of what is known at some places and inferred at others."""
    theta, gamma = sigmoid(x[0, 0]), sigmoid(x[1, :3])
    seen = theta * (1 - gamma) / (1 - theta * gamma)
    known = jnp.array([[1, 0, 0], [0, 0, 1]]) == 1
    return jnp.log(jnp.where(known, 1.0, seen).mean(0)).mean()


FORMS = {
    "no earlier event": lambda x: jnp.log(jnp.exp(x[0] / 10) + EARLIER @ jnp.exp(x[1])).sum(),
    "no earlier excitement": lambda x: jnp.log(
        jnp.exp(x[0] / 10) + EARLIER @ jnp.log(1 + jnp.exp(x[1]))
    ).sum(),
    "features that are all exponentials": lambda x: features(x[0]) / features(x[0]).sum(),
    "nothing that is known": examined,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("regime", REGIMES)
def test_values(name, regime):
    assert_right(FORMS[name], np.float32(REGIMES[regime]))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in FORMS if name != "nothing that is known"])
@pytest.mark.parametrize("regime", REGIMES)
def test_gradients(name, regime):
    weights = jnp.array([1.0, 2.0, -1.0, 0.5])
    gradient = jax.grad(lambda x: (FORMS[name](x) * weights).sum())
    assert_right(gradient, np.float32(REGIMES[regime]))


def assert_right(form, x):
    assert_near(rw.from_jax(form, x), {"given": x}, 2.0**-19)


def bounded_difference(x):
    """Of both signs, large ones replaced."""
    difference = jnp.exp(x) - jnp.exp(-x)
    return 1 / jnp.where(jnp.abs(difference) < 10, difference, 10.0)


def bounded_product(x):
    slope = jnp.exp(x) * x
    return 1 / jnp.where(slope < 10, slope, 10.0)


@pytest.mark.parametrize("program", [bounded_difference, bounded_product])
@pytest.mark.parametrize("derived", ["value", "gradient"])
def test_divisors_of_both_signs_under_a_condition(program, derived):
    form = program if derived == "value" else jax.grad(lambda x: program(x).sum())
    assert (BASE[0] < 0).any()
    assert_right(form, BASE[0])
    assert_right(form, BASE[0] * np.float32(20))


def gate(x):
    """Of a membrane's potassium channel, as Hodgkin and Huxley have it, a step of time later."""
    potential = 9.7 * x - 1.3
    opened = 0.01 * (10 - potential) / (jnp.exp((10 - potential) / 10) - 1)
    closed = 0.125 * jnp.exp(-potential / 80)
    steady = opened / (opened + closed)
    return (steady + (0.3177 - steady) * jnp.exp(-0.1 * (opened + closed))) ** 4


def test_a_gate_whose_slope_has_maxima_over_nothing():
    form = jax.grad(lambda x: gate(x).sum())
    assert_right(form, BASE[0])
    assert_right(form, BASE[0] * np.float32(20))
