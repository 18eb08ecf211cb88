"""Values that vanish with an exponential in them, and are divided by or logged.

Expected values are those of the program as written, in ball arithmetic; where they are not finite
numbers of the dtype, nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import regimes_of

import rewriter as rw

Program = Callable[[Any], Any]

BASE = np.random.default_rng(1).normal(size=5).astype(np.float32)
PLACES = np.arange(5)
REGIMES = regimes_of(BASE, extreme=True)
DISTANCES = [0.2, 0.5, 1.0, 1.5, 3.0]
DIRECTION = np.cos(PLACES)
MIXING = np.linspace(-1, 1, 25).reshape(5, 5)
MOST_BITS = 4.0

softplus = jax.nn.softplus


def naive_softplus(x):
    return jnp.log(1 + jnp.exp(x))


def share(x):
    return x / x.sum()


def beta_mean(x):
    a, b = softplus(x[:2]), softplus(x[2:4])
    return a / (a + b)


def concentrations(x):
    """The variances of a Dirichlet distribution."""
    a = softplus(x)
    total = a.sum()
    mean = a / total
    return mean * (1 - mean) / (total + 1)


def kernel_average(x):
    k = softplus(x[:, None] * x[None, :] / 3)
    return (k / k.sum(-1, keepdims=True)) @ jnp.sin(PLACES.astype(x.dtype))


def ratio_of_rates(x):
    r = softplus(x[0]) / softplus(x[1:])
    return r / (1 + r)


def occupied(x):
    return 1 - jnp.exp(-jnp.exp(x))


def naive_sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


def failed(x):
    """A probability by a hazard that is one itself."""
    return 1 - jnp.exp(-jnp.exp(-jnp.abs(x)))


def three_of(p):
    return p[0] * p[1] * p[2]


def detected(x):
    """At distances in metres, by a rate of hazard that falls with a power of them."""
    return 1 - jnp.exp(-((jnp.array(DISTANCES) / 1.2) ** -(1 + naive_softplus(x))))


PROGRAMS: dict[str, Program] = {
    "of a probability": lambda x: jnp.log(1 - jnp.exp(-naive_sigmoid(x))),
    "of half a probability": lambda x: jnp.log(1 - jnp.exp(-0.5 * naive_sigmoid(x))),
    "expm1 of a probability": lambda x: jnp.log(-jnp.expm1(-naive_sigmoid(x))),
    "exp of a probability, less 1": lambda x: jnp.log(jnp.exp(naive_sigmoid(x)) - 1),
    "log sinh of a probability": lambda x: jnp.log(jnp.sinh(naive_sigmoid(x))),
    "log tanh of a probability": lambda x: jnp.log(jnp.tanh(naive_sigmoid(x))),
    "log log1p": lambda x: jnp.log(jnp.log1p(jnp.exp(-jnp.abs(x)))),
    "bounded odds": lambda x: jnp.log(failed(x) / (1 - failed(x))),
    "failed or not": lambda x: jnp.where(x > 0, jnp.log(failed(x)), jnp.log(1 - failed(x))),
    "log softplus": lambda x: jnp.log(naive_softplus(x)),
    "log softplus of the library": lambda x: jnp.log(softplus(x)),
    "share of softplus": lambda x: share(naive_softplus(x)),
    "log of a share": lambda x: jnp.log(share(softplus(MIXING @ x))),
    "beta mean": beta_mean,
    "variances": concentrations,
    "kernel average": kernel_average,
    "ratio of rates": ratio_of_rates,
    "mean of softplus": lambda x: jnp.log(softplus(x).mean()),
    "product of softplus": lambda x: jnp.log(jnp.prod(softplus(x))),
    "cumulative intensity": lambda x: jnp.log(jnp.cumsum(softplus(x))).sum(),
    "scale": lambda x: -0.5 * (0.3 * share(softplus(x))) ** 2 - jnp.log(softplus(x)),
    "root": lambda x: softplus(x) / jnp.sqrt(softplus(x)),
    "slope over value": lambda x: jax.nn.sigmoid(x) / softplus(x),
    "one of two": lambda x: naive_softplus(x) / (naive_softplus(x) + naive_softplus(x[::-1])),
    "complementary log-log": lambda x: jnp.log(occupied(x)),
    "of a sum": lambda x: jnp.log(1 - jnp.exp(-jnp.exp(x).sum())),
    "one or another": lambda x: jnp.log(1 - jnp.prod(1 - jax.nn.sigmoid(x))),
    "not all": lambda x: jnp.log(1 - jnp.prod(jax.nn.sigmoid(x))),
    "not all of some": lambda x: jnp.log(1 - three_of(1 / (1 + jnp.exp(-x)))),
    "not all before": lambda x: jnp.log(1 - jnp.cumprod(jax.nn.sigmoid(x)))[2],
    "share of the occupied": lambda x: share(occupied(x)),
    "caught of what saturates": lambda x: jnp.log(
        1 - jnp.exp(-0.5 * jnp.exp(x) / (1 + 0.1 * jnp.exp(x)))
    ),
    "detected at distances": lambda x: jnp.log(detected(x)),
    "log tanh": lambda x: jnp.log(jnp.tanh(jnp.exp(x))),
    "truncated Poisson": lambda x: 3 * x - jnp.exp(x) - jnp.log(occupied(x)),
    "mean above zero": lambda x: jnp.exp(x) / occupied(x),
    "log of a log": lambda x: jnp.log(-jnp.log(jax.nn.sigmoid(x))),
}

WITHOUT_GRADIENT = {"share of the occupied", "log tanh", "not all before"}
"""Their gradients are not right yet: a difference cancels, an exponential is not bounded."""


def along(program: Program) -> Program:
    def total(x):
        y = program(x)
        return (y * jnp.cos(jnp.arange(y.size)).astype(y.dtype)).sum() if y.ndim else y

    return jax.grad(total)


def assert_right(program: Program, tolerance: float, dtype: str = "float32") -> None:
    """Compare in all regimes whose truth the dtype can hold."""
    with jax.enable_x64(dtype == "float64"):
        graph = rw.from_jax(program, BASE.astype(dtype))
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    truths = {name: np.asarray(exact(x.astype(dtype)), float) for name, x in REGIMES.items()}
    held = {n: t for n, t in truths.items() if np.abs(t).max() < float(jnp.finfo(dtype).max)}
    largest = max(np.abs(truth).max() for truth in held.values())
    assert "negative offset" in held
    for regime, truth in held.items():
        scale = max(np.abs(truth).max(), min(1.0, largest))
        value = np.asarray(cured(REGIMES[regime].astype(dtype)), float)
        assert np.abs(value - truth).max() <= tolerance * scale, regime


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PROGRAMS)
def test_values(name):
    assert_right(PROGRAMS[name], 2.0**-19)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(set(PROGRAMS) - WITHOUT_GRADIENT))
def test_gradients(name):
    assert_right(along(PROGRAMS[name]), 2.0**-19)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["log softplus", "share of softplus", "complementary log-log"])
def test_in_double_precision(name):
    assert_right(PROGRAMS[name], 2.0**-48, "float64")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["log softplus", "complementary log-log", "slope over value"])
def test_differentiated_afterwards(name):
    """The gradient of what was stabilised: 1 for a logarithm that is x, 0 for a constant."""
    slope = jax.grad(lambda x: rw.stabilize(PROGRAMS[name])(x).sum())(REGIMES["negative offset"])
    expected = 0.0 if name == "slope over value" else 1.0
    np.testing.assert_allclose(slope, expected, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_a_logit_of_minus_infinity_has_no_share():
    x = np.float32([-np.inf, -1e4, -1e4, -np.inf, -2e4])
    got = rw.stabilize(PROGRAMS["share of softplus"])(x)
    np.testing.assert_allclose(got, [0, 0.5, 0.5, 0, 0], atol=1e-7)


@pytest.mark.filterwarnings("ignore")
def test_what_is_far_from_zero_stays_as_it_is():
    """A small number beside the softplus is what is divided by where that vanishes."""

    def floored(x):
        a = softplus(x) + 1e-6
        return a / a.sum()

    graph = rw.from_jax(floored, BASE)
    assert rw.optimize(graph) is graph
