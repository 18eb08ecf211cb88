"""Powers of a softplus, as in likelihoods of counts, and logarithms of sizes, as in flows.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw

Program = Callable[[Any], Any]
COUNTS = jnp.array([0.0, 1.0, 2.0, 5.0])
PAIRS = np.random.default_rng(1).normal(size=(2, 4)).astype(np.float32)
ROWS = np.random.default_rng(2).normal(size=(3, 2)).astype(np.float32)


def softplus(x: Any) -> Any:
    return jnp.log(1 + jnp.exp(x))


def tanh(x: Any) -> Any:
    return (jnp.exp(x) - jnp.exp(-x)) / (jnp.exp(x) + jnp.exp(-x))


def poisson(x: Any) -> Any:
    rate = softplus(x[0])
    return jnp.log(jnp.exp(-rate) * rate**COUNTS).sum()


def poisson_with_more_zeros(x: Any) -> Any:
    zero, rate = 1 / (1 + jnp.exp(-x[0])), softplus(x[1])
    some = (1 - zero) * jnp.exp(-rate) * rate**COUNTS
    return -jnp.log(jnp.where(COUNTS == 0, zero + some, some)).sum()


def mixture_of_poissons(x: Any) -> Any:
    rate, weight = softplus(x[0]), jnp.exp(x[1]) / jnp.exp(x[1]).sum()
    return jnp.log((weight * jnp.exp(-rate) * rate ** COUNTS[:, None]).sum(1)).sum()


def gamma_density(x: Any) -> Any:
    shape, rate = softplus(x)
    return jnp.log(rate**shape * 3.0 ** (shape - 1) * jnp.exp(-rate * 3.0)).sum()


def planar_flow(x: Any) -> Any:
    """The logarithm of the size of a determinant, with the constraint that it is not 0."""
    z, w, u = x
    moved = u + (softplus((w * u).sum()) - 1 - (w * u).sum()) * w / (w**2).sum()
    slope = (1 - tanh((w * z).sum() + 0.1) ** 2) * w
    return -jnp.log(jnp.abs(1 + (slope * moved).sum()))


def root_of_a_size(x: Any) -> Any:
    return jnp.sqrt(jnp.abs(1 + (1 - tanh(x[0]) ** 2) * x[1])).sum()


FORMS = {
    "poisson": (poisson, PAIRS),
    "more zeros": (poisson_with_more_zeros, PAIRS),
    "gamma": (gamma_density, PAIRS),
    "planar flow": (planar_flow, ROWS),
}
VALUES = {**FORMS, "mixture": (mixture_of_poissons, PAIRS), "root": (root_of_a_size, ROWS)}


@pytest.mark.parametrize("form", VALUES)
def test_values(form: str) -> None:
    program, base = VALUES[form]
    assert_near(rw.from_jax(program, base), regimes_of(base), 1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_gradients(form: str) -> None:
    program, base = FORMS[form]
    regimes = regimes_of(base)
    if form == "gamma":
        del regimes["spread"]  # the quotient of two numbers of which one is below all floats
    assert_near(rw.from_jax(jax.grad(program), base), regimes, 3e-6)


def test_a_power_of_a_logarithm_is_as_accurate_as_the_logarithm() -> None:
    """``exp(y · log(softplus x))`` would be less so."""
    graph = rw.from_jax(lambda x: jnp.logaddexp(0.0, x) ** COUNTS, PAIRS[0])
    assert str(rw.optimize(graph)) == str(graph)


def share(x: Any) -> Any:
    return jnp.exp(x) / jnp.exp(x).sum()


POWERS = {
    "exponential": lambda x: jnp.exp(x[0]) ** x[1],
    "sigmoid": lambda x: (1 / (1 + jnp.exp(-x[0]))) ** x[1],
    "softplus": lambda x: softplus(x[0]) ** x[1],
    "softmax": lambda x: share(x[0]) ** x[1],
    "chosen by hand": lambda x: jnp.where(share(x[0]) > 0, share(x[0]), 1.0) ** 2,
}


@pytest.mark.parametrize("form", POWERS)
def test_what_is_too_small_for_a_float_is_not_0(form: str) -> None:
    """The derivative of a power asks whether its base is 0, and takes 1 to be its logarithm's."""
    program: Program = POWERS[form]
    gradient = jax.grad(lambda x: jnp.log(program(x)).sum())
    assert_near(rw.from_jax(gradient, PAIRS), regimes_of(PAIRS, extreme=True), 3e-6)


def test_what_is_left_out_is_0() -> None:
    """A logit of minus infinity."""
    graph = rw.from_jax(lambda x: jnp.where(share(x) == 0, 7.0, jnp.log(share(x))), PAIRS[0])
    x = np.array([0.5, -np.inf, 200.0, 1.0], np.float32)
    value = rw.compile(rw.optimize(graph))(x)
    assert np.allclose(value, [-199.5, 7.0, 0.0, -199.0])


def test_a_constant_0_beside_what_overflows() -> None:
    """Labels beside ``exp``: what is left out of a sum is left out of its derivative too."""
    labels = jnp.array([0.0, 1.0, 1.0, 0.0])
    x = np.array([0.5, 200.0, 90.0, -3.0], np.float32)
    weighed = rw.from_jax(lambda x: (1 - labels) * jnp.exp(x), x)
    slope = rw.from_jax(jax.grad(lambda x: ((1 - labels) * jnp.exp(x) - x).sum()), x)
    expected = np.array([np.exp(0.5), 0.0, 0.0, np.exp(-3.0)])
    assert np.allclose(rw.compile(rw.optimize(weighed))(x), expected, rtol=1e-6)
    assert np.allclose(rw.compile(rw.optimize(slope))(x), expected - 1, rtol=1e-6)
