"""Products of many factors under a logarithm, a root or a quotient, by their logarithms."""

import numpy as np
import pytest

import rewriter as rw

POSITIVE = np.array([0.5, 1.0, 2.0, 0.25, 1.5])
SIGNED = np.array([0.5, -1.0, 2.0, 0.25, -1.5])
OTHER = np.array([1.5, 0.75, 1.0, 3.0, 0.5])
PRIOR = np.array([0.25, 0.75])
SCALES = {"moderate": 1.0, "huge": 1e20, "tiny": 1e-20}


def posterior(x):
    """Of two classes, with five independent features."""
    likelihoods = rw.stack([x, x * rw.constant(OTHER, x.dtype)])
    joint = rw.constant(PRIOR, x.dtype) * rw.prod(likelihoods, axis=1)
    return joint / rw.sum(joint)


FORMS = {
    "log of a product": lambda x: rw.log(rw.prod(x)),
    "geometric mean": lambda x: rw.prod(x) ** 0.2,
    "root of a product": lambda x: rw.sqrt(rw.prod(x)) ** 0.5,
    "likelihood ratio": lambda x: rw.prod(x) / rw.prod(x * rw.constant(OTHER, x.dtype)),
    "log of a likelihood ratio": lambda x: rw.log(
        rw.prod(x) / rw.prod(rw.constant(OTHER, x.dtype) * x[0])
    ),
    "posterior": posterior,
}


def graph_of(form):
    x = rw.input("x", (5,), "float32")
    return rw.Graph([x], [form(x)])


@pytest.mark.parametrize("regime", SCALES)
@pytest.mark.parametrize("sign", [POSITIVE, SIGNED], ids=["positive", "signed"])
@pytest.mark.parametrize("name", FORMS)
def test_values_are_right(name, sign, regime):
    graph = graph_of(FORMS[name])
    point = (sign * SCALES[regime]).astype("float32")
    truth = rw.exact(graph, point, dtype="float64")
    found = rw.compile(rw.optimize(graph))(point)
    np.testing.assert_allclose(found, truth, rtol=4e-5 if regime != "moderate" else 1e-6)


@pytest.mark.parametrize("name", FORMS)
def test_a_cure_is_not_cured_again(name):
    once = rw.optimize(graph_of(FORMS[name]))
    assert rw.optimize(once) is once


@pytest.mark.parametrize("regime", SCALES)
def test_the_gradient_of_what_is_cured_is_right(regime):
    """The gradient of log Πx is 1/x."""
    cured = rw.optimize(graph_of(FORMS["log of a product"]))
    gradient = rw.Graph(cured.inputs, rw.grad(cured.outputs[0], list(cured.inputs)))
    point = (SIGNED * SCALES[regime]).astype("float32")
    np.testing.assert_allclose(rw.compile(gradient)(point), 1 / point, rtol=1e-6)


def test_the_product_of_a_softmax():
    x = rw.input("x", (5,), "float32")
    softmax = rw.exp(x) / rw.sum(rw.exp(x))
    graph = rw.Graph([x], [rw.log(rw.prod(softmax))])
    point = np.float32([100, 200, -300, 400, 50])
    expected = float(np.sum(point.astype("float64") - 400))
    assert rw.compile(rw.optimize(graph))(point) == pytest.approx(expected, rel=1e-6)


ON = np.array([True, False, True, True, False])
SCORES = np.array([1.0, 2.0, 1000.0, -300.0, 60.0])


def chosen(x):
    """A probability, or what it lacks of 1, by what was observed."""
    p = 1 / (1 + rw.exp(-x))
    return rw.where(rw.constant(ON), p, 1 - p)


OF_PROBABILITIES = {
    "log of a product": lambda x: rw.log(rw.prod(1 / (1 + rw.exp(-x)))),
    "log of a product of cases": lambda x: rw.log(rw.prod(chosen(x))),
    "log of running products": lambda x: rw.log(rw.cumprod(chosen(x), 0)),
    "from the end": lambda x: rw.log(rw.cumprod(chosen(x), 0, reverse=True)),
    "odds": lambda x: rw.log(rw.prod(chosen(x)) / rw.prod(chosen(-x))),
    "posterior": lambda x: rw.prod(chosen(x)) / (0.25 + rw.prod(chosen(x))),
}


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4])
@pytest.mark.parametrize("name", OF_PROBABILITIES)
def test_products_of_probabilities(name, offset):
    graph = graph_of(OF_PROBABILITIES[name])
    point = (SCORES + offset).astype("float32")
    truth = rw.exact(graph, point, dtype="float64")
    found = rw.compile(rw.optimize(graph))(point)
    np.testing.assert_allclose(found, truth, rtol=2e-6, atol=1e-38)


def test_cases_that_are_0_elsewhere():
    """``log where(c, p, 1)`` is 0 where c does not hold, also where p is 0 there."""
    x = rw.input("x", (5,), "float32")
    p = rw.exp(x) / rw.sum(rw.exp(x))
    graph = rw.Graph([x], [rw.log(rw.prod(rw.where(rw.constant(ON), p, 1)))])
    point = np.float32([1.0, -np.inf, 1000.0, 0.5, -np.inf])
    found = rw.compile(rw.optimize(graph))(point)
    np.testing.assert_allclose(found, -1998.5, rtol=1e-6)


@pytest.mark.parametrize(("values", "expected"), [
    ([0, 1, 2, 3, 4], -np.inf), ([-1, 1, 2, 3, 4], np.nan), ([np.inf, 1, 2, 3, 4], np.inf),
])  # fmt: skip
def test_singularities_stay(values, expected):
    graph = graph_of(FORMS["log of a product"])
    with np.errstate(all="ignore"):
        found = rw.compile(rw.optimize(graph))(np.array(values, "float32"))
    np.testing.assert_equal(found, np.float32(expected))


@pytest.mark.parametrize("form", [rw.prod, lambda x: rw.prod(x) + 1, lambda x: 2 * rw.prod(x)])
def test_a_product_by_itself_is_the_identical_object(form):
    graph = graph_of(form)
    assert rw.optimize(graph) is graph
