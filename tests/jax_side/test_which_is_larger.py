"""Gradients of maxima and minima whose values are rebuilt: which is larger is asked of the values.

JAX asks ``a == max(a, b)``; two ways of computing a round apart. Expected values are the naive
program's, in ball arithmetic.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.graph.node import topological

SCORES = np.array([[0.125, -0.5, 0.75, 0.3125], [-1.25, 0.5, -0.0625, 1.5]], "float32")


def floored(x: Any) -> Any:
    """A contrast whose corrected negatives have a floor."""
    positive, negatives = jnp.exp(2 * x[:, 0]), jnp.exp(2 * x[:, 1:])
    hard = (negatives / negatives.mean(1, keepdims=True) * negatives).sum(1)
    corrected = jnp.maximum((hard - 0.3 * positive) / 0.9, 3 * jnp.exp(-2.0))
    return -jnp.log(positive / (positive + corrected)).mean()


def capped(x: Any) -> Any:
    """A cross entropy in which no sum counts for more than a number."""
    e = jnp.exp(x)
    return jnp.log(jnp.minimum(e[:, 0] / e.sum(1) + e[:, 1], 0.9)).sum()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("program", [floored, capped])
def test_the_gradient_goes_where_the_larger_is(program: Any, sign: int) -> None:
    x = np.float32(sign) * SCORES
    gradient = jax.grad(program)
    truth = rw.compile(rw.from_jax(gradient, x), backend="exact")(x)
    found = rw.stabilize(gradient)(x)
    np.testing.assert_allclose(found, np.asarray(truth, "float64"), rtol=0, atol=1e-6)


def test_where_nothing_is_rebuilt_the_question_stays_as_it_is() -> None:
    graph = rw.from_jax(jax.grad(lambda x: jnp.maximum(x, 2 * x).sum()), SCORES)
    optimized = rw.optimize(graph)
    assert optimized is graph
    assert o.EQUAL in {node.operator for node in topological(graph.outputs)}
