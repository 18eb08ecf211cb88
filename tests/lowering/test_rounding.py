"""Rounding to the four float formats, against NumPy's and ml_dtypes' own conversions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rewriter as rw
from rewriter.errors import BackendError, ShapeError
from rewriter.lowering import balls, bits_of_error, elementwise_bits, exact, normwise_bits
from rewriter.lowering.array_type import array_type
from rewriter.lowering.exact_backend.rounding import format_of, nearest

DTYPES = ("float16", "bfloat16", "float32", "float64")

LANDMARKS = (
    65504.0, 65519.99, 65520.0, -65520.0, 2.0**-24, 2.0**-25, 1.5 * 2.0**-25, 3 * 2.0**-25,
    2.0**-14 - 2.0**-26, 2049.0, 2051.0, 3.3895313892515355e38, 3.4e38, 3.4028235677973366e38,
    2.0**-149, 2.0**-150, 1.0000001 * 2.0**-150, 2.0**-133, 2.0**-134, 1e-300, 1e300, 5e-324, 0.0,
)  # fmt: skip


def rounded(value: float, dtype: str) -> float:
    mantissa, denominator = Fraction(value).as_integer_ratio()
    return nearest(mantissa, 1 - denominator.bit_length(), format_of(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(LANDMARKS))
def test_it_agrees_with_the_conversion_of_arrays(dtype: str, value: float) -> None:
    with np.errstate(all="ignore"):
        wanted = np.array(value)
        if dtype == "bfloat16":  # ml_dtypes rounds twice, by way of float32
            wanted = _sticky(value)
        expected = float(wanted.astype(array_type(dtype)))
    assert rounded(value, dtype) == expected


def _sticky(value: float) -> np.ndarray:
    """A float32 between the same bfloat16 neighbours, and halves, as the float64."""
    near = np.float32(value)
    if float(near) == value or not np.isfinite(near):
        return np.array(near)
    down = near if float(near) < value else np.nextafter(near, np.float32(-np.inf))
    bits = np.array(down).view(np.uint32)
    odd = bits | 1 if bits & 1 == 0 else bits
    return odd.view(np.float32) if down > 0 or (down == 0 and value > 0) else np.array(near)


@given(st.integers(-(2**200), 2**200), st.integers(-1300, 900))
def test_float64_agrees_with_python(mantissa: int, exponent: int) -> None:
    try:
        expected = float(Fraction(mantissa) * Fraction(2) ** exponent)
    except OverflowError:
        expected = math.copysign(math.inf, mantissa)
    assert nearest(mantissa, exponent, format_of("float64")) == expected


def test_huge_exponents_cost_nothing() -> None:
    form = format_of("float32")
    assert nearest(3, 10**18, form) == math.inf
    assert nearest(-3, 10**18, form) == -math.inf
    assert math.copysign(1, nearest(-3, -(10**18), form)) == -1


def test_exact_halves_round_to_even() -> None:
    x = rw.input("x", (4,), "float64")
    graph = rw.Graph([x], rw.log(rw.exp(x)))
    halves = np.array([1 + 2.0**-11, 1 + 3 * 2.0**-11, 65520.0, 2.0**-25])
    assert exact(graph, halves, dtype="float16").tolist() == [1.0, 1 + 2.0**-9, np.inf, 0.0]


def test_other_dtypes_are_refused() -> None:
    with pytest.raises(BackendError, match="int32"):
        format_of("int32")


# Bits of error -----------------------------------------------------------------------------------
THIRD = rw.Graph([x := rw.input("x", ("n",), "float64")], x / 3)


def truth(*values: float) -> np.ndarray:
    return balls(THIRD, [3 * v for v in values])


ULP_OF_ONE = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}


@pytest.mark.parametrize("dtype", DTYPES)
def test_bits_count_ulps(dtype: str) -> None:
    one = np.ones(3).astype(array_type(dtype))
    ulp = ULP_OF_ONE[dtype]
    assert bits_of_error(one, truth(1, 1, 1)) == 0
    assert bits_of_error(one + one.dtype.type(ulp), truth(1, 1, 1)) == 1
    assert bits_of_error(one + one.dtype.type(3 * ulp), truth(1, 1, 1)) == 2
    doubled = bits_of_error(2 * one, truth(1, 1, 1))
    assert doubled == pytest.approx(math.log2(1 + 1 / ulp))


def test_the_nearest_float_is_right() -> None:
    for dtype in DTYPES:
        third = np.array([1 / 3]).astype(array_type(dtype))
        assert bits_of_error(third, balls(THIRD, [1.0])) == 0
        assert (
            bits_of_error(np.nextafter(np.float32(1 / 3), np.float32(1))[None], balls(THIRD, [1.0]))
            > 0.5
        )


def test_the_worst_element_counts() -> None:
    values = np.array([1.0, 2.0, 3.0 + 2**-51])
    assert elementwise_bits(values, truth(1, 2, 3)).tolist() == [0, 0, 1]
    assert bits_of_error(values, truth(1, 2, 3)) == 1


def test_normwise_counts_against_the_largest() -> None:
    values = np.array([1e-20, 1.0])
    assert bits_of_error(values, truth(0, 1)) > 900
    assert normwise_bits(values, truth(0, 1)) < 1e-3
    assert normwise_bits(np.array([0.5, 1.0]), truth(0, 1)) > 50


def test_what_is_not_finite() -> None:
    inf, nan = math.inf, math.nan
    log = rw.Graph([x], rw.log(x))
    reference = balls(log, [0.0, -1.0, 1.0, inf])
    assert elementwise_bits([-inf, nan, 0.0, inf], reference, "float32").tolist() == [0, 0, 0, 0]
    assert elementwise_bits([inf, 0.0, nan, nan], reference, "float32").tolist() == [inf] * 4
    large = balls(rw.Graph([x], rw.exp(x)), [100.0])
    assert bits_of_error(np.array([inf], np.float32), large) == 0
    assert bits_of_error(np.array([3.4e38], np.float32), large) > 20
    assert bits_of_error(np.array([inf]), large, "float64") == inf


def test_negligible_truths_are_zero() -> None:
    tiny = balls(rw.Graph([x], rw.exp(x)), [-1e18])
    assert bits_of_error(np.zeros(1), tiny) == 0
    assert bits_of_error(np.array([5e-324]), tiny) == 1


def test_shapes_are_checked() -> None:
    with pytest.raises(ShapeError, match=r"\(2,\).*\(3,\)"):
        bits_of_error(np.zeros(3), truth(1, 2))


def test_no_elements_have_no_error() -> None:
    assert bits_of_error(np.zeros((0,)), np.zeros((0,), object)) == 0
