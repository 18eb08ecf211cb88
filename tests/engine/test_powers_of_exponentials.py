"""Which power of a sum's exponentials an exponent has, whatever its axes are called."""

from __future__ import annotations

import rewriter as rw
from rewriter.engine.building.quotients import power_in
from rewriter.terms.algebra import as_combination, plain, scale
from rewriter.terms.binding import evaluated, replace
from rewriter.terms.index import Axis, axis
from rewriter.terms.reading import element
from rewriter.terms.simple import sole_exponential

U = element(rw.input("u", (3, 3)))


def test_the_axis_summed_over_is_found_among_others_of_its_extent():
    for _ in range(40):  # a set has its axes in some order or other
        row, column = (Axis("k", 3) for _ in range(2))
        placed = as_combination(replace(U, {axis(0, 3): row, axis(1, 3): column}))
        total = plain(evaluated(column, sole_exponential(placed)))
        assert power_in(scale(placed, 2), total) == 2
