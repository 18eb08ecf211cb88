"""Matching: every substitution that makes a pattern equal to a subject, through kanren.

>>> from rewriter.matching import Operator, constants, variables, rest
>>> (a, b, c), (x,), r = constants("a b c"), variables("x"), rest("r")
>>> plus = Operator("plus", associative=True, commutative=True)
>>> for substitution in match(plus(x, r), plus(a, b, c)):
...     print(substitution)
{r: plus(b, c), x: a}
{r: plus(a, c), x: b}
{r: plus(a, b), x: c}
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

from rewriter.errors import PatternError
from rewriter.matching import goals
from rewriter.matching.budget import Budget, charged
from rewriter.matching.folding import Plan, fold
from rewriter.matching.profile import may_collapse
from rewriter.matching.protocol import (
    bit,
    is_ground,
    operands_of,
    operator_of,
    order_key,
    signature_of,
    variables_of,
)
from rewriter.matching.remembering import Memory
from rewriter.matching.substitution import Substitution
from rewriter.matching.variable import Kind, kind_of

__all__ = ["match", "may_match"]


def match(pattern: Any, subject: Any, budget: int | Budget | None = None) -> Iterator[Substitution]:
    """Yield lazily every substitution under which the pattern equals the subject, each once.

    Args:
        pattern: a term with variables.
        subject: a term without.
        budget: how many choices may be tried for one answer, or a `Budget` for several matches
            together.

    Raises:
        PatternError: where the subject has variables.
        AttributeValueError: where the budget is none.
        BudgetExceeded: by the iterator, where the budget is met.
    """
    if budget is not None:
        charged(budget)
    if not is_ground(subject):
        raise PatternError("a subject has no variables; unify takes two patterns", culprit=subject)
    if not may_match(pattern, subject):
        return iter(())
    wanted = variables_in_order(pattern)
    options: dict[str, Any] = {} if budget is None else {"budget": budget}
    states = goals.eq_ac(pattern, subject, **options)({})
    return (
        Substitution({each: state[each] for each in wanted if each in state}) for state in states
    )


_in_order: Memory[tuple[Any, ...]] = Memory()


def variables_in_order(pattern: Any) -> tuple[Any, ...]:
    """Return a pattern's variables in an order that does not depend on the hash seed."""
    found = variables_of(pattern)
    if len(found) < 2:
        return tuple(found)
    return _in_order.recall(pattern, lambda _: tuple(sorted(found, key=order_key)))


def may_match(pattern: Any, subject: Any) -> bool:
    """Whether a pattern could match, by the symbols that it has; a quick check that never says no
    wrongly.

    >>> from rewriter.matching import Operator, constants, variables
    >>> (a, b), (x,) = constants("a b"), variables("x")
    >>> f, g = Operator("f"), Operator("g")
    >>> may_match(f(x), f(a)), may_match(f(x), g(a)), may_match(f(g(x)), f(a))
    (True, False, False)
    """
    if needed(pattern) & ~signature_of(subject):
        return False
    return (
        kind_of(pattern) is not Kind.TERM
        or operator_of(pattern) is operator_of(subject)
        or may_collapse(pattern)
    )


_needed: Memory[int] = Memory()


def needed(pattern: Any) -> int:
    """Return the signature of what every instance of a pattern contains."""
    if is_ground(pattern):
        return signature_of(pattern)
    if kind_of(pattern) is not Kind.TERM or operator_of(pattern) is None:
        return 0
    return _needed.recall(pattern, lambda term: fold(term, _plan_of_needed))


def _plan_of_needed(part: Any) -> Plan:
    operator = operator_of(part)
    if operator is None or is_ground(part):
        return (), lambda _: signature_of(part)
    own = 0 if may_collapse(part) else bit(operator.digest)
    return operands_of(part), lambda below: reduce(or_, below, own)
