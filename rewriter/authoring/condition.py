"""Conditions of rules, each with three answers; only a proved one lets a rule fire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rewriter.authoring.assumed import follows
from rewriter.errors import ConditionError
from rewriter.facts.interval import Interval
from rewriter.facts.verdict import PROVED, REFUTED, UNKNOWN, Answer, Fact
from rewriter.graph import operators as o
from rewriter.graph.elementwise import as_node
from rewriter.graph.node import Node
from rewriter.matching.substitution import substitute
from rewriter.terms import algebra
from rewriter.terms.as_written import meant
from rewriter.terms.reading import normal_form
from rewriter.terms.sign import interval_of
from rewriter.terms.term import Combination
from rewriter.terms.views import term_of, view

Check = Callable[[Mapping[Any, Any]], Fact]


@dataclass(frozen=True)
class Condition:
    """A statement about what a rule's variables stand for.

    Attributes:
        statement: as it is written, ``"x > 0"``.
        check: substitution to a fact: proved, refuted or unknown, with its reason.
        variables: the variables that it speaks of.
        expression: the comparison as it is written, or what is free of ``index``; None where the
            condition is a function of the user's own.
        index: the index that the expression does not depend on, or None.
    """

    statement: str
    check: Check
    variables: frozenset[Any]
    expression: Node | None = None
    index: Any = None


_TESTS: dict[Any, tuple[str, Callable[[Interval], bool], Callable[[Interval], bool]]] = {
    o.GREATER: (">", lambda x: x.positive, lambda x: x.nonpositive),
    o.GREATER_EQUAL: (">=", lambda x: x.nonnegative, lambda x: x.negative),
    o.LESS: ("<", lambda x: x.negative, lambda x: x.nonnegative),
    o.LESS_EQUAL: ("<=", lambda x: x.nonpositive, lambda x: x.positive),
    o.NOT_EQUAL: ("!=", lambda x: x.nonzero, lambda x: x.low == x.high == 0),
}


def condition_of(value: object) -> Condition:
    """Return a condition for what stands in ``when=[…]``.

    Raises:
        ConditionError: it is neither a comparison of scalars nor a `Condition`.
    """
    if isinstance(value, Condition):
        return value
    if isinstance(value, Node) and value.operator in _TESTS:
        if value.shape != ():
            raise ConditionError("a condition compares scalars", culprit=repr(value))
        return _comparison(value)
    if isinstance(value, bool):
        raise ConditionError("a condition is a Python truth value; compare with <, <=, > or >=, "
                             "or by rw.not_equal", value)  # fmt: skip
    raise ConditionError("not a condition", culprit=repr(value))


def _comparison(node: Node) -> Condition:
    symbol, holds, fails = _TESTS[node.operator]
    left, right = (normal_form(p) for p in node.operands)
    gap = view(algebra.add((left, algebra.negate(right))))
    statement = f"{left} {symbol} {right}"

    def check(substitution: Mapping[Any, Any]) -> Fact:
        """Return what is known of the gap of the two sides where a rule matched."""
        term = _said(gap, substitution)
        said = f"{term} {symbol} 0"
        interval = interval_of(term)
        compared = (term, symbol)
        if holds(interval):
            return Fact(said, PROVED, f"it is in {interval}", compared)
        assumed = follows(term, symbol)
        if assumed is not None:
            return Fact(said, PROVED, f"{assumed} is assumed", compared)
        answer = REFUTED if fails(interval) else UNKNOWN
        return Fact(said, answer, f"it is in {interval}", compared)

    return Condition(statement, check, left.variables | right.variables, node)


def _said(term: Any, substitution: Mapping[Any, Any]) -> Combination:
    """What a condition speaks of where a rule matched, to the theory."""
    return meant(term_of(substitute(term, substitution)))


def free_of(expression: Node, index: Any) -> Condition:
    """The condition that what an expression stands for does not depend on an index."""
    term = view(normal_form(expression))

    def check(substitution: Mapping[Any, Any]) -> Fact:
        """Return whether the index occurs in what the expression stands for."""
        value: Combination = _said(term, substitution)
        place = substitution.get(index.axis, index.axis)
        answer = REFUTED if place in value.free else PROVED
        return Fact(f"{value} is free of {index}", answer, "read off its indices")

    statement = f"{term_of(term)} is free of {index}"
    return Condition(statement, check, term_of(term).variables, expression, index)


def is_constant(expression: Node) -> Condition:
    """The condition that an expression stands for a number."""
    term = view(normal_form(expression))

    def check(substitution: Mapping[Any, Any]) -> Fact:
        """Return whether the expression stands for a number."""
        value = _said(term, substitution)
        answer: Answer = PROVED if algebra.is_number(value) else UNKNOWN
        return Fact(f"{value} is a number", answer, "read off the term")

    return Condition(f"{term_of(term)} is a number", check, term_of(term).variables)


def condition(function: Callable[[Interval], bool | None]) -> Callable[[Any], Condition]:
    """Return a condition of one's own, to be put to expressions of a rule; a decorator.

    It is asked of the range that is proved of a value (`rewriter.facts.Interval`; of a number, that
    number alone) and has three answers: True is proved, False refuted, None unknown. Unknown does
    not let a rule fire. Its docstring says what it states.

    >>> import rewriter as rw
    >>> @rw.condition
    ... def small(values):
    ...     \"\"\"at most 1 in size\"\"\"
    ...     if -1 <= values.low and values.high <= 1:
    ...         return True
    ...     return False if values.low > 1 or values.high < -1 else None
    >>> @rw.rule
    ... def clipped(x: rw.Real):
    ...     \"\"\"max(min(x, 1), -1) = x, for small x.\"\"\"
    ...     return rw.rewrite(rw.maximum(rw.minimum(x, 1), -1), to=x, when=[small(x)])
    >>> clipped.conditions[0].statement
    'x is at most 1 in size'
    """
    said = (function.__doc__ or function.__name__).strip().splitlines()[0].rstrip(".")

    def of(expression: Any) -> Condition:
        """Return the condition put to an expression of a rule."""
        node = as_node(expression, "float64")
        term = view(normal_form(node))

        def check(substitution: Mapping[Any, Any]) -> Fact:
            """Return what the function answers of the range of what the expression stands for."""
            value = _said(term, substitution)
            interval = interval_of(value)
            answer = _ANSWERS[function(interval)]
            return Fact(f"{value} is {said}", answer, f"it is in {interval}")

        return Condition(f"{term_of(term)} is {said}", check, term_of(term).variables)

    of.__name__, of.__doc__ = function.__name__, function.__doc__
    return of


_ANSWERS = {True: PROVED, False: REFUTED, None: UNKNOWN}
