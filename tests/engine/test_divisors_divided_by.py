"""Quotients that are divided by: ``1/(x/(1 − exp(−x)))`` overflows no more than what it is."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw
from rewriter.lowering.accuracy import bits_of_error

POINTS = [1e-6, -1e-3, 0.05, -0.4, 3.0, -20.0, 1e3, -1e3, 1e4, -1e4]


def share(x):
    return x / (1 - rw.exp(-x))


FORMS = {
    "1/(x/s)": lambda x: 1 / share(x),
    "(x/s)/(x/s)": lambda x: share(x) / share(x),
    "(exp(-x)/s)/(x/s)": lambda x: rw.exp(-x) / (1 - rw.exp(-x)) / share(x),
    "(exp(-x)/s²)/(x/s)": lambda x: rw.exp(-x) / (1 - rw.exp(-x)) ** 2 / share(x),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_element_keeps_its_digits(name):
    x = rw.input("x", (len(POINTS),), "float32")
    graph = rw.Graph([x], [FORMS[name](x)])
    point = np.array(POINTS, "float32")
    cured = rw.compile(rw.optimize(graph))(point)
    assert bits_of_error(cured, rw.balls(graph, point)) <= 4


def test_a_pole_stays_a_pole():
    x = rw.input("x", (1,), "float32")
    graph = rw.Graph([x], [FORMS["(x/s)/(x/s)"](x)])
    assert np.isnan(rw.compile(rw.optimize(graph))(np.zeros(1, "float32"))).all()
