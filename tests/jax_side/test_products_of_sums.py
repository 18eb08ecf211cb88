"""Products of sums of exponentials, divided by as they are multiplied, and as one of them.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw

BASE = np.random.default_rng(1).normal(size=(2, 3)).astype(np.float32)


def variance_of_a_beta(x):
    a, b = jnp.exp(x)
    return jnp.log(a * b / ((a + b) ** 2 * (a + b + 1))).sum()


def two_stages(x):
    a, b = jnp.exp(x)
    return jnp.log(a * b / ((a + b) * (a + b + 1))).sum()


def mean_and_variance(x):
    a, b = jnp.exp(x)
    mean, total = a / (a + b), a + b
    variance = a * b / (total**2 * (total + 1))
    return jnp.log(variance).sum() - jnp.log(mean * (1 - mean)).sum() + (mean**2).sum()


PROGRAMS = [variance_of_a_beta, two_stages, mean_and_variance]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_gradients(program):
    graph = rw.from_jax(jax.grad(program), BASE)
    assert_near(graph, regimes_of(BASE, extreme=True), 2e-6)
