"""The safe value in a branch: what is there either way is told apart with what is chosen."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw
from rewriter.lowering.accuracy import bits_of_error

POINTS = np.array([-1e18, -1e4, -30.0, -1.0, 0.02, 0.5, 3.0, 40.0, 1e4, 1e18], "float32")


def sigmoid(x):
    return 1 / (1 + rw.exp(-x))


def safe(x, otherwise=0.25):
    p = sigmoid(x)
    return rw.where(rw.absolute(p - 0.5) > 0.02, p, otherwise)


FORMS = {
    "log(1 - safe)": lambda x: rw.log(1 - safe(x)),
    "log((1 - safe)/safe)": lambda x: rw.log((1 - safe(x)) / safe(x)),
    "1/log((1 - safe)/safe)": lambda x: 1 / rw.log((1 - safe(x)) / safe(x)),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_element_keeps_its_digits(name):
    x = rw.input("x", POINTS.shape, "float32")
    graph = rw.Graph([x], [FORMS[name](x)])
    cured = rw.compile(rw.optimize(graph))(POINTS)
    assert bits_of_error(cured, rw.balls(graph, POINTS)) <= 4
