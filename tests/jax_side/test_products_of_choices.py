"""Products of choices and their gradients: likelihoods of events, parents, matches and steps.

JAX takes the gradient of a product over an axis by halves, padded with ones where their number is
odd. Expected values are the naive program's, in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

WON = jnp.array([1, 0, 1, 1, 0, 0, 1, 0])
Function = Callable[[Any], Any]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + jnp.exp(-x))


def outcomes(x: Any) -> Any:
    """The likelihood of one outcome for each logit."""
    p = sigmoid(x)
    return -jnp.log(jnp.prod(jnp.where(WON[: x.size] == 1, p, 1 - p)))


def parents(x: Any) -> Any:
    """No parent is the cause: a product over those that are there."""
    return -jnp.log(jnp.prod(jnp.where(WON[: x.size] == 1, 1 - sigmoid(x), 1.0)))


def matches(x: Any) -> Any:
    """Bradley-Terry: each plays the next, as quotients of exponentials."""
    one, other = jnp.exp(x), jnp.exp(jnp.roll(x, 1))
    p = one / (one + other)
    return -jnp.log(jnp.prod(jnp.where(WON[: x.size] == 1, p, 1 - p)))


def steps(x: Any) -> Any:
    """Discrete hazards: survival up to a step that is data, then the event or not."""
    hazard = sigmoid(x.reshape(-1, 4))
    died, event = jnp.array([1, 3, 2])[: hazard.shape[0]], jnp.array([1, 0, 1])[: hazard.shape[0]]
    survived = jnp.prod(jnp.where(jnp.arange(4) < died[:, None], 1 - hazard, 1.0), axis=1)
    last = jnp.take_along_axis(hazard, died[:, None], axis=1)[:, 0]
    return -jnp.log(jnp.where(event == 1, survived * last, survived * (1 - last))).sum()


SPREAD = [1000.0, -1000.0, 3.0, 500.0, 0.0, -80.0, 90.0, 200.0]
VARIABLES = jnp.array([[0, 1, 2], [0, 3, 4], [1, 2, 4], [2, 3, 0]])
LITERALS = jnp.array([[1, -1, 1], [-1, 1, 1], [1, -1, -1], [1, -1, -1]])


def clauses(x: Any) -> Any:
    """Satisfiability, relaxed: one less what leaves each literal of a clause false."""
    value = sigmoid(x)
    literal = jnp.where(LITERALS > 0, value[VARIABLES], 1 - value[VARIABLES])
    return -jnp.log(1 - jnp.prod(1 - literal, axis=1)).sum()


def some_alone(x: Any) -> Any:
    """Some outcomes count, the others do not."""
    return -jnp.log(jnp.prod(jnp.where(WON[: x.size] == 1, sigmoid(x), 1.0)))


def twice_as_steep(x: Any) -> Any:
    """One slope for some outcomes, another for the rest, of which the opposite is asked."""
    return jnp.log(jnp.prod(1 - jnp.where(WON[: x.size] == 1, sigmoid(x), 1 - sigmoid(2 * x))))


REGIMES = {
    "moderate": [0.1, -0.5, 0.75, 1.0, -1.25, 0.3, 2.0, -0.2],
    "spread": SPREAD,
    "offset": [1e4] * 8,
    "negative offset": [-1e4] * 8,
    "mixed": [1e4, 1.0] * 4,
}


@pytest.mark.parametrize("size", [3, 4, 7, 8])
@pytest.mark.parametrize("program", [outcomes, parents, matches])
def test_gradients_of_products_of_choices(program: Function, size: int) -> None:
    agrees(program, size)


def test_gradients_of_survival_by_steps() -> None:
    agrees(steps, 8)


@pytest.mark.parametrize("program", [clauses, some_alone, twice_as_steep])
def test_values_and_gradients_of_complements_of_choices(program: Function) -> None:
    agrees(program, 5)
    agrees(program, 5, lambda f: f)


def agrees(
    program: Function, size: int, derivative: Callable[[Function], Function] = jax.grad
) -> None:
    """A stabilised derivative of a program is the naive one's true value, in each regime."""
    gradient = derivative(program)
    stabilized = jax.jit(rw.stabilize(gradient))
    exact = rw.compile(rw.from_jax(gradient, np.zeros(size, "float32")), backend="exact")
    for regime, numbers in REGIMES.items():
        x = np.array(numbers[:size], "float32")
        truth = np.asarray(exact(x), "float64")
        np.testing.assert_allclose(stabilized(x), truth, rtol=3e-6, atol=1e-7, err_msg=regime)


SOURCES, TARGETS = jnp.array([0, 1, 2, 0, 1, 2]), jnp.array([1, 1, 0, 2, 2, 1])


@pytest.mark.parametrize("floor", [1e-2, 1e-16])
def test_sums_over_the_two_ends_of_edges_are_told_apart(floor: float) -> None:
    """A Hessian product of attention on a graph: sums that differ only in what indexes them."""

    def attended(nodes: Any) -> Any:
        score = nodes[SOURCES].sum(-1) - nodes[TARGETS].mean(-1)
        weight = jnp.exp(jnp.where(score > 0, score, 0.2 * score))
        total = jax.ops.segment_sum(weight, TARGETS, 3)
        share = weight / (total[TARGETS] + floor)
        return jax.ops.segment_sum(share[:, None] * nodes[SOURCES], TARGETS, 3)

    cotangent, tangent = np.cos(np.arange(6.0)).reshape(3, 2), np.sin(np.arange(6.0)).reshape(3, 2)

    def optimized(dtype: str) -> tuple[Any, Any, Any]:
        """The optimised graph, a point, and the truth there."""
        nodes = np.cos(3 * np.arange(6, dtype=dtype) + 1).reshape(3, 2)
        gradient = jax.grad(lambda x: (attended(x) * cotangent.astype(dtype)).sum())
        graph = rw.from_jax(lambda x: jax.jvp(gradient, (x,), (tangent.astype(dtype),))[1], nodes)
        truth = np.asarray(rw.compile(graph, backend="exact")(nodes), "float64")
        return rw.optimize(graph), nodes, truth

    with jax.enable_x64(True):
        graph, nodes, truth = optimized("float64")
        exactly = np.asarray(rw.compile(graph, backend="exact")(nodes), "float64")
        np.testing.assert_allclose(exactly, truth, rtol=1e-14)
    graph, nodes, truth = optimized("float32")
    rounded = rw.compile(graph, backend="numpy")(nodes)
    np.testing.assert_allclose(rounded, truth, rtol=0, atol=1e-6)  # of summands near 1
