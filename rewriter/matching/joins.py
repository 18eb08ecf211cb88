"""Variables that several operands of a pattern share: x in x·u + x·v.

Such a variable stands for something that occurs in that many operands of the subject, and few
things do: choosing it first turns a search among pairs of operands into a look-up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rewriter.matching.profile import may_collapse
from rewriter.matching.protocol import Operator, operands_of, operator_of
from rewriter.matching.remembering import Memory
from rewriter.matching.variable import Kind, kind_of

__all__ = ["Join", "joins_of"]


class Join(NamedTuple):
    """A variable that is an operand (at a place, if that matters) of several operands."""

    variable: Any
    operator: Operator
    place: int | None
    times: int


_joins: Memory[tuple[Join, ...]] = Memory()


def joins_of(pattern: Any) -> tuple[Join, ...]:
    """Return the variables that two operands of a pattern share, the one that most share first."""
    return _joins.recall(pattern, _found)


def _found(pattern: Any) -> tuple[Join, ...]:
    times: dict[tuple[Any, Operator, int | None], int] = {}
    for operand in operands_of(pattern):
        operator = operator_of(operand)
        if operator is None or operator.binder or may_collapse(operand):
            continue
        seen: dict[tuple[Any, Operator, int | None], None] = {}
        for place, part in enumerate(operands_of(operand)):
            if kind_of(part) is Kind.ONE:
                seen[part, operator, None if operator.equational else place] = None
        for key in seen:
            times[key] = times.get(key, 0) + 1
    found = [Join(*key, number) for key, number in times.items() if number > 1]
    return tuple(sorted(found, key=lambda join: (-join.times, str(join.variable), join.place or 0)))
