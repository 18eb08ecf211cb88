"""Maxima in an exponent: what bounds it, and which values are needed in one."""

from __future__ import annotations

import rewriter as rw
from rewriter.terms import functions
from rewriter.terms.algebra import add, negate, number, scale
from rewriter.terms.pairing import pair
from rewriter.terms.reading import element
from rewriter.terms.weighing import with_weights_joined

X, Y, M = (element(rw.input(name, ())) for name in ("x", "y", "m"))


def largest(*terms):
    return functions.stop_gradient(functions.maximum(*terms))


def test_a_maximum_is_shared_out_after_another_has_left_a_part():
    """y + 2m − max(0, y − 2x + 2m) − 4·max(0, x) <= 0; with 3·max(0, −x), it has no bound."""
    first = largest(number(0), add((Y, scale(X, -2), scale(M, 2))))
    start = add((Y, scale(M, 2), negate(first)))
    bounded = add((start, scale(largest(number(0), X), -4)))
    assert pair(bounded).bounded_above(0)
    unbounded = add((start, scale(largest(number(0), negate(X)), -3)))
    assert not pair(unbounded).bounded_above(0)


def test_what_lies_between_two_values_is_not_needed():
    zero, double = number(0), scale(X, 2)
    assert set(functions.without_means([zero, X, double])) == {zero, double}
    assert set(functions.without_means([zero, X, double, scale(X, 3)])) == {zero, scale(X, 3)}
    assert functions.without_means([zero, X, negate(X)]) == [X, negate(X)]
    assert functions.without_means([zero, X, add((double, Y))]) == [zero, X, add((double, Y))]
    assert functions.without_means([zero, Y, X]) == [zero, Y, X]


def test_weights_are_joined_where_something_cancels():
    from rewriter.terms.algebra import multiply

    complement = add((number(1), negate(Y)))
    total = add((multiply(complement, X), multiply(Y, X)))
    assert len(total.products) == 2
    assert with_weights_joined(total) is X
    apart = add((multiply(complement, X), multiply(Y, M)))
    assert with_weights_joined(apart) is apart
