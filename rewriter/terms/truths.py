"""Truths: a boolean node reads as the indicator that is 1 where it holds, ``i == j`` as a delta."""

from __future__ import annotations

from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float, is_integer
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.terms.algebra import (
    add,
    as_combination,
    is_number,
    multiply,
    negate,
    plain,
)
from rewriter.terms.index import Axis, Fixed, IndexExpression
from rewriter.terms.indexing import Rule, Terms, aligned, index_expression
from rewriter.terms.indicators import delta, distinct
from rewriter.terms.term import (
    UNIT,
    ZERO,
    Application,
    Combination,
    Delta,
    Distinct,
    Element,
    Truth,
)  # fmt: skip


def _truth(node: Node) -> Combination:
    from rewriter.terms.reading import axes_of

    return as_combination(Truth.make(Element.make(node, axes_of(node)), False))


def _equal(node: Node, terms: Terms) -> Combination:
    if is_integer(node.operands[0].dtype):
        places = [index_expression(node, k) for k in range(2)]
        left, right = places
        known = [isinstance(p, Axis) or _is_counted(p) for p in places]
        if (
            left is not None
            and right is not None
            and (all(known) or any(isinstance(p, Axis) for p in places))
        ):
            return delta(left, right)
    return _truth(node)


def _is_counted(place: IndexExpression | None) -> bool:
    return isinstance(place, Fixed) and isinstance(place.place, int)


def _not_equal(node: Node, terms: Terms) -> Combination | None:
    equal = _equal(node, terms)
    return _truth(node) if isinstance(plain(equal), Truth) else negation(node, equal)


def _indicator(node: Node, terms: Terms) -> Combination | None:
    return _truth(node)


def _and(node: Node, terms: Terms) -> Combination | None:
    return multiply(*[aligned(node, k, term) for k, term in enumerate(terms)])


COMPARED = frozenset((o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL, o.EQUAL, o.NOT_EQUAL,
                      o.LOGICAL_OR, o.ISFINITE, o.ISNAN))  # fmt: skip
"""What a rule that compares reads of terms (see `compared`)."""


def compared(node: Node, terms: Terms) -> Combination | None:
    """Return the indicator of a comparison as one of terms: ``[x < y]``; None of integers."""
    several = tuple(aligned(node, k, term) for k, term in enumerate(terms))
    if node.operator is o.LOGICAL_OR:
        return add((*several, negate(multiply(*several))))
    if not is_float(node.operands[0].dtype):
        return None
    operator = o.EQUAL if node.operator is o.NOT_EQUAL else node.operator
    atom = Truth.make(Application.make(operator, several), node.operator is o.NOT_EQUAL)
    return as_combination(atom)


def negation(node: Node, term: Combination) -> Combination:
    """Return the indicator of ``not node``, given that of a boolean node."""
    if is_number(term):
        return UNIT if term is ZERO else ZERO
    inner = plain(term)
    if isinstance(inner, Truth):
        return as_combination(Truth.make(inner.element, not inner.negated))
    if term.variables:
        return add((UNIT, negate(term)))
    if isinstance(inner, (Delta, Distinct)):
        return (distinct if isinstance(inner, Delta) else delta)(*inner.parts)
    from rewriter.terms.reading import axes_of

    return as_combination(Truth.make(Element.make(node, axes_of(node)), True))


def _not(node: Node, terms: Terms) -> Combination | None:
    return negation(node.operands[0], terms[0])


TRUTH_MEANINGS: dict[Primitive, Rule] = {
    o.EQUAL: _equal,
    o.NOT_EQUAL: _not_equal,
    o.LOGICAL_AND: _and,
    o.LOGICAL_NOT: _not,
    **dict.fromkeys(COMPARED - {o.EQUAL, o.NOT_EQUAL}, _indicator),
}
