"""Unrolled recurrences: gates within gates, whose gradients multiply sums of many exponentials.

What such a sum vanishes with is followed in few summands, however long it is. Expected values are
the naive program's, in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

Function = Callable[[Any], Any]
DIRECTION = jnp.array([1.25, 0.5, -0.75, 1.0])


def sigmoid(x: Any) -> Any:
    return 1 / (1 + jnp.exp(-x))


def tanh(x: Any) -> Any:
    return (jnp.exp(x) - jnp.exp(-x)) / (jnp.exp(x) + jnp.exp(-x))


def gated_unit(steps: int) -> Function:
    def program(x: Any) -> Any:
        state = 0.3
        for step in range(steps):
            update = sigmoid(x[0] + 0.5 * state + 0.1 * step)
            candidate = jnp.tanh(x[2] + sigmoid(x[1] - state) * state)
            state = (1 - update) * candidate + update * state
        return -jnp.log(sigmoid(state + x[3]))

    return program


def memory_cell(x: Any) -> Any:
    state = memory = 0.1
    for _ in range(3):
        written, kept = sigmoid(x[0] + state), sigmoid(x[1] + 0.5 * state)
        memory = kept * memory + written * tanh(x[3] * state + x[0])
        state = sigmoid(x[2] - state) * tanh(memory)
    return -jnp.log(sigmoid(state + x[1]))


def highway(x: Any) -> Any:
    state = x
    for layer in range(3):
        gate = sigmoid(state * 0.7 + layer)
        state = gate * tanh(state + 0.1 * layer) + (1 - gate) * state
    return -jnp.log((jnp.exp(state) / jnp.sum(jnp.exp(state)))[1])


REGIMES = {
    "moderate": [0.125, -0.5, 0.75, 0.3125],
    "spread": [1.0, 2.0, 1000.0, -3.0],
    "mixed": [200.0, -300.0, 100.0, 5.0],
    "negative offset": [-1e4, -1e4, -9e3, 1.0],
}


@pytest.mark.parametrize("program", [gated_unit(5), memory_cell, highway])
def test_gradients_of_recurrences(program: Function) -> None:
    agrees(jax.grad(program))


@pytest.mark.parametrize("steps", [2, 5])
def test_products_with_the_hessian_of_a_recurrence(steps: int) -> None:
    gradient = jax.grad(gated_unit(steps))
    agrees(lambda x: jax.jvp(gradient, (x,), (DIRECTION,))[1])


def agrees(function: Function) -> None:
    graph = rw.from_jax(function, DIRECTION)
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    for regime, point in REGIMES.items():
        x = np.asarray(point, "float32")
        truth = np.asarray(exact(x), "float64")
        np.testing.assert_allclose(
            np.asarray(cured(x), "float64"), truth, atol=3e-5 * abs(truth).max(), err_msg=regime
        )
