"""What is worked out of terms is remembered as long as it would come out the same."""

import pytest

import rewriter as rw
from rewriter.facts.interval import Interval
from rewriter.facts.ranges import range_of, refine
from rewriter.terms.interning import remembered, terms_kept
from rewriter.terms.reading import element
from rewriter.terms.sign import interval_of


@pytest.fixture
def asked():
    """A remembered function, and the arguments with which it was worked out."""
    calls = []

    @remembered
    def low(term, factor):
        calls.append((term, factor))
        return factor * range_of(term.products[0].factors[0][0].node).low

    return low, calls


def test_it_is_worked_out_once_inside_and_each_time_outside(asked):
    low, calls = asked
    term = element(rw.input("x", (3,)))
    with terms_kept():
        assert [low(term, 2), low(term, 2)] == [-float("inf")] * 2
        assert len(calls) == 1
        low(term, 3)
        assert len(calls) == 2
    low(term, 2)
    low(term, 2)
    assert len(calls) == 4


def test_nothing_is_left_for_the_next_time(asked):
    low, calls = asked
    term = element(rw.input("x", (3,)))
    for _ in range(2):
        with terms_kept():
            low(term, 2)
    assert len(calls) == 2


def test_it_is_worked_out_anew_when_more_is_known(asked):
    low, calls = asked
    node = rw.input("bounded later", (3,)) + 0.5
    term = element(node)
    with terms_kept():
        low(term, 2)
        refine(node, Interval(1.0))
        assert low(term, 2) == 2
        refine(node, Interval(0.5))  # which says nothing new
        low(term, 2)
        assert len(calls) == 2
        assert interval_of(term).low == 1


def test_what_is_proved_while_a_graph_is_looked_at_is_forgotten_after_it():
    node = rw.input("bounded for a while", (3,)) + 0.5
    term = element(node)
    with terms_kept():
        refine(node, Interval(1.0))
        with terms_kept():
            assert range_of(node).low == interval_of(term).low == 1
    assert range_of(node).low == interval_of(term).low == -float("inf")
    with terms_kept():
        assert range_of(node).low == interval_of(term).low == -float("inf")


def test_what_a_fact_was_added_to_is_not_kept():
    node = rw.input("bounded inside", (3,)) * 1.5
    calls = []

    @remembered
    def add_a_fact(factor):
        calls.append(factor)
        refine(node, Interval(float(len(calls))))
        return factor

    with terms_kept():
        for _ in range(3):
            add_a_fact(2)
    assert calls == [2, 2, 2]
