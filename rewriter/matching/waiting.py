"""The operands of a pattern that wait to be matched, and what follows from these alone.

What is asked of them at every step of a search (which variables decide something, how many operands
they take at least, when each is branched on) is worked out once; for the operands that a pattern
begins with, once for all subjects.

>>> from rewriter.matching import Operator, constants, rest, variables
>>> (a,), (x,), r = constants("a"), variables("x"), rest("r")
>>> plus = Operator("plus", associative=True, commutative=True)
>>> waiting = waiting_of(plus, plus(x, x, r))
>>> waiting.counts, waiting.least, waiting.many, waiting.watched
({r: 1, x: 2}, 3, True, (r, x))
"""

from __future__ import annotations

from typing import Any

from rewriter.matching.operands import function_of
from rewriter.matching.protocol import Operator, is_ground, operands_of
from rewriter.matching.remembering import Memory
from rewriter.matching.search import Stage
from rewriter.matching.variable import Kind, kind_of

__all__ = ["Counts", "Waiting", "stage_of", "waiting_of"]

Counts = dict[Any, int]
FEW = 8
"""What waits is remembered for each choice among so many operands: at most 2^8 of them."""


class Waiting:
    """Operands under a commutative operator, each with how many copies of it wait.

    Args:
        operator: the operator.
        counts: how many copies of each operand; not altered afterwards.

    Attributes:
        watched: the variables whose values would decide something.
        least: how many operands of a subject they take at least.
        many: whether they may take more.
        structured: whether one of them is no variable.
        ground: whether one of them has no variables.
        plain: whether they are variables, some of them for one operand.
        rests: they with their counts, where each is a variable for several operands; else none.
        sole: the one operand that waits, where it is a variable for one operand; else None.
        stages: when each is branched on; None where that depends on what the search has opened.
    """

    __slots__ = (
        "_without", "counts", "ground", "least", "many", "operator", "plain", "rests", "sole",
        "stages", "structured", "watched",
    )  # fmt: skip

    def __init__(self, operator: Operator, counts: Counts) -> None:
        self.operator = operator
        self.counts = counts
        self._without: dict[Any, Waiting] = {}
        kinds = {operand: kind_of(operand) for operand in counts}
        several = (Kind.MANY, Kind.APPLIED) if operator.associative else ()
        self.watched = tuple(
            function_of(operand) for operand, kind in kinds.items() if kind is not Kind.TERM
        )
        self.least = sum(
            count
            for operand, count in counts.items()
            if operator.unit is None or kinds[operand] not in several
        )
        met = set(kinds.values())
        self.many = not met.isdisjoint(several)
        self.structured = Kind.TERM in met or Kind.APPLIED in met
        self.ground = Kind.TERM in met and any(map(is_ground, counts))
        self.plain = operator.associative and Kind.ONE in met and met <= {Kind.ONE, Kind.MANY}
        only_rests = operator.associative and met == {Kind.MANY}
        self.rests = tuple(counts.items()) if only_rests else ()
        self.sole = next(iter(counts)) if len(counts) == 1 and met == {Kind.ONE} else None
        self.stages: dict[Any, Stage] | None = None
        if Kind.APPLIED not in met:
            self.stages = {operand: stage_of(kind, operator) for operand, kind in kinds.items()}

    def without(self, operand: Any) -> Waiting:
        """Return what waits when an operand does no longer; where few do, it is worked out once."""
        found = self._without.get(operand)
        if found is None:
            counts = {each: count for each, count in self.counts.items() if each is not operand}
            found = Waiting(self.operator, counts)
            if len(self.counts) <= FEW:
                self._without[operand] = found
        return found

    def with_operands(self, added: Counts) -> Waiting:
        """Return what waits when more copies of operands do."""
        counts = dict(self.counts)
        for operand, count in added.items():
            counts[operand] = counts.get(operand, 0) + count
        return Waiting(self.operator, counts)


def stage_of(kind: Kind, operator: Operator) -> Stage:
    """Return when an operand that is no applied function is branched on."""
    if kind is Kind.TERM:
        return Stage.STRUCTURE
    return Stage.MANY if kind is Kind.MANY and operator.associative else Stage.ONE


_waiting: Memory[Waiting] = Memory()


def waiting_of(operator: Operator, pattern: Any) -> Waiting:
    """Return what waits where a pattern under a commutative operator meets a subject."""

    def count(pattern: Any) -> Waiting:
        """Return the operands of a pattern, counted."""
        counts: Counts = {}
        for operand in operands_of(pattern):
            counts[operand] = counts.get(operand, 0) + 1
        return Waiting(operator, counts)

    return _waiting.recall(pattern, count)
