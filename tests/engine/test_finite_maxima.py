"""The maximum of a finite sum of exponentials is of those that count: values by NumPy.

``where(c, x, exp(x) − 1)`` is two exponentials under a condition; a large x that is not in an
exponent does not count for the shift.
"""

import numpy as np
import pytest

import rewriter as rw

X = rw.input("x", (4,), "float64")
Y = rw.input("y", (4,), "float64")
POINT = np.array([-1200.0, -0.5, 3.0, 1500.0])
OTHER = np.array([0.5, 1200.0, -1500.0, 2.0])
UNIT = rw.where(X > 0, X, rw.exp(X) - 1)


def elu(x):
    return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)


FORMS = {
    "square of an exponential unit": (UNIT**2, lambda x, y: elu(x) ** 2),
    "its norm": (rw.sqrt(rw.sum(UNIT**2)), lambda x, y: np.sqrt(np.sum(elu(x) ** 2))),
    "root of a choice": (
        rw.sqrt(rw.where(X > Y, rw.exp(Y), 2 + rw.absolute(X))),
        lambda x, y: np.sqrt(np.where(x > y, np.exp(np.minimum(x, y)), 2 + np.abs(x))),
    ),
    "share of a choice": (
        rw.where(X > 0, 1, rw.exp(X)) / (1 + rw.where(X > 0, 1, rw.exp(X))),
        lambda x, y: np.exp(np.minimum(x, 0)) / (1 + np.exp(np.minimum(x, 0))),
    ),
    "logarithm of exponentials that count in places": (
        rw.log(rw.where(X > Y, rw.exp(Y), 0) + rw.where(X < 1, rw.exp(X), 0)),
        lambda x, y: np.logaddexp(np.where(x > y, y, -np.inf), np.where(x < 1, x, -np.inf)),
    ),
    "root of two joined": (
        rw.sqrt(rw.concatenate([rw.exp(-rw.absolute(X)), 1 + rw.absolute(Y)])),
        lambda x, y: np.concatenate([np.exp(-np.abs(x) / 2), np.sqrt(1 + np.abs(y))]),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_values(form):
    written, truth = FORMS[form]
    graph = rw.Graph([X, Y], [written])
    value = rw.compile(rw.optimize(graph), backend="numpy")(POINT, OTHER)
    np.testing.assert_allclose(value, truth(POINT, OTHER), rtol=1e-13)


def test_a_shift_that_nothing_counts_for_is_none():
    graph = rw.Graph([X], [rw.sqrt(rw.where(X < 0, rw.exp(X), 3.0))])
    value = rw.compile(rw.optimize(graph), backend="numpy")(np.array([-np.inf, -2, 1, 2]))
    np.testing.assert_allclose(value, np.sqrt([0, np.exp(-2), 3, 3]), rtol=1e-13)


def test_a_choice_of_two_is_built_as_one():
    graph = rw.Graph([X], [rw.sqrt(rw.where(X < 0, rw.exp(X), 3.0))])
    text = rw.pprint(rw.optimize(graph))
    assert "maximum" not in text
    assert "where(x < 0, x, 0)" in text
