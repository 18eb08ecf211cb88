"""Sums of what is large in both signs: their logarithms, their shifts, their complements.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from regimes import regimes_of

import rewriter as rw

BASE = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
REGIMES = regimes_of(BASE, extreme=True)
MEETINGS = jnp.array([[0.0, 1, -1, 2], [-1, 0, 1, 0.5], [1, -1, 0, 1], [-2, -0.5, -1, 0]])


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


def nats(x):
    """Of an answer that is right by a sigmoid."""
    return jnp.log(1 + jnp.exp(-x))


def softmax(x):
    e = jnp.exp(x)
    return e / e.sum(-1, keepdims=True)


def normalised(x):
    return x / x.sum()


def tree(x):
    s = sigmoid(x[0])
    leaves = [s[0] * s[1], s[0] * (1 - s[1]), (1 - s[0]) * s[2], (1 - s[0]) * (1 - s[2])]
    return -jnp.log((softmax(x[1]) * jnp.stack(leaves)).sum())


def shares(x):
    """Of goods beside one that is not among them."""
    return jnp.exp(x[0]) / (1 + jnp.exp(x[0]).sum())


def sticks(x):
    """What is left of a stick as pieces are broken off, each piece by a sigmoid."""
    pieces, one = sigmoid(x), jnp.ones(1)
    rest = jnp.cumprod(1 - pieces)
    return jnp.concatenate([pieces, one]) * jnp.concatenate([one, rest])


def at_risk(x):
    """Of each, the exponentials of all from there on."""
    return jnp.cumsum(jnp.exp(x)[::-1])[::-1]


LEVELS = {
    "two sigmoids": lambda x: jnp.log(sigmoid(x[0, 0] + x[0, 1]) * sigmoid(x[0, 1] - x[0, 0])),
    "a sigmoid twice, once against": lambda x: jnp.log(sigmoid(x[0]) ** 2 * sigmoid(-x[0])),
    "a product of all": lambda x: jnp.log(jnp.prod(sigmoid(x))),
    "one or the other": lambda x: jnp.log(
        sigmoid(x[0, 0]) + (1 - sigmoid(x[0, 0])) * sigmoid(-x[0, 1])
    ),
    "a mixture of products": lambda x: jnp.log((softmax(x[0]) * jnp.prod(sigmoid(x[1:]), 0)).sum()),
    "a tree": tree,
}
SHIFTS = {
    "a payoff that a softmax is the weight of": lambda x: normalised(
        softmax(x[0]) * jnp.exp(0.5 * MEETINGS @ softmax(x[0]))
    ),
    "a softmax beside its reverse": lambda x: normalised(
        softmax(x[0]) ** 0.3 * softmax(0.7 * x[0, ::-1]) ** 0.7
    ),
    "pieces of a stick near a centre": lambda x: normalised(
        sticks(x[0, :3]) * jnp.exp(-0.5 * (1 - x[1]) ** 2)
    ),
    "how much two softmaxes have in common": lambda x: (
        -jnp.log(jnp.sqrt(softmax(x[0]) * softmax(x[1])).sum())
    ),
    "none of several": lambda x: jnp.log(1 - jnp.prod(1 - softmax(x)[:, 1])),
}
COMPLEMENTS = {
    "of a mean": lambda x: jnp.log(1 - sigmoid(x[0]).mean()),
    "of shares beside another": lambda x: jnp.log(shares(x) / (1 - shares(x))),
    "of shares, crossed": lambda x: jnp.log(shares(x)[None] / (1 - shares(x))[:, None]),
}
PARTS = {
    "a slice less one of its own": lambda x: jnp.log(jnp.exp(x[0, 1:]).sum()) - x[0, 1],
    "slices of slices": lambda x: sum(jnp.log(jnp.exp(x[0, k:]).sum()) - x[0, k] for k in range(3)),
    "every other one": lambda x: jnp.log(jnp.exp(x[0, 1::2]).sum()) - x[0, 3],
    "those at risk": lambda x: (
        jnp.log(at_risk(x[0])[0]) - x[0, 0] + jnp.log(at_risk(x[0])[1]) - x[0, 1]
    ),
    "a complement in logarithms": lambda x: jnp.log(2 - jnp.exp(jnp.log(2.0) - nats(x))),
}
FORMS = LEVELS | SHIFTS | COMPLEMENTS | PARTS


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMS)
def test_nothing_is_lost_to_what_cancels(name):
    graph = rw.from_jax(FORMS[name], BASE)
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    truths = {regime: _truth(exact, np.float32(x)) for regime, x in REGIMES.items()}
    largest = max(np.abs(truth).max() for truth in truths.values() if truth is not None)
    for regime, truth in truths.items():
        if truth is not None:
            scale = max(np.abs(truth).max(), min(1.0, largest))
            value = np.asarray(cured(np.float32(REGIMES[regime])), float)
            assert np.abs(value - truth).max() <= 2.0**-19 * scale, regime


def _truth(exact, x):
    """The value, or None where float32 cannot hold it."""
    value = np.asarray(exact(x), float)
    return value if np.isfinite(value).all() and np.abs(value).max() < 3e38 else None


def test_powers_of_powers_end():
    """``0.8`` is a fraction over 2**24 in float32, and a power of such a power over 2**48."""

    def transport(x):
        kernel = jnp.exp(-x)
        v = jnp.ones(4)
        for _ in range(3):
            u = (0.5 / (kernel @ v)) ** 0.8
            v = (0.25 / (kernel.T @ u)) ** 0.8
        return jnp.log((u[:, None] * kernel * v).sum())

    graph = rw.from_jax(transport, BASE)
    exact = float(rw.compile(graph, backend="exact")(BASE - np.float32(500)))
    assert abs(rw.compile(rw.optimize(graph))(BASE - np.float32(500)) - exact) <= 1e-6 * abs(exact)


@pytest.mark.filterwarnings("ignore")
def test_a_quotient_is_raised_as_one():
    """The cube of what is above overflows, as does that of what is below."""

    def gate(v):
        rate = v / (1 - jnp.exp(-v))
        return (rate / (rate + jnp.exp(-jnp.clip(v, -9.0, 9.0)))) ** 3

    x = np.float32([1e18, 1e15, 2.0])
    exact = np.asarray(rw.compile(rw.from_jax(gate, x), backend="exact")(x), float)
    np.testing.assert_allclose(rw.stabilize(gate)(x), exact, rtol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_a_power_is_raised_with_its_exponential():
    """The cube overflows where the exponential beside it vanishes."""

    def gate(v):
        opened = 0.1 * (v + 40.5) / (1 - jnp.exp(-(v + 40.5) / 10))
        closed = 4 * jnp.exp(-jnp.clip(v + 65, -800.0, 800.0) / 18)
        return (opened / (opened + closed)) ** 3

    x = np.float32([-1e18, -1e4, 2.0])
    exact = np.asarray(rw.compile(rw.from_jax(gate, x), backend="exact")(x), float)
    np.testing.assert_allclose(rw.stabilize(gate)(x), exact, rtol=1e-6, atol=1e-30)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["softmax of the lesser", "a shared ceiling", "two exponentials"])
def test_minima_of_exponentials(name):
    forms = {
        "softmax of the lesser": lambda x: normalised(
            jnp.minimum(jnp.exp(x[0]), 2 * jnp.exp(x[0]).mean())
        ),
        "a shared ceiling": lambda x: jnp.log(jnp.minimum(jnp.exp(x[0]), 5.0)),
        "two exponentials": lambda x: jnp.log(jnp.minimum(jnp.exp(x[0]), jnp.exp(x[1]))),
    }
    graph = rw.from_jax(forms[name], BASE)
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    for regime in REGIMES:
        x = np.float32(REGIMES[regime])
        np.testing.assert_allclose(cured(x), np.asarray(exact(x), float), rtol=3e-6, atol=1e-7)


def test_a_minimum_that_is_sound_stays():
    graph = rw.from_jax(lambda x: 1 / (1 + jnp.minimum(jnp.exp(x), 5.0)), BASE)
    assert rw.optimize(graph) is graph


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("regime", ["moderate", "spread", "offset", "negative offset", "ties"])
def test_rows_of_one_tensor_are_centred_each_by_itself(regime):
    graph = rw.from_jax(lambda x: normalised(jnp.exp(x[0]) * jnp.exp(x[1])), BASE)
    point = REGIMES[regime].astype("float32")
    wanted = rw.compile(graph, backend="exact")(point)
    found = rw.compile(rw.optimize(graph))(point)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2.0**-20)
