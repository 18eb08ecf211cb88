"""Problems under operators that are associative only: a pattern's operands against a sequence.

Operands are matched from both ends; what is left begins and ends with a variable for several operands, and the choice
is how many the first one takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rewriter.matching.operands import (
    Contradiction,
    combine,
    function_of,
    known_operands,
    takes_many,
)
from rewriter.matching.protocol import Operator, flatten, operands_of, operator_of, variables_of
from rewriter.matching.search import MISSING, Bindings, Branch, Choice, Frame, Search, Stage
from rewriter.matching.variable import Abstraction, Kind, kind_of

__all__ = ["Sequence", "pose_sequence"]


def pose_sequence(operator: Operator, pattern: Any, subject: Any) -> Sequence:
    """Return the problem of an associative pattern against a subject."""
    own = operator_of(subject) is operator
    operands = operands_of(subject) if own else flatten(operator, subject)
    return Sequence(operator, operands_of(pattern), operands)


class Sequence:
    """Operands of a pattern against operands of a subject, in order."""

    __slots__ = ("operands", "operator", "waiting")

    def __init__(
        self, operator: Operator, waiting: tuple[Any, ...], operands: tuple[Any, ...]
    ) -> None:
        self.operator = operator
        self.waiting = waiting
        self.operands = operands

    @property
    def solved(self) -> bool:
        """Whether nothing is left."""
        return not self.waiting

    def simplify(self, search: Search, frame: Frame) -> Sequence | None:
        """Match what stands for one operand from both ends; None where that fails or the numbers do not fit."""
        waiting: list[Any] = []
        try:
            for operand in self.waiting:
                parts = known_operands(self.operator, operand, search, frame.bindings)
                waiting.extend((operand,) if parts is None else parts)
        except Contradiction:
            return None
        first, last = 0, len(waiting)
        start, stop = 0, len(self.operands)
        while first < last and self.is_single(waiting[first], search):
            if start == stop or not self.pair(waiting[first], self.operands[start], frame):
                return None
            first, start = first + 1, start + 1
        while first < last and self.is_single(waiting[last - 1], search):
            if start == stop or not self.pair(waiting[last - 1], self.operands[stop - 1], frame):
                return None
            last, stop = last - 1, stop - 1
        result = Sequence(self.operator, tuple(waiting[first:last]), self.operands[start:stop])
        return result if result.numbers_fit(search) else None

    def is_single(self, operand: Any, search: Search) -> bool:
        """Whether an operand of the pattern stands for exactly one operand."""
        kind = kind_of(operand)
        if kind is Kind.APPLIED:
            return not takes_many(operand) and search.is_miller(operand)
        return kind is not Kind.MANY

    def pair(self, operand: Any, element: Any, frame: Frame) -> bool:
        """Let an operand equal an element; False where it is seen at once that it does not."""
        if kind_of(operand) is Kind.TERM and not variables_of(operand):
            return bool(operand == element)
        frame.equations.append((operand, element))
        return True

    def least(self, search: Search) -> int:
        """Return how many operands the waiting ones take at least."""
        if self.operator.unit is None:
            return len(self.waiting)
        return sum(self.is_single(operand, search) for operand in self.waiting)

    def numbers_fit(self, search: Search) -> bool:
        """Whether the subject's operands are neither too few nor too many."""
        if not self.waiting:
            return not self.operands
        return self.least(search) <= len(self.operands)

    def choice(self, search: Search, frame: Frame) -> Choice:
        """Return the choice of how many operands the first variable takes."""
        ends = (self.waiting[0], self.waiting[-1])
        for at_end, operand in enumerate(ends):
            if kind_of(operand) is Kind.MANY or search.is_miller(operand):
                return self.choice_of_length(operand, bool(at_end), search, frame)

        def stuck() -> Iterator[Branch]:
            raise search.undetermined(self.waiting[0])
            yield

        return Choice(Stage.STUCK, 0, stuck())

    def choice_of_length(self, operand: Any, at_end: bool, search: Search, frame: Frame) -> Choice:
        """Return the choice of how many operands a rest variable at one end takes."""
        fewest = 0 if self.operator.unit is not None else 1
        most = len(self.operands) - (self.least(search) - fewest)
        if len(self.waiting) == 1:
            fewest = most
        others = self.waiting[:-1] if at_end else self.waiting[1:]

        def branches() -> Iterator[Branch]:
            for length in range(fewest, most + 1):
                cut = len(self.operands) - length if at_end else length
                part, left = self.operands[:cut], self.operands[cut:]
                if at_end:
                    part, left = left, part
                bindings = self.bound(operand, part, search, frame)
                if bindings is not None:
                    yield bindings, (), Sequence(self.operator, others, left)

        return Choice(Stage.MANY, most - fewest + 1, branches())

    def bound(
        self, operand: Any, part: tuple[Any, ...], search: Search, frame: Frame
    ) -> Bindings | None:
        """Return the bindings with a rest variable standing for a part; None where it may not."""
        value = combine(self.operator, part, canonical=True)
        arguments = operand.arguments if kind_of(operand) is Kind.APPLIED else ()
        if not search.in_scope(value, arguments):
            return None
        if kind_of(operand) is Kind.APPLIED:
            value = Abstraction(arguments, value)
        variable = function_of(operand)
        if frame.bindings.get(variable, MISSING) is not MISSING or not search.accepts(
            variable, value
        ):
            return None
        return {**frame.bindings, variable: value}
