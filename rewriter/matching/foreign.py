"""Structures that logical-unification can take apart and the protocol cannot: lists, dictionaries,
and any class for which `unify` and `reify` are registered.

They are taken apart by what is registered; the terms inside are equal modulo their laws.

>>> from rewriter.matching import Operator, constants, match, variables
>>> (a, b), (x, y) = constants("a b"), variables("x y")
>>> plus = Operator("plus", associative=True, commutative=True)
>>> list(match({"sum": [plus(x, a), y]}, {"sum": [plus(a, b), a]}))
[{x: b, y: a}]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unification import reify
from unification.core import _reify, _unify, stream_eval, unground_lvars
from unification.variable import Var

from rewriter.matching.dispatching import ADOPTERS
from rewriter.matching.protocol import operator_of, variables_of

__all__ = ["Marking", "adopt_structure", "equations_of_parts", "is_foreign"]


class Marking(dict[Any, Any]):
    """A state in which reifying a structure puts a mark, a new variable, for each term inside."""

    def __init__(self) -> None:
        super().__init__()
        self.marked: dict[Any, Any] = {}

    def mark(self, term: Any) -> Var:
        """Return a mark for a term."""
        mark = Var()
        self.marked[mark] = term
        return mark

    def marks(self, structure: Any) -> Any:
        """Return a structure with a mark for each term inside."""
        return stream_eval(_reify(structure, self))

    def unmarked(self, value: Any) -> Any:
        """Return what a mark stands for, or a structure with the terms for its marks."""
        return (
            self.marked.get(value, value) if isinstance(value, Var) else reify(value, self.marked)
        )


class Collecting(dict[Any, Any]):
    """A state in which unifying notes what variables would be equal to, and binds nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[Any, Any]] = []


def _collect(left: Any, right: Any, state: Collecting) -> Collecting:
    state.pairs.append((left, right))
    return state


for _sides in ((Var, Var), (Var, object), (object, Var)):
    _unify.add((*_sides, Collecting), _collect)


def equations_of_parts(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    """Return what must be equal for two structures to be equal; None where they cannot be."""
    if not (is_foreign(type(left)) and is_foreign(type(right))):
        return None
    marking, collecting = Marking(), Collecting()
    sides = marking.marks(left), marking.marks(right)
    if stream_eval(_unify(*sides, collecting)) is False:
        return None
    return [(marking.unmarked(one), marking.unmarked(other)) for one, other in collecting.pairs]


_foreign: dict[type, bool] = {}


def is_foreign(term_type: type) -> bool:
    """Whether logical-unification can take terms of a class apart, and the protocol cannot."""
    found = _foreign.get(term_type)
    if found is None:
        known = _reify.dispatch(term_type, dict) is not _reify.dispatch(object, dict)
        own = operator_of.dispatch(term_type) is not operator_of.dispatch(object)
        found = _foreign[term_type] = known and not own and not issubclass(term_type, Var)
    return found


def adopt_structure(term_type: type) -> None:
    """Let a class take part in matching for which only `unify` and `reify` are registered."""
    if is_foreign(term_type) and variables_of.dispatch(term_type) is variables_of.dispatch(object):
        variables_of.register(term_type)(_variables_inside)


def _variables_inside(term: Any) -> frozenset[Any]:
    state: Mapping[Any, Any] = {}
    return frozenset().union(*map(variables_of, unground_lvars(term, state)))


ADOPTERS.append(adopt_structure)
