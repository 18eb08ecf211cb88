"""Exponents tried at points: no bound is sought of what is large somewhere, and none is missed."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw
from rewriter.facts.interval import Interval
from rewriter.facts.ranges import refine
from rewriter.graph import operators as o
from rewriter.terms import functions
from rewriter.terms.algebra import add, exponential, multiply, negate, number, power, scale
from rewriter.terms.assuming import applied
from rewriter.terms.binding import bound_sum, replace
from rewriter.terms.index import Fixed, axis
from rewriter.terms.interning import terms_kept
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.naming import with_names
from rewriter.terms.pairing import is_bounded_above, pair
from rewriter.terms.points import is_large_somewhere
from rewriter.terms.reading import element

U = element(rw.input("u", (3, 4)))
X, Y = (element(rw.input(name, ())) for name in "xy")
ROW, COLUMN = axis(0, 3), axis(1, 4)


def stopped(term):
    return functions.stop_gradient(term)


LARGEST = stopped(bound_maximum(COLUMN, U))
OF_ALL = stopped(bound_maximum(ROW, bound_maximum(COLUMN, U)))
PLACE = replace(U, {COLUMN: Fixed(2)})

TOTAL = bound_sum(COLUMN, U)
OF_SOFTPLUSES = bound_sum(COLUMN, applied(o.LOGADDEXP, number(0), U))
OF_POSITIVE_PARTS = bound_sum(COLUMN, stopped(functions.maximum(number(0), U)))
SQUARE, OTHER = power(add((X, number(3))), 2), power(add((Y, number(-1))), 2)
TABLE = element(rw.as_node(np.array([1.0, 0.0, 2.0]), "float64"))
LOGARITHM = functions.logarithm(add((number(1), exponential(X))))

BOUNDED = [
    number(3),
    add((U, negate(LARGEST))),
    add((PLACE, negate(LARGEST))),
    add((LARGEST, negate(OF_ALL))),
    add((U, scale(PLACE, 2), scale(OF_ALL, -3))),
    add((X, negate(stopped(functions.maximum(number(0), X))))),
    add((negate(Y), negate(stopped(functions.maximum(number(0), negate(Y)))))),
    negate(OF_SOFTPLUSES),
    negate(OF_POSITIVE_PARTS),
    scale(SQUARE, -2),
    add((SQUARE, negate(stopped(functions.maximum(SQUARE, OTHER))))),
    negate(LOGARITHM),
]

UNBOUNDED = [
    X,
    negate(X),
    add((scale(U, 2), negate(LARGEST))),
    add((OF_ALL, negate(LARGEST))),
    add((U, PLACE, scale(LARGEST, -3))),
    add((X, Y, negate(stopped(functions.maximum(number(0), X))))),
    add((stopped(functions.maximum(number(0), Y)), negate(Y))),
    add((TOTAL, negate(LARGEST))),
    add((U, negate(OF_SOFTPLUSES), PLACE)),
    add((SQUARE, scale(X, -4))),
    add((SQUARE, negate(OTHER))),
    multiply(TABLE, X),
    add((scale(X, 2), negate(LOGARITHM))),
]


@pytest.mark.parametrize("exponent", BOUNDED)
def test_what_is_bounded_is_large_nowhere(exponent):
    assert not is_large_somewhere(exponent)
    assert is_bounded_above(exponent, 3.0)
    assert not is_large_somewhere(with_names(exponent, "float32"))


@pytest.mark.parametrize("exponent", UNBOUNDED)
def test_what_has_no_bound_is_large_at_some_point(exponent):
    assert is_large_somewhere(exponent)
    assert not pair(exponent).bounded_above(2.0**20)
    assert is_large_somewhere(with_names(exponent, "float32"))


def test_what_is_known_of_a_tensor_holds_at_all_points():
    """exp(x) is positive: its negative has a bound, it has none."""
    positive = element(rw.exp(rw.input("x", ())))
    assert is_large_somewhere(positive)
    assert not is_large_somewhere(negate(positive))


def test_of_sizes_that_are_names_nothing_is_told():
    assert not is_large_somewhere(element(rw.input("x", ("n",))))


def test_what_is_tried_within_a_range_is_forgotten_with_it():
    node = rw.input("bounded for a while", (3,), "float32") + 0.5
    exponent = element(node)
    with terms_kept():
        refine(node, Interval(-1.0, 1.0))
        assert not is_large_somewhere(exponent)
    assert is_large_somewhere(exponent)
