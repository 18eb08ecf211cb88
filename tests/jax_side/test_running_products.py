"""Running products: neighbours have a quotient, though each is made of the same factors.

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

BASE = np.float32([0.5, -1.25, 0.75, 0.25, -0.5])
POINTS = {**regimes_of(BASE), "spread": BASE * np.float32(800)}


def chances(x):
    return 1 / (1 + jnp.exp(-x))


def steps(x):
    """What a running product loses from place to place."""
    product = jnp.cumprod(chances(x))
    return product[:-1] - product[1:]


def levels(x):
    """The chances of all levels, the first and the last among them."""
    product = jnp.cumprod(chances(x))
    bounds = jnp.concatenate([jnp.ones(1), product, jnp.zeros(1)])
    return bounds[:-1] - bounds[1:]


PROGRAMS = {
    "steps": lambda x: jnp.log(steps(x)),
    "a step": lambda x: jnp.log(steps(x)[1]),
    "two steps": lambda x: jnp.log(jnp.cumprod(chances(x))[0] - jnp.cumprod(chances(x))[2]),
    "backwards": lambda x: jnp.log(steps(x[::-1])[::-1]),
    "levels": lambda x: jnp.log(levels(x)),
    "chosen levels": lambda x: jnp.log(levels(x)[jnp.array([0, 3])]).sum(),
    "slope of a step": jax.grad(lambda x: jnp.log(steps(x)[1])),
    "slope of chosen levels": jax.grad(lambda x: jnp.log(levels(x)[jnp.array([0, 3])]).sum()),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_differences_of_running_products(name):
    assert_near(rw.from_jax(PROGRAMS[name], BASE), POINTS, 2.0**-20)


def test_sums_between_ends_that_are_near():
    """What a running sum gains from place to place, in an exponent."""
    y = rw.input("y", (6,), "float32")
    total = rw.cumsum(y, axis=0)
    graph = rw.Graph([y], [rw.exp(total[2:]) / rw.exp(total[:-2])])
    point = np.float32([3e4, -2e4, 0.5, 0.25, 1e4, -1e4])
    wanted = rw.compile(graph, backend="exact")(point)
    found = rw.compile(rw.optimize(graph))(point)
    kept = np.isfinite(wanted)
    np.testing.assert_allclose(found[kept], wanted[kept], rtol=2.0**-20)
