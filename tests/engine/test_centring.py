"""Variances and covariances of numbers far from 0 keep their digits; what is centred stays."""

import numpy as np
import pytest

import rewriter as rw

PATTERN = np.array([0.5, 1.0, 2.0, 0.25, 1.5])
OTHER = np.array([1.0, -2.0, 0.5, 3.0, -1.5])
COTANGENT = np.array([0.75, 1.25, -2.0, 0.5, 1.0])


def const(value, x):
    return rw.constant(np.asarray(value), x.dtype)


def variance(x):
    return rw.mean(x * x) - rw.mean(x) ** 2


def standardised(x):
    return (x - rw.mean(x)) / rw.sqrt(variance(x))


def by_rows(x):
    rows = rw.outer(x, const([1.0, 1.5], x))
    return rw.mean(rows**2, axis=0) - rw.square(rw.mean(rows, axis=0))


FORMS = {
    "variance": variance,
    "by squares and powers": lambda x: rw.mean(rw.square(x)) - rw.power(rw.mean(x), 2),
    "by a contraction": lambda x: rw.einsum("i,i->", x, x) / 5 - (rw.sum(x) / 5) ** 2,
    "sample variance": lambda x: (rw.sum(x * x) - 5 * rw.mean(x) ** 2) / 4,
    "covariance": lambda x: (
        rw.mean(x * (2 * x + const(OTHER, x))) - rw.mean(x) * rw.mean(2 * x + const(OTHER, x))
    ),
    "weighted": lambda x: (
        rw.sum(const([0.25, 0.25, 0.125, 0.25, 0.125], x) * x * x)
        - rw.sum(const([0.25, 0.25, 0.125, 0.25, 0.125], x) * x) ** 2
    ),
    "of rows": by_rows,
    "the mean first": lambda x: -(rw.mean(x) ** 2) + rw.mean(x * x),
    "standard deviation": lambda x: rw.sqrt(variance(x)),
}
UNWEIGHTED = [name for name in FORMS if name != "weighted"]
OFFSETS = (0.0, 1e4, -3e5)


def graph_of(form, order, dtype):
    x = rw.input("x", (5,), dtype)
    value = form(x)
    for _ in range(order):
        weights = const(np.resize(COTANGENT, value.shape), x) if value.ndim else 1.0
        (value,) = rw.grad(rw.sum(value * weights), [x])
    return rw.Graph([x], [value])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", UNWEIGHTED)
def test_digits_are_kept_far_from_zero(name, order, dtype):
    graph = graph_of(FORMS[name], order, dtype)
    cured = rw.compile(rw.optimize(graph))
    kind = np.finfo(dtype)
    for offset in OFFSETS:
        point = (PATTERN + offset).astype(dtype)
        truth = rw.exact(graph, point, dtype="float64")
        bound = 16 * float(kind.eps) * np.abs(truth).max()
        np.testing.assert_allclose(cured(point), truth, rtol=0, atol=bound, err_msg=str(offset))


def test_the_naive_variance_has_none_of_its_digits_there():
    """What the test above would accept of the graphs as they stand."""
    graph = graph_of(variance, 0, "float32")
    point = (PATTERN - 3e5).astype("float32")
    naive, truth = rw.compile(graph)(point), rw.exact(graph, point, dtype="float64")
    assert abs(naive - truth) > truth


@pytest.mark.parametrize("name", UNWEIGHTED)
def test_a_cure_is_not_cured_again(name):
    for order in (0, 1):
        once = rw.optimize(graph_of(FORMS[name], order, "float32"))
        assert rw.optimize(once) is once


def test_weights_that_add_up_to_one_are_no_number():
    """0.25 + 0.25 + 0.125 + … of a tensor's elements is not added up: unknown is not true."""
    graph = graph_of(FORMS["weighted"], 0, "float32")
    assert rw.optimize(graph) is graph


SOUND = {
    "less its own mean": lambda x: x - rw.mean(x),
    "mean of squared differences": lambda x: rw.mean(rw.square(x - rw.mean(x))),
    "another factor": lambda x: rw.mean(x * x) - 2 * rw.mean(x) ** 2,
    "another count": lambda x: rw.sum(x * x) / 4 - rw.mean(x) ** 2,
    "another tensor": lambda x: rw.mean(x * x) - rw.mean(rw.sin(x)) ** 2,
    "fewer axes": lambda x: rw.mean(rw.outer(x, x)) - rw.square(rw.mean(rw.outer(x, x), axis=0)),
    "residual": lambda x: x + rw.einsum("i,ij->j", x, rw.constant(np.eye(5), x.dtype)),
}


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", SOUND)
def test_what_is_no_such_difference_is_the_identical_object(name, order):
    graph = graph_of(SOUND[name], order, "float32")
    assert rw.optimize(graph) is graph


def test_an_explanation_names_the_law():
    said = str(rw.explain(graph_of(variance, 0, "float32")))
    assert "a difference of means that cancels" in said
    assert "covariance_by_centring: Σ_j w[j]·x[j]·y[j] − " in said
