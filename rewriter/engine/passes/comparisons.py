"""Comparisons of exponentials: by their exponents, or beside what is largest in either.

``exp(u) > exp(v)`` where ``u > v``, also where both are infinite, or 0, as floats; and of sums,
``a > b`` where ``a·exp(-m) > b·exp(-m)``. What may vanish is 0 where its exponent is minus
infinity, not where floats are too small for it. Autodiff asks where the gradient of a maximum goes
by ``a = max(a, b)``, which is ``a >= b``, and by ``a = max_j a``, asked of what is computed once;
and by ``p = 0`` whether p may be logged.
"""

from __future__ import annotations

import math
from functools import reduce
from itertools import permutations

from rewriter.engine.building.builder import Builder
from rewriter.engine.building.comparisons import which_is_larger
from rewriter.engine.building.sharing import Shared
from rewriter.engine.entry import HIGH
from rewriter.engine.largest import sizes
from rewriter.engine.region import Region
from rewriter.engine.result import Result, Step
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, make_node, rewritten, topological
from rewriter.graph.origin import Origin, origin_of
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, is_number, multiply, negate
from rewriter.terms.functions import logarithm
from rewriter.terms.index import Axis, axis
from rewriter.terms.indexing import aligned
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.naming import names_in
from rewriter.terms.rational import absolute, quotient
from rewriter.terms.reading import free_axes
from rewriter.terms.sign import is_nonnegative, is_positive
from rewriter.terms.term import ONE, ZERO, Combination, Product

COMPARISONS = frozenset((o.EQUAL, o.NOT_EQUAL, o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL))
CHOICES = frozenset((
    o.MAXIMUM, o.MINIMUM, o.MAX, o.MIN, o.CUMMAX, o.WHERE, o.CALL, o.COMPONENT,
))  # fmt: skip
"""Operators that may hand on one of their operands as it is."""
HAZARD = "a comparison of values that may overflow or vanish"
LAW = "comparison"

Sides = tuple[Combination, Combination]


def cure_comparisons(graph: Graph, region: Region, result: Result) -> Graph:
    """Return the graph with comparisons decided by what floats hold.

    Args:
        graph: any graph.
        region: what is known of its nodes.
        result: takes the steps.
    """

    def change(node: Node) -> Node:
        """Return a comparison of what floats hold, any other node as it is."""
        if node.operator not in COMPARISONS or not is_float(node.operands[0].dtype):
            return node
        after = _compared(node, region)
        if after is not node:
            result.steps.append(Step(node, after, HAZARD, [], None))
        return after

    return graph.with_outputs(rewritten(graph.outputs, change))


def _compared(node: Node, region: Region) -> Node:
    larger = which_is_larger(node)
    operator, operands = (
        (node.operator, node.operands) if larger is None else (larger[0], larger[1:])
    )
    beside_zero = _beside_zero(node, region)
    if beside_zero is not None:
        return beside_zero
    if not any(_is_high(operand, region) for operand in operands):
        return node
    asked = make_node(operator, operands, (), node.shape, node.dtype, origin=node.origin)
    terms = [region.reading.as_factor(operand) for operand in operands]
    left, right = (aligned(asked, k, term) for k, term in enumerate(terms))
    sides = _of_exponents(left, right)
    if operator in (o.EQUAL, o.NOT_EQUAL):
        found = _whether_largest(asked, region)
        return node if found is None else found
    if sides is None and not any(_chooses(operand, region) for operand in operands):
        sides = _beside_the_largest(left, right, region)
    if sides is None or any(map(names_in, sides)):
        return asked if operator is not node.operator else node
    with origin_of(_origin(asked)):
        return _asked_of(asked, *(_built(side, asked) for side in sides))


def _beside_zero(asked: Node, region: Region) -> Node | None:
    """``c·exp(u)·s > 0`` where ``u > -inf``, for c, s > 0; None where it is no such comparison.

    Whether a value is larger than 0 is asked of values that are sound to leave out what is 0.
    """
    for k, operand in enumerate(asked.operands):
        entry = region.entries.get(operand)
        if entry is None or not (entry.hazard or asked.operator in (o.EQUAL, o.NOT_EQUAL)):
            continue
        if region.reading.as_factor(asked.operands[1 - k]) is not ZERO:
            continue
        exponent = _exponent_of_positive(region.reading.as_factor(operand), region)
        if exponent is not None and not names_in(exponent):
            with origin_of(_origin(asked)):
                built = op.broadcast_to(_built(exponent, operand), asked.shape)
                least = op.broadcast_to(op.constant(-math.inf, built.dtype), asked.shape)
                return _asked_of(asked, *((built, least) if k == 0 else (least, built)))
    return None


def _exponent_of_positive(term: Combination, region: Region) -> Combination | None:
    """The u of what is ``exp(u)`` times what is proved to be positive; None of anything else."""
    small = region.scaling.small_values.read(term)
    scaled = small if small is not term else region.scaling.by_shift(term).term
    if len(scaled.products) != 1 or not scaled.products[0].exponent.products:
        return None
    (one,) = scaled.products
    rest = as_combination(Product.make(one.coefficient, one.factors, ZERO))
    return one.exponent if is_positive(rest) else None


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
    shared = [p for p in one.exponent.products if p in other.exponent.products]
    sides = [add((one.exponent, size)), other.exponent]
    sides = [add((side, *map(negate, map(as_combination, shared)))) for side in sides]
    units = {absolute(product.coefficient) for side in sides for product in side.products}
    if not units:
        return None
    size_of_all = units.pop() if len(units) == 1 else ONE
    above, below = (algebra.scale(side, quotient(ONE, size_of_all)) for side in sides)
    return above, below


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


def _chooses(side: Node, region: Region) -> bool:
    """Tell whether a side may be the other one itself, by a choice: rounding would part them."""
    choices = (node for node in topological([side]) if node.operator in CHOICES)
    return any(_is_high(operand, region) for node in choices for operand in node.operands)


def _is_high(node: Node, region: Region) -> bool:
    entry = region.entries.get(node)
    return entry is not None and entry.magnitude is HIGH


def _whether_largest(asked: Node, region: Region) -> Node | None:
    """``a = max_J a`` where ``s = max_J s``, for ``s = a·exp(-m)`` with an m free of J.

    Both sides are made of the one s that is computed: rounding changes no answer.
    """
    for one, other in ((0, 1), (1, 0)):
        values, term = asked.operands[one], region.reading.as_factor(asked.operands[one])
        largest = aligned(asked, other, region.reading.as_factor(asked.operands[other]))
        axes = _axes_of_maximum(values, asked.operands[other])
        if values.shape != asked.shape or not axes:
            continue
        places = [axis(k, values.shape[k]) for k in axes]
        if reduce(lambda body, place: bound_maximum(place, body), places, term) is not largest:
            continue
        scaled = _comparable(term, largest, places, region)
        if scaled is not None and not names_in(scaled):
            with origin_of(_origin(asked)):
                built = _built(scaled, values)
                return _asked_of(asked, built, op.max(built, axis=axes, keepdims=True))
    return None


def _comparable(
    term: Combination, largest: Combination, places: list[Axis], region: Region
) -> Combination | None:
    """The exponent of an exponential; of other terms, them beside what is free of some places."""
    exponents = _of_exponents(term, largest)
    if exponents is not None:
        return exponents[0]
    whole = region.scaling.scale(largest).term.products
    shift = whole[0].exponent if len(whole) == 1 else ZERO
    if not shift.products or not shift.free.isdisjoint(places):
        return None
    scaled = region.scaling.scale(multiply(term, algebra.exponential(negate(shift))))
    return scaled.term if scaled.bounded else None


def _axes_of_maximum(values: Node, largest: Node) -> tuple[int, ...]:
    """The axes along which a node takes the maximum of another; none where it takes none."""
    found = largest
    while found.operator in (o.RESHAPE, o.BROADCAST_TO):
        (found,) = found.operands
    taken = found.operator is o.MAX and found.operands[0] is values
    axes: tuple[int, ...] = found.attribute("axis") if taken else ()
    return axes


def _built(term: Combination, like: Node) -> Node:
    axes = free_axes(like)
    dtype = like.dtype if is_float(like.dtype) else like.operands[0].dtype
    builder = Builder(lambda one: one, axes, dtype, frozenset(), Shared(), guards_all=True)
    return op.reshape(builder.combination(term).full(axes), like.shape)


def _origin(asked: Node) -> Origin:
    return Origin(asked.origin.file, asked.origin.line, LAW)


def _asked_of(asked: Node, *sides: Node) -> Node:
    return make_node(asked.operator, sides, (), asked.shape, asked.dtype, origin=_origin(asked))
