"""Elementwise operations of the builder, with NumPy's promotion and broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rewriter.errors import DataTypeError
from rewriter.graph import operators as o
from rewriter.graph.dtype import (
    dtype_name,
    inexact,
    is_integer,
    promote,
    rounded_to_bfloat16,
    with_python_scalar,
)
from rewriter.graph.node import ConstantValue, Node, apply, make_node
from rewriter.graph.overloading import Overloaded
from rewriter.graph.primitive import Primitive

TensorLike = Any
"""A node, a Python number, or anything that ``numpy.asarray`` takes."""

_NARROW = ("bfloat16", "float8", "float4")


def constant(value: TensorLike, dtype: str | None = None) -> Node:
    """Return a constant node.

    Args:
        value: number or array.
        dtype: its dtype; NumPy's choice by default.

    Raises:
        DataTypeError: the array holds objects, or a Python integer is not of that dtype.
    """
    array = np.asarray(value)
    if array.dtype.kind in "OSUMm":
        raise DataTypeError("a constant holds numbers", culprit=repr(value))
    name = dtype_name(array.dtype) if dtype is None else dtype
    if type(value) is int and not holds(name, value):
        raise DataTypeError(f"{name} does not hold that number", culprit=value)
    if array.dtype.kind == "V" and not name.startswith(_NARROW):
        raise DataTypeError("a constant holds numbers", culprit=repr(value))
    if name == "bfloat16":
        held = rounded_to_bfloat16(array)
    else:
        held = array.astype("float32" if name.startswith(_NARROW) else name)
    attributes = (("dtype", name), ("shape", held.shape), ("value", ConstantValue(held)))
    return make_node(o.CONSTANT, (), attributes, held.shape, name)


def holds(dtype: str, value: int) -> bool:
    """Tell whether an integer lies in the range of a dtype; floats take any."""
    if not is_integer(dtype):
        return True
    limits = np.iinfo(dtype)
    return int(limits.min) <= value <= int(limits.max)


def is_python_scalar(value: object) -> bool:
    """Tell whether a value is a weakly typed Python number."""
    return isinstance(value, (bool, int, float, complex)) and not isinstance(value, np.generic)


def as_node(value: TensorLike, dtype: str | None = None) -> Node:
    """Return a node for a node, number or array; Python numbers take ``dtype``."""
    if isinstance(value, Node):
        return value
    if isinstance(value, Overloaded):
        return value.tensor_node
    return constant(value, dtype if is_python_scalar(value) else None)


def astype(x: TensorLike, dtype: Any) -> Node:
    """Convert to another dtype; the same node where it has it already."""
    node, name = as_node(x), dtype_name(dtype)
    if node.dtype == name:
        return node
    if node.operator is o.CONSTANT and name in ("float64", "float32", "int64", "int32", "bool"):
        return constant(node.attribute("value").array, name)
    return apply(o.ASTYPE, [node], {"dtype": name})


def promoted(*values: TensorLike, floating: bool = False) -> list[Node]:
    """Return nodes of one dtype: NumPy's promotion, Python numbers weak."""
    values = tuple(as_node(v) if isinstance(v, Overloaded) else v for v in values)
    strong = [v if isinstance(v, Node) else None if is_python_scalar(v) else as_node(v)
              for v in values]  # fmt: skip
    nodes = [node for node in strong if node is not None]
    dtype = nodes[0].dtype if nodes else "bool"
    for node in nodes[1:]:
        if node.dtype != dtype:
            dtype = promote(dtype, node.dtype)
    for value, given in zip(values, strong, strict=True):
        if given is None:
            dtype = with_python_scalar(dtype, value)
    if floating:
        dtype = inexact(dtype)
    return [constant(v, dtype) if n is None else astype(n, dtype)
            for v, n in zip(values, strong, strict=True)]  # fmt: skip


def _converted(nodes: list[Node], kinds: str, dtype: str) -> list[Node]:
    """Return nodes of one dtype, converted where it is an integer ("i") or bool ("b")."""
    given = nodes[0].dtype
    if (given == "bool" and "b" in kinds) or (is_integer(given) and "i" in kinds):
        return [astype(node, dtype) for node in nodes]
    return nodes


def real(x: TensorLike) -> Node:
    """Return x as a float: integers and bools as float64, as NumPy divides them."""
    return _converted([as_node(x)], "ib", "float64")[0]


def _function(operator: Primitive, summary: str) -> Callable[[TensorLike], Node]:
    def function(x: TensorLike) -> Node:
        return apply(operator, promoted(x, floating=True))

    named: Callable[..., Node] = _named(function, operator, summary)
    return named


def _binary(operator: Primitive, summary: str, floating: bool = False) -> Callable[..., Node]:
    def function(x: TensorLike, y: TensorLike) -> Node:
        return apply(operator, promoted(x, y, floating=floating))

    named: Callable[..., Node] = _named(function, operator, summary)
    return named


def _counting(operator: Primitive, summary: str) -> Callable[..., Node]:
    """An operation that counts with bools: they are taken as int8."""

    def function(x: TensorLike, y: TensorLike) -> Node:
        return apply(operator, _converted(promoted(x, y), "b", "int8"))

    named: Callable[..., Node] = _named(function, operator, summary)
    return named


def _comparison(operator: Primitive, summary: str) -> Callable[..., Node]:
    """A predicate: by value, also of an integer that the other's dtype does not hold."""

    def function(x: TensorLike, y: TensorLike) -> Node:
        return apply(operator, promoted(_comparable(x, y), _comparable(y, x)))

    named: Callable[..., Node] = _named(function, operator, summary)
    return named


def _comparable(value: TensorLike, other: TensorLike) -> TensorLike:
    """Return ``value``, a Python integer as int64 where the dtype of ``other`` does not hold it."""
    if type(value) is not int or is_python_scalar(other):
        return value
    return value if holds(as_node(other).dtype, value) else np.asarray(value)


def _named(function: Any, operator: Primitive, summary: str) -> Any:
    function.__name__ = function.__qualname__ = operator.name
    function.__doc__ = f"{summary}, elementwise, with NumPy's broadcasting and promotion."
    return function


add = _binary(o.ADD, "``x + y``")
subtract = _binary(o.SUBTRACT, "``x - y``")
multiply = _binary(o.MULTIPLY, "``x * y``")
maximum = _binary(o.MAXIMUM, "The larger of x and y (nan where one is)")
minimum = _binary(o.MINIMUM, "The smaller of x and y (nan where one is)")
remainder = _counting(o.REMAINDER, "The remainder of x / y, with the sign of y")
floor_divide = _counting(o.FLOOR_DIVIDE, "``floor(x / y)``")
logaddexp = _binary(o.LOGADDEXP, "``log(exp(x) + exp(y))``, stable", floating=True)
equal = _comparison(o.EQUAL, "``x == y``")
not_equal = _comparison(o.NOT_EQUAL, "``x != y``")
less = _comparison(o.LESS, "``x < y``")
less_equal = _comparison(o.LESS_EQUAL, "``x <= y``")
greater = _comparison(o.GREATER, "``x > y``")
greater_equal = _comparison(o.GREATER_EQUAL, "``x >= y``")
logical_and = _comparison(o.LOGICAL_AND, "``x and y``")
logical_or = _comparison(o.LOGICAL_OR, "``x or y``")

exp = _function(o.EXP, "The exponential")
exp2 = _function(o.EXP2, "``2**x``")
expm1 = _function(o.EXPM1, "``exp(x) - 1``")
log = _function(o.LOG, "The natural logarithm")
log2 = _function(o.LOG2, "The logarithm to base 2")
log1p = _function(o.LOG1P, "``log(1 + x)``")
logistic = _function(o.LOGISTIC, "``1 / (1 + exp(-x))``, stable")
sqrt = _function(o.SQRT, "The square root")
rsqrt = _function(o.RSQRT, "``1 / sqrt(x)``")
sin = _function(o.SIN, "The sine")
cos = _function(o.COS, "The cosine")
tan = _function(o.TAN, "The tangent")
arctan = _function(o.ARCTAN, "The inverse tangent")
sinh = _function(o.SINH, "The hyperbolic sine")
cosh = _function(o.COSH, "The hyperbolic cosine")
tanh = _function(o.TANH, "The hyperbolic tangent")
erf = _function(o.ERF, "The error function")
erfc = _function(o.ERFC, "The complementary error function")
erfcx = _function(o.ERFCX, "``exp(x²)·erfc(x)``, the scaled complementary error function")
binade = _function(o.BINADE, "The power of two nearest to ``|x|`` of those that have an inverse")


def _unary(operator: Primitive, summary: str) -> Callable[[TensorLike], Node]:
    def function(x: TensorLike) -> Node:
        return apply(operator, promoted(x))

    named: Callable[..., Node] = _named(function, operator, summary)
    return named


negative = _unary(o.NEGATIVE, "``-x``")
absolute = _unary(o.ABSOLUTE, "``|x|``")
sign = _unary(o.SIGN, "-1, 0 or 1 (nan for nan)")
floor = _unary(o.FLOOR, "The largest integer not above x")
ceil = _unary(o.CEIL, "The smallest integer not below x")
round = _unary(o.ROUND, "The nearest integer, ties to even")
isfinite = _unary(o.ISFINITE, "Neither infinite nor nan")
isnan = _unary(o.ISNAN, "Not a number")
logical_not = _unary(o.LOGICAL_NOT, "``not x``")
stop_gradient = _unary(o.STOP_GRADIENT, "x, of which autodiff sees no derivative")


def divide(x: TensorLike, y: TensorLike) -> Node:
    """``x / y``, elementwise, with NumPy's broadcasting; integers and bools give float64."""
    nodes = promoted(_comparable(x, y), _comparable(y, x))
    return apply(o.DIVIDE, _converted(nodes, "ib", "float64"))


def square(x: TensorLike) -> Node:
    """``x * x``, elementwise."""
    (node,) = _converted([as_node(x)], "b", "int8")
    return multiply(node, node)


def reciprocal(x: TensorLike) -> Node:
    """``1 / x``, elementwise."""
    return divide(1, x)


def power(x: TensorLike, y: TensorLike) -> Node:
    """``x ** y``, elementwise; a Python number as exponent is kept exact.

    Raises:
        DataTypeError: an integer to a negative integer, which is none.
    """
    nodes = _converted(promoted(x, y), "b", "int8")
    if type(y) is int and y < 0 and is_integer(nodes[0].dtype):
        reason = "an integer to a negative integer is none; convert with astype"
        raise DataTypeError(reason, culprit=y)
    return apply(o.POWER, nodes)


def conjunction(x: TensorLike, y: TensorLike) -> Node:
    """``x & y`` of bools.

    Raises:
        DataTypeError: they are integers, whose bits this package does not know.
    """
    return logical_and(*_bools("&", x, y))


def disjunction(x: TensorLike, y: TensorLike) -> Node:
    """``x | y`` of bools.

    Raises:
        DataTypeError: they are no bools.
    """
    return logical_or(*_bools("|", x, y))


def complement(x: TensorLike) -> Node:
    """``~x`` of a bool.

    Raises:
        DataTypeError: it is no bool.
    """
    return logical_not(*_bools("~", x))


def _bools(symbol: str, *values: TensorLike) -> list[Node]:
    nodes = [as_node(value) for value in values]
    for node in nodes:
        if node.dtype != "bool":
            raise DataTypeError(f"{symbol} takes bools; compare first", culprit=node)
    return nodes


def where(condition: TensorLike, chosen: TensorLike, other: TensorLike) -> Node:
    """``chosen`` where the condition holds, ``other`` elsewhere, elementwise."""
    test = as_node(condition)
    if test.dtype != "bool":
        test = not_equal(test, 0)
    return apply(o.WHERE, [test, *promoted(chosen, other)])


def broadcast_like(x: TensorLike, like: Node) -> Node:
    """Broadcast x to the shape of another node."""
    node = as_node(x)
    if node.shape == like.shape:
        return node
    return apply(o.BROADCAST_TO, [node], {"shape": like.shape})
