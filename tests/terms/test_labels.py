"""Labels: what holds of each place that data may be at holds of the data."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw
from rewriter.facts.ranges import range_of
from rewriter.terms.algebra import add, exponential, multiply, number, power
from rewriter.terms.index import Data, Fixed, axis
from rewriter.terms.indicators import delta
from rewriter.terms.reading import element
from rewriter.terms.term import UNIT

X = rw.input("x", (4,), "float32")


@pytest.mark.parametrize("places", [(0, 1, 2), (1, 2), (0, 2)])
def test_a_label_is_at_one_of_its_places(places: tuple[int, ...]) -> None:
    """``Σ_c [i = c]·t = t``, where no place of i is left out."""
    labels = rw.constant(np.array([0, 2, 1, 2], "int32"))
    label, term = Data(labels, (axis(0, 4),)), exponential(element(X))
    parts = [multiply(delta(label, Fixed(place)), term) for place in places]
    assert (add(parts) is term) is (places == (0, 1, 2))


def test_a_slice_of_what_is_joined_has_the_range_of_its_parts() -> None:
    first, second = rw.input("a", (2, 1), "float32"), rw.input("b", (2, 2), "float32")
    joined = rw.concatenate([rw.tanh(first), rw.exp(second)], axis=1)
    assert range_of(joined[:, :1]) == range_of(rw.tanh(first))
    assert range_of(joined[:, 1:]) == range_of(rw.exp(second))
    assert range_of(joined[:, ::2]) == range_of(joined)


def test_a_sum_is_divided_by_one_that_starts_with_a_number() -> None:
    """``3/(3 + e^x) + e^x/(3 + e^x) = 1``."""
    e = exponential(element(X))
    under = power(add([number(3), e]), -1)
    assert add([multiply(number(3), under), multiply(e, under)]) is UNIT
    square = multiply(under, under)
    parts = [multiply(number(9), square), multiply(multiply(number(6), e), square)]
    assert add([*parts, multiply(multiply(e, e), square)]) is UNIT
