"""``where(c, f(x), g(x))`` where the branch that is not taken, or its derivative, is no number.

JAX's derivative is nan there (its FAQ: "Gradients contain NaN where using ``where``"). What is
expected is the derivative of the branch that is taken, by hand, in NumPy's float64.
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
POINTS = jnp.array([-1e4, -200, -30, -2, -0.5, 0, 0.25, 0.5, 3, 30, 200, 1e4], "float32")


def taken(condition: Function, first: Function, second: Function) -> Function:
    """The derivative of a choice, each point from its own branch."""

    def derivative(x: Any) -> Any:
        return np.array([(first if condition(one) else second)(one) for one in x])

    return derivative


def zero(x: Any) -> float:
    return 0.0


CHOICES: dict[str, tuple[Function, Function]] = {
    "logarithm": (
        lambda x: jnp.where(x > 0, jnp.log(x), 0.0),
        taken(lambda x: x > 0, lambda x: 1 / x, zero),
    ),
    "root": (
        lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0),
        taken(lambda x: x > 0, lambda x: 0.5 / np.sqrt(x), zero),
    ),
    "quotient": (
        lambda x: jnp.where(x != 0, 2 / x, 7.0),
        taken(lambda x: x != 0, lambda x: -2 / x**2, zero),
    ),
    "entropy": (
        lambda x: jnp.where(x > 0, -x * jnp.log(x), 0.0),
        taken(lambda x: x > 0, lambda x: -np.log(x) - 1, zero),
    ),
    "power": (
        lambda x: jnp.where(x > 0, x**0.3, x),
        taken(lambda x: x > 0, lambda x: 0.3 * x**-0.7, lambda x: 1.0),
    ),
    "sinc": (
        lambda x: jnp.where(x == 0, 1.0, jnp.sin(x) / x),
        taken(lambda x: x == 0, zero, lambda x: (x * np.cos(x) - np.sin(x)) / x**2),
    ),
    "exponential linear unit": (
        lambda x: jnp.where(x > 0, x, jnp.exp(x) - 1),
        taken(lambda x: x > 0, lambda x: 1.0, np.exp),
    ),
    "exponential, continued": (
        lambda x: jnp.where(x < 50, jnp.exp(x), jnp.exp(50.0) * (x - 49)),
        taken(lambda x: x < 50, np.exp, lambda x: np.exp(50.0)),
    ),
    "window": (
        lambda x: jnp.where(jnp.abs(x) < 5, jnp.exp(x * x), 0.0),
        taken(lambda x: abs(x) < 5, lambda x: 2 * x * np.exp(x * x), zero),
    ),
    "a choice of choices": (
        lambda x: jnp.where(x > 0.3, jnp.where(x < 2, jnp.log(x), jnp.sqrt(x - 1)), x / 2),
        taken(
            lambda x: x > 0.3,
            lambda x: 1 / x if x < 2 else 0.5 / np.sqrt(x - 1),
            lambda x: 0.5,
        ),
    ),
}


@pytest.mark.parametrize("form", CHOICES)
def test_a_derivative_is_that_of_the_branch_that_is_taken(form: str) -> None:
    program, derivative = CHOICES[form]
    truth = derivative(np.asarray(POINTS).astype("float64"))
    outside = rw.stabilize(jax.grad(lambda x: program(x).sum()))(POINTS)
    inside = jax.grad(lambda x: rw.stabilize(program)(x).sum())(POINTS)
    for found in (outside, inside):
        np.testing.assert_allclose(found, truth, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("form", CHOICES)
def test_its_second_derivative_is_a_number(form: str) -> None:
    program, _ = CHOICES[form]

    def slope(function: Function) -> Function:
        return jax.grad(lambda x: function(x).sum())

    for found in (
        rw.stabilize(slope(slope(program)))(POINTS),
        slope(slope(rw.stabilize(program)))(POINTS),
        slope(rw.stabilize(slope(program)))(POINTS),
    ):
        assert np.isfinite(found).all()


@pytest.mark.parametrize("form", CHOICES)
def test_the_value_keeps_its_bits(form: str) -> None:
    program, _ = CHOICES[form]
    if form == "exponential linear unit":
        return  # exp(x) - 1 is cured by itself
    np.testing.assert_array_equal(rw.stabilize(program)(POINTS), program(POINTS))


@pytest.mark.parametrize("engine", ["outside", "inside"])
def test_rows_without_a_direction(engine: str) -> None:
    """Norms and unit vectors, chosen where they are not 0: of a zero row the gradient is 0."""
    rows = np.array([[1, 2, 3], [0, 0, 0]], "float32")
    norm, direction = np.sqrt(14.0), np.array([1, 2, 3]) / np.sqrt(14.0)

    def length(z: Any) -> Any:
        size = jnp.linalg.norm(z, axis=-1)
        return jnp.where(size > 0, size, 0.0).sum()

    def unit(z: Any) -> Any:
        total = jnp.sum(z**2, -1, keepdims=True)
        return jnp.where(total > 0, z / jnp.sqrt(total), 0.0).sum()

    expected = {length: direction, unit: (1 - direction * direction.sum()) / norm}
    for program, truth in expected.items():
        outer = rw.stabilize(jax.grad(program))
        gradient = outer if engine == "outside" else jax.grad(rw.stabilize(program))
        np.testing.assert_allclose(gradient(rows), [truth, np.zeros(3)], rtol=1e-5, atol=1e-6)


def test_by_the_own_reverse_mode() -> None:
    x = rw.input("x", (12,), "float32")
    for condition, branch, truth in (
        (x > 0, rw.log(x), lambda v: 1 / v),
        (x > 0, x * rw.log(x), lambda v: np.log(v) + 1),
        (x > 0, rw.sqrt(x), lambda v: 0.5 / np.sqrt(v)),
    ):
        value = rw.sum(rw.where(condition, branch, 0.0))
        graph = rw.optimize(rw.Graph([x], rw.grad(value, [x])))
        points = np.asarray(POINTS).astype("float64")
        expected = np.where(points > 0, truth(np.where(points > 0, points, 1)), 0)
        np.testing.assert_allclose(rw.compile(graph, backend="numpy")(POINTS), expected, rtol=1e-5)


def test_what_is_in_its_domain_is_left_alone() -> None:
    def program(x: Any) -> Any:
        return jnp.where(x > 0, jnp.cos(x) * jnp.exp(-x * x) / (2 + jnp.sin(x)), 0.0).sum()

    graph = rw.from_jax(jax.grad(program), POINTS)
    assert rw.optimize(graph) is graph
