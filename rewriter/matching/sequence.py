"""Problems under operators that are associative only: a pattern's operands against a sequence.

Operands are matched from both ends; what is left begins and ends with a variable for several
operands, and the choice is how many the first one takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rewriter.matching.operands import (
    Contradiction,
    combine,
    function_of,
    known_operands,
    takes_many,
)
from rewriter.matching.profile import may_collapse
from rewriter.matching.protocol import Operator, flatten, is_ground, operands_of, operator_of
from rewriter.matching.search import MISSING, Bindings, Branch, Choice, Frame, Search, Stage
from rewriter.matching.variable import Abstraction, Kind, kind_of

__all__ = ["Sequence", "pose_sequence"]


def pose_sequence(operator: Operator, pattern: Any, subject: Any) -> Sequence:
    """Return the problem of an associative pattern against a subject."""
    own = operator_of(subject) is operator
    operands = operands_of(subject) if own else flatten(operator, subject)
    return Sequence(operator, operands_of(pattern), operands, 0, len(operands))


class Sequence:
    """Operands of a pattern against a stretch of a subject's operands, in order."""

    __slots__ = ("operands", "operator", "start", "stop", "waiting")

    def __init__(
        self,
        operator: Operator,
        waiting: tuple[Any, ...],
        operands: tuple[Any, ...],
        start: int,
        stop: int,
    ) -> None:
        self.operator = operator
        self.waiting = waiting
        self.operands = operands
        self.start = start
        self.stop = stop

    @property
    def solved(self) -> bool:
        """Whether nothing is left."""
        return not self.waiting

    @property
    def watched(self) -> tuple[Any, ...]:
        """The variables among the operands that wait."""
        return tuple(function_of(each) for each in self.waiting if kind_of(each) is not Kind.TERM)

    @property
    def forced(self) -> bool:
        """Whether one rest variable is left."""
        return len(self.waiting) == 1 and kind_of(self.waiting[0]) is Kind.MANY

    def conclude(self, search: Search, frame: Frame) -> bool:
        """Let the one rest variable that is left take all that is left."""
        bindings = self.bound(self.waiting[0], self.start, self.stop, search, frame)
        if bindings is None:
            return False
        frame.bindings.update(bindings)
        return True

    def simplify(self, search: Search, frame: Frame) -> Sequence | None:
        """Match from both ends what stands for one operand; None where that fails."""
        waiting: list[Any] = []
        try:
            for operand in self.waiting:
                parts = known_operands(self.operator, operand, search, frame.bindings)
                waiting.extend((operand,) if parts is None else parts)
        except Contradiction:
            return None
        first, last = 0, len(waiting)
        start, stop = self.start, self.stop
        while first < last and is_single(waiting[first], search):
            if start == stop or not pair(waiting[first], self.operands[start], frame):
                return None
            first, start = first + 1, start + 1
        while first < last and is_single(waiting[last - 1], search):
            if start == stop or not pair(waiting[last - 1], self.operands[stop - 1], frame):
                return None
            last, stop = last - 1, stop - 1
        result = Sequence(self.operator, tuple(waiting[first:last]), self.operands, start, stop)
        return result if result.numbers_fit(search) else None

    def least(self, search: Search) -> int:
        """Return how many operands the waiting ones take at least."""
        if self.operator.unit is None:
            return len(self.waiting)
        return sum(is_single(operand, search) for operand in self.waiting)

    def numbers_fit(self, search: Search) -> bool:
        """Whether the subject's operands are neither too few nor too many."""
        size = self.stop - self.start
        return self.least(search) <= size if self.waiting else size == 0

    def choice(self, search: Search, frame: Frame) -> Choice:
        """Return the choice of how many operands the first variable takes, or else the last one."""
        for at_end, operand in ((False, self.waiting[0]), (True, self.waiting[-1])):
            if kind_of(operand) is Kind.MANY or search.is_miller(operand):
                fewest = 0 if self.operator.unit is not None else 1
                most = self.stop - self.start - (self.least(search) - fewest)
                if len(self.waiting) == 1:
                    fewest = most
                branches = self.branches(operand, at_end, range(fewest, most + 1), search, frame)
                return Choice(Stage.MANY, most - fewest + 1, branches)
        return Choice(Stage.STUCK, 0, self.give_up(search))

    def give_up(self, search: Search) -> Iterator[Branch]:
        """Raise: nothing determines the function at either end."""
        raise search.undetermined(self.waiting[0])
        yield

    def branches(
        self, operand: Any, at_end: bool, lengths: range, search: Search, frame: Frame
    ) -> Iterator[Branch]:
        """Yield what follows from each length of what the variable at one end takes."""
        checks = [] if at_end else self.checks(search, frame)
        for length in lengths:
            search.spend()
            cut = self.stop - length if at_end else self.start + length
            if not all(check(cut) for check in checks):
                continue
            taken = (cut, self.stop) if at_end else (self.start, cut)
            bindings = self.bound(operand, *taken, search, frame)
            if bindings is not None:
                left = (self.start, cut) if at_end else (cut, self.stop)
                others = self.waiting[:-1] if at_end else self.waiting[1:]
                problem = Sequence(self.operator, others, self.operands, *left)
                yield {**frame.bindings, **bindings}, (), problem

    def checks(self, search: Search, frame: Frame) -> list[Callable[[int], bool]]:
        """Return quick checks of what follows the first variable, at the place where it would
        begin.
        """
        found: list[Callable[[int], bool]] = []
        seen: dict[Any, int] = {}
        for offset, operand in enumerate(self.waiting[1:]):
            if not is_single(operand, search):
                break
            if kind_of(operand) is not Kind.TERM:
                before = seen.setdefault(operand, offset)
                if before != offset:
                    found.append(self.check_of_repetition(before, offset))
            elif not may_collapse(operand):
                found.append(self.check_of_root(operand, offset))
        return found

    def check_of_repetition(self, before: int, offset: int) -> Callable[[int], bool]:
        """Return the check that two operands are equal."""
        operands = self.operands
        return lambda cut: bool(operands[cut + before] == operands[cut + offset])

    def check_of_root(self, pattern: Any, offset: int) -> Callable[[int], bool]:
        """Return the check that an operand has a pattern's root, or equals it if it has no
        variables.
        """
        operands = self.operands
        if is_ground(pattern):
            return lambda cut: bool(operands[cut + offset] == pattern)
        operator = operator_of(pattern)
        return lambda cut: operator_of(operands[cut + offset]) is operator

    def bound(
        self, operand: Any, start: int, stop: int, search: Search, frame: Frame
    ) -> Bindings | None:
        """Return what a rest variable that takes a stretch stands for; None where it may not."""
        value = combine(self.operator, self.operands[start:stop], canonical=True)
        arguments = operand.arguments if kind_of(operand) is Kind.APPLIED else ()
        if not search.in_scope(value, arguments):
            return None
        if kind_of(operand) is Kind.APPLIED:
            value = Abstraction(arguments, value)
        variable = function_of(operand)
        if frame.bindings.get(variable, MISSING) is not MISSING:
            return None
        return {variable: value} if search.accepts(variable, value) else None


def is_single(operand: Any, search: Search) -> bool:
    """Whether an operand of the pattern stands for exactly one operand."""
    kind = kind_of(operand)
    if kind is Kind.APPLIED:
        return not takes_many(operand) and search.is_miller(operand)
    return kind is not Kind.MANY


def pair(operand: Any, element: Any, frame: Frame) -> bool:
    """Let an operand equal an element; False where it is seen at once that it does not."""
    if kind_of(operand) is Kind.TERM and is_ground(operand):
        return bool(operand == element)
    frame.equations.append((operand, element))
    return True
