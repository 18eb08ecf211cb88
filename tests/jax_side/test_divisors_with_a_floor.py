"""``e/max(Σe, ε)``: the larger of a sum of exponentials and of data, by ball arithmetic."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

MASK = np.array([[True, True, False], [True, True, True], [True, False, True]])
POINTS = {
    "moderate": [[1, 2, -3], [0.5, 1, -3], [-4, 1, 2]],
    "huge": [[1, 2, 300], [0.5, 100, -3], [1000, 999, 998]],
    "tiny": [[-100, -101, -102], [-20.5, -20, -21], [-1000, -2000, -3000]],
}


def over_a_floor(x):
    e = jnp.exp(x)
    return e / jnp.maximum(jnp.sum(e, axis=-1, keepdims=True), 1e-9)


def masked_over_a_floor(x):
    e = jnp.where(MASK, jnp.exp(x), 0.0)
    return e / jnp.clip(jnp.sum(e, axis=-1, keepdims=True), min=1e-6)


def attention_over_a_floor(x):
    e = jnp.exp(x)
    return (e @ jnp.cos(jnp.arange(3.0))) / jnp.maximum(jnp.sum(e, axis=-1), 1e-6)


def logarithm_over_a_floor(x):
    return jnp.log(jnp.maximum(jnp.sum(jnp.exp(x), axis=-1), 1e-12))


PROGRAMS = (over_a_floor, masked_over_a_floor, attention_over_a_floor, logarithm_over_a_floor)


def weighted(program):
    def loss(x):
        value = program(x)
        return jnp.sum(value * jnp.sin(1.0 + jnp.arange(value.size)).reshape(value.shape))

    return loss


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("derivative", [False, True], ids=["value", "gradient"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_divided_by_no_less_than_a_floor(program, derivative, point):
    x = np.array(POINTS[point], "float32")
    plain = jax.grad(weighted(program)) if derivative else program
    truth = rw.exact(rw.from_jax(plain, x), x, dtype="float64")
    inside = jax.grad(weighted(rw.stabilize(program))) if derivative else rw.stabilize(program)
    for cured in (rw.stabilize(plain), inside):
        scale = np.abs(truth).max()
        np.testing.assert_allclose(cured(x), truth, rtol=1e-5, atol=2e-6 * scale + 1e-30)
