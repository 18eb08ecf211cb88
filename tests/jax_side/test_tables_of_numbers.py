"""Tables of numbers: what one holds at a fixed place is that number, zeros among them.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.terms.binding import replace
from rewriter.terms.index import Axis, Fixed
from rewriter.terms.reading import axes_of, element
from rewriter.terms.simple import number

BASE = np.float32([0.5, -1.25, 0.75])
REGIMES = {
    "moderate": BASE,
    "spread": BASE * np.float32(800),
    "offset": BASE + np.float32(1e4),
    "negative offset": BASE - np.float32(1e4),
}


def after_a_step(x):
    """Two states, the second of which is never left."""
    share = jnp.exp(x[1:]) / jnp.exp(x[1:]).sum()
    stays = 1 / (1 + jnp.exp(-x[0]))
    moves = jnp.stack([jnp.stack([stays, 1 - stays]), jnp.array([0.0, 1.0])])
    return jnp.log(share @ moves)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("program", [after_a_step, jax.grad(lambda x: after_a_step(x).sum())])
def test_a_state_that_cannot_be_left(program, regime):
    graph, point = rw.from_jax(program, BASE), REGIMES[regime]
    wanted = np.asarray(rw.compile(graph, backend="exact")(point), float)
    found = rw.compile(rw.optimize(graph))(point)
    scale = max(1.0, np.abs(wanted).max())
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2.0**-20 * scale)


@pytest.mark.parametrize("place", [0, 1])
def test_a_table_at_a_fixed_place_is_a_number(place):
    table = rw.constant(np.float32([0.0, 0.25]))
    (axis,) = axes_of(table)
    assert isinstance(axis, Axis)
    assert replace(element(table), {axis: Fixed(place)}) is number(Fraction(place, 4))
