"""What cancels to higher order near 0 keeps its digits there; elsewhere it is as it was."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw
from rewriter.engine.passes.expansions import HAZARD
from rewriter.lowering.accuracy import bits_of_error

POINTS = [1e-7, -1e-5, 1e-3, -2e-2, 0.1, -0.3, 0.45, 1.5, -3.0, 8.0]
MOST_BITS = 6


def quotient(x):
    return (rw.exp(x) - 1) / x


def goldman(x):
    return x / (1 - rw.exp(-x))


def mean_of_truncated_exponential(x):
    return 1 / x - 1 / (rw.exp(x) - 1)


def langevin(x):
    return (rw.exp(x) + rw.exp(-x)) / (rw.exp(x) - rw.exp(-x)) - 1 / x


def derivative(form):
    def of(x):
        return rw.grad(rw.sum(form(x)), [x])[0]

    return of


FORMS = {
    "d (exp(x) - 1)/x": derivative(quotient),
    "d² (exp(x) - 1)/x": derivative(derivative(quotient)),
    "d x/(1 - exp(-x))": derivative(goldman),
    "1/x - 1/(exp(x) - 1)": mean_of_truncated_exponential,
    "d (1/x - 1/(exp(x) - 1))": derivative(mean_of_truncated_exponential),
    "coth(x) - 1/x": langevin,
    "1/tanh(x) - 1/x": lambda x: 1 / rw.tanh(x) - 1 / x,
    "(exp(x) - 1 - x)/x²": lambda x: (rw.exp(x) - 1 - x) / x**2,
}


SMALL_WITH_U = {
    "log((exp(x) - 1)/x)": lambda x: rw.log(quotient(x)),
    "√(1 + x²) - 1": lambda x: rw.sqrt(1 + x**2) - 1,
    "(x - tanh(x))/x": lambda x: (x - rw.tanh(x)) / x,
    "sigmoid(x) - sigmoid(-x) - x/2": lambda x: rw.logistic(x) - rw.logistic(-x) - x / 2,
    "1 - 1/(1 + x)": lambda x: 1 - 1 / (1 + x),
}
"""What is small itself where digits are lost: beside larger elements nothing is."""


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_element_keeps_its_digits(name, dtype):
    x = rw.input("x", (len(POINTS),), dtype)
    graph = rw.Graph([x], [FORMS[name](x)])
    point = np.array(POINTS, dtype)
    cured = rw.compile(rw.optimize(graph))(point)
    truth = rw.balls(graph, point)
    assert bits_of_error(cured, truth) <= MOST_BITS
    assert bits_of_error(rw.compile(graph)(point), truth) > MOST_BITS


@pytest.mark.parametrize("name", SMALL_WITH_U)
def test_where_it_is_small_itself_it_is_asked_for(name):
    x = rw.input("x", (len(POINTS),), "float32")
    graph = rw.Graph([x], [SMALL_WITH_U[name](x)])
    point = np.array(POINTS, "float32")
    cured = rw.compile(rw.optimize(graph, accuracy="componentwise"))(point)
    assert bits_of_error(cured, rw.balls(graph, point)) <= MOST_BITS
    assert HAZARD not in str(rw.explain(graph))


def test_around_what_a_divisor_vanishes_at():
    x = rw.input("x", (len(POINTS),), "float32")
    graph = rw.Graph([x], [derivative(lambda x: rw.log(x) / (x - 1))(x)])
    point = np.array([1.0001, 0.999, 1.02, 0.9, 1.2, 0.6, 1.7, 3.0, 8.0, 1e-3], "float32")
    cured = rw.compile(rw.optimize(graph))(point)
    assert bits_of_error(cured, rw.balls(graph, point)) <= MOST_BITS


def test_beside_other_factors_and_in_sums():
    x, g = rw.input("x", (len(POINTS),), "float32"), rw.input("g", (len(POINTS),), "float32")
    terms = g * rw.exp(x) / x - g * (rw.exp(x) - 1) / x**2
    graph = rw.Graph([x, g], [rw.sum(rw.absolute(terms))])
    values = np.array(POINTS, "float32"), np.linspace(-2, 3, len(POINTS), dtype="float32")
    cured = rw.compile(rw.optimize(graph))(*values)
    assert bits_of_error(cured, rw.balls(graph, *values)) <= MOST_BITS


def test_the_limit_stands_where_the_quotient_is_no_number():
    x = rw.input("x", (3,), "float32")
    graph = rw.Graph([x], [mean_of_truncated_exponential(x)])
    cured = rw.compile(rw.optimize(graph))(np.array([0.0, -1e-30, 1e-30], "float32"))
    np.testing.assert_array_equal(cured, np.float32(0.5))


LEFT_ALONE = {
    "tanh(x)/x": lambda x: rw.tanh(x) / x,
    "x·exp(x)/(1 + x)": lambda x: x * rw.exp(x) / (1 + x),
    "exp(x - tanh(x)), where nothing shows": lambda x: rw.exp(rw.minimum(x, 1.0) - rw.tanh(x)),
    "x² - y²": lambda x: x**2 - x[0] ** 2,
    "1 - 1/(1 + exp(x)), divided by": lambda x: 1 / (1 - 1 / (1 + rw.exp(x))),
    "a pole at what is computed": lambda x: 1 / (1 - rw.sum(1 / (1 + rw.exp(x))) / 4) - 1,
    "1/x - 1/(exp(x) - 1) away from 0": lambda x: rw.where(
        rw.absolute(x) < 2.0, 0.0, mean_of_truncated_exponential(x)
    ),
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_where_nothing_is_lost_nothing_is_expanded(name):
    x = rw.input("x", (4,), "float32")
    graph = rw.Graph([x], [LEFT_ALONE[name](x)])
    assert HAZARD not in str(rw.explain(graph))


def test_what_is_proved_to_be_far_from_zero_is_left_alone():
    x = rw.input("x", (4,), "float32")
    graph = rw.Graph([x], [mean_of_truncated_exponential(x)])
    assert HAZARD in str(rw.explain(graph))
    assert HAZARD not in str(rw.explain(graph, assuming=[x > 3]))
