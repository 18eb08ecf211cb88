"""Cases: what is applied to a joined tensor, or to a choice, is applied to each of its parts."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

import rewriter as rw
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination, multiply
from rewriter.terms.binding import bound_sum, replace
from rewriter.terms.cases import at_once, cases_in
from rewriter.terms.index import Affine, Axis, Data, Fixed, axis
from rewriter.terms.indicators import delta, distinct, within
from rewriter.terms.reading import element, normal_form
from rewriter.terms.term import UNIT, ZERO, Delta

X = rw.input("x", (3,), "float64")
Y = rw.input("y", (2,), "float64")
PLACE = Axis("i", 8)


def joined():
    return rw.concatenate([rw.exp(X), 1 + rw.exp(Y)], axis=0)


def test_each_part_of_a_joined_tensor_is_a_case():
    cases = cases_in(normal_form(joined()))
    assert cases is not None
    assert [len(inside.products) for _, inside in cases] == [1, 2]


def test_a_difference_of_slices_has_a_case_for_each_stretch():
    whole = joined()
    cases = cases_in(normal_form(whole[1:] - whole[:-1]))
    assert cases is not None
    assert [len(inside.products) for _, inside in cases] == [2, 3, 2]


def test_a_sum_that_is_somewhere_empty_has_no_cases():
    padded = rw.concatenate([rw.exp(X), rw.broadcast_to(rw.constant(0.0), (2,))], axis=0)
    assert cases_in(normal_form(padded)) is None


@pytest.mark.parametrize("size", [1000.0, -1000.0])
def test_the_logarithm_of_a_joined_tensor_neither_overflows_nor_vanishes(size):
    graph = rw.Graph([X, Y], [rw.log(joined() / rw.sum(joined()))])
    x, y = size + np.array([0.5, -1, 2]), size + np.array([1.0, 0.25])
    found = rw.compile(rw.optimize(graph))(x, y)
    assert np.isfinite(found).all()
    wanted = rw.compile(graph, backend="exact")(x, y)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_what_is_added_everywhere_leaves_a_joined_tensor_as_long_at_one_place():
    padded = rw.concatenate([rw.exp(X), rw.broadcast_to(rw.constant(0.0), (2,))], axis=0)
    assert [len(one.products) for one in at_once(normal_form(padded + 1))] == [2, 1]


def test_places_say_what_holds_of_other_places():
    exponent = rw.input("u", (), "float64")
    inner = multiply(within(PLACE, 0, 5), element(exponent))
    outer, apart = within(PLACE, 1, 3), within(PLACE, 6, 8)
    everywhere = multiply(outer, algebra.exponential(element(exponent)))
    assert multiply(outer, algebra.exponential(inner)) is everywhere
    assert multiply(apart, algebra.exponential(inner)) is apart


MOVED = [
    (Affine(PLACE, 1, 2), Fixed(5), delta(PLACE, Fixed(3))),
    (Affine(PLACE, -1, 7), Fixed(5), delta(PLACE, Fixed(2))),
    (Affine(PLACE, 2, 1), Fixed(4), ZERO),
    (Affine(PLACE, 2, 1), Fixed(5), delta(PLACE, Fixed(2))),
]


@pytest.mark.parametrize(("moved", "place", "alone"), MOVED, ids=str)
def test_an_indicator_of_a_moved_index_is_one_of_the_index(moved, place, alone):
    assert delta(moved, place) is alone
    assert delta(place, moved) is alone


def test_a_moved_axis_is_solved_for_beside_data():
    labels = Data(rw.input("labels", (4,), "int32"), (Axis("b", 4),))
    assert delta(Affine(PLACE, 1, 1), labels) is delta(PLACE, Affine(labels, 1, -1))


@pytest.mark.parametrize("step", [1, 2, 3, -1, -2])
@pytest.mark.parametrize(("low", "high"), [(0, 3), (1, 6), (4, 5), (9, 20), (-5, 40)])
def test_a_stretch_of_a_moved_index_is_one_of_the_index(step, low, high):
    offset = 3
    found = within(Affine(PLACE, step, offset), low, high)
    holds = [low <= step * place + offset < high for place in range(PLACE.extent)]
    if all(holds) or not any(holds):
        assert found is (UNIT if all(holds) else ZERO)
        return
    (((mask, _),),) = (product.factors for product in found.products)
    assert [_holds_at(mask, place) for place in range(PLACE.extent)] == holds


def _holds_at(mask, place):
    if isinstance(mask, Delta):
        (fixed,) = (part for part in mask.parts if isinstance(part, Fixed))
        return place == fixed.place
    _, first, end = mask.parts
    return first <= place < end


def test_two_stretches_of_one_index_are_one():
    both = multiply(within(PLACE, 1, 6), within(PLACE, 3, 8))
    assert both is within(PLACE, 3, 6)
    assert multiply(within(PLACE, 0, 2), within(PLACE, 5, 8)) is ZERO


def test_data_picked_by_data_is_replaced_by_what_it_is_picked_from():
    """δ(a, b[a]): b[a] is a, and not the other way round, which would never end."""
    picked = Data(rw.input("a", (2,), "int32"), (Axis("k", 2),))
    again = Data(rw.input("b", (4,), "int32"), (picked,))
    values = element(rw.input("v", (4,), "float64"))
    at = algebra.multiply(delta(picked, again), as_combination(values.products[0].factors[0][0]))
    assert len(at.products) == 1


def test_of_three_summands_two_may_hold_under_one_condition():
    i, k, j = Axis("i", 5), Axis("k", 5), Axis("j", 5)
    apart = multiply(delta(k, j), distinct(i, k))
    rest = multiply(multiply(distinct(i, j), distinct(k, j)), algebra.exponential(element(X)))
    cases = cases_in(algebra.add((delta(i, j), apart, rest)))
    assert cases is not None
    assert sorted(len(inside.products) for _, inside in cases) == [1, 2]


@pytest.mark.parametrize("left_out", [1, 2])
def test_places_that_are_left_are_counted(left_out):
    places = [Axis(name, 5) for name in "ik"][:left_out]
    bound = Axis("j", 5)
    body = reduce(multiply, [distinct(bound, place) for place in places])
    other = [algebra.negate(distinct(*places))] if left_out == 2 else []
    assert bound_sum(bound, body) is algebra.add((algebra.number(4), *other))


def test_a_sum_without_two_of_its_terms_meets_the_whole():
    i, k = Axis("i", 3), Axis("k", 3)
    bound = Axis("j", 3)
    values = replace(element(X), {axis(0, 3): bound})
    part = bound_sum(bound, multiply(multiply(distinct(bound, i), distinct(bound, k)), values))
    whole = bound_sum(bound, values)
    quotient = multiply(algebra.exponential(part), algebra.exponential(algebra.negate(whole)))
    apart = multiply(quotient, distinct(i, k))
    gone = [replace(element(X), {axis(0, 3): place}) for place in (i, k)]
    expected = multiply(algebra.exponential(algebra.negate(algebra.add(gone))), distinct(i, k))
    assert apart is expected
