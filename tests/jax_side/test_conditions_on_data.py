"""Conditions on data hold for infinities and nan too: what a program chooses by them is kept.

The programs are sound at these points, so that the truth is their value in float64 by NumPy.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

INFINITY = np.inf
PROGRAMS = {
    "equal to minus infinity": lambda xp, x: xp.where(x == -INFINITY, 7.0, xp.exp(x)),
    "above minus infinity": lambda xp, x: xp.where(x > -INFINITY, xp.exp(x), 7.0),
    "not equal to itself": lambda xp, x: xp.where(x != x, 7.0, xp.exp(x)),
    "equal to itself": lambda xp, x: xp.where(x == x, xp.exp(x), 7.0),
    "infinite": lambda xp, x: xp.where(xp.isinf(x), 7.0, xp.exp(x)),
    "not a number": lambda xp, x: xp.where(xp.isnan(x), 7.0, xp.exp(x)),
    "finite data": lambda xp, x: xp.exp(xp.where(xp.isfinite(x), x, 0.0)),
    "nan to a number": lambda xp, x: xp.exp(xp.nan_to_num(x, neginf=-5.0, posinf=3.0)),
    "the larger one": lambda xp, x: xp.where(xp.maximum(x, -3.0) == x, xp.exp(x), 7.0),
    "a positive exponential": lambda xp, x: xp.where(xp.exp(x) > 0, xp.exp(x), 7.0),
    "sign of an exponential": lambda xp, x: xp.sign(xp.exp(x)) + xp.exp(x),
    "sign of the data": lambda xp, x: xp.sign(x) + 2.0 + xp.exp(x),
}
POINTS = {
    "finite": [1.0, 0.0, 2.0],
    "masked": [1.0, -INFINITY, 2.0],
    "all masked": [-INFINITY, -INFINITY, -INFINITY],
    "infinite": [1.0, INFINITY, 2.0],
    "nan": [1.0, np.nan, 2.0],
}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_chosen_by_a_condition_is_kept(program, point):
    chosen, x = PROGRAMS[program], np.array(POINTS[point], np.float32)
    with np.errstate(all="ignore"):
        truth = np.log(np.sum(chosen(np, x.astype(np.float64))))
    value = rw.stabilize(lambda x: jnp.log(jnp.sum(chosen(jnp, x))))(x)
    np.testing.assert_allclose(value, truth, rtol=1e-6)


def test_a_sink_takes_what_a_wholly_masked_row_leaves():
    """``exp(x)/(1 + Σ exp(x))`` is 0 there, not nan."""
    x = np.array([[1, 2], [-INFINITY, -INFINITY], [1000, 999]], np.float32)
    value = rw.stabilize(lambda x: jnp.exp(x) / (1 + jnp.sum(jnp.exp(x), 1, keepdims=True)))(x)
    first = np.exp([1.0, 2.0]) / (1 + np.sum(np.exp([1.0, 2.0])))
    last = [1 / (1 + np.exp(-1.0)), np.exp(-1.0) / (1 + np.exp(-1.0))]
    np.testing.assert_allclose(value, [first, [0, 0], last], rtol=1e-6)


def test_a_huge_number_beside_a_value_does_not_swallow_it():
    """``where(m, x, 3e38)`` is not scaled by 3e38 in the places where x is chosen."""
    chosen = np.array([True, False, True])
    x = np.array([1, 0, 2], np.float32)

    def program(x, y):
        z = jnp.where(y, jnp.where(chosen, x, 3e38), -5.0)
        return jnp.log(jnp.sum(jnp.exp(z)))

    value = rw.stabilize(program)(x, chosen)
    np.testing.assert_allclose(value, np.log(np.sum(np.exp([1.0, -5.0, 2.0]))), rtol=1e-6)


def test_a_root_of_a_number_below_zero_is_above_nothing():
    x = np.array([-1, 1, 4], np.float32)
    value = rw.stabilize(
        lambda x: jnp.log(jnp.sum(jnp.where(jnp.sqrt(x) > -1, jnp.exp(jnp.sqrt(x)), 0.0)))
    )(x)
    np.testing.assert_allclose(value, np.log(np.exp(1.0) + np.exp(2.0)), rtol=1e-6)


def test_a_product_of_one_factor_is_the_factor():
    """Its derivative at 0 is that of the factor, with the engine inside too."""

    def program(x):
        mean = jnp.log(jnp.mean(jnp.exp(x[None]), 0, keepdims=True))
        return jnp.sum(0.5 * jnp.prod(x[None], 0) + 0.25 * jnp.prod(mean, 0))

    gradient = jax.grad(rw.stabilize(program))(np.array([1, 0, 3], np.float32))
    np.testing.assert_allclose(gradient, [0.75, 0.75, 0.75], rtol=1e-6)
