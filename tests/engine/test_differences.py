"""Differences of near numbers keep their digits; what is no such difference is left alone."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw
from rewriter.lowering.accuracy import bits_of_error

FORMS = {
    "exp(x) - 1": (lambda x: rw.exp(x) - 1, [1e-10, -3e-5, 0.5, -20.0]),
    "1 - exp(-x)": (lambda x: 1 - rw.exp(-x), [1e-10, 3e-5, 0.5, 20.0]),
    "(exp(x) - 1) / x": (lambda x: (rw.exp(x) - 1) / x, [1e-10, -3e-5, 0.5, -20.0]),
    "log(1 + x)": (lambda x: rw.log(1 + x), [1e-10, 3e-5, 0.5, 1e6]),
    "log(1 - x)": (lambda x: rw.log(1 - x), [1e-10, 3e-5, 0.5, 0.75]),
    "log(1 + x + x²)": (lambda x: rw.log(1 + x + x * x), [1e-10, 3e-5, 0.5, 1e6]),
    "√(x + 1) - √x": (lambda x: rw.sqrt(x + 1) - rw.sqrt(x), [1e10, 3e5, 0.5, 1e-6]),
}
LEFT_ALONE = {
    "exp(x) - 2": lambda x: rw.exp(x) - 2,
    "log(x + 2)": lambda x: rw.log(x + 2),
    "√(2x) - √x": lambda x: rw.sqrt(2 * x) - rw.sqrt(x),
    "x + 1": lambda x: x + 1,
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_element_keeps_its_digits(name, dtype):
    form, points = FORMS[name]
    x = rw.input("x", (4,), dtype)
    graph = rw.Graph([x], [form(x)])
    point = np.array(points, dtype)
    cured = rw.compile(rw.optimize(graph))(point)
    assert bits_of_error(cured, rw.balls(graph, point)) <= 2.5
    assert rw.optimize(rw.optimize(graph)) is rw.optimize(graph)


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_is_no_such_difference_is_the_identical_object(name):
    x = rw.input("x", (4,), "float32")
    graph = rw.Graph([x], [LEFT_ALONE[name](x)])
    assert rw.optimize(graph) is graph


LOWER, UPPER = np.array([-0.5, 0.5, 2.0, -3.0]), np.array([1.0, 0.75, 9.0, 3.0])


def sigmoid(x):
    return 1 / (1 + rw.exp(-x))


DIFFERENCES_OF_SIGMOIDS = {
    "numbers": lambda x: sigmoid(1.0 - x) - sigmoid(-0.5 - x),
    "constants": lambda x: (
        sigmoid(rw.constant(UPPER, x.dtype) - x) - sigmoid(rw.constant(LOWER, x.dtype) - x)
    ),
    "data": lambda x: sigmoid(x + x[1] * 0.25) - sigmoid(x),
    "of multiples": lambda x: sigmoid(x) - sigmoid(-x),
    "tanh": lambda x: rw.tanh(x + 0.5) - rw.tanh(x - 0.5),
}
FAR = {
    "moderate": [0.5, 1.0, -2.0, 3.0],
    "far above": [300.0, 90.0, 1000.0, 60.0],
    "far below": [-300.0, 90.0, -1000.0, -60.0],
    "offset": [1e4, 1e4 + 1, 1e4 - 0.5, 1e4 + 3],
}


@pytest.mark.parametrize("regime", FAR)
@pytest.mark.parametrize("name", DIFFERENCES_OF_SIGMOIDS)
def test_logarithms_of_differences_of_sigmoids(name, regime):
    """As in ordinal regression and for intervals: over one denominator, they have a scale."""
    x = rw.input("x", (4,), "float32")
    graph = rw.Graph([x], [rw.log(DIFFERENCES_OF_SIGMOIDS[name](x))])
    point = np.float32(FAR[regime])
    truth = rw.exact(graph, point, dtype="float64")
    found = np.asarray(rw.compile(rw.optimize(graph))(point))
    finite = np.isfinite(truth)
    assert finite.any()
    np.testing.assert_allclose(found[finite], truth[finite], rtol=2e-6, atol=1e-6)


def test_gradients_of_differences_of_sigmoids():
    x = rw.input("x", (4,), "float32")
    total = rw.sum(rw.log(DIFFERENCES_OF_SIGMOIDS["constants"](x)))
    graph = rw.Graph([x], rw.grad(total, [x]))
    for point in map(np.float32, FAR.values()):
        truth = rw.exact(graph, point, dtype="float64")
        found = rw.compile(rw.optimize(graph))(point)
        np.testing.assert_allclose(found, truth, rtol=2e-6, atol=1e-7)
