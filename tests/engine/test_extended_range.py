"""Numbers of an extended range, and graphs that are carried in it where no law bounds them.

Expected numbers are fractions times powers of two, by mpmath; expected gradients are the naive
program's, in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import rewriter as rw
from rewriter.engine.extended_range import number
from rewriter.engine.extended_range.cure import in_extended_range
from rewriter.engine.extended_range.number import ExtendedNumber
from rewriter.engine.probing import most_trusted
from rewriter.graph.precision import in_precision

PRINCIPALS = np.array([1.0, -1.5, 0.75, 3e-7, -2e5, 0.0, 1.25, -1e-30])
INDICES = np.array([0, 3, -4000, 70000, -(10**7), 12, 2**26, -(2**26)], "int32")
OTHERS = np.array([-1.0, 1.5, 1.5, 7e-7, -2e5, 4.0, -0.5, 1e-30])
OTHER_INDICES = np.array([0, 3, -4001, 69999, -(10**7), -5, -(2**26), -(2**26)], "int32")
ROUNDING = {"float32": 3e-6, "float64": 1e-14}
Numbers = list[mpmath.mpf]


def given(name: str, dtype: str) -> tuple[ExtendedNumber, list[rw.Node]]:
    """Numbers whose parts are inputs, and these."""
    principal, index = rw.input(name, (8,), dtype), rw.input(f"{name} index", (8,), "int32")
    return ExtendedNumber(principal, index, number.UNKNOWN, 2**27), [principal, index]


def exactly(principals: np.ndarray[Any, Any], indices: np.ndarray[Any, Any]) -> Numbers:
    return [mpmath.ldexp(float(p), int(k)) for p, k in zip(principals, indices, strict=True)]


def is_near(
    made: ExtendedNumber, inputs: list[rw.Node], arrays: list[Any], wanted: Numbers
) -> None:
    """What parts are computed, by NumPy, are near the numbers that are wanted."""
    graph = rw.Graph(inputs, [made.principal, made.index])
    with np.errstate(all="ignore"):
        principal, index = rw.compile(graph)(*arrays)
    rounding = ROUNDING[made.principal.dtype]
    for p, k, truth in zip(np.ravel(principal), np.ravel(index), wanted, strict=True):
        got = mpmath.ldexp(float(p), int(k))
        assert abs(got - truth) <= rounding * abs(truth), (p, k, mpmath.nstr(truth, 5))


OF_TWO: dict[str, tuple[Callable[..., ExtendedNumber], Callable[..., Any]]] = {
    "product": (number.product, lambda x, y: x * y),
    "quotient": (number.quotient, lambda x, y: x / y),
    "sum": (lambda x, y: number.total([x, y]), lambda x, y: x + y),
    "difference": (lambda x, y: number.total([x, number.negated(y)]), lambda x, y: x - y),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OF_TWO)
def test_operations_on_two_numbers(name: str, dtype: str) -> None:
    carried, meant = OF_TWO[name]
    (x, of_x), (y, of_y) = given("x", dtype), given("y", dtype)
    left, right = PRINCIPALS.astype(dtype), OTHERS.astype(dtype)
    wanted = [
        meant(a, b)
        for a, b in zip(exactly(left, INDICES), exactly(right, OTHER_INDICES), strict=True)
    ]
    is_near(carried(x, y), of_x + of_y, [left, INDICES, right, OTHER_INDICES], wanted)


@pytest.mark.parametrize("exponent", [Fraction(2), Fraction(-3), Fraction(1, 2), Fraction(-2, 3)])
def test_powers(exponent: Fraction) -> None:
    x, inputs = given("x", "float64")
    sizes = np.where(PRINCIPALS == 0, 1.0, np.abs(PRINCIPALS))
    with mpmath.workdps(40):
        q = mpmath.mpf(exponent.numerator) / exponent.denominator
        wanted = [size**q for size in exactly(sizes, INDICES)]
    is_near(number.power(x, exponent), inputs, [sizes, INDICES], wanted)


def test_logarithms() -> None:
    x, inputs = given("x", "float64")
    sizes = np.where(PRINCIPALS == 0, 1.0, np.abs(PRINCIPALS))
    wanted = [float(mpmath.log(size)) for size in exactly(sizes, INDICES)]
    made = rw.compile(rw.Graph(inputs, [number.logarithm(x)]))(sizes, INDICES)
    assert_allclose(made, wanted, rtol=1e-14)
    made = rw.compile(rw.Graph(inputs, [number.binary_logarithm(x)]))(sizes, INDICES)
    assert_allclose(made, np.array(wanted) / np.log(2), rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exponentials(dtype: str) -> None:
    u = np.array([0, 1, -20.5, 88, -104, 3000.25, -11111, 2.0**20, -(2.0**25)], dtype)
    argument = rw.input("u", (9,), dtype)
    wanted = [mpmath.exp(float(one)) for one in u]
    made = number.exponential(argument)
    graph = rw.Graph([argument], [made.principal, made.index])
    principal, index = rw.compile(graph)(u)
    for one, p, k, truth in zip(u, principal, index, wanted, strict=True):
        got = mpmath.ldexp(float(p), int(k))
        rounding = ROUNDING[dtype] * (1 + abs(float(one)) / 2.0**15)
        assert abs(got - truth) <= rounding * truth, one


def test_what_is_no_number_is_what_floats_give() -> None:
    """exp of what is infinite, sums with 0 and with infinity, and quotients by 0."""
    u = rw.input("u", (4,), "float32")
    numbers = np.float32([-np.inf, np.inf, np.nan, 0])
    e = number.exponential(u)
    one = number.of_plain(rw.constant(np.ones(4), "float32"))
    made = [e, number.total([e, one]), number.quotient(one, e), number.product(e, e)]
    graph = rw.Graph([u], [number.plain(x, "float32") for x in made])
    with np.errstate(all="ignore"):
        values = rw.compile(graph)(numbers)
    assert_array_equal(values[0], [0, np.inf, np.nan, 1])
    assert_array_equal(values[1], [1, np.inf, np.nan, 2])
    assert_array_equal(values[2], [np.inf, 0, np.nan, 1])
    assert_array_equal(values[3], [0, np.inf, np.nan, 1])


def test_a_zero_is_below_whatever_is_added_to_it() -> None:
    u = rw.input("u", (1,), "float32")
    sum_with_zero = number.total([number.zeros((1,), "float32"), number.exponential(u)])
    logarithm = rw.compile(rw.Graph([u], [number.logarithm(sum_with_zero)]))
    assert_allclose(logarithm(np.float32([-5000])), [-5000], rtol=1e-6)


def chain(length: int, dtype: str = "float32") -> rw.Graph:
    """The gradient of the log of a sum over paths, each step a matrix of exponentials."""
    x = rw.input("x", (length, 3), dtype)
    steps = rw.constant(np.cos(np.arange(9.0)).reshape(3, 3), dtype)
    state = rw.exp(x[0])
    for k in range(1, length):
        state = rw.einsum("i,ij->j", state, rw.exp(steps * rw.sum(x[k]))) * rw.exp(-(x[k] ** 2))
    return rw.Graph([x], rw.grad(rw.log(rw.sum(state)), [x]))


def test_carried_gradients_are_right() -> None:
    graph = chain(5)
    carried = in_extended_range(graph)
    points = [scale * np.cos(np.arange(15)).reshape(5, 3).astype("float32") for scale in (1, 30)]
    for x in points:
        truth = rw.exact(graph, x, dtype="float64")
        value = rw.compile(carried)(x)
        assert_allclose(value, truth, rtol=0, atol=2e-5 * np.abs(truth).max())


def test_operations_that_leave_the_range_take_plain_numbers() -> None:
    x = rw.input("x", (3,), "float32")
    share = rw.exp(x) / (1 + rw.exp(x))
    whole = rw.astype(2.5 * share, "int32") + 1
    graph = rw.Graph([x], [rw.sin(share), rw.argmax(rw.exp(x)), whole])
    value, place, count = rw.compile(in_extended_range(graph))(np.float32([1000, -1000, 0]))
    assert_allclose(value, np.sin([1, 0, 0.5]), rtol=1e-6)
    assert place == 0
    assert_array_equal(count, [3, 1, 2])


def test_operations_that_stay_in_the_range() -> None:
    """Choices, extremes, running sums and products, index maps, of exp(x) at x = ±1000."""
    x = rw.input("x", (4,), "float64")
    e = rw.exp(x)
    running = rw.cumsum(e, reverse=True)
    outputs = [
        rw.log(running),
        rw.log(rw.cumprod(e)),
        rw.log(rw.maximum(e, rw.flip(e, 0))),
        rw.log(rw.where(e > rw.flip(e, 0), e, 1.0)),
        rw.log(rw.prod(e) * rw.concatenate([e, 1 / e])),
        rw.log(rw.sqrt(rw.pad(e, [(1, 0)], 1.0)) * rw.absolute(-e[:1])),
    ]
    point = np.array([1000.0, -1000, 700, 3])
    values = rw.compile(in_extended_range(rw.Graph([x], outputs)))(point)
    back = point[::-1]
    wanted = [
        [1000, np.log1p(np.exp(3.0 - 700)) + 700, 700, 3],
        np.cumsum(point),
        np.maximum(point, back),
        np.where(point > back, point, 0),
        point.sum() + np.concatenate([point, -point]),
        np.concatenate([[0], point / 2]) + 1000,
    ]
    for value, truth in zip(values, wanted, strict=True):
        assert_allclose(value, truth, rtol=1e-13)


def test_exponentials_and_powers_of_what_is_carried() -> None:
    """exp and 2^u of an extended number, a power with an exponent of data, extremes along axes."""
    x = rw.input("x", (3,), "float64")
    e = rw.exp(x)
    outputs = [
        rw.log(rw.exp(rw.log(e) * e / e)),
        rw.log(rw.exp2(x) * e),
        rw.log((1 + e) ** rw.cos(x)),
        rw.log(rw.max(e) * rw.min(e * 2)),
        rw.log(rw.max(e * e, axis=0, keepdims=True) / e),
    ]
    point = np.array([3000.0, -2000, 0.5])
    values = rw.compile(in_extended_range(rw.Graph([x], outputs)))(point)
    wanted = [
        point,
        point * (1 + np.log(2)),
        np.array([3000, 0, np.log1p(np.exp(0.5))]) * np.cos(point),
        1000 + np.log(2),
        6000 - point,
    ]
    for value, truth in zip(values, wanted, strict=True):
        assert_allclose(value, truth, rtol=1e-12, atol=1e-12)


def test_zero_to_a_power_of_data() -> None:
    """0^y is 0, 1 or infinite by the sign of y."""
    x, y = rw.input("x", (3,), "float64"), rw.input("y", (3,), "float64")
    nothing = rw.exp(x) - rw.exp(x) + rw.maximum(x, 0)
    graph = rw.Graph([x, y], [rw.maximum(nothing, 0) ** y])
    values = rw.compile(in_extended_range(graph))(-np.ones(3), np.array([2.5, 0, -1]))
    assert_array_equal(values, [0, 1, np.inf])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_zeros_stay_zeros_however_often_they_are_added_and_multiplied(dtype: str) -> None:
    """The index of a sum of zeros is far below all others; it must not come round."""
    x = rw.input("x", (2,), dtype)
    e = rw.exp(x)
    nothing = e - e
    for _ in range(8):
        nothing = rw.einsum("i,i->i", nothing, nothing + e) + nothing
        nothing = nothing * nothing + nothing
    graph = rw.Graph([x], [rw.log(rw.sum(e) + rw.sum(nothing)), nothing])
    logarithm, zeros = rw.compile(in_extended_range(graph))(np.array([1000, 1000], dtype))
    assert_allclose(logarithm, 1000 + np.log(2), rtol=1e-6)
    assert_array_equal(zeros, [0, 0])


def test_in_float64_exponentials_reach_as_far_as_data() -> None:
    """Indices of 64 bits: shares and ratios at ±1e18, which is exact in float64."""
    x = rw.input("x", (3,), "float64")
    e = rw.exp(x)
    shares = e / rw.sum(e)
    odds = rw.log(rw.exp(x - 1e17) / e)
    carried = rw.compile(in_extended_range(rw.Graph([x], [shares, odds])))
    for point, share in (
        ([1e18, 5.0, -1e18], [1, 0, 0]),
        ([1e18, 1e18, 0.0], [0.5, 0.5, 0]),
        ([-1e18, -1e18, -1e18], [1 / 3, 1 / 3, 1 / 3]),
    ):
        values = carried(np.array(point))
        assert_allclose(values[0], share, rtol=1e-15)
        assert_allclose(values[1], -1e17, rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_long_programs_of_differences_keep_their_indices(dtype: str) -> None:
    """Each sum of two is normalised, and one less both; how far indices reach is bounded still."""
    x = rw.input("x", (2,), dtype)
    e = rw.exp(x)
    power = e * e * e * e * e * e
    for _ in range(40):
        power = rw.sum(power) - power
    carried = rw.compile(in_extended_range(rw.Graph([x], [rw.log(power)])))
    assert_allclose(carried(np.array([1000.5, 1000], dtype)), [6003, 6000], rtol=1e-5)


def test_products_of_exponentials_of_large_data_keep_their_quotients() -> None:
    """e³/(e + 1)³ at 1e18, where the index of e³ is nearly as large as integers are."""
    x = rw.input("x", (3,), "float64")
    e = rw.exp(x)
    whole = e + 1.0
    shares = [e / whole, e * e / (whole * whole), e * e * e / (whole * whole * whole)]
    values = rw.compile(in_extended_range(rw.Graph([x], shares)))(np.array([1e18, 0.0, -1e18]))
    for k, value in enumerate(values):
        assert_allclose(value, [1, 0.5 ** (k + 1), 0], rtol=1e-15)


def test_precisions_are_told_apart() -> None:
    """What cancels is not trusted; of two graphs the one that keeps its digits is."""
    x = rw.input("x", (4,), "float32")
    cancelling = rw.Graph([x], [rw.log(rw.exp(x))])
    steady = rw.Graph([x], [x * 1.0])
    assert most_trusted(cancelling, [steady]) is steady
    assert most_trusted(steady, [cancelling]) is steady
    assert in_precision(cancelling, "float64").outputs[0].dtype == "float64"
