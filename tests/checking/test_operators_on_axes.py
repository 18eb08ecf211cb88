"""Operators that have a shape rule are checked too: shape, derivative, facts and functions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import DerivativeError


def axes_gone(shape: Any) -> Any:
    """The last axis goes."""
    return shape[:-1]


def _logsumexp(x: Any) -> Any:
    m = x.max(-1, keepdims=True)
    return np.log(np.sum(np.exp(x - m), -1)) + m[..., 0]


@rw.operator(shape=axes_gone, facts=lambda y: [y >= 0], numpy=lambda x: np.sqrt(np.sum(x * x, -1)))
def length(x: Any) -> Any:
    """√Σ_j x[j]²."""
    return rw.sqrt(rw.sum(x * x, axis=-1))


@rw.operator(shape=axes_gone, numpy=_logsumexp, derivative=lambda x: _softmax(x, -1))
def soft_maximum(x: Any) -> Any:
    """log Σ_j exp x[j]."""
    return rw.log(rw.sum(rw.exp(x), axis=-1))


def _softmax(x: Any, axis: int) -> Any:
    return rw.exp(x) / rw.sum(rw.exp(x), axis=axis, keepdims=True)


@rw.operator(shape=lambda x: x[1:], derivative=lambda x: _softmax(x, 0))
def soft_maximum_of_columns(x: Any) -> Any:
    """log Σ_i exp x[i, …]."""
    return rw.log(rw.sum(rw.exp(x), axis=0))


@rw.operator(shape=lambda x: (*x[:-1], 1), derivative=rw.cos)
def total_sine(x: Any) -> Any:
    """Σ_j sin x[j], the axis kept."""
    return rw.sum(rw.sin(x), axis=-1, keepdims=True)


@rw.operator(shape=lambda x: (), derivative=lambda x: 2 * x)
def energy_of_all(x: Any) -> Any:
    """Σ x², over all axes."""
    return rw.sum(x * x)


@rw.operator(shape=lambda x, y: x[:-1], derivative=lambda x, y: (y, x))
def inner(x: Any, y: Any) -> Any:
    """Σ_j x[j]·y[j]."""
    return rw.sum(x * y, axis=-1)


@rw.operator(shape=lambda x, y: (x[0], y[1]), numpy=lambda x, y: x @ y)
def matrix_product(x: Any, y: Any) -> Any:
    """Σ_j x[i, j]·y[j, k]."""
    return x @ y


@rw.operator(shape=axes_gone, facts=lambda y: [y > 0])
def length_above_zero(x: Any) -> Any:
    """√Σ_j x[j]², said to be > 0: 0 is one."""
    return rw.sqrt(rw.sum(x * x, axis=-1))


@rw.operator(shape=lambda x: x[1:])
def wrong_shape(x: Any) -> Any:
    """The definition takes another axis than the rule."""
    return rw.sum(x, axis=-1)


@rw.operator(shape=axes_gone, numpy=lambda x: x.sum(0))
def wrong_axis(x: Any) -> Any:
    """NumPy's function takes another axis."""
    return rw.sum(x, axis=-1)


@rw.operator(shape=axes_gone, numpy=lambda x: _logsumexp(x) + 1e-6)
def wrong_function(x: Any) -> Any:
    """NumPy's function is beside the truth."""
    return rw.log(rw.sum(rw.exp(x), axis=-1))


@rw.operator(shape=axes_gone, derivative=lambda x: 3 * x)
def wrong_derivative(x: Any) -> Any:
    """Σ_j x[j]², with a wrong derivative."""
    return rw.sum(x * x, axis=-1)


@rw.operator(shape=axes_gone, derivative=lambda x: _softmax(x, 0))
def derivative_along_another_axis(x: Any) -> Any:
    """log Σ_j exp x[j], with the derivative of another sum."""
    return rw.log(rw.sum(rw.exp(x), axis=-1))


@rw.operator(shape=lambda x, y: (x[0], y[1]), derivative=lambda x, y: (y, x))
def wrong_product(x: Any, y: Any) -> Any:
    """x·y with partial derivatives that are those of an elementwise product."""
    return x @ y


RIGHT = (length, soft_maximum, soft_maximum_of_columns, total_sine, energy_of_all, inner,
         matrix_product)  # fmt: skip
WRONG = {
    length_above_zero: "a fact does not hold",
    wrong_shape: "the shape rule says",
    wrong_axis: "the numpy function",
    wrong_function: "the numpy function",
    wrong_derivative: "the derivative is not",
    derivative_along_another_axis: "the derivative is not",
    wrong_product: "the derivative",
}


@pytest.mark.parametrize("operation", RIGHT, ids=lambda one: one.name)
def test_a_right_one_is_proved(operation: Any) -> None:
    assert rw.check(operation).status == "proved"


@pytest.mark.parametrize("operation", WRONG, ids=lambda one: one.name)
def test_a_wrong_one_is_refuted(operation: Any) -> None:
    verdict = rw.check(operation)
    assert verdict.status == "refuted"
    assert verdict.reason.startswith(WRONG[operation])


X = rw.input("x", (2, 3), "float64")
POINT = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75]])
GRADIENTS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "rows": (soft_maximum, lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
    "columns": (soft_maximum_of_columns, lambda x: np.exp(x) / np.exp(x).sum(0)),
    "an axis that is kept": (total_sine, np.cos),
    "all axes": (energy_of_all, lambda x: 2 * x),
    "two operands": (lambda x: inner(x, x[0]), lambda x: x[0] + [x.sum(0), np.zeros(3)]),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_its_derivative_goes_along_the_axes_that_are_gone(name: str) -> None:
    function, expected = GRADIENTS[name]
    (gradient,) = rw.grad(rw.sum(function(X)), [X])
    found = rw.compile(rw.Graph([X], [gradient]))(POINT)
    np.testing.assert_allclose(found, expected(POINT), rtol=1e-14)


def test_partial_derivatives_of_what_makes_axes_are_refused() -> None:
    @rw.operator(shape=lambda x: (*x, 2), derivative=lambda x: x)
    def doubled(x: Any) -> Any:
        """X twice."""
        return rw.broadcast_to(x[..., None], (*x.shape, 2))

    with pytest.raises(DerivativeError, match="makes some"):
        rw.grad(rw.sum(doubled(X)), [X])
    assert rw.check(doubled).status == "refuted"
