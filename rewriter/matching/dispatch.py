"""Terms join logical-unification and etuples: kanren's own goals take them apart and put them
together.

>>> from kanren import run, var, eq
>>> from cons import cons
>>> from rewriter.matching import Operator, constants
>>> a, b = constants("a b")
>>> f, head, tail = Operator("f"), var(), var()
>>> ((found, operands),) = run(0, (head, tail), eq(cons(head, tail), f(a, b)))
>>> print(found, operands)
f e(a, b)
>>> term = var()
>>> run(0, term, eq(cons(head, tail), term), eq(cons(head, tail), f(a, b)))
(f(a, b),)
>>> x = var()
>>> run(0, x, eq(f(x, b), f(a, b)))
(a,)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import etuples.dispatch
from cons.core import ConsError, ConsPair, _car, _cdr, cons
from etuples import etuple
from etuples.core import ExpressionTuple, InvalidExpression
from unification import reify
from unification.core import _reify, _unify, construction_sentinel

from rewriter.matching.dispatching import ADOPTERS
from rewriter.matching.folding import Plan, fold
from rewriter.matching.foreign import Marking
from rewriter.matching.protocol import Operator, operands_of, operator_of, order_key, variables_of
from rewriter.matching.substitution import substitute
from rewriter.matching.term import Term
from rewriter.matching.variable import Abstraction, Applied

__all__ = ["adopt", "evaluated", "join", "reify_by_variables", "unify_operands"]

Steps = Iterator[Any]


def reify_by_variables(term: Any, state: Mapping[Any, Any]) -> Any:
    """Reify a term: each of its variables once, then the whole in one pass."""
    if type(state) is Marking:
        return state.mark(term)
    variables = variables_of(term)
    return _reified(term, sorted(variables, key=order_key), state) if variables else term


def _reified(term: Any, variables: list[Any], state: Mapping[Any, Any]) -> Steps:
    values: dict[Any, Any] = {}
    for variable in variables:
        values[variable] = yield _reify(variable, state)
    yield construction_sentinel
    yield substitute(term, values)


def unify_operands(left: Any, right: Any, state: Mapping[Any, Any]) -> Steps:
    """Unify two terms operand by operand, in canonical order; `eq_ac` is the goal modulo laws."""
    operator = operator_of(left)
    operands, others = operands_of(left), operands_of(right)
    if left == right:
        yield state
    elif operator is None or operator is not operator_of(right) or len(operands) != len(others):
        yield False
    else:
        yield _unify(operands, others, state)


def _unify_with_pair(left: Any, right: Any, state: Any) -> Steps:
    term, pair = (right, left) if isinstance(left, ConsPair) else (left, right)
    operator = operator_of(term)
    if operator is None:
        yield False
        return
    state = yield _unify(pair.car, operator, state)
    if state is not False:
        yield _unify(pair.cdr, rands_of(term), state)


def rands_of(term: Any) -> Any:
    """Return a term's operands as etuples has them, so that rebuilding gives a term again."""
    return etuple(*operands_of(term))


def join(term_type: type) -> None:
    """Let a class of terms that is registered with the protocol take part in kanren's own goals.

    Registers unification operand by operand, reification, and the etuples and cons protocols.
    """
    _reify.add((term_type, Mapping), reify_by_variables)
    _unify.add((term_type, term_type, Mapping), unify_operands)
    _unify.add((term_type, ConsPair, Mapping), _unify_with_pair)
    _unify.add((ConsPair, term_type, Mapping), _unify_with_pair)
    for head in (etuples.dispatch.rator, _car):
        head.register(term_type)(_head)
    for tail in (etuples.dispatch.rands, _cdr):
        tail.register(term_type)(_tail)


def _head(term: Any) -> Any:
    operator = operator_of(term)
    if operator is None:
        raise ConsError("a leaf has no operator")
    return operator


def _tail(term: Any) -> Any:
    _head(term)
    return rands_of(term)


def _reify_pair(pair: ConsPair, state: Mapping[Any, Any]) -> Steps:
    """Reify what was consed: an operator and operands, as etuples has them, make a term."""
    head: Any = yield _reify(pair.car, state)
    tail: Any = yield _reify(pair.cdr, state)
    yield construction_sentinel
    made = isinstance(head, Operator) and isinstance(tail, ExpressionTuple)
    yield head(*tail) if made else cons(head, tail)


def evaluated(term: Any, state: Mapping[Any, Any]) -> Any:
    """Return the term that a pair or an expression tuple stands for, once its head is known."""
    if type(term) is ConsPair:
        term = reify(term, state)
    if not isinstance(term, ExpressionTuple):
        return term
    try:
        return term.evaled_obj
    except InvalidExpression:  # a head that cannot be called is a free operator
        return fold(term, _plan_of_evaluation)


def _plan_of_evaluation(part: Any) -> Plan | None:
    if not isinstance(part, ExpressionTuple):
        return None
    return tuple(part), lambda parts: _applied(*parts)


def _applied(head: Any, *operands: Any) -> Any:
    return head(*operands) if callable(head) else etuple(head, *operands)


_reify.add((ConsPair, Mapping), _reify_pair)
for _class in (Applied, Abstraction):
    _reify.add((_class, Mapping), reify_by_variables)
join(Term)


def adopt(term_type: type) -> None:
    """Let a class take part in matching that is registered with etuples' protocol only."""
    known = {types[0] for types in etuples.dispatch.rator.funcs}
    adopted = [each for each in term_type.__mro__ if each in known and each is not object]
    if adopted and operator_of.dispatch(term_type) is operator_of.dispatch(object):
        operator_of.register(adopted[0])(_operator_by_etuples)
        operands_of.register(adopted[0])(_operands_by_etuples)


def _operator_by_etuples(term: Any) -> Operator | None:
    try:
        head = etuples.dispatch.rator(term)
    except (ConsError, NotImplementedError):
        return None
    return head if isinstance(head, Operator) else _operator_of_head(head)


def _operands_by_etuples(term: Any) -> tuple[Any, ...]:
    return () if operator_of(term) is None else tuple(etuples.dispatch.rands(term))


@cache
def _operator_of_head(head: Any) -> Operator:
    """Return the free operator that stands for what a class of terms calls its operator."""
    name = getattr(head, "__name__", str(head))
    return Operator(name, constructor=lambda operands: etuples.dispatch.apply(head, operands))


operator_of.register(ExpressionTuple)(_operator_by_etuples)
operands_of.register(ExpressionTuple)(_operands_by_etuples)

_TUPLE = Operator("tuple", constructor=tuple)
"""Tuples are terms of this free operator, as they are to kanren."""


@operator_of.register(tuple)
def _(term: Any) -> Operator | None:
    return _TUPLE if type(term) is tuple else None


@operands_of.register(tuple)
def _(term: Any) -> tuple[Any, ...]:
    return term if type(term) is tuple else ()


ADOPTERS.append(adopt)
