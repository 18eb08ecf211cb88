"""Labels and rows that are data: what the gradient adds up is added where it belongs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.graph import operators as o

SCORES = np.float32(np.random.default_rng(0).normal(size=(6, 4)) * 50)
ROWS = jnp.array([5, 0, 3, 3])
LABELS = jnp.array([1, 2, 0, 0])


def softmax(x):
    return jnp.exp(x) / jnp.sum(jnp.exp(x), axis=-1, keepdims=True)


def rows_and_labels(x, rows, labels):
    return -jnp.mean(jnp.log(softmax(x))[rows, labels])


def one_row(x, rows, labels):
    return jnp.sum(jnp.log(softmax(x[0]))[labels])


def careful_rows_and_labels(x, rows, labels):
    return -jnp.mean(jax.nn.log_softmax(x)[rows, labels])


def careful_one_row(x, rows, labels):
    return jnp.sum(jax.nn.log_softmax(x[0])[labels])


@pytest.mark.parametrize(
    ("written", "careful"),
    [(rows_and_labels, careful_rows_and_labels), (one_row, careful_one_row)],
)
def test_repeated_places_are_added_up_by_one_scatter(written, careful):
    arguments = (SCORES, ROWS, LABELS)
    gradient = rw.stabilize(jax.grad(written))(*arguments)
    np.testing.assert_allclose(gradient, jax.grad(careful)(*arguments), rtol=2e-6, atol=2e-7)
    graph = rw.optimize(rw.from_jax(jax.grad(written), *arguments))
    operators = [node.operator for node in graph.nodes()]
    assert operators.count(o.SCATTER_ADD) == 1
    assert o.EINSUM not in operators


def test_the_jacobian_of_a_softmax_within_groups():
    """Two of a group beside three that overflow: p·(1 − p) of the two."""
    groups = np.array([0, 0, 1, 1, 1])

    def within_groups(x):
        e = jnp.exp(x)
        totals = jax.ops.segment_sum(e, groups, 2)
        return e / totals.at[groups].get(mode="promise_in_bounds")

    found = rw.stabilize(jax.jacrev(within_groups))(np.float32([1, 2, 1000, -3, 5]))
    p = 1 / (1 + np.exp(1.0))
    expected = np.zeros((5, 5))
    expected[:2, :2] = p * (1 - p) * np.array([[1, -1], [-1, 1]])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
