"""Shapes and dtypes that the builder gives, against those that NumPy gives."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import rewriter as rw
from rewriter.errors import DataTypeError, ShapeError
from rewriter.graph.dtype import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    dtype_name,
    promote,
    rounded_to_bfloat16,
)
from rewriter.graph.inference import broadcast_shapes

REAL = ("bool", *INTEGERS, "float16", "float32", "float64")
EVERY = (*REAL, *COMPLEX)
SCALARS = (True, 0, 2, -1, 300, -40000, 2**40, 1.5, 2j)

UNARY = {
    "negative": np.negative, "absolute": np.absolute, "sign": np.sign, "floor": np.floor,
    "ceil": np.ceil, "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log,
    "log2": np.log2, "log1p": np.log1p, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "isfinite": np.isfinite, "isnan": np.isnan, "logical_not": np.logical_not,
    "square": np.square, "sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min,
    "mean": np.mean, "var": np.var, "all": np.all, "any": np.any, "argmax": np.argmax,
    "argmin": np.argmin, "cumsum": np.cumsum, "cumprod": np.cumprod,
    "cummax": np.maximum.accumulate, "stop_gradient": np.copy,
}  # fmt: skip

BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "power": np.power, "maximum": np.maximum, "minimum": np.minimum, "remainder": np.remainder,
    "floor_divide": np.floor_divide, "equal": np.equal, "not_equal": np.not_equal,
    "less": np.less, "less_equal": np.less_equal, "greater": np.greater,
    "greater_equal": np.greater_equal, "logical_and": np.logical_and,
    "logical_or": np.logical_or,
}  # fmt: skip


def outcome(function: Callable[..., Any], *arguments: Any) -> str:
    """The dtype of a result, or "refused"."""
    try:
        with np.errstate(all="ignore"):
            return str(function(*arguments).dtype)
    except (TypeError, ValueError, OverflowError, DataTypeError):
        return "refused"


def tensor(dtype: str) -> rw.Node:
    return rw.input(f"of {dtype}", (3,), dtype)


@pytest.mark.parametrize("name", UNARY)
def test_dtypes_of_functions_of_one_tensor(name: str) -> None:
    function = getattr(rw, name)
    found = {dtype: outcome(function, tensor(dtype)) for dtype in EVERY}
    assert found == {dtype: outcome(UNARY[name], np.ones(3, dtype)) for dtype in EVERY}


@pytest.mark.parametrize("name", BINARY)
def test_dtypes_of_functions_of_two_tensors(name: str) -> None:
    function, pairs = getattr(rw, name), list(itertools.product(EVERY, EVERY))
    found = {pair: outcome(function, *map(tensor, pair)) for pair in pairs}
    expected = {(a, b): outcome(BINARY[name], np.ones(3, a), np.ones(3, b)) for a, b in pairs}
    assert found == expected


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("scalar", SCALARS, ids=str)
def test_dtypes_beside_python_numbers(name: str, scalar: complex) -> None:
    """Python numbers are weak on either side (NEP 50), and refused where they do not fit."""
    ours, theirs = getattr(rw, name), BINARY[name]
    for dtype in EVERY:
        array = np.ones(3, dtype)
        right = outcome(ours, tensor(dtype), scalar)
        assert (dtype, right) == (dtype, outcome(theirs, array, scalar))
        if name != "power":
            left = outcome(ours, scalar, tensor(dtype))
            assert (dtype, left) == (dtype, outcome(theirs, scalar, array))


def test_logaddexp() -> None:
    for a, b in itertools.product(
        ("float16", "float32", "float64", "int64", "complex64"), repeat=2
    ):
        expected = outcome(np.logaddexp, np.ones(3, a), np.ones(3, b))
        assert outcome(rw.logaddexp, tensor(a), tensor(b)) == expected


def test_functions_that_numpy_lacks_follow_exp() -> None:
    for function in (rw.logistic, rw.rsqrt, rw.erf, rw.erfc, rw.sigmoid, rw.softplus):
        for dtype in FLOATS:
            assert function(tensor(dtype)).dtype == dtype
        assert function(tensor("int64")).dtype == "float64"
    assert rw.reciprocal(tensor("int32")).dtype == "float64"
    assert rw.reciprocal(tensor("float16")).dtype == "float16"


@pytest.mark.parametrize("scalars", [(1, 0), (1.5, 0), (True, False), (1.0, 2j), (2, True)])
def test_where(scalars: tuple[complex, complex]) -> None:
    condition = rw.input("c", (3,), "bool")
    mask = np.ones(3, bool)
    assert rw.where(condition, *scalars).dtype == np.where(mask, *scalars).dtype
    for a, b in itertools.product(EVERY, EVERY):
        expected = np.where(mask, np.ones(3, a), np.ones(3, b)).dtype
        assert rw.where(condition, tensor(a), tensor(b)).dtype == expected
    assert rw.where(rw.input("i", (3,), "int64"), 1.0, 0.0).operands[0].dtype == "bool"


# bfloat16, which NumPy does not know -------------------------------------------------------------
def test_bfloat16_promotes_as_a_float16_of_another_range() -> None:
    expected = {
        "bool": "bfloat16", "int8": "bfloat16", "uint64": "bfloat16", "float16": "float32",
        "bfloat16": "bfloat16", "float32": "float32", "float64": "float64",
        "complex64": "complex64", "complex128": "complex128",
    }  # fmt: skip
    for other, result in expected.items():
        assert promote("bfloat16", other) == promote(other, "bfloat16") == result
        assert (tensor("bfloat16") + tensor(other)).dtype == result
    x = tensor("bfloat16")
    assert [(x * 2).dtype, (x * 0.5).dtype, (1 / x).dtype, rw.mean(x).dtype] == ["bfloat16"] * 4


@given(st.floats(allow_nan=False, width=64))
@settings(max_examples=300)
def test_bfloat16_constants_are_rounded(value: float) -> None:
    """To the nearest number of 8 significant bits, ties to even, by rational arithmetic."""
    held = float(rounded_to_bfloat16(np.array(value)))
    if np.isinf(value):
        assert held == value
        return
    exact = Fraction(value)
    exponent = max(-133, math.frexp(value)[1] - 8)
    rounded = round(exact / Fraction(2) ** exponent) * Fraction(2) ** exponent
    limit = 2**128
    assert held == (math.copysign(math.inf, value) if abs(rounded) >= limit else float(rounded))


def test_bfloat16_constant_nodes() -> None:
    assert rw.constant(0.1, "bfloat16").attribute("value").array == np.float32(0.10009765625)
    assert rw.constant(257, "bfloat16").attribute("value").array == 256
    assert rw.constant([np.nan, np.inf], "bfloat16").attribute("value").array.dtype == np.float32


# Shapes ------------------------------------------------------------------------------------------
@given(arrays.mutually_broadcastable_shapes(num_shapes=3, max_dims=4, max_side=4))
@settings(max_examples=100)
def test_broadcasting(shapes: Any) -> None:
    nodes = [rw.input(f"x{k}", shape) for k, shape in enumerate(shapes.input_shapes)]
    assert broadcast_shapes(shapes.input_shapes) == shapes.result_shape
    assert rw.add(rw.add(nodes[0], nodes[1]), nodes[2]).shape == shapes.result_shape
    condition = rw.astype(nodes[0], "bool")
    assert rw.where(condition, nodes[1], nodes[2]).shape == shapes.result_shape


@given(st.lists(arrays.array_shapes(min_dims=0, max_dims=3, max_side=3), min_size=2, max_size=3))
@settings(max_examples=150)
def test_shapes_broadcast_where_those_of_numpy_do(shapes: list[tuple[int, ...]]) -> None:
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ShapeError, match=r"do not broadcast: .* against"):
            broadcast_shapes(shapes)
    else:
        assert broadcast_shapes(shapes) == expected


def test_named_dimensions_broadcast_with_themselves_and_one() -> None:
    x, y = rw.input("x", ("n", 1, 3)), rw.input("y", ("m", 1))
    assert (x + y).shape == ("n", "m", 3)
    assert (x + rw.input("z", ("n", 1, 1))).shape == ("n", 1, 3)
    for other in (("m",), (2,), ("n+1",)):
        with pytest.raises(ShapeError, match=r"\[culprit: axis -1: n against (m|2|n\+1)\]"):
            rw.input("v", ("n",)) + rw.input("w", other)


# Names of dtypes ---------------------------------------------------------------------------------
def test_names_of_dtypes() -> None:
    same = {
        "float32": [np.float32, np.dtype("float32"), "f4", "<f4", ">f4", "single"],
        "float64": [float, "float", "double", np.float64], "int64": [int, "i8", np.int64],
        "bool": [bool, np.bool_, "?"], "complex128": [complex, "complex"],
        "bfloat16": ["bfloat16"], "float8_e4m3fn": ["float8_e4m3fn"],
    }  # fmt: skip
    for name, spellings in same.items():
        assert [dtype_name(spelling) for spelling in spellings] == [name] * len(spellings)


@pytest.mark.parametrize(
    "bad",
    [None, "str", str, object, "object", "datetime64[s]", "floot", 3, "S5", "longdouble", "O"],
)
def test_what_is_no_dtype(bad: object) -> None:
    with pytest.raises(DataTypeError) as caught:
        rw.input("x", (), bad)
    assert repr(bad) in str(caught.value)


@pytest.mark.parametrize("bad", ["text", [1, "a"], [None], {"a": 1}, np.array(["a"])])
def test_what_is_no_constant(bad: object) -> None:
    with pytest.raises(DataTypeError, match="a constant holds numbers"):
        rw.constant(bad)


def test_integers_that_do_not_fit() -> None:
    for dtype, value in (("uint8", 256), ("uint8", -1), ("int8", 128), ("int64", 2**63)):
        with pytest.raises(DataTypeError, match=rf"{dtype} does not hold .*culprit: {value}\]"):
            rw.constant(value, dtype)
    assert rw.constant(255, "uint8").attribute("value").array == 255
    assert rw.constant(2**63, "uint64").attribute("value").array == 2**63
