"""Sums without one of their terms: divided by, and added up over what is left out.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw

pytestmark = pytest.mark.filterwarnings("ignore")

BASE = np.float32([0.5, -1.25, 0.75, 0.25])
POINTS = {**regimes_of(BASE), "spread": BASE * np.float32(800)}
PRICE = jnp.array([1.0, 1.5, 2.0, 0.5])


def shares(x):
    """Shares beside an outside good."""
    e = jnp.exp(x)
    return e / (1.0 + e.sum())


def one_by_another(x):
    """Where the second is taken away, what of it goes to the first."""
    p = shares(x)
    return p[0] / (1 - p[1])


def diversion(x):
    """The same, of all pairs."""
    p = shares(x)
    ratios = p[None, :] / (1 - p)[:, None]
    return jnp.where(jnp.eye(4, dtype=bool), 0.0, ratios)


def alternating(x):
    """Rows and columns of a matrix divided by their sums, twice each."""
    p = jnp.exp(x.reshape(2, 2))
    for _ in range(2):
        p = p / p.sum(1, keepdims=True)
        p = p / p.sum(0, keepdims=True)
    return -jnp.log(p[0, 1]) - jnp.log(p[1, 0])


def kernel(x, width=1.0):
    return jnp.exp(-((x[:, None] - x[None, :]) ** 2) / (2 * width))


def others_near(x):
    """The density at each number of all the others: a kernel is 1 between a number and itself."""
    return jnp.log(kernel(x).sum(axis=1) - 1.0)


def others_near_by_two_kernels(x):
    return jnp.log((kernel(x) + kernel(x, 4.0)).sum(axis=1) - 2.0)


def pairs_near(x):
    return jnp.log(kernel(x).sum() - jnp.trace(kernel(x)))


def pairs_near_of_four(x):
    return jnp.log(kernel(x).sum() - 4.0)


PROGRAMS = {
    "others near": others_near,
    "slope of others near": jax.grad(lambda x: others_near(x).sum()),
    "others near, by two kernels": others_near_by_two_kernels,
    "slope of others near, by two kernels": jax.grad(lambda x: others_near_by_two_kernels(x).sum()),
    "pairs near": pairs_near,
    "slope of pairs near": jax.grad(pairs_near),
    "pairs near of four": pairs_near_of_four,
    "one by another": one_by_another,
    "slope of one by another": jax.grad(one_by_another),
    "diversion": diversion,
    "slope of diversion": jax.grad(lambda x: diversion(x).sum()),
    "slope of diversion at a price": jax.grad(lambda x: diversion(x - 0.7 * PRICE).sum(1).mean()),
    "slope of alternating": jax.grad(alternating),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_sums_without_a_term(name):
    assert_near(rw.from_jax(PROGRAMS[name], BASE), POINTS, 2.0**-18)
