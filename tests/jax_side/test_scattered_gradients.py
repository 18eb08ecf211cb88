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
