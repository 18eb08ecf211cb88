"""What is divided by a sum that it is one of the summands of is at most 1, at its own place."""

import pytest

import rewriter as rw
from rewriter.facts.ranges import range_of

X = rw.input("x", (3, 3), "float64")
E = rw.exp(X)


def total(node, **axes):
    return rw.sum(node, **axes)


SHARES = {
    "of a row": E / total(E, axis=1, keepdims=True),
    "of a column": E / total(E, axis=0),
    "of all": E / total(E),
    "of a row, reshaped": E / rw.reshape(total(E, axis=1), (3, 1)),
    "of a transposed sum": E / rw.transpose(rw.reshape(total(E, axis=1), (1, 3))),
    "beside a number": E / (1.0 + E),
    "beside a guard": E / (total(E, axis=0) + 1e-9),
    "at least so much": E / rw.maximum(total(E, axis=0), 2.0),
    "a gradient stopped": E / rw.stop_gradient(total(E)),
    "of several": E / (rw.exp(2.0 * X) + (E + rw.absolute(X))),
}
OTHERS = {
    "of the rows' sums, along columns": E / total(E, axis=1),
    "of the columns' sums, transposed": E / rw.transpose(total(E, axis=0, keepdims=True)),
    "of what is transposed": E / total(rw.transpose(E), axis=0),
    "beside another place": E / (rw.transpose(E) + 1.0),
    "of a sum less a number": E / (total(E, axis=0) - 1.0),
    "of what has both signs": X / total(X, axis=0),
    "of a smaller one": E / rw.minimum(total(E, axis=0), 2.0),
}


@pytest.mark.parametrize("name", SHARES)
def test_a_share_is_at_most_one(name):
    found = range_of(SHARES[name])
    assert (found.low, found.high) == (0.0, 1.0)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_share_has_no_such_bound(name):
    assert range_of(OTHERS[name]).high == float("inf")


def test_many_summands_that_have_parts_in_common_are_not_looked_at_again_and_again():
    doubled = rw.exp(rw.sin(X)) + 1.0
    for _ in range(60):
        doubled = doubled + doubled
    assert range_of(E / doubled).high == float("inf")
    long = rw.absolute(X) + 1.0
    for k in range(2000):
        long = long + rw.absolute(X * float(k))
    assert range_of(E / long).high == float("inf")
