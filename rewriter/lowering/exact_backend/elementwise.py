"""Elementwise primitives on exact tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float, largest_binade
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.lowering.exact_backend import arithmetic as a
from rewriter.lowering.exact_backend import comparison as c
from rewriter.lowering.exact_backend import transcendental as t
from rewriter.lowering.exact_backend.tensor import Array, from_array, mapped

Rule = Callable[[Node, Sequence[Array]], Array]


def _same(node: Node, operands: Sequence[Array]) -> Array:
    return operands[0]


def _where(node: Node, operands: Sequence[Array]) -> Array:
    return np.asarray(np.where(*operands))


def _truth(ufunc: Callable[..., Any]) -> Rule:
    nonzero = mapped(lambda x: c.not_equal(x, 0.0), bool)

    def rule(node: Node, operands: Sequence[Array]) -> Array:
        return np.asarray(ufunc(*map(nonzero, operands)))

    return rule


def _conversion(node: Node, operands: Sequence[Array]) -> Array:
    (operand,), (source,) = operands, node.operands
    if is_float(node.dtype):
        return operand if is_float(source.dtype) else from_array(operand)
    if node.dtype == "bool":
        return mapped(lambda x: c.not_equal(x, 0.0), bool)(operand)
    limits = np.iinfo(node.dtype)
    bound = mapped(lambda x: min(max(a.truncated(x), limits.min), limits.max), node.dtype)
    return bound(operand)


def _lifted(function: Callable[..., Any], dtype: Any = object) -> Rule:
    on_arrays = mapped(function, dtype)

    def rule(node: Node, operands: Sequence[Array]) -> Array:
        return on_arrays(*operands)

    return rule


_NUMBERS: dict[Primitive, Callable[..., Any]] = {
    o.ADD: a.add, o.SUBTRACT: a.subtract, o.MULTIPLY: a.multiply, o.DIVIDE: a.divide,
    o.POWER: a.power, o.NEGATIVE: a.negative, o.ABSOLUTE: a.absolute, o.SIGN: a.sign,
    o.MAXIMUM: c.maximum, o.MINIMUM: c.minimum, o.REMAINDER: a.remainder,
    o.FLOOR_DIVIDE: a.floor_divide, o.FLOOR: a.floor, o.CEIL: a.ceil, o.ROUND: a.round_half_even,
    o.EXP: t.exp, o.EXP2: t.exp2, o.EXPM1: t.expm1, o.LOG: t.log, o.LOG2: t.log2,
    o.LOG1P: t.log1p, o.LOGADDEXP: t.logaddexp, o.LOGISTIC: t.logistic, o.SQRT: a.square_root,
    o.RSQRT: a.reciprocal_square_root, o.SIN: t.sin, o.COS: t.cos, o.TAN: t.tan,
    o.ARCTAN: t.arctan, o.SINH: t.sinh, o.COSH: t.cosh, o.TANH: t.tanh, o.ERF: t.erf,
    o.ERFC: t.erfc, o.ERFCX: t.erfcx,
}  # fmt: skip

_PREDICATES: dict[Primitive, Callable[..., bool]] = {
    o.EQUAL: c.equal, o.NOT_EQUAL: c.not_equal, o.LESS: c.less, o.LESS_EQUAL: c.less_equal,
    o.GREATER: c.greater, o.GREATER_EQUAL: c.greater_equal, o.ISFINITE: c.is_finite,
    o.ISNAN: c.is_nan,
}  # fmt: skip


def _binade(node: Node, operands: Sequence[Array]) -> Array:
    largest = largest_binade(node.dtype)
    return mapped(lambda x: a.binade(x, largest))(*operands)


ELEMENTWISE: dict[Primitive, Rule] = {
    **{primitive: _lifted(function) for primitive, function in _NUMBERS.items()},
    **{primitive: _lifted(function, bool) for primitive, function in _PREDICATES.items()},
    o.WHERE: _where, o.BINADE: _binade, o.STOP_GRADIENT: _same, o.ASTYPE: _conversion,
    o.LOGICAL_AND: _truth(np.logical_and), o.LOGICAL_OR: _truth(np.logical_or),
    o.LOGICAL_NOT: _truth(np.logical_not),
}  # fmt: skip
"""Primitives with a float among operands and result."""

INTEGER_FUNCTIONS: dict[Primitive, Callable[..., Any]] = {
    o.ADD: np.add, o.SUBTRACT: np.subtract, o.MULTIPLY: np.multiply, o.POWER: np.power,
    o.NEGATIVE: np.negative, o.ABSOLUTE: np.abs, o.SIGN: np.sign, o.MAXIMUM: np.maximum,
    o.MINIMUM: np.minimum, o.REMAINDER: np.remainder, o.FLOOR_DIVIDE: np.floor_divide,
    o.FLOOR: np.array, o.CEIL: np.array, o.ROUND: np.array, o.EQUAL: np.equal,
    o.NOT_EQUAL: np.not_equal, o.LESS: np.less, o.LESS_EQUAL: np.less_equal,
    o.GREATER: np.greater, o.GREATER_EQUAL: np.greater_equal, o.LOGICAL_AND: np.logical_and,
    o.LOGICAL_OR: np.logical_or, o.LOGICAL_NOT: np.logical_not, o.ISFINITE: np.isfinite,
    o.ISNAN: np.isnan, o.WHERE: np.where, o.STOP_GRADIENT: np.array, o.ASTYPE: np.array,
}  # fmt: skip
"""The same for integers and bools, which are NumPy's own."""
