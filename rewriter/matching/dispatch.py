"""Terms join logical-unification and etuples: kanren's own goals take them apart and put them
together.

>>> from kanren import run, var, eq
>>> from cons import cons
>>> from rewriter.matching import Operator, constants
>>> a, b = constants("a b")
>>> f, head, tail = Operator("f"), var(), var()
>>> run(0, (head, tail), eq(cons(head, tail), f(a, b)))
((f, (a, b)),)
>>> x = var()
>>> run(0, x, eq(f(x, b), f(a, b)))
(a,)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import etuples.dispatch
from cons.core import ConsPair, _car, _cdr
from unification.core import _reify, _unify, construction_sentinel

from rewriter.matching.protocol import operands_of, operator_of, order_key, variables_of
from rewriter.matching.substitution import substitute
from rewriter.matching.term import Term
from rewriter.matching.variable import Abstraction, Applied

__all__ = ["reify_by_variables", "unify_operands"]

Steps = Iterator[Any]


def reify_by_variables(term: Any, state: Mapping[Any, Any]) -> Any:
    """Reify a term: each of its variables once, then the whole in one pass."""
    variables = variables_of(term)
    return _reified(term, sorted(variables, key=order_key), state) if variables else term


def _reified(term: Any, variables: list[Any], state: Mapping[Any, Any]) -> Steps:
    values: dict[Any, Any] = {}
    for variable in variables:
        values[variable] = yield _reify(variable, state)
    yield construction_sentinel
    yield substitute(term, values)


for _class in (Term, Applied, Abstraction):
    _reify.add((_class, Mapping), reify_by_variables)


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


_unify.add((Term, Term, Mapping), unify_operands)


def _unify_cons(left: Any, right: Any, state: Any) -> Steps:
    term, pair = (left, right) if isinstance(left, Term) else (right, left)
    state = yield _unify(pair.car, term.operator, state)
    if state is not False:
        yield _unify(pair.cdr, term.operands, state)


_unify.add((Term, ConsPair, Mapping), _unify_cons)
_unify.add((ConsPair, Term, Mapping), _unify_cons)


@etuples.dispatch.rator.register(Term)  # type: ignore[untyped-decorator]
@_car.register(Term)  # type: ignore[untyped-decorator]
def _(term: Term) -> Any:
    return term.operator


@etuples.dispatch.rands.register(Term)  # type: ignore[untyped-decorator]
@_cdr.register(Term)  # type: ignore[untyped-decorator]
def _(term: Term) -> Any:
    return term.operands
