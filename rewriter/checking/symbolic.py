"""SymPy at small sizes: a symbolic proof, where it finds one.

Each index runs over one and then two places, each variable is a symbol with the signs that the
conditions give it. The difference of the sides is expanded in a few ways; a difference that does
not vanish so is no refutation.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from rewriter.checking.elaboration import Law, Sides
from rewriter.checking.points import Domain, domains
from rewriter.graph import operators as o
from rewriter.graph.declared import opened
from rewriter.graph.node import Node
from rewriter.graph.primitive import Kind

Array = np.ndarray[Any, Any]
LARGEST_EXPRESSION = 120
"""Operations of a difference that SymPy is asked to simplify."""


_REFUSALS = (TypeError, ValueError, NotImplementedError, RecursionError)
"""What SymPy raises where it does not know what to do: the largest of logarithms, for one."""


class NoSymbol(Exception):
    """An operation that is not translated."""


def proof(law: Law) -> str | None:
    """Return a sentence that says how SymPy proved a law at sizes 1 and 2, or None."""
    said = ""
    for size in (1, 2) if law.size_names else (1,):
        sizes = dict.fromkeys(law.size_names, size)
        try:
            left, right = _expressions(law, law.graphs(sizes))
        except (NoSymbol, *_REFUSALS):
            return None
        for one, other in zip(*_broadcast(left, right), strict=True):
            way = vanishes(one, other)
            if way is None:
                return None
            said = way
    return f"{said}, sizes 1 and 2" if law.size_names else said


def _broadcast(left: Array, right: Array) -> tuple[list[Any], list[Any]]:
    one, other = np.broadcast_arrays(left, right)
    return one.ravel().tolist(), other.ravel().tolist()


def vanishes(left: Any, right: Any) -> str | None:
    """Return how the difference of two expressions vanishes, or None."""
    import sympy

    gap = left - right
    if gap == 0:
        return "equal as written"
    if gap.count_ops() > LARGEST_EXPRESSION:
        return None
    ways: tuple[tuple[str, Callable[[Any], Any]], ...] = (
        ("expand", sympy.expand),
        ("expand_log", lambda e: sympy.expand(sympy.expand_log(e))),
        ("powdenest", lambda e: sympy.expand(sympy.powdenest(sympy.powsimp(e)))),
        ("together", lambda e: sympy.expand(sympy.fraction(sympy.together(e))[0])),
        ("exponentials", lambda e: sympy.expand(
            sympy.fraction(sympy.together(e.rewrite(sympy.exp)))[0])),
        ("trigonometry", sympy.trigsimp),
        ("logcombine", lambda e: sympy.expand(sympy.simplify(sympy.exp(e)) - 1)),
    )  # fmt: skip
    for name, way in ways:
        if name == "logcombine" and not gap.has(sympy.log):
            continue
        if name == "trigonometry" and not gap.has(sympy.sin, sympy.cos):
            continue
        try:
            if way(gap) == 0:
                return f"by {name}"
        except _REFUSALS:
            continue
    return None


def _expressions(law: Law, sides: Sides) -> tuple[Array, Array]:
    bounds = domains(law)
    graph = opened(sides.graph(sides.left, sides.right))
    values: dict[Node, Array] = {}
    for variable, one, node in zip(law.variables, law.inputs, sides.inputs, strict=True):
        shape = tuple(int(str(d)) for d in node.shape)
        values[node] = np.empty(shape, object)
        for place in itertools.product(*map(range, shape)):
            name = one.name + "".join(f"_{k}" for k in place)
            values[node][place] = _symbol(name, bounds[variable])
    for node in graph.nodes():
        if node not in values:
            values[node] = _translated(node, [values[p] for p in node.operands])
    left, right = graph.outputs
    return values[left], values[right]


def _symbol(name: str, domain: Domain) -> Any:
    import sympy

    known: dict[str, bool] = {"real": True}
    if domain.low >= 0:
        known = {"positive": True} if domain.low > 0 or domain.low_open else {"nonnegative": True}
    elif domain.high <= 0:
        strict = domain.high < 0 or domain.high_open
        known = {"negative": True} if strict else {"nonpositive": True}
    if domain.hole == 0:
        known["nonzero"] = True
    return sympy.Symbol(name, **known)


def _functions() -> Mapping[Any, Callable[..., Any]]:
    import sympy as s

    one = s.Integer(1)
    return {
        o.ADD: lambda x, y: x + y, o.SUBTRACT: lambda x, y: x - y, o.MULTIPLY: lambda x, y: x * y,
        o.DIVIDE: lambda x, y: x / y, o.NEGATIVE: lambda x: -x, o.POWER: lambda x, y: x**y,
        o.ABSOLUTE: s.Abs, o.SIGN: s.sign, o.MAXIMUM: s.Max, o.MINIMUM: s.Min, o.EXP: s.exp,
        o.EXP2: lambda x: 2**x, o.EXPM1: lambda x: s.exp(x) - 1, o.LOG: s.log,
        o.LOG2: lambda x: s.log(x) / s.log(2), o.LOG1P: lambda x: s.log(1 + x),
        o.LOGADDEXP: lambda x, y: s.log(s.exp(x) + s.exp(y)),
        o.LOGISTIC: lambda x: one / (1 + s.exp(-x)), o.SQRT: s.sqrt,
        o.RSQRT: lambda x: 1 / s.sqrt(x),
        o.SIN: s.sin, o.COS: s.cos, o.TAN: s.tan, o.ARCTAN: s.atan, o.SINH: s.sinh,
        o.COSH: s.cosh, o.TANH: s.tanh, o.ERF: s.erf, o.ERFC: lambda x: 1 - s.erf(x),
        o.ERFCX: lambda x: s.exp(x**2) * (1 - s.erf(x)),
        o.STOP_GRADIENT: lambda x: x, o.BINADE: s.Function("binade", positive=True),
    }  # fmt: skip


def _translated(node: Node, operands: list[Array]) -> Array:
    import sympy

    operator = node.operator
    if operator is o.CONSTANT:
        return np.asarray(np.frompyfunc(_number, 1, 1)(node.attribute("value").array), object)
    if operator.kind is Kind.ELEMENTWISE:
        function = _functions().get(operator)
        if function is None:
            raise NoSymbol(operator)
        return np.asarray(np.frompyfunc(function, len(operands), 1)(*operands), object)
    if operator is o.SUM:
        return _reduced(node, operands[0], lambda row: sympy.Add(*row))
    if operator is o.MAX:
        return _reduced(node, operands[0], lambda row: sympy.Max(*row))
    if operator is o.RESHAPE:
        return operands[0].reshape(node.shape)
    if operator is o.BROADCAST_TO:
        return np.broadcast_to(operands[0], [int(str(d)) for d in node.shape])
    raise NoSymbol(operator)


def _reduced(node: Node, x: Array, function: Callable[[list[Any]], Any]) -> Array:
    (axis,) = node.attribute("axis")
    moved = np.moveaxis(x, axis, -1)
    flat = moved.reshape(-1, moved.shape[-1])
    result = np.empty(len(flat), object)
    for k, row in enumerate(flat):
        result[k] = function(list(row))
    return np.expand_dims(result.reshape(moved.shape[:-1]), axis)


def _number(value: Any) -> Any:
    import sympy

    number = float(value)
    if not math.isfinite(number):
        raise NoSymbol(number)
    fraction = Fraction(number)
    return sympy.Rational(fraction.numerator, fraction.denominator)
