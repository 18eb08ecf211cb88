"""``log(p[y])``, where labels are data: the probability is picked first, its logarithm taken after.

``take_along_axis`` and ``take`` give nan for a label that is out of range, other spellings the
nearest. The truth is log_softmax in float64 by NumPy.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

ROWS = 4


def probabilities(x):
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=-1, keepdims=True)


PICKED = {
    "take_along_axis": lambda p, y: jnp.take_along_axis(p, y[:, None], 1)[:, 0],
    "take in vmap": lambda p, y: jax.vmap(jnp.take)(p, y),
    "index in vmap": lambda p, y: jax.vmap(lambda row, k: row[k])(p, y),
    "two indices": lambda p, y: p[jnp.arange(ROWS), y],
}
FILLING = ("take_along_axis", "take in vmap")


def loss(picked):
    return lambda x, y: -jnp.sum(jnp.log(picked(probabilities(x), y)))


def kept_loss(picked):
    """Labels below 0 are padding."""
    return lambda x, y: jnp.sum(jnp.where(y >= 0, -jnp.log(picked(probabilities(x), y)), 0.0))


def truths(x, y):
    """The loss by row and its gradient; 0 where a label is below 0."""
    x, kept = x.astype(np.float64), y >= 0
    shifted = x - x.max(1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    value = -np.where(kept, log_p[np.arange(ROWS), y], 0).sum()
    return value, np.where(kept[:, None], np.exp(log_p) - np.eye(5)[y], 0)


@pytest.mark.parametrize("scale", [1, 1000])
@pytest.mark.parametrize("labels", [[0, 3, 2, 1], [4, 4, 0, -1]])
@pytest.mark.parametrize("spelling", PICKED)
def test_labels_pick_probabilities(spelling, labels, scale):
    x = (np.random.default_rng(7).normal(size=(ROWS, 5)) * scale).astype(np.float32)
    y = np.array(labels)
    value, gradient = truths(x, y % 5)
    program = loss(PICKED[spelling])
    np.testing.assert_allclose(rw.stabilize(program)(x, y), value, rtol=1e-6)
    for found in (rw.stabilize(jax.grad(program)), jax.grad(rw.stabilize(program))):
        np.testing.assert_allclose(found(x, y), gradient, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("spelling", PICKED)
def test_padding_costs_nothing(spelling):
    x = (np.random.default_rng(8).normal(size=(ROWS, 5)) * 1000).astype(np.float32)
    y = np.array([0, -100, 2, -100])
    value, gradient = truths(x, y % 5 * (y >= 0) - (y < 0))
    program = kept_loss(PICKED[spelling])
    np.testing.assert_allclose(rw.stabilize(program)(x, y), value, rtol=1e-6)
    for found in (rw.stabilize(jax.grad(program)), jax.grad(rw.stabilize(program))):
        np.testing.assert_allclose(found(x, y), gradient, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("spelling", FILLING)
@pytest.mark.parametrize("label", [7, -7])
def test_a_label_out_of_range_fills_with_nan(spelling, label):
    x = np.random.default_rng(9).normal(size=(ROWS, 5)).astype(np.float32)
    y = np.array([0, label, 2, 1])
    found = rw.stabilize(lambda x, y: jnp.log(PICKED[spelling](probabilities(x), y)))(x, y)
    assert np.isnan(found).tolist() == [False, True, False, False]


def test_what_an_indicator_says_beyond_an_axis_is_not_read():
    """One row of an identity matrix out of range is nan, not 0."""

    def program(x, y):
        chosen = jnp.take(jnp.eye(5), y, axis=0)
        return jnp.sum(chosen * jnp.log(probabilities(x)), axis=-1)

    x = np.random.default_rng(10).normal(size=(ROWS, 5)).astype(np.float32)
    found = rw.stabilize(program)(x, np.array([0, 7, 2, 1]))
    assert np.isnan(found).tolist() == [False, True, False, False]
