"""Outcomes of a few kinds, told by labels: what holds of all kinds holds whichever it is.

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

BASE = np.float32([0.5, -1.25, 0.75, 0.25, -0.5, 1.0])
POINTS = {**regimes_of(BASE), "spread": BASE * np.float32(800)}
FIRST, SECOND = jnp.array([0, 1, 2, 3, 4]), jnp.array([1, 2, 3, 4, 5])
OUTCOMES = jnp.array([0, 1, 2, 0, 1])


def chances(x, tie):
    """Of pairs: the first wins, neither does, the second does."""
    s = jnp.exp(x)
    drawn = tie * jnp.sqrt(s[FIRST] * s[SECOND])
    total = s[FIRST] + s[SECOND] + drawn
    return [s[FIRST] / total, drawn / total, s[SECOND] / total]


def picked(x):
    return -jnp.log(jnp.stack(chances(x, 1.0), axis=1)[jnp.arange(5), OUTCOMES]).sum()


def chosen(x):
    return -jnp.log(jnp.choose(OUTCOMES, chances(x, 0.6), mode="clip")).sum()


PROGRAMS = {
    "picked": picked,
    "slope of picked": jax.grad(picked),
    "chosen": chosen,
    "slope of chosen": jax.grad(chosen),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_outcomes_of_a_few_kinds(name):
    assert_near(rw.from_jax(PROGRAMS[name], BASE), POINTS, 2.0**-18)
