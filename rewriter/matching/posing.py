"""Which problem a pattern poses against a subject: a multiset, a sequence, or one to be put off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rewriter.matching.multiset import pose_multiset
from rewriter.matching.protocol import Operator
from rewriter.matching.search import Branch, Choice, Frame, Problem, Search, Stage
from rewriter.matching.sequence import pose_sequence
from rewriter.matching.variable import Applied

__all__ = ["Deferred", "pose"]


def pose(operator: Operator, pattern: Any, subject: Any) -> Problem:
    """Return the problem that a pattern under an equational operator poses against a subject."""
    return (pose_multiset if operator.commutative else pose_sequence)(operator, pattern, subject)


class Deferred:
    """An applied function that cannot be solved before the function is known, against a subject."""

    __slots__ = ("applied", "subject")

    solved = False
    forced = False

    def __init__(self, applied: Applied, subject: Any) -> None:
        self.applied = applied
        self.subject = subject

    @property
    def watched(self) -> tuple[Any, ...]:
        """The function."""
        return (self.applied.function,)

    def simplify(self, search: Search, frame: Frame) -> Problem | None:
        """Equate what the function makes of its arguments, once it is known."""
        if self.applied.function not in frame.bindings:
            return self
        frame.equations.append((search.instantiated(self.applied, frame.bindings), self.subject))
        return SOLVED

    def conclude(self, search: Search, frame: Frame) -> bool:
        """Never asked for: no choice is forced."""
        raise search.undetermined(self.applied)

    def choice(self, search: Search, frame: Frame) -> Choice:
        """Return the last choice of all, which is to give up."""
        return Choice(Stage.STUCK, 0, self.give_up(search))

    def give_up(self, search: Search) -> Iterator[Branch]:
        """Raise: nothing determines the function."""
        raise search.undetermined(self.applied)
        yield


class Solved(Deferred):
    """A problem with nothing left to decide."""

    __slots__ = ()

    solved = True

    def __init__(self) -> None:
        super().__init__(None, None)  # type: ignore[arg-type]


SOLVED = Solved()
