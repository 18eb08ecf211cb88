"""accuracy="componentwise": every element to a few ulps, in tails and beside 1, in NumPy."""

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import AttributeValueError

POINTS = {
    "one large": [3.5, -9.25, 14, -1.75, -6],
    "two as large": [14, -9.25, 14, -1.75, -6],
    "far from 0": [99.5, 86.75, 110, 94.25, 90],
    "near one another": [0.125, -0.5, 0.75, 0.3125, -1.25],
    "spread": [1, 2, 1000, -3, 4],
    "one has all": [1, 1e18, -1e18, 3, -2],
    "masked": [0.5, -np.inf, 17, 3, -np.inf],
}
WEIGHTS = np.float32([0.25, -1.25, 2, 0.75, -0.5])
TARGETS = np.float32([0, 0, 1, 0, 0])


def softmax(x):
    return rw.exp(x) / rw.sum(rw.exp(x))


def gradient(function):
    return lambda x: rw.grad(function(x), [x])[0]


def cross_entropy(x):
    return -rw.sum(rw.constant(TARGETS) * (x - rw.log(rw.sum(rw.exp(x)))))


FORMS = {
    "logsumexp": lambda x: rw.log(rw.sum(rw.exp(x))),
    "log_softmax": lambda x: rw.log(softmax(x)),
    "gradient of softmax": gradient(lambda x: rw.sum(softmax(x) * rw.constant(WEIGHTS))),
    "gradient of cross entropy": gradient(cross_entropy),
    "gradient of a sum of squares": gradient(lambda x: rw.sum(softmax(x) * softmax(x))),
}


def graph_of(form, shape=(5,)):
    x = rw.input("x", shape, "float32")
    return rw.Graph([x], [FORMS[form](x)])


def wrong(form, point, accuracy):
    graph = graph_of(form)
    value = rw.compile(rw.optimize(graph, accuracy=accuracy))(np.float32(point))
    return rw.bits_of_error(value, rw.balls(graph, np.float32(point)), "float32")


@pytest.mark.parametrize("point", [p for p in POINTS if p != "masked"])
@pytest.mark.parametrize("form", FORMS)
def test_every_element_is_right_to_a_few_ulps(form, point):
    assert wrong(form, POINTS[point], "componentwise") <= 5


@pytest.mark.parametrize("form", [form for form in FORMS if form != "logsumexp"])
def test_the_default_is_not_so_accurate_beside_a_large_element(form):
    assert wrong(form, POINTS["one large"], "normwise") > 10


@pytest.mark.parametrize("form", ["logsumexp", "log_softmax"])
def test_masked_places_stay_masked(form):
    graph = graph_of(form)
    point = np.float32(POINTS["masked"])
    value = rw.compile(rw.optimize(graph, accuracy="componentwise"))(point)
    logarithm = 17 + np.log1p(np.exp(-16.5) + np.exp(-14.0))  # of the three, in float64
    expected = logarithm if form == "logsumexp" else point.astype(np.float64) - logarithm
    np.testing.assert_allclose(value, expected, rtol=1e-6)


def test_what_is_nothing_but_masks_stays_as_by_default():
    graph = graph_of("logsumexp")
    run = rw.compile(rw.optimize(graph, accuracy="componentwise"))
    assert run(np.full(5, -np.inf, np.float32)) == -np.inf


def test_what_has_no_sum_of_exponentials_is_the_same_object():
    x = rw.input("x", (5,), "float32")
    graph = rw.Graph([x], [x - rw.max(x)])
    assert rw.optimize(graph, accuracy="componentwise") is graph


@pytest.mark.parametrize("form", FORMS)
def test_a_second_time_there_is_nothing_left_to_do(form):
    once = rw.optimize(graph_of(form), accuracy="componentwise")
    assert rw.optimize(once, accuracy="componentwise") is once


def test_rows_are_taken_one_by_one():
    graph = rw.Graph(
        [x := rw.input("x", (2, 5), "float32")],
        [x - rw.log(rw.sum(rw.exp(x), axis=-1, keepdims=True))],
    )
    rows = np.float32([POINTS["one large"], POINTS["two as large"]])
    value = rw.compile(rw.optimize(graph, accuracy="componentwise"))(rows)
    assert rw.bits_of_error(value, rw.balls(graph, rows), "float32") <= 5


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("form", ["gradient of softmax", "gradient of cross entropy"])
def test_other_dtypes_are_right_too(form, dtype):
    x = rw.input("x", (5,), dtype)
    weights = {"gradient of softmax": WEIGHTS, "gradient of cross entropy": TARGETS}[form]
    p, w = softmax(x), rw.astype(rw.constant(weights), dtype)
    value = rw.sum(p * w) if form == "gradient of softmax" else -rw.log(rw.sum(p * w))
    graph = rw.Graph([x], rw.grad(value, [x]))
    point = np.float32([3.5, -4.25, 7, -1.75, -3])
    found = rw.compile(graph, accuracy="componentwise")(point)
    assert rw.bits_of_error(found, rw.balls(graph, point), dtype) <= 3


def test_an_explanation_names_the_law():
    graph = graph_of("log_softmax")
    assert "logarithm_beside_its_limit" in str(rw.explain(graph, accuracy="componentwise"))
    assert "logarithm_beside_its_limit" not in str(rw.explain(graph))


def test_an_explanation_says_what_the_limits_are():
    text = str(rw.explain(graph_of("gradient of softmax"), accuracy="componentwise"))
    assert "law     quotient_beside_its_limit" in text
    (limit,) = {
        line.split("a := ")[1].split("[")[0] for line in text.splitlines() if "a := " in line
    }
    assert f"{limit} = astype(x - stop_gradient(max(x)) == 0, float32)" in text


def test_compile_optimises_to_the_accuracy_that_is_asked_for():
    graph, point = graph_of("gradient of cross entropy"), np.float32(POINTS["one large"])
    truth = rw.balls(graph, point)
    assert rw.bits_of_error(rw.compile(graph, accuracy="componentwise")(point), truth) <= 5
    assert rw.bits_of_error(rw.compile(graph, accuracy="normwise")(point), truth) > 10
    as_written = rw.compile(graph)(np.float32(POINTS["spread"]))
    assert np.isnan(as_written).any()
    with pytest.raises(AttributeValueError, match="'normwise' or 'componentwise'"):
        rw.compile(graph, accuracy="exact")


def test_an_accuracy_that_does_not_exist_is_refused():
    with pytest.raises(AttributeValueError, match="'normwise' or 'componentwise'") as caught:
        rw.optimize(graph_of("logsumexp"), accuracy="elementwise")
    assert "elementwise" in str(caught.value)
