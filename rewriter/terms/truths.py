"""Truths: a boolean node reads as the indicator that is 1 where it holds, ``i == j`` as a delta."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne

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
    number_of,
    plain,
)
from rewriter.terms.index import Axis, Fixed, IndexExpression
from rewriter.terms.indexing import Rule, Terms, aligned
from rewriter.terms.indicators import delta, distinct
from rewriter.terms.integer_tensors import index_expression
from rewriter.terms.rational import Rational
from rewriter.terms.term import (
    INDICATORS,
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


_COMPARISONS: dict[Primitive, Callable[[Rational, Rational], bool]] = {
    o.LESS: lt, o.LESS_EQUAL: le, o.GREATER: gt, o.GREATER_EQUAL: ge, o.EQUAL: eq, o.NOT_EQUAL: ne,
}  # fmt: skip


def _of_indicator(node: Node, terms: Terms) -> Combination | None:
    """Read a comparison of what has two values with a number, ``a + c·[m] > b``: m, or not m.

    Masks are floats as often as they are truths: ``jnp.where(jnp.eye(n) > 0, …)``.
    """
    for k, term in enumerate(terms):
        values, other = _two_values(term), terms[1 - k]
        if values is None or not is_number(other):
            continue
        number, compare = number_of(other), _COMPARISONS[node.operator]
        pairs = [(value, number) if k == 0 else (number, value) for value in values[1:]]
        without, with_it = (compare(*pair) for pair in pairs)
        if without is with_it:
            return UNIT if with_it else ZERO
        mask = aligned(node, k, values[0])
        return mask if with_it else add((UNIT, negate(mask)))
    return None


def compares_mask(node: Node) -> bool:
    """Tell whether a node compares a mask as a tensor of numbers, through layouts."""
    return node.operator in _COMPARISONS and any(map(_is_mask, node.operands))


def _is_mask(node: Node) -> bool:
    while node.operator in _LAYOUTS:
        node = node.operands[0]
    return node.dtype == "bool"


_LAYOUTS = frozenset((o.ASTYPE, o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE))


def _two_values(term: Combination) -> tuple[Combination, Rational, Rational] | None:
    """Return (indicator, value where it is 0, value where it is 1) of ``a + c·[m]``, else None."""
    rest = [p for p in term.products if p.factors or p.exponent.products]
    if len(rest) != 1 or rest[0].exponent.products:
        return None
    if any(q < 0 or not isinstance(base, INDICATORS) for base, q in rest[0].factors):
        return None
    constant = sum(p.coefficient for p in term.products if p is not rest[0])
    indicator = as_combination(rest[0].monomial)
    return indicator, constant, constant + rest[0].coefficient


def _equal(node: Node, terms: Terms) -> Combination:
    found = _of_indicator(node, terms)
    if found is not None:
        return found
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
    found = _of_indicator(node, terms)
    if found is not None:
        return found
    equal = _equal(node, terms)
    return _truth(node) if isinstance(plain(equal), Truth) else negation(node, equal)


def _indicator(node: Node, terms: Terms) -> Combination | None:
    return _truth(node)


def _ordered(node: Node, terms: Terms) -> Combination | None:
    found = _of_indicator(node, terms)
    return _truth(node) if found is None else found


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
    **dict.fromkeys((o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL), _ordered),
    **dict.fromkeys((o.LOGICAL_OR, o.ISFINITE, o.ISNAN), _indicator),
}
