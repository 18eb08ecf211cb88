"""A subject's operands under one operator, as a multiset that can be asked for candidates.

>>> from rewriter.matching import Operator, constants
>>> a, b = constants("a b")
>>> plus = Operator("plus", associative=True, commutative=True)
>>> profile_of(plus, plus(a, b, a)).counts
{a: 2, b: 1}
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from rewriter.matching.folding import Plan, fold
from rewriter.matching.protocol import (
    Operator,
    flatten,
    is_ground,
    operands_of,
    operator_of,
    splits,
)
from rewriter.matching.remembering import Memory
from rewriter.matching.variable import Kind, kind_of

__all__ = ["Profile", "counts_operands", "may_collapse", "profile_of"]

Key = tuple[Operator, int | None, Any]


class Profile:
    """The multiset of a subject's operands and, built when first asked for, indices into it.

    Args:
        operator: the operator whose operands these are.
        operands: in canonical order.
        canonical: whether taking some of the operands, in order, gives operands in canonical order.
    """

    def __init__(self, operator: Operator, operands: Iterable[Any], canonical: bool = True) -> None:
        self.operator = operator
        self.canonical = canonical
        self.counts: dict[Any, int] = {}
        for operand in operands:
            self.counts[operand] = self.counts.get(operand, 0) + 1
        if operator.idempotent:
            self.counts = dict.fromkeys(self.counts, 1)
        self.distinct = tuple(self.counts)
        self.numbers = tuple(self.counts.values())
        self.total = sum(self.numbers)

    @cached_property
    def places(self) -> dict[Any, int]:
        """The place of each distinct operand among them."""
        return {operand: place for place, operand in enumerate(self.distinct)}

    @cached_property
    def by_operator(self) -> dict[Operator | None, list[Any]]:
        """The distinct operands by the operator at their root."""
        found: dict[Operator | None, list[Any]] = {}
        for operand in self.distinct:
            found.setdefault(operator_of(operand), []).append(operand)
        return found

    @cached_property
    def splitting(self) -> tuple[Any, ...]:
        """The distinct operands out of which a part may be taken."""
        return tuple(operand for operand in self.distinct if splits(self.operator, operand))

    @cached_property
    def containing(self) -> dict[Operator, dict[Key, list[Any]]]:
        """Filled by `containing_operand`: the distinct operands by an operand of theirs and its
        place.
        """
        return {}

    def containing_operand(self, operator: Operator, place: int | None, part: Any) -> list[Any]:
        """Return the operands with `operator` at the root that have `part` at a place (anywhere,
        for None).
        """
        index = self.containing.get(operator)
        if index is None:
            index = self.containing[operator] = {}
            for operand in self.by_operator.get(operator, ()):
                for key in _keys(operator, operand):
                    index.setdefault(key, []).append(operand)
        return index.get((operator, place, part), [])

    def shared(self, operator: Operator, place: int | None, times: int) -> list[Any] | None:
        """Return what occurs, at a place, in so many of the operands with `operator` at the root.

        None where operands can be split, so that what occurs cannot be seen.
        """
        self.containing_operand(operator, None, _SPLITTING)
        index = self.containing.get(operator, {})
        if (operator, None, _SPLITTING) in index:
            return None
        return [
            part
            for (_, at, part), operands in index.items()
            if at == place and sum(self.counts[each] for each in operands) >= times
        ]

    def candidates(self, pattern: Any, known: dict[Any, Any]) -> Sequence[Any]:
        """Return the distinct operands that a structured pattern may match, given what its
        variables stand for.
        """
        operator = operator_of(pattern)
        if operator is None or may_collapse(pattern):
            return self.distinct
        found = self.by_operator.get(operator, ())
        if len(found) > 1:
            for place, operand in enumerate(operands_of(pattern)):
                kind = kind_of(operand)
                part = known.get(operand, operand) if kind is Kind.ONE else operand
                if kind in _MANY or not is_ground(part):
                    continue
                return self._containing_or_splitting(operator, place, part)
        return found

    def _containing_or_splitting(self, operator: Operator, place: int, part: Any) -> list[Any]:
        if not operator.equational:
            return self.containing_operand(operator, place, part)
        found = self.containing_operand(operator, None, part)
        others = self.containing_operand(operator, None, _SPLITTING)
        return [*found, *(each for each in others if each not in found)] if others else found


_SPLITTING = object()
_MANY = (Kind.MANY, Kind.APPLIED)


def _keys(operator: Operator, operand: Any) -> Iterable[Key]:
    operands = operands_of(operand)
    if not operator.equational:
        return [(operator, place, part) for place, part in enumerate(operands)]
    keys: list[Key] = [(operator, None, part) for part in dict.fromkeys(operands)]
    if any(splits(operator, operand) for operand in operands):
        keys.append((operator, None, _SPLITTING))
    return keys


def may_collapse(pattern: Any) -> bool:
    """Whether an instance of a pattern may lose its root: by units, or by idempotence."""
    operator = operator_of(pattern)
    if operator is None or not operator.associative:
        return False
    if operator.idempotent:
        return True
    if operator.unit is None:
        return False
    return sum(kind_of(operand) not in _MANY for operand in operands_of(pattern)) <= 1


def counts_operands(pattern: Any) -> bool:
    """Whether every operand that is no variable stays one operand in each instance of a pattern.

    Then matching finds what unification would, which lets operands come apart:

    >>> from rewriter.matching import Operator, constants, rest
    >>> (one,), r, s = constants("one"), rest("r"), rest("s")
    >>> bag = Operator("bag", associative=True, commutative=True)
    >>> times = Operator("times", associative=True, commutative=True, unit=one)
    >>> counts_operands(times(bag(r, s), s)), counts_operands(bag(times(r, s), s))
    (True, False)
    """
    return _counting.recall(pattern, lambda term: fold(term, _plan_of_counting))


_counting: Memory[bool] = Memory()


def _plan_of_counting(part: Any) -> Plan:
    operator, operands = operator_of(part), operands_of(part)
    if is_ground(part) or operator is None:
        found = kind_of(part) is not Kind.APPLIED
        return (), lambda _: found
    if operator.binder or (operator.associative and any(map(_may_come_apart, operands))):
        return (), lambda _: False
    return operands, all


def _may_come_apart(operand: Any) -> bool:
    operator = operator_of(operand)
    if operator is None or is_ground(operand):
        return False
    return operator.idempotent or operator.unit is not None


_profiles: Memory[Profile] = Memory()


def profile_of(operator: Operator, subject: Any) -> Profile:
    """Return the operands that a subject has under an operator: its own, none for the unit, else
    itself.
    """
    if operator_of(subject) is not operator:
        return Profile(operator, flatten(operator, subject) if operator.associative else (subject,))
    return _profiles.recall(subject, lambda term: Profile(operator, operands_of(term)))
