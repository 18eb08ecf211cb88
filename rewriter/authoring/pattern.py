"""Patterns are scalar graphs over pattern variables: their primitives, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rewriter.errors import RuleError
from rewriter.graph import elementwise
from rewriter.graph import operators as o
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Kind, Primitive
from rewriter.terms import binding, functions, maxima
from rewriter.terms.algebra import as_combination
from rewriter.terms.index import Axis
from rewriter.terms.meaning import MEANINGS
from rewriter.terms.term import Combination, Evaluated, Pattern

SCALAR = "float64"


def _scalar(operands: Sequence[Node], attributes: Mapping[str, Any]) -> tuple[tuple[()], str]:
    return (), SCALAR


UNKNOWN = Primitive("pattern_variable", Kind.LEAF, _scalar)
BOUND_SUM = Primitive("bound_sum", Kind.REDUCTION, _scalar)
BOUND_MAXIMUM = Primitive("bound_maximum", Kind.REDUCTION, _scalar)
EVALUATED = Primitive("evaluated", Kind.ELEMENTWISE, _scalar)


def unknown(variable: object) -> Node:
    """Return the scalar that a pattern variable (or an applied one) is."""
    return apply(UNKNOWN, [], {"variable": variable})


def bound_sum(body: Any, over: Any) -> Node:
    """``Σ_over body``.

    Raises:
        RuleError: what it runs over is no index of a rule.
    """
    return apply(BOUND_SUM, [elementwise.as_node(body, SCALAR)], {"index": _axis_of(over)})


def _axis_of(over: Any) -> Axis:
    axis = getattr(over, "axis", None)
    if not isinstance(axis, Axis):
        raise RuleError("over= takes an index of a rule, a parameter that is an rw.Index",
                        culprit=repr(over))  # fmt: skip
    return axis


def bound_maximum(body: Any, over: Any, where: Any = None) -> Node:
    """``max_over body``, of the places where the weight ``where`` is not 0.

    Raises:
        RuleError: what it runs over is no index of a rule.
    """
    weight = elementwise.as_node(1.0 if where is None else where, SCALAR)
    operands = [elementwise.as_node(body, SCALAR), weight]
    return apply(BOUND_MAXIMUM, operands, {"index": _axis_of(over)})


def evaluated(expression: Node) -> Node:
    """Mark a sum that is to be computed as it stands: the normal form takes nothing out of it."""
    return apply(EVALUATED, [expression])


def _unknown(node: Node, terms: Sequence[Combination]) -> Combination:
    return as_combination(Pattern.make(node.attribute("variable")))


def _sum(node: Node, terms: Sequence[Combination]) -> Combination:
    return binding.bound_sum(node.attribute("index"), terms[0])


def _maximum(node: Node, terms: Sequence[Combination]) -> Combination:
    return maxima.bound_maximum(node.attribute("index"), *terms)


def _evaluated(node: Node, terms: Sequence[Combination]) -> Combination:
    """The sum under the mark is kept whole, with its body as it is written."""
    from rewriter.terms.reading import normal_form

    (inner,) = node.operands
    if inner.operator is BOUND_SUM:
        body = normal_form(inner.operands[0])
        return binding.evaluated(inner.attribute("index"), body)
    if inner.operator in (o.LOGISTIC, o.LOGADDEXP, o.EXPM1, o.LOG1P):
        return functions.apply(inner.operator, *[normal_form(p) for p in inner.operands])
    return as_combination(Evaluated.make(None, terms[0]))


MEANINGS.update({
    UNKNOWN: _unknown, BOUND_SUM: _sum, BOUND_MAXIMUM: _maximum, EVALUATED: _evaluated,
})  # fmt: skip
