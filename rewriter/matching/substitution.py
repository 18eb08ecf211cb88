"""Substitutions, and rebuilding terms by them; nothing here recurses over a term's depth.

>>> from rewriter.matching import Operator, constants, variables
>>> (a, b), (x, y) = constants("a b"), variables("x y")
>>> f = Operator("f")
>>> substitute(f(x, f(y, x)), {x: a, y: b})
f(a, f(b, a))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from unification import reify
from unification.variable import Var

from rewriter.matching.folding import Plan, fold
from rewriter.matching.protocol import (
    close_binder,
    free_indices,
    index_in_instance,
    is_ground,
    open_binder,
    operands_of,
    operator_of,
    rebuild,
    replace_indices,
    variables_of,
)
from rewriter.matching.term import Term, intern
from rewriter.matching.variable import Abstraction, Applied

__all__ = ["Substitution", "instantiate", "replace_in_operands", "substitute"]


class Substitution(Mapping[Any, Any]):
    """What each variable of a pattern stands for; applied to a term, it replaces them.

    Equal to any mapping with the same items.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[Any, Any]) -> None:
        self._values = values

    def __getitem__(self, variable: Any) -> Any:
        return self._values[variable]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __call__(self, term: Any) -> Any:
        """Return the term with its variables replaced."""
        return substitute(term, self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self._values) == dict(other)

    def __repr__(self) -> str:
        return (
            "{"
            + ", ".join(f"{variable!s}: {value!r}" for variable, value in self._values.items())
            + "}"
        )


def may_mention(term: Any, variables: Mapping[Any, Any]) -> bool:
    """Whether a term has one of some variables; True also where it has too many to look at."""
    if is_ground(term):
        return False
    if type(term) is Term and term.attributes.variables is None:
        return True
    return not variables_of(term).isdisjoint(variables)


def replace_in_operands(term: Any, mapping: Mapping[Any, Any]) -> Any:
    """Return a term with its indices replaced in its operands; binders of generic terms stay
    closed.
    """

    def expand(part: Any) -> Plan | None:
        """Return the parts to look at, and the term given theirs; None where it stays as it is."""
        if free_indices(part).isdisjoint(mapping) and not may_mention(part, mapping):
            return None
        if type(part) is Term and part.operator.binder:
            return part.operands, lambda operands: intern(part.operator, tuple(operands))
        if type(part) is Term or replace_indices.dispatch(type(part)) is _replace_by_default:
            return operands_of(part), lambda operands: rebuild(part, operands)
        return (), lambda _: replace_indices(part, mapping)

    return fold(term, expand)


_replace_by_default = replace_indices.dispatch(object)


def substitute(term: Any, substitution: Mapping[Any, Any]) -> Any:
    """Return the term with its variables replaced; function variables are applied to their
    arguments.

    Variables that the substitution does not hold stay.

    Args:
        term: a term of any registered class.
        substitution: from variables to terms, from function variables to `Abstraction`.
    """

    def expand(part: Any) -> Plan | None:
        """Return the parts to look at, and the term given theirs; None where it stays as it is."""
        if not may_mention(part, substitution):
            return None
        if isinstance(part, Var):
            return (), lambda _: substitution[part]
        if isinstance(part, Applied):
            return (), lambda _: instantiate(part, substitution)
        if isinstance(part, Abstraction):
            return (part.body,), lambda bodies: Abstraction(part.parameters, bodies[0])
        operator = operator_of(part)
        if operator is None:
            return (), lambda _: reify(part, substitution)
        if operator.binder:
            index = index_in_instance(part, substitution)
            return open_binder(part, index), lambda operands: close_binder(
                part, index, tuple(operands)
            )
        return operands_of(part), lambda operands: rebuild(part, operands)

    return fold(term, expand)


def instantiate(applied: Applied, substitution: Mapping[Any, Any]) -> Any:
    """Return what an applied function variable stands for; applied still where the function is not
    known.
    """
    arguments = tuple(substitute(argument, substitution) for argument in applied.arguments)
    function = substitution.get(applied.function, applied.function)
    if isinstance(function, Var):
        return Applied(function, arguments)
    return function(*arguments) if isinstance(function, Abstraction) else function
