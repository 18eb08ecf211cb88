"""Source for leaves and elementwise primitives.

A scalar constant beside a tensor is written as a plain number, which NumPy takes at the tensor's
dtype (NEP 50); between constants, and for bfloat16, it is written with its dtype.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rewriter.errors import BackendError
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_integer
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.lowering.array_type import array_type
from rewriter.lowering.numpy_backend.phrase import (
    ATOM,
    BITWISE,
    COMPARISON,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Phrase,
    call,
    joined,
)
from rewriter.lowering.numpy_backend.scope import Scope

Rule = Callable[[Node, Sequence[Phrase], Scope], Phrase]


def number(value: Any) -> str | None:
    """Return a scalar as plain Python writes it, None where that would not give it back."""
    item = value.item()
    if isinstance(item, (bool, int)):
        return repr(item)
    if not isinstance(item, float):
        return None
    if not np.isfinite(item):
        return "np.nan" if np.isnan(item) else "np.inf" if item > 0 else "-np.inf"
    for text in (np.format_float_positional(value, unique=True, trim="0"), repr(item)):
        if len(text) <= 12 and value.dtype.type(float(text)) == value:
            return text
    return repr(item)


def constant(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    """A literal for a scalar, a variable for an array."""
    array = node.attribute("value").array
    if array.ndim:
        return scope.array(node)
    text = number(array[()])
    kind = scope.dtype(node.dtype)
    if text is None:
        return Phrase(f"{kind}({array.item()!r})")
    weak = text if node.dtype != "bfloat16" and array_type(node.dtype).kind in "biuf" else None
    return Phrase(f"{kind}({text})", ATOM, (), weak)


def given(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    """An input by its name."""
    name = scope.inputs[node]
    return Phrase(name, ATOM, (name,))


def relaxed(operands: Sequence[Phrase]) -> list[Phrase]:
    """Write scalar constants as plain numbers where another operand settles the dtype."""
    if all(operand.weak is not None for operand in operands):
        return list(operands)
    return [
        operand if operand.weak is None
        else Phrase(operand.weak, SIGN if operand.weak.startswith("-") else ATOM)
        for operand in operands
    ]  # fmt: skip


def _function(name: str) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        return call(name, relaxed(operands))

    return rule


def _helper(name: str) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        return call(scope.helper(name), list(operands))

    return rule


def _infix(symbol: str, binding: int) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        """Return two operands with the symbol between them, in parentheses where they need them."""
        left, right = relaxed(operands)
        tight = binding + (binding == COMPARISON)
        code = f"{left.within(tight)} {symbol} {right.within(binding + 1)}"
        return joined(code, [left, right], binding)

    return rule


def _prefix(symbol: str) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        return joined(symbol + operands[0].within(SIGN), list(operands), SIGN)

    return rule


def _logical(symbol: str, name: str) -> Rule:
    bitwise, general = _infix(symbol, BITWISE), _function(name)

    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        truths = all(operand.dtype == "bool" for operand in node.operands)
        return (bitwise if truths else general)(node, operands, scope)

    return rule


def _power(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    base, exponent = relaxed(operands)
    if exponent.weak is None and exponent.code in ("2", "2.0"):
        return joined(f"{base.within(ATOM)}**2", [base], POWER)
    return call("np.power", [base, exponent])


def _reciprocal_root(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    return call("np.reciprocal", [call("np.sqrt", list(operands))])


def _same(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    return operands[0]


def _rounding(name: str) -> Rule:
    function = _function(name)

    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        whole = is_integer(node.dtype) or node.dtype == "bool"
        return operands[0] if whole else function(node, operands, scope)

    return rule


def _conversion(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    (operand,) = operands
    return joined(f"{operand.within(ATOM)}.astype({scope.dtype(node.dtype)})", [operand])


def _where(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    condition, *chosen = operands
    return call("np.where", [condition, *relaxed(chosen)])


def unknown(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    """Refuse a primitive that NumPy has no source for."""
    raise BackendError("the numpy backend has no source for this primitive", culprit=node.operator)


def declared(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    """A call of the function of an operator that a user declared."""
    return call(scope.callee(node), list(operands))


_FUNCTIONS: dict[Primitive, str] = {
    o.ABSOLUTE: "np.abs", o.SIGN: "np.sign", o.MAXIMUM: "np.maximum", o.MINIMUM: "np.minimum",
    o.REMAINDER: "np.remainder", o.FLOOR_DIVIDE: "np.floor_divide",
    o.EXP: "np.exp", o.EXP2: "np.exp2", o.EXPM1: "np.expm1", o.LOG: "np.log",
    o.LOG2: "np.log2", o.LOG1P: "np.log1p",
    o.LOGADDEXP: "np.logaddexp", o.SQRT: "np.sqrt", o.SIN: "np.sin", o.COS: "np.cos",
    o.TAN: "np.tan", o.ARCTAN: "np.arctan", o.SINH: "np.sinh", o.COSH: "np.cosh",
    o.TANH: "np.tanh", o.ISFINITE: "np.isfinite", o.ISNAN: "np.isnan",
}  # fmt: skip

_INFIX: dict[Primitive, tuple[str, int]] = {
    o.ADD: ("+", SUM), o.SUBTRACT: ("-", SUM), o.MULTIPLY: ("*", PRODUCT),
    o.DIVIDE: ("/", PRODUCT), o.EQUAL: ("==", COMPARISON), o.NOT_EQUAL: ("!=", COMPARISON),
    o.LESS: ("<", COMPARISON), o.LESS_EQUAL: ("<=", COMPARISON), o.GREATER: (">", COMPARISON),
    o.GREATER_EQUAL: (">=", COMPARISON),
}  # fmt: skip

RULES: dict[Primitive, Rule] = {
    o.INPUT: given, o.CONSTANT: constant, o.POWER: _power, o.NEGATIVE: _prefix("-"),
    o.RSQRT: _reciprocal_root, o.WHERE: _where, o.STOP_GRADIENT: _same, o.ASTYPE: _conversion,
    o.LOGICAL_AND: _logical("&", "np.logical_and"), o.LOGICAL_OR: _logical("|", "np.logical_or"),
    o.LOGICAL_NOT: _function("np.logical_not"), o.FLOOR: _rounding("np.floor"),
    o.CEIL: _rounding("np.ceil"), o.ROUND: _rounding("np.rint"),
    **{primitive: _function(name) for primitive, name in _FUNCTIONS.items()},
    **{primitive: _infix(*how) for primitive, how in _INFIX.items()},
    **{one: _helper(one.name) for one in (o.LOGISTIC, o.ERF, o.ERFC, o.ERFCX, o.BINADE)},
}  # fmt: skip
"""Source of each leaf and elementwise primitive."""
