"""Rows that a mask empties: what the plain program selects away stays out of sight, values and
derivatives. Expected: the plain program in float64 at moderate logits, where it is finite.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

RANDOM = np.random.RandomState(1)
QUERIES, KEYS, VALUES = (RANDOM.randn(*shape) for shape in ((3, 4), (5, 4), (5, 2)))
WEIGHTS = RANDOM.randn(4, 4)
MASK = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
LENGTHS = np.array([3, 0, 5])
SCALES = {"moderate": 0.2, "huge": 100.0}


def softmax(x):
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=-1, keepdims=True)


def scores(weights):
    return QUERIES.astype(weights.dtype) @ weights @ KEYS.astype(weights.dtype).T


def masked_twice(weights):
    p = softmax(jnp.where(MASK, scores(weights), -jnp.inf))
    return jnp.where(MASK, p, 0.0) @ VALUES.astype(weights.dtype)


def divisor_replaced(weights):
    e = jnp.where(MASK, jnp.exp(scores(weights)), 0.0)
    total = e.sum(-1, keepdims=True)
    return (e @ VALUES.astype(weights.dtype)) / jnp.where(total == 0, 1.0, total)


def rows_chosen(weights):
    p = softmax(jnp.where(MASK, scores(weights), -jnp.inf))
    seen = MASK.any(-1, keepdims=True)
    return jnp.where(seen, p @ VALUES.astype(weights.dtype), 0.0)


def padded(weights):
    inside = np.arange(5) < LENGTHS[:, None]
    p = softmax(jnp.where(inside, scores(weights), -jnp.inf))
    return jnp.where(LENGTHS[:, None] > 0, p, 0.0) @ VALUES.astype(weights.dtype)


def cross_entropy(weights):
    logits = scores(weights)
    total = jnp.where(MASK, jnp.exp(logits), 0.0).sum(-1)
    return jnp.where(MASK.any(-1), jnp.log(total) - logits[:, 0], 0.0)


def logsumexp(weights):
    total = jnp.where(MASK, jnp.exp(scores(weights)), 0.0).sum(-1)
    return jnp.where(MASK.any(-1), jnp.log(total), 0.0)


PROGRAMS = (masked_twice, divisor_replaced, rows_chosen, padded, cross_entropy, logsumexp)


def loss_of(program):
    def loss(weights):
        value = program(weights)
        return jnp.sum(jnp.sin(1.0 + jnp.arange(value.size).reshape(value.shape)) * value**2)

    return loss


def product_with_hessian(loss):
    return lambda weights: jax.jvp(jax.grad(loss), (weights,), (weights,))[1]


def modes(program):
    loss = loss_of(program)
    return {
        "value": (program, rw.stabilize(program)),
        "gradient": (jax.grad(loss), rw.stabilize(jax.grad(loss))),
        "gradient of the cured": (jax.grad(loss), jax.grad(rw.stabilize(loss))),
        "product with the hessian": (
            product_with_hessian(loss),
            rw.stabilize(product_with_hessian(loss)),
        ),
    }


MODES = ("value", "gradient", "gradient of the cured", "product with the hessian")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_selected_away_stays_out_of_sight(program, mode):
    plain, cured = map(jax.jit, modes(program)[mode])
    with jax.enable_x64():
        expected = np.asarray(plain(jnp.asarray(WEIGHTS * SCALES["moderate"])))
    found = cured((WEIGHTS * SCALES["moderate"]).astype("float32"))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    assert np.isfinite(cured((WEIGHTS * SCALES["huge"]).astype("float32"))).all()


@pytest.mark.parametrize("chosen", [True, False])
def test_an_undefined_row_that_is_seen_stays_undefined(chosen):
    """Of an empty row, 0/0 is nan where nothing chooses, as in the plain program."""

    def program(x):
        e = jnp.where(MASK, jnp.exp(x), 0.0)
        p = e / e.sum(-1, keepdims=True)
        return jnp.where(MASK, p, 0.0) if chosen else p * MASK

    found = np.asarray(rw.stabilize(program)(np.full(MASK.shape, 100, "float32")))
    assert np.isfinite(found[[0, 2]]).all()
    assert (found[1] == 0).all() if chosen else np.isnan(found[1]).all()


def test_a_condition_tells_what_it_chooses():
    """``where(s == 0, 1, s)`` is positive of an s that is not below 0."""
    from rewriter.facts.ranges import range_of

    s = rw.absolute(rw.input("x", (3,), "float32"))
    assert range_of(rw.where(rw.equal(s, 0), 1.0, s)).positive
    assert range_of(rw.where(rw.not_equal(s, 0), s, 1.0)).positive
    assert range_of(rw.where(s > 0, s, 1.0)).positive
    assert range_of(rw.where(~(s < 0.5), s, 1.0)).low == 0.5
    assert not range_of(rw.where(rw.equal(s, 0), s, 1.0)).nonzero
    assert not range_of(rw.where(s >= 0, s, 1.0)).nonzero
    assert range_of(rw.where(rw.equal(s, 2.0), s, 1.0)).high == 2.0
