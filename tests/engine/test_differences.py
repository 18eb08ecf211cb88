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
