"""Alike nodes, of which some are read when sums have names and others are not.

What becomes of them is built once for all that read alike; what one reads beside that is its own.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.engine import large_terms


def sigmoid(x: Any) -> Any:
    return 1 / (1 + jnp.exp(-x))


def recurrent(x: Any) -> Any:
    """Three steps of a gated recurrent unit under a sigmoid loss."""
    state = 0.3
    for _ in range(3):
        update, reset = sigmoid(x[0] + 0.5 * state), sigmoid(x[1] - state)
        state = (1 - update) * jnp.tanh(x[2] + reset * state) + update * state
    return -jnp.log(sigmoid(state + x[3]))


SOURCES = jnp.array([2, 0, 2, 3])


def softmax(x: Any) -> Any:
    return jnp.exp(x) / jnp.exp(x).sum()


def copied(x: Any) -> Any:
    """A mixture of words and of copies; nothing is copied to the second place."""
    gate = sigmoid(x[2, 0])
    copies = jnp.zeros(4).at[SOURCES].add(softmax(x[1]))
    mixed = gate * softmax(x[0]) + (1 - gate) * copies
    return -jnp.log(mixed[jnp.array([2, 0])]).sum()


@pytest.mark.parametrize("largest", [60, 240])
@pytest.mark.parametrize(("program", "shape"), [(recurrent, (4,)), (copied, (3, 4))])
def test_a_gradient_is_right_from_whatever_size_on_sums_have_names(
    monkeypatch: pytest.MonkeyPatch, program: Any, shape: tuple[int, ...], largest: int
) -> None:
    monkeypatch.setattr(large_terms, "LARGEST_WEIGHT", largest)
    x = np.cos(np.arange(np.prod(shape), dtype="float32")).reshape(shape)
    graph = rw.from_jax(jax.grad(program), x)
    truth = np.asarray(rw.compile(graph, backend="exact")(x), "float64")
    optimized = rw.optimize(graph)
    found = np.asarray(rw.compile(optimized, backend="numpy")(x), "float64")
    np.testing.assert_allclose(found, truth, rtol=2e-5, atol=2e-7)
