"""Problems under commutative operators: a pattern's operands against a multiset.

Each answer comes once, because every choice made here can be read off the answer: which distinct
operand of the subject a pattern's operand equals, and how many copies of each a rest takes. Equal
operands of the subject are never told apart, nor are equal operands of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any

from rewriter.matching.assignment import assignments
from rewriter.matching.joins import Join, joins_of
from rewriter.matching.operands import (
    Contradiction,
    function_of,
    known_operands,
    takes_many,
)
from rewriter.matching.profile import Profile, profile_of
from rewriter.matching.protocol import Operator, flatten, is_ground, operator_of, variables_of
from rewriter.matching.rests import deal_to_all, deal_to_one
from rewriter.matching.search import (
    Bindings,
    Branch,
    Choice,
    Frame,
    Search,
    Stage,
)
from rewriter.matching.splitting import Split, splits_of
from rewriter.matching.variable import IndexVariable, Kind, kind_of
from rewriter.matching.waiting import Counts, Waiting, stage_of, waiting_of

__all__ = ["Multiset", "pose_multiset"]

LATER = 1 << 30  # the width of a choice that is better made when other operands are known
FEW = 8  # so many candidates are looked at one by one, to count those still available


def pose_multiset(operator: Operator, pattern: Any, subject: Any) -> Multiset:
    """Return the problem of a commutative pattern against a subject."""
    profile = profile_of(operator, subject)
    apart = operator.idempotent or bool(profile.splitting)
    joins = () if apart else joins_of(pattern)
    return Multiset(operator, waiting_of(operator, pattern), profile, {}, joins)


class Multiset:
    """Operands that wait to be matched, a subject's operands, and what was taken of these.

    Of an idempotent operator's operands nothing is used up; `taken` then holds what is covered.
    """

    __slots__ = ("fits", "joins", "operator", "profile", "taken", "waiting")

    def __init__(
        self,
        operator: Operator,
        waiting: Waiting,
        profile: Profile,
        taken: Counts,
        joins: tuple[Join, ...] = (),
    ) -> None:
        self.operator = operator
        self.waiting = waiting
        self.profile = profile
        self.taken = taken
        self.joins = joins
        self.fits = False  # whether the numbers are known to fit

    @property
    def solved(self) -> bool:
        """Whether no operand waits."""
        return not self.waiting.counts

    @property
    def watched(self) -> tuple[Any, ...]:
        """The variables among the operands that wait."""
        return self.waiting.watched

    @property
    def forced(self) -> bool:
        """Whether one rest variable is left."""
        return len(self.waiting.rests) == 1 and not self.operator.idempotent

    def conclude(self, search: Search, frame: Frame) -> bool:
        """Let the one rest variable that is left take all that is left."""
        for bindings in deal_to_all(self, *self.remaining(), self.waiting.rests, search, {}):
            frame.bindings.update(bindings)
            return True
        return False

    def available(self, element: Any) -> int:
        """How many copies of an element may be taken."""
        if self.operator.idempotent:
            return 1 if element in self.profile.counts else 0
        return self.profile.counts.get(element, 0) - self.taken.get(element, 0)

    def remaining(self) -> tuple[tuple[Any, ...], tuple[int, ...]]:
        """Return the elements that are left and how often; of an idempotent operator, all."""
        profile = self.profile
        if not self.taken or self.operator.idempotent:
            return profile.distinct, profile.numbers
        left = list(profile.numbers)
        for element, count in self.taken.items():
            left[profile.places[element]] -= count
        return tuple(compress(profile.distinct, left)), tuple(filter(None, left))

    def simplify(self, search: Search, frame: Frame) -> Multiset | None:
        """Take out all that is known; None where it is missing or the numbers do not fit."""
        bindings = frame.bindings
        if not self.waiting.ground and not any(each in bindings for each in self.waiting.watched):
            return self if self.fits or self.numbers_fit() else None
        waiting = self.waiting
        taken = dict(self.taken)
        added: Counts = {}
        try:
            for operand, count in self.waiting.counts.items():
                parts = known_operands(self.operator, operand, search, bindings)
                if parts is None:
                    continue
                waiting = waiting.without(operand)
                for part in parts:
                    if not self.take(part, count, added, taken):
                        return None
        except Contradiction:
            return None
        waiting = waiting.with_operands(added) if added else waiting
        result = Multiset(self.operator, waiting, self.profile, taken, self.joins)
        if not result.numbers_fit():
            return None
        return result if waiting.sole is None else result.with_one_left(frame)

    def with_one_left(self, frame: Frame) -> Multiset:
        """Let the one variable that waits stand for the one element that is left, if one is."""
        names, counts = self.remaining()
        sole = self.waiting.sole
        count = self.waiting.counts[sole]
        if counts != (count,) or self.operator.idempotent:
            return self
        frame.equations.append((sole, names[0]))
        return self.without(sole, count, names[0])

    def take(self, part: Any, count: int, added: Counts, taken: Counts) -> bool:
        """Take a known operand out; it waits, where it has variables or must be split off."""
        if is_ground(part):
            if self.operator.idempotent:
                taken[part] = 1
                return part in self.profile.counts
            exact = min(count, self.profile.counts.get(part, 0) - taken.get(part, 0))
            if exact > 0:
                taken[part] = taken.get(part, 0) + exact
                count -= exact
            if count and not self.profile.splitting:
                return False
        if count:
            added[part] = added.get(part, 0) + count
        return True

    def numbers_fit(self) -> bool:
        """Whether the elements that are left are neither too few nor too many."""
        waiting, profile = self.waiting, self.profile
        remaining = profile.total - (sum(self.taken.values()) if self.taken else 0)
        if self.operator.idempotent:
            return waiting.many or remaining <= len(waiting.counts)
        if waiting.structured and profile.splitting:
            return True
        return waiting.least <= remaining if waiting.many else waiting.least == remaining

    def without(self, operand: Any, count: int, element: Any) -> Multiset:
        """Return what is left when copies of an operand have taken copies of an element."""
        taken = dict(self.taken)
        taken[element] = 1 if self.operator.idempotent else taken.get(element, 0) + count
        waiting = self.waiting.without(operand)
        left = Multiset(self.operator, waiting, self.profile, taken, self.joins)
        counted = not (self.operator.idempotent or self.profile.splitting)
        left.fits = counted and kind_of(operand) is not Kind.APPLIED
        return left

    def after(self, operand: Any, split: Split) -> Multiset:
        """Return what is left when one copy of an operand was taken out of an element."""
        elements: list[Any] = []
        for each, count in zip(*self.remaining(), strict=True):
            elements.extend([each] * (count - (each == split.element)))
        elements.extend(flatten(self.operator, split.left))
        waiting = dict(self.waiting.counts)
        waiting[operand] -= 1
        if not waiting[operand]:
            del waiting[operand]
        profile = Profile(self.operator, elements, False)
        return Multiset(self.operator, Waiting(self.operator, waiting), profile, {})

    def choice(self, search: Search, frame: Frame) -> Choice:
        """Return the branches of the most constrained operand."""
        if self.waiting.rests:
            width = len(self.profile.distinct)
            return Choice(Stage.MANY, width, self.deal_all(search, frame))
        best = self.join(frame.bindings)
        if best is None and self.is_last_and_plain(frame):
            return Choice(Stage.ONE, len(self.profile.distinct), self.assign_all(search, frame))
        stages = self.waiting.stages or self.stages(search)
        for operand, stage in stages.items():
            if best is not None and best.width <= 1:
                break
            if stage > Stage.ONE:
                continue
            choice = self.choice_of(operand, stage is Stage.STRUCTURE, search, frame)
            if best is None or choice.rank < best.rank:
                best = choice
        if best is not None:
            return best
        width = len(self.profile.distinct)
        return Choice(min(stages.values()), width, self.deal(stages, search, frame))

    def is_last_and_plain(self, frame: Frame) -> bool:
        """Whether only this problem is left, and in it only variables, some of them for one
        operand.
        """
        if len(frame.problems) > 1 or frame.forced or self.operator.idempotent:
            return False
        return self.waiting.plain

    def assign_all(self, search: Search, frame: Frame) -> Iterator[Branch]:
        """Yield the answers where only variables are left."""
        waiting = self.waiting.counts.items()
        variables = [each for each in waiting if kind_of(each[0]) is Kind.ONE]
        rests = tuple([each for each in waiting if kind_of(each[0]) is Kind.MANY])
        variables.sort(key=lambda each: -each[1])
        names, counts = self.remaining()
        for found, left in assignments(variables, names, counts, search):
            bindings = {**frame.bindings, **found}
            if not rests:
                yield bindings, (), None
                continue
            parts = tuple(compress(names, left)), tuple(filter(None, left))
            for dealt in deal_to_all(self, *parts, rests, search, bindings):
                yield dealt, (), None

    def join(self, known: Bindings) -> Choice | None:
        """Return the choice of what a variable stands for that several operands share."""
        for variable, operator, place, times in self.joins:
            if variable not in known:
                values = self.profile.shared(operator, place, times)
                if values is not None:
                    branches = ((known, ((variable, value),), self) for value in values)
                    return Choice(Stage.ONE, len(values), branches)
        return None

    def stages(self, search: Search) -> dict[Any, Stage]:
        """Return when each operand is branched on; rests wait for functions that are stuck."""
        kinds = {operand: kind_of(operand) for operand in self.waiting.counts}
        stages = {operand: self.stage(operand, kind, search) for operand, kind in kinds.items()}
        if max(stages.values()) is Stage.STUCK:
            many = (operand for operand, kind in kinds.items() if kind is Kind.MANY)
            stages.update(dict.fromkeys(many, Stage.STUCK))
        return stages

    def stage(self, operand: Any, kind: Kind, search: Search) -> Stage:
        """Return when an operand is branched on."""
        if kind is not Kind.APPLIED or not self.operator.associative:
            return stage_of(kind, self.operator)
        if not search.is_miller(operand):
            return Stage.STUCK
        return Stage.MANY if takes_many(operand) else Stage.ONE

    def choice_of(self, operand: Any, structured: bool, search: Search, frame: Frame) -> Choice:
        """Return the choice between the elements that an operand may equal."""
        count = self.waiting.counts[operand]
        found = self.candidates(operand, count, structured, frame.bindings)
        splits: list[Split] = []
        if structured and self.profile.splitting:
            elements = [each for each in self.profile.splitting if self.available(each) > 0]
            splits.extend(splits_of(self.operator, operand, elements, search, frame.bindings))
        stage = Stage.STRUCTURE if structured else Stage.ONE
        width = len(found) + len(splits)
        if structured and self.may_split_later(operand, frame.bindings):
            stage, width = Stage.ONE, LATER
        branches = self.branches(operand, count, found, splits, frame.bindings)
        return Choice(stage, width, branches)

    def may_split_later(self, operand: Any, known: Bindings) -> bool:
        """Whether an operand could be a part of an element once its variables are known.

        ``exp(u)`` is a part of ``exp(2·x)`` where another operand says that u is x: that one goes
        first.
        """
        root = operator_of(operand)
        if not any(operator_of(each) is root for each in self.profile.splitting):
            return False
        unknown = variables_of(operand).difference(known)
        return any(not isinstance(each, IndexVariable) for each in unknown)

    def branches(
        self, operand: Any, count: int, found: Sequence[Any], splits: list[Split], known: Bindings
    ) -> Iterator[Branch]:
        """Yield what follows from each element that an operand may equal or be taken out of."""
        for element in found:
            if self.available(element) >= count:
                yield known, ((operand, element),), self.without(operand, count, element)
        for split in splits:
            yield split.bindings, (), self.after(operand, split)

    def candidates(
        self, operand: Any, count: int, structured: bool, known: Bindings
    ) -> Sequence[Any]:
        """Return the elements that an operand may equal; where these are few, those available."""
        if not structured:
            found: Sequence[Any] = self.profile.distinct
        elif not is_ground(operand):
            found = self.profile.candidates(operand, known)
        else:
            return ()
        if count == 1 and len(found) > FEW:
            return found
        return [element for element in found if self.available(element) >= count]

    def deal_all(self, search: Search, frame: Frame) -> Iterator[Branch]:
        """Yield the ways to deal what is left where only rest variables wait."""
        parts, rests = self.remaining(), self.waiting.rests
        return ((b, (), None) for b in deal_to_all(self, *parts, rests, search, frame.bindings))

    def deal(self, stages: dict[Any, Stage], search: Search, frame: Frame) -> Iterator[Branch]:
        """Yield the ways to deal what is left where functions for several operands wait too."""
        waiting = self.waiting.counts
        rests = tuple([each for each in waiting.items() if stages[each[0]] is Stage.MANY])
        if not rests:
            applied = [operand for operand in waiting if kind_of(operand) is Kind.APPLIED]
            raise search.undetermined(applied[0])
        functions = {function_of(operand) for operand, _ in rests}
        if len(rests) < len(waiting) or len(functions) < len(rests):
            for bindings in deal_to_one(self, *rests[0], search, frame.bindings):
                yield bindings, (), self
        else:
            for bindings in deal_to_all(self, *self.remaining(), rests, search, frame.bindings):
                yield bindings, (), None
