"""Every elementwise primitive: exact against mpmath, numpy against exact, at all float dtypes."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import scipy.special
from primitive_cases import PREDICATES, VALUED, Case

import rewriter as rw
from rewriter.graph.primitive import Kind, primitives
from rewriter.lowering import balls, bits_of_error, compile, exact
from rewriter.lowering.array_type import array_type

DTYPES = ("float64", "float32", "bfloat16", "float16")
DIGITS = 60


def columns(case: Case, dtype: str) -> list[np.ndarray]:
    arrays = [
        np.array(column).astype(array_type(dtype)) for column in zip(*case.points, strict=True)
    ]
    return arrays


def graph_of(case: Case, dtype: str) -> rw.Graph:
    inputs = [rw.input(f"x{place}", ("n",), dtype) for place in range(len(case.points[0]))]
    return rw.Graph(inputs, case.build(*inputs))


def true_values(case: Case, arrays: list[np.ndarray]) -> list[object]:
    with mpmath.workdps(DIGITS):
        rows = zip(*(array.astype(np.float64).tolist() for array in arrays), strict=True)
        return [case.truth(*map(mpmath.mpf, row)) for row in rows]


@pytest.mark.parametrize("case", VALUED, ids=lambda case: case.name)
def test_exact_is_the_nearest_float_to_the_true_value(case: Case) -> None:
    arrays = columns(case, "float64")
    found = exact(graph_of(case, "float64"), *arrays)
    with mpmath.workdps(DIGITS):
        expected = [float(value) for value in true_values(case, arrays)]
    assert found.dtype == np.float64
    assert found.tolist() == expected


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", VALUED, ids=lambda case: case.name)
def test_numpy_is_as_accurate_as_its_dtype(case: Case, dtype: str) -> None:
    graph, arrays = graph_of(case, dtype), columns(case, dtype)
    found = compile(graph)(*arrays)
    assert found.dtype == array_type(dtype)
    assert bits_of_error(found, balls(graph, *arrays), dtype) <= case.bits


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", PREDICATES, ids=lambda case: case.name)
def test_predicates_agree_with_mpmath(case: Case, dtype: str) -> None:
    graph, arrays = graph_of(case, dtype), columns(case, dtype)
    expected = [bool(value) for value in true_values(case, arrays)]
    for backend in ("numpy", "exact"):
        found = compile(graph, backend)(*arrays)
        assert found.dtype == np.bool_
        assert found.tolist() == expected, backend


def test_every_elementwise_primitive_has_a_case() -> None:
    covered = {case.name for case in (*VALUED, *PREDICATES)}
    kinds = {p.name for p in primitives() if p.kind is Kind.ELEMENTWISE}
    assert kinds - covered == {"astype"}


SPECIAL = (0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 2.5, -0.5, 3.0)


def nearest_power_of_two(x: np.ndarray) -> np.ndarray:
    within = np.clip(np.abs(x) * 4 / 3, 2.0**-1022, 2.0**1022)
    return np.asarray(2.0 ** np.floor(np.log2(within)))


@pytest.mark.parametrize("case", [c for c in VALUED if len(c.points[0]) == 1], ids=lambda c: c.name)
def test_singularities_are_those_of_ieee_arithmetic(case: Case) -> None:
    """At 0, infinities and nan, both backends give what NumPy's float64 function gives."""
    if case.name in ("logistic", "rsqrt", "erf", "erfc", "erfcx", "stop_gradient", "binade"):
        theirs = {
            "logistic": lambda x: 1 / (1 + np.exp(-x)), "rsqrt": lambda x: 1 / np.sqrt(x),
            "erf": np.vectorize(math.erf), "erfc": np.vectorize(math.erfc),
            "erfcx": scipy.special.erfcx,
            "stop_gradient": np.array,
            "binade": nearest_power_of_two,
        }[case.name]  # fmt: skip
    else:
        theirs = {"round": np.rint}.get(case.name) or getattr(np, case.name)
    x = np.array(SPECIAL)
    graph = graph_of(case, "float64")
    with np.errstate(all="ignore"):
        expected = theirs(x)
    for backend in ("numpy", "exact"):
        found = compile(graph, backend)(x)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
        known = ~np.isnan(expected)
        np.testing.assert_allclose(found[known], expected[known], rtol=4e-16, atol=0)
        if case.name not in ("round", "ceil"):
            zero = known & (expected == 0)
            np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


TWO_OPERANDS = (
    "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "remainder",
    "floor_divide",
)  # fmt: skip
TWO_SPECIAL = [(x, y) for x in SPECIAL for y in SPECIAL]


@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_singularities_of_two_operands_are_those_of_ieee_arithmetic(name: str) -> None:
    x, y = np.array(TWO_SPECIAL).T
    inputs = [rw.input("x", ("n",), "float64"), rw.input("y", ("n",), "float64")]
    graph = rw.Graph(inputs, getattr(rw, name)(*inputs))
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x, y)
    for backend in ("numpy", "exact"):
        found = compile(graph, backend)(x, y)
        np.testing.assert_allclose(found, expected, rtol=4e-16, atol=0)
        if name not in ("maximum", "minimum"):
            zero = expected == 0
            np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


def test_no_warning_reaches_the_caller(recwarn: pytest.WarningsRecorder) -> None:
    x = rw.input("x", ("n",), "float32")
    graph = rw.Graph([x], [rw.log(x), 1 / x, rw.exp(x), rw.sqrt(x), x / x, rw.logistic(x)])
    compile(graph)(np.array([-1e30, 0.0, 1e30, np.inf, np.nan], np.float32))
    assert len(recwarn) == 0


def test_logistic_keeps_its_tail_down_to_the_subnormal_numbers() -> None:
    x = rw.input("x", ("n",), "float64")
    graph = rw.Graph([x], rw.logistic(x))
    points = np.array([-745.0, -720.0, -40.0, -1e-300, 0.0, 30.0, 800.0, -1e308, 1e308])
    assert bits_of_error(compile(graph)(points), balls(graph, points)) <= 1.6
