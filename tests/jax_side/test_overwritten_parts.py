"""``x.at[k].set(y)`` at a constant place: looked into where what is around it needs a cure.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw

BASE = np.random.default_rng(1).normal(size=(2, 4)).astype(np.float32)


def first_states(x):
    """The start of a forward recursion: two states may be first."""
    p = jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)
    forward = jnp.zeros(4).at[0].set(p[0, 0]).at[1].set(p[0, 1])
    return -jnp.log((forward * p[1]).sum())


def without_the_last(x):
    """A softmax of scores, those of the last class ruled out."""
    e = jnp.exp(x.at[:, -1].set(-jnp.inf))
    return -jnp.log((e / e.sum(-1, keepdims=True))[:, 1]).sum()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("derived", [lambda f: f, jax.grad], ids=["value", "gradient"])
@pytest.mark.parametrize("program", [first_states, without_the_last], ids=lambda f: f.__name__)
def test_parts_of_probabilities(program, derived):
    regimes = regimes_of(BASE, extreme=True)
    far = ("offset", "negative offset") if program is first_states else ()  # sums of two exponents
    graph = rw.from_jax(derived(program), BASE)
    assert_near(graph, {name: x for name, x in regimes.items() if name not in far}, 2e-6)


def test_what_is_sound_is_not_looked_into():
    graph = rw.from_jax(lambda x: jnp.sin(x).at[1].set(x[0]), BASE)
    assert rw.optimize(graph) is graph
