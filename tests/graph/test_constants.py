"""What is worked out of constants: each element where it stands."""

from __future__ import annotations

import numpy as np
import pytest

import rewriter as rw
from rewriter.graph.constants import LARGEST_FOLDED, folded_constant

COLUMN, ROW = np.float32([[1], [2], [3]]), np.float32([10, 20, 30])


@pytest.mark.parametrize("row", [ROW, ROW[:2]])
def test_a_column_and_a_row_make_a_table(row: np.ndarray) -> None:
    """A layout counts: of three by three they are no sum of three."""
    column = rw.reshape(rw.constant(COLUMN.ravel()), (3, 1))
    np.testing.assert_array_equal(folded_constant(column + rw.constant(row)), COLUMN + row)
    again = rw.broadcast_to(rw.constant(row), (3, len(row))) * column - row
    np.testing.assert_array_equal(folded_constant(again), COLUMN * row - row)


def test_one_value_everywhere_is_one_value() -> None:
    repeated = rw.broadcast_to(rw.constant(np.float32(2)), ("n", 3))
    assert folded_constant(-repeated).item() == -2
    assert folded_constant(repeated).item() == 2


def test_what_is_no_constant_or_too_large_is_not_worked_out() -> None:
    x = rw.input("x", (3,), "float32")
    assert folded_constant(x + rw.constant(ROW)) is None
    long = rw.constant(np.ones(LARGEST_FOLDED, "float32"))
    assert folded_constant(rw.reshape(long, (LARGEST_FOLDED, 1)) + rw.constant(ROW)) is not None
    wide = rw.broadcast_to(rw.constant(ROW), (LARGEST_FOLDED, 3))
    assert folded_constant(wide + rw.constant(ROW)) is None
