"""What a sum of exponentials less a maximum is at least and at most, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw

BIAS = np.array([0.3, -0.2, 1.1, 0.4])
POINTS = {
    "moderate": [0.5, 1.0, -2.0, 3.0],
    "last is far above": [0.0, 1.0, -1.0, 1000.0],
    "last is far below": [0.0, 1.0, -1.0, -1000.0],
    "offset": [10000.125, 9999.5, 10000.75, 10000.3125],
}


def largest(x, **axis):
    return rw.stop_gradient(rw.max(x, **axis))


def softmax(x):
    return rw.exp(x) / rw.sum(rw.exp(x))


ELSEWHERE = {
    "a slice less the maximum of all": lambda x: rw.log(rw.sum(rw.exp(x[:3] - largest(x)))),
    "a slice of what is less the maximum": lambda x: rw.log(rw.sum(rw.exp(x - largest(x))[:3])),
    "another slice": lambda x: rw.log(rw.sum(rw.exp(x[1:] - largest(x[:3])))),
    "every other place": lambda x: rw.log(rw.sum(rw.exp(x[::2] - largest(x[:2])))),
    "moved among zeros": lambda x: rw.log(
        rw.sum(rw.pad(rw.exp(x[:3] - largest(x)), ((1, 0),)) + rw.exp(x - largest(x)) / 2)
    ),
    "rows less the maximum of the whole": lambda x: rw.log(
        rw.sum(rw.exp(rw.reshape(x, (2, 2)) - largest(x)), axis=1)
    ),
    "ratios across slices": lambda x: rw.minimum(softmax(x[:2]) / softmax(x[2:]), 5.0),
}
WEIGHTED = {
    "softmax": lambda x: softmax(x + rw.constant(BIAS, x.dtype)),
    "cold softmax": lambda x: softmax((x + rw.constant(BIAS, x.dtype)) / 0.3),
    "log of a pick": lambda x: rw.log(softmax(x + rw.constant(BIAS, x.dtype))[2]),
    "of another's opposite": lambda x: softmax(rw.constant(BIAS, x.dtype) - x),
    "by a bounded function": lambda x: softmax(x + rw.sin(x[::-1])),
}


def agrees(form, point, atol):
    x = rw.input("x", (4,), "float32")
    graph = rw.Graph([x], [form(x)])
    cured = rw.optimize(graph)
    truth = rw.exact(graph, np.float32(point), dtype="float64")
    np.testing.assert_allclose(rw.compile(cured)(np.float32(point)), truth, rtol=4e-7, atol=atol)
    return cured


@pytest.mark.parametrize("part", [np.s_[1:], np.s_[1:3], np.s_[::2], np.s_[::-1]], ids=str)
def test_a_slice_less_its_own_maximum_is_sound(part):
    x = rw.input("x", (4,), "float32")
    graph = rw.Graph([x], [rw.log(rw.sum(rw.exp(x[part] - largest(x[part]))))])
    assert rw.optimize(graph) is graph


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_maximum_that_is_attained_elsewhere_bounds_nothing_from_below(name, point):
    agrees(ELSEWHERE[name], point, 1e-6)


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
@pytest.mark.parametrize("name", WEIGHTED)
def test_bounded_exponents_do_not_spoil_large_ones(name, point):
    """``x + v`` would be rounded to what x is known to; ``(x − max x) + v`` is not."""
    cured = agrees(WEIGHTED[name], point, 2e-7)
    assert rw.optimize(cured) is cured


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_what_is_left_of_a_bound(point):
    """A three-parameter item response: 1 − (c + (1 − c)·p) is as small as 1 − p."""
    agrees(lambda x: rw.log(1 - (0.25 + 0.75 / (1 + rw.exp(-x)))), point, 1e-6)


def test_a_matrix_less_its_largest_element_is_sound():
    x = rw.input("x", (2, 3), "float32")
    graph = rw.Graph([x], [rw.log(rw.sum(rw.exp(x - largest(x))))])
    assert rw.optimize(graph) is graph
