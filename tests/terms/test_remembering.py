"""What is worked out of terms is remembered as long as it would come out the same."""

import pytest

import rewriter as rw
from rewriter.facts.interval import Interval
from rewriter.facts.ranges import range_of, refine
from rewriter.terms.algebra import add, as_combination, exponential, plain, scale
from rewriter.terms.binding import axis_to_open, bound_sum, open_body
from rewriter.terms.index import axis
from rewriter.terms.interning import OutOfWork, remembered, terms_kept, worked_out, working_up_to
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


def test_a_sum_is_opened_at_the_same_axis_each_time():
    """What is made of its body is then the same term, and what is known of it is known still."""
    x = element(rw.input("x", (3, 3)))
    total = plain(bound_sum(axis(1, 3), exponential(x)))
    first = axis_to_open(total)
    assert axis_to_open(total) is first
    assert open_body(total, axis_to_open(total)) is open_body(total, first)
    beside = axis_to_open(total, open_body(total, first))
    assert beside is not first
    assert axis_to_open(total, open_body(total, first)) is beside
    assert first not in as_combination(total).free


def test_axes_are_sorted_alike_whichever_was_asked_for_first():
    later, earlier = axis(7, 1234), axis(6, 1234)
    assert earlier.number < later.number < axis(0, 3).fresh().number


def test_ranges_of_long_chains_of_choices():
    """What is chosen by a choice by a choice: their conditions are known before they are asked."""
    x = rw.input("x", (), "float32")
    chosen = x
    for _ in range(4000):
        chosen = rw.where(rw.less(chosen, 0.0), 1.0, 2.0)
    found = range_of(chosen)
    assert (found.low, found.high) == (2.0, 2.0)


def test_long_sums_count_as_work_and_no_more_is_done_than_there_may_be():
    x = element(rw.input("x", (1000,)))
    with terms_kept():
        summands = [exponential(scale(x, k)) for k in range(1, 641)]
        before = worked_out()
        add(summands)
        assert worked_out() >= before + 10
        with pytest.raises(OutOfWork), working_up_to(worked_out() + 5):
            add(summands[1:])
        add(summands[2:])
