"""Dimensions: polynomials in named sizes, against integers put in for the names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.errors import ShapeError
from rewriter.graph import dimension as dim

SIZES = {"n": 5, "m": 7, "batch": 3}


def value(dimension: dim.Dimension) -> int:
    return dim.evaluate(dimension, SIZES)


def as_integer(text: str) -> int:
    """Python's own value of a sum of products."""
    total = 0
    for term in text.replace("-", "+-").split("+"):
        sign, product = (-1, term[1:]) if term.startswith("-") else (1, term)
        for factor in product.split("*") if product else ("0",):
            sign *= SIZES.get(factor) or int(factor)
        total += sign
    return total


dimensions = st.recursive(
    st.one_of(st.integers(-4, 4), st.sampled_from(sorted(SIZES))),
    lambda inner: st.builds(
        lambda combine, a, b: combine(a, b),
        st.sampled_from([dim.add, dim.subtract, dim.multiply]),
        inner,
        inner,
    ),
    max_leaves=6,
)


@given(dimensions, dimensions)
def test_arithmetic_is_that_of_integers(a: dim.Dimension, b: dim.Dimension) -> None:
    assert value(dim.add(a, b)) == value(a) + value(b)
    assert value(dim.subtract(a, b)) == value(a) - value(b)
    assert value(dim.multiply(a, b)) == value(a) * value(b)
    assert value(dim.size((a, b, 2))) == value(a) * value(b) * 2


@given(dimensions, dimensions)
def test_equal_polynomials_are_equal_dimensions(a: dim.Dimension, b: dim.Dimension) -> None:
    assert dim.add(a, b) == dim.add(b, a)
    assert dim.multiply(a, b) == dim.multiply(b, a)
    assert dim.subtract(dim.add(a, b), b) == a
    assert hash(dim.subtract(dim.add(a, b), b)) == hash(a)


@given(dimensions, dimensions)
def test_exact_division(a: dim.Dimension, b: dim.Dimension) -> None:
    assert dim.divide_exactly(dim.multiply(a, b), b) == (None if b == 0 else a)


def test_what_does_not_divide() -> None:
    assert dim.divide_exactly(7, 2) is None
    assert dim.divide_exactly("n", "m") is None
    assert dim.divide_exactly(dim.add("n", 1), "n") is None
    assert dim.divide_exactly(dim.parse_dimension("n*n+1"), dim.add("n", 1)) is None
    assert dim.divide_exactly(0, 0) is None


@given(dimensions)
def test_text_reads_back(a: dim.Dimension) -> None:
    assert dim.parse_dimension(str(a)) == a
    assert as_integer(str(a)) == value(a)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n", "n"),
        (" n ", "n"),
        ("2*n - n - n", 0),
        ("n + 2", dim.add("n", 2)),
        ("-1+n", dim.subtract("n", 1)),
        ("m*n*2", dim.multiply(2, dim.multiply("n", "m"))),
        ("3 * 4", 12),
    ],
)
def test_text_in_other_layouts(text: str, expected: dim.Dimension) -> None:
    assert dim.parse_dimension(text) == expected
    assert dim.checked_dimension(text) == expected


def test_canonical_text() -> None:
    assert str(dim.parse_dimension("1+n*2")) == "2*n+1"
    assert str(dim.parse_dimension("n*m+m*n-3")) == "2*m*n-3"
    assert str(dim.parse_dimension("-n")) == "-n"
    assert dim.shape_text(("n", 5)) == "(n, 5)"
    assert dim.shape_text((3,)) == "(3,)"
    assert dim.shape_text(()) == "()"


BAD_TEXTS = ["", "+", "n+", "n--1", "n+-1", "2 n", "5 5", "n**2", "n/2", "(n)", "1.5", "n*", "é"]


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_text_that_is_no_dimension(text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        dim.checked_dimension(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("bad", [None, 1.0, "n/2", [3], b"n"])
def test_objects_that_are_no_dimensions(bad: object) -> None:
    with pytest.raises(ShapeError) as caught:
        dim.checked_dimension(bad)
    assert repr(bad) in str(caught.value)


@pytest.mark.parametrize("bad", [-1, "-3", "2-5"])
def test_negative_integers_are_no_dimensions(bad: object) -> None:
    with pytest.raises(ShapeError, match=r"not negative \[culprit: -\d\]"):
        dim.checked_dimension(bad)


def test_a_name_without_a_size() -> None:
    with pytest.raises(ShapeError, match=r"2\*k\+1 has no size here \[culprit: k\]"):
        dim.evaluate(dim.checked_dimension("2*k+1"), SIZES)
