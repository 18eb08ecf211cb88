"""What 1 absorbs, written so that the extended range holds it; true values by ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import rewriter as rw
from rewriter.engine.extended_range.beside_one import with_nothing_absorbed
from rewriter.engine.extended_range.cure import in_extended_range
from rewriter.graph.node import Node

Form = Callable[[Node, Node], Node]


def derivative_of_a_share(a: Node, b: Node) -> Node:
    return a / (a + b) - a * a * rw.power(a + b, -2.0)


FORMS: dict[str, Form] = {
    "log(1 + a)": lambda a, b: rw.log(1.0 + a),
    "exp(a) - 1": lambda a, b: rw.exp(rw.minimum(a, 5.0)) - 1.0,
    "1 - exp(-a)": lambda a, b: 1.0 - rw.exp(-rw.minimum(a, 5.0)),
    "1 - (1 - exp(-a))": lambda a, b: 1.0 - (1.0 - rw.exp(-rw.minimum(a, 1e4))),
    "1 - a/(a + b)": lambda a, b: 1.0 - a / (a + b),
    "1 - 1/(1 + a)": lambda a, b: 1.0 - 1.0 / (1.0 + a),
    "1 - b/(1 + a + b)": lambda a, b: 1.0 - b / (1.0 + a + b),
    "1 - two shares": lambda a, b: 1.0 - a / (1.0 + a + b) - b / (1.0 + a + b),
    "derivative of a share": derivative_of_a_share,
    "a less a share of it": lambda a, b: -(a * b / (b + 2.0)) + a,
    "1/(1 + a) - 1/(1 + 2·a)": lambda a, b: 1.0 / (1.0 + a) - 1.0 / (1.0 + 2.0 * a),
    "a share less": lambda a, b: -(a * b / (a + b) - b),
}
POINTS = [(-1000.0, 0.5), (1000.0, -3.0), (30.0, 900.0), (-20.0, -1200.0), (0.25, 0.5)]


def graph_of(form: Form) -> rw.Graph:
    x, y = rw.input("x", (1,), "float64"), rw.input("y", (1,), "float64")
    return rw.Graph([x, y], [rw.log(form(rw.exp(x), rw.exp(y)))])


@pytest.mark.parametrize("name", FORMS)
def test_digits_beside_one_are_kept(name: str) -> None:
    graph = graph_of(FORMS[name])
    carried = rw.compile(in_extended_range(graph))
    for point in POINTS:
        numbers = [np.array([one]) for one in point]
        truth = np.asarray(rw.exact(graph, *numbers), "float64")
        assert_allclose(carried(*numbers), truth, rtol=1e-12, atol=4e-16, err_msg=str(point))


@pytest.mark.parametrize("name", FORMS)
def test_they_are_lost_without(name: str) -> None:
    """The programs are cases: in float64 as they stand they lose their digits at some point."""
    graph = graph_of(FORMS[name])
    written = rw.compile(graph)
    wrong = 0
    for point in POINTS:
        numbers = [np.array([one]) for one in point]
        truth = np.asarray(rw.exact(graph, *numbers), "float64")
        with np.errstate(all="ignore"):
            wrong += not np.allclose(written(*numbers), truth, rtol=1e-3)
    assert wrong > 0


def test_nothing_is_divided_by_what_may_be_zero() -> None:
    """a·d - a is no difference of a share where nothing was divided by d = y + z."""
    a, y, z = (rw.input(name, (2,), "float64") for name in "ayz")
    graph = rw.Graph([a, y, z], [a * (y + z) - a * y, a * (y + z) - a])
    assert with_nothing_absorbed(graph) is graph
    values = rw.compile(with_nothing_absorbed(graph))(*np.array([[3.0, 2], [1, 0], [-1, 0]]))
    assert_array_equal(values, [[-3, 0], [-3, -2]])


def test_long_products_are_taken_apart_in_part() -> None:
    x = rw.input("x", (1,), "float64")
    square = rw.exp(x)
    for _ in range(200):
        square = square * square
    graph = rw.Graph([x], [1.0 - square / (square + 1.0)])
    assert len(with_nothing_absorbed(graph).ordered) <= len(graph.ordered) + 2
