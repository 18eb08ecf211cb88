"""Comparisons of exponentials: by their exponents, or beside what is largest in either.

``exp(u) > exp(v)`` where ``u > v``, also where both are infinite, or 0, as floats; and of sums,
``a > b`` where ``a·exp(-m) > b·exp(-m)``. A value is the larger of two, ``a = max(a, b)``, where
``a >= b``, and the smaller where ``a <= b``. Autodiff asks so where a maximum's gradient goes.
"""

from __future__ import annotations

from itertools import permutations

from rewriter.engine.building.builder import Builder
from rewriter.engine.building.sharing import Shared
from rewriter.engine.entry import HIGH
from rewriter.engine.largest import sizes
from rewriter.engine.region import Region
from rewriter.engine.result import Result, Step
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, make_node, rewritten
from rewriter.graph.origin import Origin, origin_of
from rewriter.graph.primitive import Primitive
from rewriter.terms import algebra
from rewriter.terms.algebra import add, is_number, multiply, negate
from rewriter.terms.functions import logarithm
from rewriter.terms.indexing import aligned
from rewriter.terms.rational import absolute, quotient
from rewriter.terms.reading import free_axes
from rewriter.terms.sign import is_nonnegative, is_positive
from rewriter.terms.term import ONE, ZERO, Combination, Product

COMPARISONS = frozenset((o.EQUAL, o.NOT_EQUAL, o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL))
HAZARD = "a comparison of values that may overflow or vanish"
LAW = "comparison"

_EXTREMES = {o.MAXIMUM: o.GREATER_EQUAL, o.MINIMUM: o.LESS_EQUAL}

Sides = tuple[Combination, Combination]


def cure_comparisons(graph: Graph, region: Region, result: Result) -> Graph:
    """Return the graph with comparisons decided by what floats hold.

    Args:
        graph: any graph.
        region: what is known of its nodes.
        result: takes the steps.
    """

    def change(node: Node) -> Node:
        if node.operator not in COMPARISONS or not is_float(node.operands[0].dtype):
            return node
        after = _compared(node, region)
        if after is not node:
            result.steps.append(Step(node, after, HAZARD, [], None))
        return after

    return graph.with_outputs(rewritten(graph.outputs, change))


def _compared(node: Node, region: Region) -> Node:
    operator, first, second = _without_larger(node)
    entries = [region.entries.get(operand) for operand in (first, second)]
    if not any(entry is not None and entry.magnitude is HIGH for entry in entries):
        return node
    operands = (first, second)
    asked = make_node(operator, operands, (), node.shape, node.dtype, origin=node.origin)
    terms = [region.reading.as_factor(operand) for operand in operands]
    left, right = (aligned(asked, k, term) for k, term in enumerate(terms))
    sides = _of_exponents(left, right)
    if sides is None and operator not in (o.EQUAL, o.NOT_EQUAL):  # which rounding would change
        sides = _beside_the_largest(left, right, region)
    if sides is None:
        return asked if operator is not node.operator else node
    return _built(asked, sides)


def _without_larger(node: Node) -> tuple[Primitive, Node, Node]:
    """``a = max(a, b)`` where ``a >= b``, and ``a = min(a, b)`` where ``a <= b``."""
    if node.operator is o.EQUAL:
        for one, other in (node.operands, node.operands[::-1]):
            beside = [p for p in other.operands if p is not one]
            if other.operator in _EXTREMES and one in other.operands and beside:
                return _EXTREMES[other.operator], one, beside[0]
    first, second = node.operands
    return node.operator, first, second


def _of_exponents(left: Combination, right: Combination) -> Sides | None:
    """``c·exp(u) > d·exp(v)`` is ``u + log(c/d) > v``, for c, d > 0."""
    if len(left.products) != 1 or len(right.products) != 1:
        return None
    (one,), (other,) = left.products, right.products
    positive = Product.make(one.coefficient, one.factors, ZERO)
    if not other.exponent.products or one.factors != other.factors:
        return None
    if not one.exponent.products or other.coefficient < 0 or not is_positive(positive):
        return None
    size = logarithm(algebra.number(quotient(one.coefficient, other.coefficient)))
    difference = add((one.exponent, size, negate(other.exponent)))
    if not difference.products:
        return None
    units = {absolute(product.coefficient) for product in difference.products}
    if len(units) == 1:
        difference = algebra.scale(difference, quotient(ONE, units.pop()))
    above = [p for p in difference.products if p.coefficient > 0]
    below = [p for p in difference.products if p.coefficient < 0]
    return Combination.make(tuple(above)), negate(Combination.make(tuple(below)))


def _beside_the_largest(left: Combination, right: Combination, region: Region) -> Sides | None:
    """Both sides times ``exp(-m)``, m the largest exponent in either; None where none bounds it."""
    if any(is_number(one) and is_nonnegative(other) for one, other in permutations((left, right))):
        return None
    shifted = region.scaling.joined(add(map(sizes, (left, right))))
    if len(shifted.products) != 1 or not shifted.products[0].exponent.products:
        return None
    away = algebra.exponential(negate(shifted.products[0].exponent))
    scaled = [region.scaling.scale(multiply(side, away)) for side in (left, right)]
    if not all(side.bounded for side in scaled):
        return None
    return scaled[0].term, scaled[1].term


def _built(asked: Node, sides: Sides) -> Node:
    axes = free_axes(asked)
    dtype = asked.operands[0].dtype
    builder = Builder(lambda one: one, axes, dtype, frozenset(), Shared(), guards_all=True)
    with origin_of(Origin(asked.origin.file, asked.origin.line, LAW)):
        parts = [op.reshape(builder.combination(s).full(axes), asked.shape) for s in sides]
        return make_node(asked.operator, tuple(parts), (), asked.shape, asked.dtype,
                         origin=Origin(asked.origin.file, asked.origin.line, LAW))  # fmt: skip
