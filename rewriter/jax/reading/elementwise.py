"""Readers of elementwise primitives.

Real and complex floats, integers and bools share a primitive where it means the same for them.
``spelling`` is an attribute that says which of two equal primitives a node was written with,
so that it is lowered to that one again: ``square(x)`` is ``multiply(x, x)`` spelled "square".
"""

from __future__ import annotations

from collections.abc import Iterable

import jax.numpy as jnp
from jax.extend.core import JaxprEqn
from jax.lax import RoundingMethod

from rewriter.facts.ranges import range_of
from rewriter.graph import elementwise
from rewriter.graph import operators as o
from rewriter.graph.constants import repeats
from rewriter.graph.dtype import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    SIGNIFICAND_BITS,
    exponent_bits,
    largest_binade,
)
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.jax.compatibility import is_unspecified
from rewriter.jax.reading.program import Operands, Reader, Reading, result_dtype

_LARGEST_EXPONENT = 256
"""Integers up to which every float of the graph, bfloat16 too, holds each one exactly."""

ANY = frozenset((*FLOATS, *INTEGERS, *COMPLEX, "bool"))
REAL = frozenset((*FLOATS, *INTEGERS, "bool"))
FLOAT = frozenset(FLOATS)
INEXACT = frozenset((*FLOATS, *COMPLEX))
BOOL = frozenset(("bool",))


def plain(operator: Primitive, dtypes: Iterable[str]) -> Reader:
    """Return the reader of a primitive that has a counterpart of its own for these dtypes."""
    taken = frozenset(dtypes)

    def read(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
        """Return the counterpart, None for other dtypes or where an accuracy is asked for."""
        unusual = equation.params.get("accuracy") is not None
        if unusual or any(node.dtype not in taken for node in operands):
            return None
        return reading.apply(operator, *operands)

    return read


def conversion(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``convert_element_type``; a change of weak type only is none of the value.

    Numbers are converted as they are read: ``jnp.where(c, x, 0)`` holds 0.0 for a float x.
    """
    (operand,) = operands
    target = result_dtype(equation)
    if not is_unspecified(equation.params["sharding"]) or not {operand.dtype, target} <= ANY:
        return None
    if operand.dtype == target:
        return operand
    exact = target in INEXACT or operand.dtype not in INEXACT
    if operand.operator is o.CONSTANT and not operand.shape and exact:
        value = operand.attribute("value").array
        return elementwise.constant(value.astype(jnp.dtype(target)), target)
    return reading.apply(o.ASTYPE, operand, dtype=target)


def itself(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """A copy is the value, and so is a value with a name."""
    return operands[0]


def square(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``square(x) = x * x``."""
    (operand,) = operands
    return reading.apply(o.MULTIPLY, operand, operand, spelling="square")


def integer_power(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``x ** k`` with a literal integer k."""
    (operand,), exponent = operands, equation.params["y"]
    if abs(exponent) > _LARGEST_EXPONENT or operand.dtype not in FLOATS:
        return None
    power = elementwise.constant(exponent, operand.dtype)
    return reading.apply(o.POWER, operand, power, spelling="integer_pow")


def power(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``x ** y``; an integer y is converted, and so remembered."""
    base, exponent = operands
    if base.dtype not in INEXACT:
        return None
    if base.dtype == exponent.dtype:
        return reading.apply(o.POWER, base, exponent)
    if exponent.dtype not in INTEGERS:
        return None
    converted = reading.apply(o.ASTYPE, exponent, dtype=base.dtype)
    return reading.apply(o.POWER, base, converted, spelling="converted exponent")


def rounding(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``round``, where ties go to even."""
    if equation.params["rounding_method"] != RoundingMethod.TO_NEAREST_EVEN:
        return None
    return reading.apply(o.ROUND, *operands) if operands[0].dtype in FLOATS else None


def selection(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``select_n(c, other, chosen) = where(c, chosen, other)`` for a bool c."""
    if len(operands) != 3 or operands[0].dtype != "bool":
        return None
    condition, other, chosen = operands
    return reading.apply(o.WHERE, condition, chosen, other)


def reduced_precision(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """Without a significand, the nearest power of two of a positive number; else no operation."""
    (operand,) = operands
    positive = operand.dtype in FLOATS and range_of(operand).positive
    kept = (equation.params["exponent_bits"], equation.params["mantissa_bits"])
    if not positive or kept != (exponent_bits(operand.dtype), 0):
        return None
    return reading.apply(o.BINADE, operand)


def bits_of_power(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``2^k`` by its bits, ``(min(max(k, −e), e) + e + 1)·2^digits``; else no operation."""
    dtype = result_dtype(equation)
    if dtype not in FLOATS:
        return None
    exponent = largest_binade(dtype)
    constants = (2 ** (SIGNIFICAND_BITS[dtype] - 1), exponent + 1, exponent, -exponent)
    node = operands[0]
    for operator, number in zip(_POWER_BY_BITS, constants, strict=True):
        if node.operator is not operator or not repeats(node.operands[1], number):
            return None
        node = node.operands[0]
    power = reading.apply(o.EXP2, reading.apply(o.ASTYPE, node, dtype=dtype))
    return reading.apply(o.BINADE, power)


_POWER_BY_BITS = (o.MULTIPLY, o.ADD, o.MINIMUM, o.MAXIMUM)

READERS: dict[str, Reader] = {
    "add": plain(o.ADD, ANY),
    "add_any": plain(o.ADD, ANY),
    "sub": plain(o.SUBTRACT, ANY),
    "mul": plain(o.MULTIPLY, ANY),
    "div": plain(o.DIVIDE, INEXACT),
    "neg": plain(o.NEGATIVE, ANY),
    "abs": plain(o.ABSOLUTE, REAL),
    "sign": plain(o.SIGN, REAL),
    "max": plain(o.MAXIMUM, REAL),
    "min": plain(o.MINIMUM, REAL),
    "floor": plain(o.FLOOR, FLOAT),
    "ceil": plain(o.CEIL, FLOAT),
    "round": rounding,
    "reduce_precision": reduced_precision,
    "bitcast_convert_type": bits_of_power,
    "pow": power,
    "integer_pow": integer_power,
    "square": square,
    "exp": plain(o.EXP, INEXACT),
    "exp2": plain(o.EXP2, INEXACT),
    "expm1": plain(o.EXPM1, INEXACT),
    "log": plain(o.LOG, INEXACT),
    "log1p": plain(o.LOG1P, INEXACT),
    "logistic": plain(o.LOGISTIC, INEXACT),
    "sqrt": plain(o.SQRT, INEXACT),
    "rsqrt": plain(o.RSQRT, INEXACT),
    "sin": plain(o.SIN, INEXACT),
    "cos": plain(o.COS, INEXACT),
    "tan": plain(o.TAN, INEXACT),
    "atan": plain(o.ARCTAN, INEXACT),
    "sinh": plain(o.SINH, INEXACT),
    "cosh": plain(o.COSH, INEXACT),
    "tanh": plain(o.TANH, INEXACT),
    "erf": plain(o.ERF, FLOAT),
    "erfc": plain(o.ERFC, FLOAT),
    "eq": plain(o.EQUAL, ANY),
    "ne": plain(o.NOT_EQUAL, ANY),
    "lt": plain(o.LESS, REAL),
    "le": plain(o.LESS_EQUAL, REAL),
    "gt": plain(o.GREATER, REAL),
    "ge": plain(o.GREATER_EQUAL, REAL),
    "and": plain(o.LOGICAL_AND, BOOL),
    "or": plain(o.LOGICAL_OR, BOOL),
    "not": plain(o.LOGICAL_NOT, BOOL),
    "is_finite": plain(o.ISFINITE, FLOAT),
    "select_n": selection,
    "stop_gradient": plain(o.STOP_GRADIENT, ANY),
    "convert_element_type": conversion,
    "copy": itself,
    "copy_p": itself,
    "name": itself,
}
