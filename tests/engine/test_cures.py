"""Cures: what is naive becomes right at extreme inputs, in value, gradient and second derivative.

The truth is ``rw.exact`` of the *naive* graph: ball arithmetic over the reals. An error is measured
normwise: in ulps of the largest element, or of 1 where all elements are below (a cotangent, a
probability, a label is of that size).
"""

import numpy as np
import pytest
from naive_forms import FORMS, WITH_LOGITS_AS_VALUES, ZERO_SECOND_DERIVATIVE, derivative, points

import rewriter as rw

ULPS = 12
"""How far a result may be from the truth; a value of size 1 that is doubled is 2**10 ulps or more
from it, in float16."""

PROGRAMS = [("float32", 0), ("float32", 1), ("float32", 2), ("float64", 1), ("float16", 1)]


def allowed(name, order, truth, point):
    """The error that is few ulps of the largest element that a form is computed with."""
    size = max(1.0, np.abs(truth).max(initial=0.0))
    if name == "softmax: low temperature":
        size = max(size, 8.0**order)
    if name in WITH_LOGITS_AS_VALUES:
        size = max(size, float(np.abs(point).max()))
    return ULPS * float(np.finfo(point.dtype).eps) * size


@pytest.mark.parametrize(("dtype", "order"), PROGRAMS)
@pytest.mark.parametrize("name", FORMS)
def test_cured_forms_are_right(name, dtype, order):
    graph = derivative(FORMS[name], order, dtype)
    cured = rw.optimize(graph)
    function = rw.compile(cured)
    told_apart = False
    for label, point in points(dtype).items():
        truth = rw.exact(graph, point, dtype="float64")
        with np.errstate(all="ignore"):
            value = function(point)
        assert (value.shape, value.dtype) == (graph.outputs[0].shape, dtype)
        bound = allowed(name, order, truth, point)
        np.testing.assert_allclose(
            value.astype("float64"), truth, rtol=0, atol=bound, err_msg=f"{label}\n{cured}"
        )
        told_apart |= bool((np.abs(truth) > bound).any())
    linear = order == 2 and name in ZERO_SECOND_DERIVATIVE
    assert told_apart or linear, "a doubled answer would pass"
