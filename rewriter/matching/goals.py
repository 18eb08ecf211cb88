"""The goal: two terms are equal modulo their operators' laws.

It composes with kanren's own goals. A plain variable stands for one operand, a rest for several:

>>> from kanren import conde, eq, lall, membero, run, var
>>> from rewriter.matching import Operator, constants, rest, variables
>>> (a, b, c), (x, y), r = constants("a b c"), variables("x y"), rest("r")
>>> plus = Operator("plus", associative=True, commutative=True)
>>> run(0, (x, y), eq_ac(plus(x, y), plus(a, b)))
((a, b), (b, a))
>>> run(0, r, membero(x, (b, c)), eq_ac(plus(x, r), plus(a, b, c)))
(plus(a, c), plus(a, b))

A law is a relation between a term and what it becomes, and runs in both directions:

>>> one, = constants("one")
>>> times = Operator("times", associative=True, commutative=True, unit=one)
>>> log = Operator("log")
>>> def log_of_product(term, out):
...     # log(u·v) = log u + log v
...     u, v = var(), rest("v")
...     return lall(eq_ac(term, log(times(u, v))), eq_ac(out, plus(log(u), log(v))))
>>> result = var()
>>> run(1, result, log_of_product(log(times(a, b)), result)) == (plus(log(a), log(b)),)
True
>>> run(1, result, log_of_product(result, plus(log(a), log(b))))
(log(times(a, b)),)

Where both sides have unknown variables, the answers are unifiers:

>>> run(0, (x, y), eq_ac(plus(x, a), plus(y, b)))
((b, a),)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from unification import reify, unify
from unification.utils import transitive_get

from rewriter.errors import BudgetExceeded
from rewriter.matching.budget import DEFAULT_STEPS, Budget, charged
from rewriter.matching.dispatch import evaluated
from rewriter.matching.horizon import Horizon
from rewriter.matching.posing import Deferred, pose
from rewriter.matching.profile import counts_operands
from rewriter.matching.protocol import is_ground, variables_of
from rewriter.matching.search import Bindings, Search
from rewriter.matching.substitution import substitute
from rewriter.matching.unifier import Unification

__all__ = ["GroundState", "eq_ac"]

State = Any
Goal = Callable[[State], Iterator[State]]


def eq_ac(
    left: Any,
    right: Any,
    *,
    budget: int | Budget = DEFAULT_STEPS,
    horizon: Horizon | None = None,
) -> Goal:
    """Return the kanren goal that two terms are equal modulo their operators' laws.

    Each way comes once, when it is asked for, in an order that does not depend on the hash seed.

    Args:
        left: a term, or what a state turns into one.
        right: the same.
        budget: how many choices may be tried for one answer; a `Budget` bounds several goals.
        horizon: where both sides have unknown variables, how far infinitely many answers are
            followed; it notes what was cut.

    Returns:
        A goal: from a state (a mapping of logic variables) to an iterator of states.

    Raises:
        BudgetExceeded: by the iterator, where the budget is met, or where answers had to be cut
            and no horizon was given to note it.
    """

    def eq_ac_goal(state: State) -> Iterator[State]:
        whole = horizon is not None and horizon.collapsing
        for pattern, subject in ((left, right), (right, left)):
            subject, unknown, _ = partly_known(subject, state)
            if not unknown and not (whole and not counts_operands(pattern)):
                pattern, _, bindings = partly_known(pattern, state)
                found = matches(pattern, subject, bindings, budget)
                if type(state) is dict and not state:
                    return map(GroundState, found)
                return extensions(state, found)
        sides = partly_known(left, state)[0], partly_known(right, state)[0]
        return extensions(state, unifiers(*sides, budget, horizon))

    return eq_ac_goal


def partly_known(term: Any, state: Mapping[Any, Any]) -> tuple[Any, frozenset[Any], Bindings]:
    """Return a term with the variables replaced that a state knows in part, those left, and what is
    known in full.
    """
    if state:
        term = transitive_get(term, state)
    term = evaluated(term, state)
    variables = variables_of(term)
    if not variables or not state:
        return term, variables, {}
    values = {each: reify(each, state) for each in sorted(variables, key=str) if each in state}
    bindings = {each: value for each, value in values.items() if is_ground(value)}
    term = substitute(term, {each: value for each, value in values.items() if each not in bindings})
    unknown = variables_of(term).difference(bindings)
    return (term, unknown, bindings) if unknown else (substitute(term, bindings), unknown, {})


def matches(
    pattern: Any, subject: Any, bindings: Bindings, budget: int | Budget
) -> Iterator[Bindings]:
    """Yield each way to extend bindings so that a pattern equals a subject without variables."""
    search = Search(*charged(budget), pattern, pose, Deferred)
    seen: set[frozenset[Any]] = set()
    for found in search.answers(pattern, subject, bindings):
        if search.splitting:  # parts may be split off in two ways that come to the same
            key = frozenset(found.items())
            if key in seen:
                continue
            seen.add(key)
        yield found


def unifiers(
    left: Any, right: Any, budget: int | Budget, horizon: Horizon | None
) -> Iterator[Bindings]:
    """Yield the ways to make two terms with variables equal."""
    spent, own = charged(budget)
    bound = Horizon() if horizon is None else horizon
    search = Unification(spent, own, (left, right), bound)
    yield from search.answers(left, right)
    if horizon is None and not bound.complete:
        reason = f"unification was cut: {bound.reasons[0]}"
        raise BudgetExceeded(reason, culprit=(left, right), reached=spent.answers)


class GroundState(dict[Any, Any]):
    """A state in which nothing that a variable stands for has variables itself."""


def extensions(state: State, answers: Iterator[Bindings]) -> Iterator[State]:
    """Yield the states that also hold some bindings; a state with constraints checks them."""
    for bindings in answers:
        if type(state) is dict:
            yield {**state, **bindings}
            continue
        extended = state
        for variable, value in bindings.items():
            if extended is not False and variable not in extended:
                extended = unify(variable, value, extended)
        if extended is not False:
            yield extended
