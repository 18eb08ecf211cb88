"""Differences that vanish with their argument to higher order than their terms.

``1/u − 1/(exp(u) − 1)`` is 1/2 where u is 0, a difference of what is infinite; the derivative of
``(exp(u) − 1)/u`` likewise, of which no digit is left at u = 1e-4 in float32. ``expm1`` keeps the
digits of what vanishes with u once; where more of them cancel, the function is computed by its
series in u, whose first coefficients are rational and whose others are bounded
(`rewriter.facts.series`), and as it was written where u is not small.

Source: Higham, "Functions of Matrices" (SIAM 2008), section 10.7, on ``(exp(u) − 1)/u`` and its
kin, which loses its digits by the difference and has none of its own to lose.
"""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.engine.passes.powers import INDEX_MAPS
from rewriter.engine.result import Result, Step
from rewriter.facts.expansions import (
    EXPANSION,
    NO_CENTRES,
    Expansion,
    Expansions,
    beside,
    divided_by,
    least_size,
)
from rewriter.facts.ranges import range_of
from rewriter.facts.series import Polynomial, truncated
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import SIGNIFICAND_BITS
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological, with_operands
from rewriter.graph.origin import Origin, origin_of
from rewriter.terms.rational import Rational

_EXPONENTIALS = frozenset((o.EXP, o.EXP2))

HAZARD = "terms that cancel to higher order where their argument is near 0"

REASON = "the series where the argument is near 0, as near as a float can tell"

FEW_TERMS, MANY_TERMS = 6, 48
"""Coefficients by which cancellation is found, and those that a polynomial is taken from."""

MOST_COEFFICIENTS = 24
"""Coefficients that a polynomial may have."""

MOST_CENTRES = 4
"""Places beside 0 at which divisors of a graph vanish that are looked at."""

BITS_BELOW = 2
"""So far below the last bit of a float a polynomial is near the series."""


def cure_expansions(graph: Graph, result: Result, everywhere: bool = False) -> Graph:
    """Return the graph with what cancels to higher order computed by its series there.

    Args:
        graph: any graph.
        result: takes the steps.
        everywhere: whether errors are to be small beside every element, or beside the largest.
    """
    around_zero = Expansions(FEW_TERMS)
    after = _expanded(graph, around_zero, NO_CENTRES, result, everywhere)
    for node, value in _zeros_of_divisors(graph, around_zero):
        if node in after.ordered:
            centres = {node: value}
            after = _expanded(after, Expansions(FEW_TERMS, centres), centres, result, everywhere)
    return after


def _zeros_of_divisors(graph: Graph, known: Expansions) -> list[tuple[Node, Rational]]:
    """Where linear divisors vanish, ``x − 1`` at 1, of numbers that floats have: a few."""
    zeros: dict[tuple[Node, Rational], None] = {}
    for node in graph.ordered:
        divisor = divided_by(node)
        known.of(node)
        zero = None if divisor is None else known.zero_of(divisor)
        if zero is not None and float(zero[1]) == zero[1]:
            zeros[zero] = None
    return list(zeros)[:MOST_CENTRES]


def _is_data(node: Node) -> bool:
    while node.operator in INDEX_MAPS:
        node = node.operands[0]
    return node.operator is o.INPUT


def _expanded(
    graph: Graph,
    few: Expansions,
    centres: Mapping[Node, Rational],
    result: Result,
    everywhere: bool,
) -> Graph:
    """Return the graph with what cancels to higher order near the centres expanded."""
    found = [node for node in graph.ordered if _is_lost(few.of(node), centres, everywhere)]
    if not found:
        return graph
    least = _least_sizes(graph, found, few, centres)
    many = Expansions(MANY_TERMS, centres)
    for node in topological(least):
        many.of(node)

    def change(node: Node, made: Mapping[Node, Node]) -> Node | None:
        """Return a choice of the polynomial near a centre, None where there is none to choose."""
        one = many.of(node) if node in least else None
        if one is None or one.base is None:
            return None
        error = 2.0 ** -(SIGNIFICAND_BITS[node.dtype] + BITS_BELOW)
        polynomial = truncated(one.series, error, MOST_COEFFICIENTS)
        if polynomial is None or least[node] >= polynomial.radius:
            return None
        if not _may_be_small(one.base, centres, polynomial.radius):
            return None
        with origin_of(Origin(node.origin.file, node.origin.line, EXPANSION)):
            u = beside(_remade(one.base, made), {_remade(one.base, made): centres.get(one.base, 0)})
            outside = {_remade(base, made): power for base, power in one.outside.items()}
            after = _chosen(node, u, outside, polynomial, made)
        result.steps.append(Step(node, after, HAZARD, [], None, reason=REASON))
        return after

    return graph.rebuilt(change)


def _is_lost(one: Expansion, centres: Mapping[Node, Rational], everywhere: bool) -> bool:
    """Tell whether terms of a series cancel, and no more is lost for another reason.

    Those of exponentials cancel as symbols elsewhere. Near a pole other than 0 what is computed
    was rounded before the difference, ``1/(1 − p)``; data is what its floats are.
    """
    if one.base is None or one.base.operator in _EXPONENTIALS:
        return False
    rounded = one.series.order < 0 and one.base in centres and not _is_data(one.base)
    return not rounded and one.cancels(everywhere)


def _least_sizes(
    graph: Graph, found: list[Node], known: Expansions, centres: Mapping[Node, Rational]
) -> dict[Node, float]:
    """Those of some nodes that show what they lose, and how large u is wherever they do."""
    least = {node: 0.0 for node in found if node in graph.outputs}
    asked = set(found)
    for user in graph.ordered:
        for node in asked.intersection(user.operands):
            base = known.of(node).base
            if base is not None and known.shows_in(node, user):
                size = least_size(user, node, beside(base, centres))
                least[node] = min(least.get(node, size), size)
    return least


def _may_be_small(base: Node, centres: Mapping[Node, Rational], radius: float) -> bool:
    """Tell whether u may be near 0; away from a centre that is none of its values, none is lost."""
    bounds = range_of(beside(base, centres))
    near = 0.0 if base in centres else radius
    return bounds.low <= near and bounds.high >= -near


def _remade(node: Node, made: Mapping[Node, Node]) -> Node:
    """What became of a node, or of what it is a layout of."""
    if node in made:
        return made[node]
    return with_operands(node, tuple(_remade(p, made) for p in node.operands))


def _chosen(
    node: Node,
    u: Node,
    outside: Mapping[Node, int],
    polynomial: Polynomial,
    made: Mapping[Node, Node],
) -> Node:
    """The series where u is near 0, and what was written elsewhere."""
    near = op.less(op.absolute(u), polynomial.radius)
    inside = op.where(near, u, 0.0 if polynomial.order >= 0 else polynomial.radius)
    total = op.as_node(float(polynomial.coefficients[-1]), node.dtype)
    for coefficient in reversed(polynomial.coefficients[:-1]):
        total = op.multiply(total, inside)
        if coefficient:
            total = op.add(total, float(coefficient))
    for base, power in ((inside, polynomial.order), *outside.items()):
        total = _times_power(total, base, power)
    written = with_operands(node, tuple(made[p] for p in node.operands))
    return op.where(near, total, written)


def _times_power(total: Node, base: Node, power: int) -> Node:
    """``total · base^power``, by multiplications or divisions."""
    for _ in range(abs(power)):
        total = op.multiply(total, base) if power > 0 else op.divide(total, base)
    return total
