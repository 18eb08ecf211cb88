"""Bounds on degrees, by which the chance of a false agreement is bounded.

Of each element of a node: how often exponentials nest in it, the degree of its numerator and
denominator, how many exponentials they hold when multiplied out, and whether all exponents are
linear forms. Logarithms, roots and uninterpreted functions count as variables. All bounds are
upper ones.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from rewriter.checking.world import World
from rewriter.graph import dimension as dim
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node

EXPONENTIALS = frozenset((
    o.EXP, o.EXP2, o.EXPM1, o.LOGADDEXP, o.LOGISTIC, o.SIN, o.COS, o.TAN, o.SINH, o.COSH, o.TANH,
))  # fmt: skip

_HEIGHTS: weakref.WeakKeyDictionary[Graph, int] = weakref.WeakKeyDictionary()
_BOUNDS: weakref.WeakKeyDictionary[Graph, Any] = weakref.WeakKeyDictionary()


def height(graph: Graph) -> int:
    """Return how often exponentials nest in a graph."""
    found = _HEIGHTS.get(graph)
    if found is None:
        known: dict[Node, int] = {}
        for node in graph.nodes():
            below = max((known[p] for p in node.operands), default=0)
            if node.operator is o.CALL and node.attribute("body") is not None:
                below += height(node.attribute("body"))
            known[node] = below + (node.operator in EXPONENTIALS or _is_general_power(node))
        found = _HEIGHTS[graph] = max((known[output] for output in graph.outputs), default=0)
    return found


def _is_general_power(node: Node) -> bool:
    return node.operator is o.POWER and node.operands[1].operator is not o.CONSTANT


@dataclass(frozen=True)
class Bound:
    """Upper bounds for one element.

    Attributes:
        degree: base-2 logarithm of the degree of numerator and denominator.
        terms: base-2 logarithm of the number of different exponentials in the numerator, when it
            is multiplied out; a polynomial has the one exponential exp(0).
        weight: for a linear form of variables, log2 of the sum of its coefficients and of the
            common denominator; else None.
        linear: every exponent is such a form.
        height: how often exponentials nest.
        below: as ``terms``, of the denominator.
        exponential: there is an exponential other than exp(0) in it.
    """

    degree: float
    terms: float
    weight: float | None
    linear: bool = True
    height: int = 0
    below: float = 0.0
    exponential: bool = False


VARIABLE = Bound(0.0, 0.0, 0.0)


def _plus(x: float, y: float) -> float:
    low, high = sorted((x, y))
    return high + math.log2(1 + 2.0 ** max(low - high, -1000.0))


def _joined(x: Bound, y: Bound, degree: float, terms: float, below: float) -> Bound:
    exponential = x.exponential or y.exponential
    linear, height = x.linear and y.linear, max(x.height, y.height)
    return Bound(degree, terms, None, linear, height, below, exponential)


def _sum(x: Bound, y: Bound) -> Bound:
    weight = None if x.weight is None or y.weight is None else _plus(x.weight, y.weight)
    both = x.exponential or y.exponential
    terms = _plus(x.terms + y.below, y.terms + x.below) if both else 0.0
    return replace(
        _joined(x, y, _plus(x.degree, y.degree), terms, x.below + y.below), weight=weight
    )


def _product(x: Bound, y: Bound) -> Bound:
    return _joined(x, y, _plus(x.degree, y.degree), x.terms + y.terms, x.below + y.below)


def _quotient(x: Bound, y: Bound) -> Bound:
    return _joined(x, y, _plus(x.degree, y.degree), x.terms + y.below, x.below + y.terms)


def _constant(node: Node) -> Bound:
    array = np.asarray(node.attribute("value").array, np.float64).ravel()
    weight = 0.0
    for value in {float(x) for x in array.tolist() if math.isfinite(x)}:
        number = Fraction(value)
        weight = max(weight, math.log2(abs(number.numerator) + 1) + math.log2(number.denominator))
    return Bound(0.0, 0.0, weight)


def _exponential(x: Bound) -> Bound:
    if x.weight is None:
        return Bound(x.degree, 0.0, None, False, x.height + 1, exponential=True)
    degree = _plus(x.weight, 0.0)
    return Bound(degree, 0.0, None, x.linear, x.height + 1, exponential=True)


def _repeated(x: Bound, count: int) -> Bound:
    """A sum of so many different elements; each may have a denominator of its own."""
    if count <= 1:
        return x
    more = math.log2(count)
    terms = x.terms + (count - 1) * x.below + more if x.exponential else 0.0
    weight = None if x.weight is None else x.weight + more
    return replace(x, degree=x.degree + more, terms=terms, weight=weight, below=count * x.below)


def _multiplied(x: Bound, count: int) -> Bound:
    """A product of so many different elements."""
    more = math.log2(max(count, 1))
    return replace(
        x, degree=x.degree + more, terms=count * x.terms, weight=None, below=count * x.below
    )


def _powered(node: Node, x: Bound, y: Bound) -> Bound:
    exponent = node.operands[1]
    if exponent.operator is o.CONSTANT:
        values = np.asarray(exponent.attribute("value").array, np.float64)
        value = float(np.max(np.abs(values)))
        if value == int(value) and value < 1024:
            upper, lower = x.terms, x.below
            if (values < 0).any():
                upper = lower = max(upper, lower)
            degree = x.degree + math.log2(max(value, 1))
            return replace(x, degree=degree, terms=upper * value, weight=None, below=lower * value)
        return Bound(_plus(x.degree, 0.0), 0.0, None, x.linear, x.height)
    degree, high = _plus(x.degree, y.degree), max(x.height, y.height) + 1
    return Bound(degree, 0.0, None, False, high, exponential=True)


def _larger(x: Bound, y: Bound) -> Bound:
    weight = None if x.weight is None or y.weight is None else max(x.weight, y.weight)
    degree, terms = max(x.degree, y.degree), max(x.terms, y.terms)
    return replace(_joined(x, y, degree, terms, max(x.below, y.below)), weight=weight)


def _count(node: Node, sizes: Mapping[str, int]) -> int:
    """How many elements of the operand an element of a reduction is made of."""
    operand = node.operands[0]
    axes = node.attribute("axis")
    chosen = axes if isinstance(axes, tuple) else (axes,)
    return math.prod(dim.evaluate(operand.shape[a], sizes) for a in chosen)


def _contracted(node: Node, sizes: Mapping[str, int]) -> int:
    letters, output = node.attribute("spec").split("->")
    known: dict[str, int] = {}
    for text, operand in zip(letters.split(","), node.operands, strict=True):
        for letter, size in zip(text, operand.shape, strict=True):
            known[letter] = dim.evaluate(size, sizes)
    return math.prod(size for letter, size in known.items() if letter not in output)


def _bound(node: Node, operands: Sequence[Bound], sizes: Mapping[str, int]) -> Bound:
    operator = node.operator
    if operator is o.CONSTANT:
        return _constant(node)
    if not operands or not is_float(node.dtype):
        return VARIABLE
    if operator in (o.SUM, o.CUMSUM):
        return _repeated(operands[0], _count(node, sizes))
    if operator in (o.PROD, o.CUMPROD):
        return _multiplied(operands[0], _count(node, sizes) + 1)
    if operator is o.EINSUM:
        product = operands[0]
        for other in operands[1:]:
            product = _product(product, other)
        return _repeated(product, _contracted(node, sizes))
    if operator is o.POWER:
        return _powered(node, *operands)
    if operator is o.MULTIPLY or operator is o.DIVIDE:
        combined = _product if operator is o.MULTIPLY else _quotient
        return _scaled(node, operands) or combined(*operands)
    if operator in _LAWS:
        return _LAWS[operator](*operands)
    joined = operands[0]
    for other in operands[1:]:
        joined = _larger(joined, other)
    return joined


def _scaled(node: Node, operands: Sequence[Bound]) -> Bound | None:
    """A constant times a linear form is a linear form."""
    places = (1,) if node.operator is o.DIVIDE else (0, 1)
    for k in places:
        weight, other = operands[k].weight, operands[1 - k]
        if node.operands[k].operator is o.CONSTANT and weight is not None:
            total = None if other.weight is None else other.weight + weight
            return replace(other, weight=total)
    return None


def _logaddexp(x: Bound, y: Bound) -> Bound:
    both = _sum(_exponential(x), _exponential(y))
    return Bound(both.degree, 0.0, 0.0, both.linear, both.height)


def _variable_of(x: Bound) -> Bound:
    return Bound(_plus(x.degree, 0.0), 0.0, 0.0, x.linear, x.height)


def _fraction_of_exponentials(x: Bound) -> Bound:
    e = _exponential(x)
    return replace(e, degree=e.degree + 2, terms=1.0, below=1.0)


_LAWS: dict[Any, Callable[..., Bound]] = {
    o.ADD: _sum, o.SUBTRACT: _sum, o.EXP: _exponential, o.EXP2: _exponential,
    o.EXPM1: _fraction_of_exponentials, o.LOGISTIC: _fraction_of_exponentials,
    o.TANH: _fraction_of_exponentials, o.SINH: _fraction_of_exponentials,
    o.COSH: _fraction_of_exponentials, o.SIN: _fraction_of_exponentials,
    o.COS: _fraction_of_exponentials, o.TAN: _fraction_of_exponentials,
    o.LOG: _variable_of, o.LOG2: _variable_of, o.LOG1P: _variable_of, o.LOGADDEXP: _logaddexp,
    o.SQRT: _variable_of, o.RSQRT: _variable_of, o.ERF: _variable_of, o.ERFC: _variable_of,
    o.ERFCX: lambda x: _product(_exponential(_product(x, x)), _variable_of(x)),
    o.ARCTAN: _variable_of,
}  # fmt: skip


def bits_of_draw(graph: Graph, sizes: Mapping[str, int], world: World) -> float:
    """Return b such that a false agreement in one draw has a probability below ``2**-b``."""
    known: dict[Node, Bound] = {}
    degree, linear = 0.0, True
    for node in graph.nodes():
        bound = _bound(node, [known[p] for p in node.operands], sizes)
        if bound.weight is None and bound.height >= world.top:
            bound = replace(bound, weight=0.0)  # uninterpreted where an exponent reads it
        known[node] = bound
        degree, linear = max(degree, bound.degree), linear and bound.linear
    above = max((known[output].terms for output in graph.outputs), default=0.0)
    below = max((known[output].below for output in graph.outputs), default=0.0)
    size = math.log2(min(world.primes))
    tests = math.log2(2 + world.hashes)
    chance = size - degree - 2 - tests
    if linear:
        return max(chance, 0.0)
    count = float(2.0 ** min(above + below + 1.0, 60.0))  # of left minus right
    return max(chance / max(count - 1, 1.0) - 1.0, 0.0)
