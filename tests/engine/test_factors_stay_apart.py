"""A product of differences is not multiplied out where nothing bounds it: each keeps its digits.

``(exp(x) − 1)·(exp(y) − 1)`` is ``exp(x + y) − exp(x) − exp(y) + 1``, of which nothing is left at
small x and y. The truth is NumPy's, in functions that lose nothing there.
"""

import numpy as np
import pytest

import rewriter as rw

X = rw.input("x", (4,), "float64")
Y = rw.input("y", (4,), "float64")
SMALL = np.array([1e-12, -1e-9, 0.0, 0.5])
SMALLER = np.array([-3e-14, 1e-11, 2.0, -0.25])

FORMS = {
    "two": (rw.expm1(X) * rw.expm1(Y), lambda x, y: np.expm1(x) * np.expm1(y)),
    "three": (
        rw.expm1(X) * rw.expm1(Y) * rw.expm1(-X),
        lambda x, y: np.expm1(x) * np.expm1(y) * np.expm1(-x),
    ),
    "of both signs": (rw.expm1(X) * rw.expm1(-X), lambda x, y: np.expm1(x) * np.expm1(-x)),
    "hyperbolic": (rw.sinh(X) * rw.cosh(Y), lambda x, y: np.sinh(x) * np.cosh(y)),
    "beside an exponential": (rw.expm1(X) * rw.exp(-Y), lambda x, y: np.expm1(x) * np.exp(-y)),
    "hyperbolic tangent beside an exponential": (
        rw.tanh(X) * rw.exp(-Y),
        lambda x, y: np.tanh(x) * np.exp(-y),
    ),
    "hyperbolic tangent beside a difference": (
        rw.tanh(X) * rw.expm1(Y),
        lambda x, y: np.tanh(x) * np.expm1(y),
    ),
    "over another": (
        rw.expm1(X) * rw.expm1(Y) / rw.exp(X),
        lambda x, y: np.expm1(y) * -np.expm1(-x),
    ),
    "joined with another": (
        rw.concatenate([rw.expm1(X) * rw.expm1(Y), Y]),
        lambda x, y: np.concatenate([np.expm1(x) * np.expm1(y), y]),
    ),
}


def optimized(form):
    return rw.compile(rw.optimize(rw.Graph([X, Y], [form])), backend="numpy")


@pytest.mark.parametrize("form", FORMS)
def test_small_differences_keep_their_digits(form):
    written, truth = FORMS[form]
    value = optimized(written)(SMALL, SMALLER)
    np.testing.assert_allclose(value, truth(SMALL, SMALLER), rtol=4e-15)


def test_what_overflows_beside_what_vanishes_is_cured():
    """``(exp(x) − 1)·exp(−y)`` is 1 at 1000, 1000."""
    x = np.array([1000.0, 1000, -1000, 800])
    y = np.array([1000.0, 999, 2, 801])
    value = optimized(rw.expm1(X) * rw.exp(-Y))(x, y)
    np.testing.assert_allclose(value, [1, np.e, -np.exp(-2), np.exp(-1)], rtol=1e-12)
    value = optimized((rw.exp(X) - 1) * (rw.exp(-Y) - 2))(x, y)
    assert np.array_equal(value[:2], [-np.inf, -np.inf])
    np.testing.assert_allclose(value[2], 2 - np.exp(-2), rtol=1e-12)
