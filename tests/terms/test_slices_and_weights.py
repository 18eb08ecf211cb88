"""Sums over slices of one axis, and weighed by constant tensors, in normal form."""

from __future__ import annotations

import numpy as np

import rewriter as rw
from rewriter.terms.algebra import add, plain
from rewriter.terms.constants import with_constants_joined
from rewriter.terms.index import Axis, Fixed, axis
from rewriter.terms.indicators import distinct, implies, within
from rewriter.terms.reading import Reader
from rewriter.terms.sign import interval_of, is_positive
from rewriter.terms.simple import as_combination
from rewriter.terms.term import Combination, Element

X = rw.input("x", (8,))
E = rw.exp(X)


def term_of(node: rw.Node) -> Combination:
    return Reader(lambda one: one is not X)(node)


def test_what_two_slices_share_is_weighed_once():
    less = term_of(rw.sum(E[2:]) - rw.sum(E[2:5]) / 4)
    assert less is term_of(rw.sum(E[5:]) + rw.sum(E[2:5]) * 0.75)
    assert is_positive(less)
    assert term_of(rw.sum(E[:5]) - rw.sum(E[3:])) is term_of(rw.sum(E[:3]) - rw.sum(E[5:]))
    assert term_of(rw.sum(E[1:]) - rw.sum(E[1:4])) is term_of(rw.sum(E[4:]))


def test_slices_that_are_apart_or_of_one_sign_stay():
    for node in (rw.sum(E[:3]) - rw.sum(E[4:]), rw.sum(E[:4]) + rw.sum(E[2:])):
        assert len(term_of(node).products) == 2
    reverse = rw.sum(E[::-1][2:]) - rw.sum(E[2:5]) / 4
    assert not is_positive(term_of(reverse))


def test_a_product_of_sums_over_slices_is_divided_exactly():
    first = 3 * rw.sum(E[5:]) + rw.sum(E[2:5])
    second = rw.sum(E[5:]) * 1.5 + rw.sum(E[2:5])
    assert term_of(first * second / second) is term_of(first)
    assert term_of(1 / (1 / first / second) / first) is term_of(second)


def weighed(weights: np.ndarray) -> Combination:
    return term_of(rw.sum(E) - rw.sum(E * rw.constant(weights)))


def test_a_sum_less_what_constants_weigh_is_one_sum():
    weights = np.array([0, 1, 0.5, 1, 0, 0.25, 1, 0])
    assert weighed(weights) is term_of(rw.sum(E * rw.constant(1 - weights)))
    assert is_positive(weighed(weights))
    assert not is_positive(weighed(np.ones(8)))
    assert len(weighed(2 * weights).products) == 2


def test_constants_are_joined_where_no_digit_is_lost():
    inexact = rw.sum(E * rw.constant(np.array([0, 2.0**-60, 0, 1, 0, 0, 0, 0])))
    assert len(term_of(rw.sum(E) - inexact).products) == 2
    axes = term_of(X * 3 - X)
    assert with_constants_joined(axes) is axes


def test_a_sum_weighed_by_constants_is_positive_where_each_has_a_weight():
    table = np.array([[0, 1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 1.0]])
    assert is_positive(term_of(rw.sum(E * rw.constant(table), axis=1)))
    assert not is_positive(term_of(rw.sum(E * rw.constant(table), axis=0)))
    assert not is_positive(term_of(rw.sum(E * rw.constant(table * 0), axis=1)))
    assert not is_positive(term_of(rw.sum(E * rw.constant(table - 0.5), axis=1)))


def test_what_a_sum_leaves_out_returns_where_the_whole_cancels():
    """``e[1]·R + (Σ_{j≠1} e[j])·R`` with R divided by both sums is divided by one of them."""
    total = rw.sum(E)
    share = E / total
    others = 1 - share[1]
    assert term_of(share[0] * share[1] / others + share[0]) is term_of(E[0] / (total * others))


def test_what_lies_within_a_stretch_differs_from_what_is_beyond():
    axis = Axis("k", 8)
    inside = plain(within(axis, 2, 4))
    for implied in (inside, plain(within(axis, 1, 5)), plain(distinct(axis, Fixed(1)))):
        assert implies(inside, implied)
    for other in (plain(within(axis, 3, 5)), plain(distinct(axis, Fixed(2)))):
        assert not implies(inside, other)


def test_tables_of_several_sizes_at_one_place():
    """What is read at one place of both is read at places that both have."""
    place = (axis(0, 3),)
    tables = [rw.constant(np.float32(t)) for t in ([1, 2, 3, 100], [10, 20, 30])]
    total = add(as_combination(Element.make(table, place)) for table in tables)
    bounds = interval_of(total)
    assert 10.99 < bounds.low <= 11
    assert 33 <= bounds.high < 33.01
