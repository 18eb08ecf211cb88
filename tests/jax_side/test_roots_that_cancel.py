"""Roots of sums of exponentials less what they are near: by their conjugates.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw
from rewriter.terms.conjugates import by_conjugate
from rewriter.terms.reading import normal_form

BASE = np.random.default_rng(1).normal(size=4).astype(np.float32)
REGIMES = regimes_of(BASE)


def ionised(x):
    """The fraction f for which f²/(1 − f) = eˣ."""
    s = jnp.exp(x)
    return (-s + jnp.sqrt(s**2 + 4 * s)) / 2


def positive_root(x):
    """Of y² + b·y − c."""
    b, c = jnp.exp(x[0]), jnp.exp(x[1])
    return (-b + jnp.sqrt(b**2 + 4 * c)) / 2


FORMS = {
    "ionised": lambda x: jnp.log(ionised(x)).sum(),
    "neutral": lambda x: jnp.log(1 - ionised(x)).sum(),
    "the root of a quadratic": lambda x: jnp.log(positive_root(x)),
    "a complement of a root": lambda x: jnp.log(1 - jnp.sqrt(1 / (1 + jnp.exp(-x)))).sum(),
    "a root less 1": lambda x: jnp.log(jnp.sqrt(1 + jnp.exp(x)) - 1).sum(),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("derivative", [False, True])
def test_nothing_is_lost(name, derivative):
    form = jax.grad(FORMS[name]) if derivative else FORMS[name]
    graph = rw.from_jax(form, BASE)
    assert_near(graph, REGIMES, 2.0**-19)


def test_what_cancels_either_way_stays():
    """``√(e^x + e^y) − e^z`` is of no sign, nor is the difference of squares."""
    x, y, z = (rw.input(name, ()) for name in "xyz")
    of_no_sign = normal_form(rw.sqrt(rw.exp(x) + rw.exp(y)) - rw.exp(z))
    assert by_conjugate(of_no_sign) is None
    root_less_part = normal_form(rw.sqrt(rw.exp(x) + rw.exp(2 * y)) - rw.exp(y))
    found = by_conjugate(root_less_part)
    assert found is not None
    assert len(found.products) == 1
