"""Problems under commutative operators: a pattern's operands against a multiset.

Each answer comes once, because every choice made here can be read off the answer: which distinct operand of the
subject a pattern's operand equals, and how many copies of each a rest variable takes. Equal operands of the subject
are never told apart, nor are equal operands of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from rewriter.matching.distribution import distributions
from rewriter.matching.profile import Profile, profile_of
from rewriter.matching.protocol import (
    Operator,
    flatten,
    free_indices,
    operands_of,
    residual,
    variables_of,
)
from rewriter.matching.search import MISSING, Bindings, Choice, Equation, Frame, Problem, Search
from rewriter.matching.substitution import substitute
from rewriter.matching.variable import (
    Abstraction,
    Applied,
    IndexVariable,
    Kind,
    Rest,
    RestFunction,
    kind_of,
)

__all__ = ["Multiset", "combine", "known_operands", "pose_multiset"]

Branch = tuple[Bindings, tuple[Equation, ...], "Problem | None"]
Counts = dict[Any, int]


def pose_multiset(operator: Operator, pattern: Any, subject: Any) -> Multiset:
    """Return the problem of a commutative pattern against a subject."""
    waiting: Counts = {}
    for operand in operands_of(pattern):
        waiting[operand] = waiting.get(operand, 0) + 1
    return Multiset(operator, waiting, profile_of(operator, subject), {})


def combine(operator: Operator, elements: tuple[Any, ...], canonical: bool) -> Any:
    """Return the term of some operands: the unit for none, the operand for one."""
    if len(elements) == 1:
        return elements[0]
    if not elements:
        return operator.unit
    if canonical and operator.intern is not None:
        return operator.intern(operator, elements)
    return operator(*elements)


def takes_many(operand: Any) -> bool:
    """Whether an operand may stand for any number of operands."""
    kind = kind_of(operand)
    if kind is Kind.APPLIED:
        return isinstance(operand.function, Rest | RestFunction)
    return kind is Kind.MANY


def known_operands(
    operator: Operator, operand: Any, search: Search, bindings: Bindings
) -> tuple[Any, ...] | None:
    """Return the operands that a pattern's operand stands for, as far as it is known; None where it is not.

    Raises:
        Contradiction: where it is known and stands for no operand, or for several, but must stand for one.
    """
    kind = kind_of(operand)
    if kind is Kind.TERM:
        return None if variables_of(operand) else (operand,)
    variable = operand.function if kind is Kind.APPLIED else operand
    value = bindings.get(variable, MISSING)
    if value is MISSING:
        return None
    one = kind is Kind.ONE
    if kind is Kind.APPLIED:
        value = search.instantiated(operand, bindings)
        one = not takes_many(operand) and search.is_miller(operand)
    if not operator.associative:
        return (value,)
    parts = flatten(operator, value)
    if one and len(parts) != 1:
        raise Contradiction
    return parts


class Contradiction(Exception):
    """A pattern's operand stands for what it may not stand for."""


class Multiset:
    """Operands that wait to be matched, a subject's operands, and what was taken of these.

    For an idempotent operator nothing is used up; `taken` then holds what is covered.
    """

    __slots__ = ("operator", "profile", "taken", "waiting")

    def __init__(
        self, operator: Operator, waiting: Counts, profile: Profile, taken: Counts
    ) -> None:
        self.operator = operator
        self.waiting = waiting
        self.profile = profile
        self.taken = taken

    @property
    def solved(self) -> bool:
        """Whether no operand waits."""
        return not self.waiting

    @property
    def remaining(self) -> int:
        """How many operands of the subject are not taken."""
        return self.profile.total - sum(self.taken.values())

    def available(self, element: Any) -> int:
        """How many copies of an operand may be taken."""
        if self.operator.idempotent:
            return 1 if element in self.profile.counts else 0
        return self.profile.counts.get(element, 0) - self.taken.get(element, 0)

    def simplify(self, search: Search, frame: Frame) -> Multiset | None:
        """Take out all that is known; None where it is not there, or where the numbers do not fit."""
        result = Multiset(self.operator, {}, self.profile, dict(self.taken))
        changed = False
        try:
            for operand, count in self.waiting.items():
                parts = known_operands(self.operator, operand, search, frame.bindings)
                if parts is None:
                    result.waiting[operand] = result.waiting.get(operand, 0) + count
                    continue
                changed = True
                for part in parts:
                    if not result.take(part, count):
                        return None
        except Contradiction:
            return None
        if not changed:
            result = self
        return result if result.numbers_fit() else None

    def take(self, part: Any, count: int) -> bool:
        """Take a known operand out; it waits, where it has variables or must be split off."""
        if not variables_of(part):
            if self.operator.idempotent:
                self.taken[part] = 1
                return part in self.profile.counts
            exact = min(count, self.available(part))
            if exact > 0:
                self.taken[part] = self.taken.get(part, 0) + exact
                count -= exact
            if count and not self.profile.splitting:
                return False
        if count:
            self.waiting[part] = self.waiting.get(part, 0) + count
        return True

    def numbers_fit(self) -> bool:
        """Whether the subject's operands are neither too few nor too many."""
        least, many = 0, False
        for operand, count in self.waiting.items():
            kind = kind_of(operand)
            if self.operator.associative and (kind is Kind.MANY or kind is Kind.APPLIED):
                many = many or takes_many(operand) or kind is Kind.APPLIED
                if self.operator.unit is None:
                    least += count
            else:
                least += count
        if self.operator.idempotent:
            return many or self.remaining <= len(self.waiting)
        if self.profile.splitting:
            return bool(self.waiting) or self.remaining == 0
        return least <= self.remaining if many else least == self.remaining

    def without(self, operand: Any, count: int, element: Any) -> Multiset:
        """Return the problem that is left when copies of a pattern's operand have taken copies of an element."""
        waiting = dict(self.waiting)
        if waiting[operand] == count:
            del waiting[operand]
        else:
            waiting[operand] -= count
        taken = dict(self.taken)
        taken[element] = 1 if self.operator.idempotent else taken.get(element, 0) + count
        return Multiset(self.operator, waiting, self.profile, taken)

    def choice(self, search: Search, frame: Frame) -> Choice:
        """Return the branches of the most constrained operand."""
        stages = {operand: self.stage(operand, search) for operand in self.waiting}
        if 3 in stages.values():
            stages = {
                operand: 3 if kind_of(operand) is Kind.MANY else stage
                for operand, stage in stages.items()
            }
        stage = min(stages.values())
        if stage >= 2:
            return Choice(
                stage, len(self.profile.counts), lambda: self.distribute(stages, search, frame)
            )
        best: Choice | None = None
        for operand, count in self.waiting.items():
            if stages[operand] == stage:
                choice_of = self.choice_of_structure if stage == 0 else self.choice_of_element
                choice = choice_of(operand, count, search, frame)
                if best is None or choice.width < best.width:
                    best = choice
        assert best is not None
        return best

    def stage(self, operand: Any, search: Search) -> int:
        """Return when an operand is branched on: structures, single variables, rests, functions not yet known."""
        kind = kind_of(operand)
        if kind is Kind.TERM:
            return 0
        if kind is Kind.ONE or not self.operator.associative:
            return 1
        if kind is Kind.APPLIED:
            if not search.is_miller(operand):
                return 3
            return 2 if takes_many(operand) else 1
        return 2

    def choice_of_structure(self, operand: Any, count: int, search: Search, frame: Frame) -> Choice:
        """Return the choice between the elements that a structured operand may equal."""
        if variables_of(operand):
            found = [
                element
                for element in self.profile.candidates(operand, frame.bindings)
                if self.available(element) >= count
            ]
        else:
            found = []
        parts = list(self.splits_of(operand, search, frame)) if self.profile.splitting else []

        def branches() -> Iterator[Branch]:
            for element in found:
                yield frame.bindings, ((operand, element),), self.without(operand, count, element)
            for bindings, part, element, left in parts:
                yield bindings, (), self.split(operand, part, element, left)

        return Choice(0, len(found) + len(parts), branches)

    def splits_of(
        self, operand: Any, search: Search, frame: Frame
    ) -> Iterator[tuple[Bindings, Any, Any, Any]]:
        """Yield the ways in which an operand, known up to indices, may be taken out of an element."""
        for element in self.profile.splitting:
            if self.available(element) < 1:
                continue
            for bindings in index_bindings(operand, element, search, frame.bindings):
                part = substitute(operand, bindings)
                left = residual(self.operator, element, part)
                if left is not None:
                    search.splitting = True
                    yield bindings, part, element, left

    def split(self, operand: Any, part: Any, element: Any, left: Any) -> Multiset:
        """Return the problem that is left when one copy of an operand was taken out of an element."""
        remaining = []
        for each in self.profile.counts:
            remaining.extend([each] * (self.available(each) - (each == element)))
        waiting = dict(self.waiting)
        waiting[operand] -= 1
        if not waiting[operand]:
            del waiting[operand]
        profile = Profile(
            self.operator, (*remaining, *flatten(self.operator, left)), canonical=False
        )
        return Multiset(self.operator, waiting, profile, {})

    def choice_of_element(self, operand: Any, count: int, search: Search, frame: Frame) -> Choice:
        """Return the choice between the elements that a variable may stand for."""
        found = [element for element in self.profile.counts if self.available(element) >= count]

        def branches() -> Iterator[Branch]:
            for element in found:
                yield frame.bindings, ((operand, element),), self.without(operand, count, element)

        return Choice(1, len(found), branches)

    def distribute(self, stages: dict[Any, int], search: Search, frame: Frame) -> Iterator[Branch]:
        """Yield the ways to deal what is left to the rest variables."""
        rests = [
            (operand, count) for operand, count in self.waiting.items() if stages[operand] == 2
        ]
        if not rests:
            raise search.undetermined(
                next(each for each in self.waiting if kind_of(each) is Kind.APPLIED)
            )
        if len(rests) < len(self.waiting) or len({function_of(each) for each, _ in rests}) < len(
            rests
        ):
            yield from self.deal_to_one(*rests[0], search, frame)
            return
        elements = [
            (each, self.available(each)) for each in self.profile.counts if self.available(each)
        ]
        takers = [[self.may_take(rest, each, search) for rest, _ in rests] for each, _ in elements]
        required = self.operator.unit is None
        multiplicities = tuple(count for _, count in rests)
        covered = [each in self.taken for each, _ in elements] if self.operator.idempotent else None
        for parts in distributions(elements, takers, multiplicities, required, covered):
            bindings = dict(frame.bindings)
            for (rest, _), part in zip(rests, parts, strict=True):
                value = self.value_of(rest, part, search)
                if value is MISSING:
                    break
                bindings[function_of(rest)] = value
            else:
                yield bindings, (), None

    def deal_to_one(self, rest: Any, count: int, search: Search, frame: Frame) -> Iterator[Branch]:
        """Yield the ways to deal to one rest variable while others wait for what it stands for."""
        elements = [
            each
            for each in self.profile.counts
            if self.available(each) and self.may_take(rest, each, search)
        ]
        ranges = [range(self.available(each) // count + 1) for each in elements]
        if self.operator.idempotent:
            ranges = [range(2) for _ in elements]
        for numbers in product(*ranges):
            search.budget.spend(search.culprit)
            part = tuple(
                each for each, number in zip(elements, numbers, strict=True) for _ in range(number)
            )
            if not part and self.operator.unit is None:
                continue
            value = self.value_of(rest, part, search)
            if value is not MISSING:
                bindings = dict(frame.bindings)
                bindings[function_of(rest)] = value
                yield bindings, (), self

    def may_take(self, rest: Any, element: Any, search: Search) -> bool:
        """Whether an element is in a rest variable's scope."""
        return search.in_scope(element, rest.arguments if kind_of(rest) is Kind.APPLIED else ())

    def value_of(self, rest: Any, part: tuple[Any, ...], search: Search) -> Any:
        """Return what a rest variable stands for; MISSING where its guard says no."""
        value = combine(self.operator, part, self.profile.canonical)
        if kind_of(rest) is Kind.APPLIED:
            value = Abstraction(rest.arguments, value)
        return value if search.accepts(function_of(rest), value) else MISSING


def function_of(operand: Any) -> Any:
    """Return the variable that an operand of a pattern binds."""
    return operand.function if isinstance(operand, Applied) else operand


def index_bindings(
    operand: Any, element: Any, search: Search, bindings: Bindings
) -> Iterator[Bindings]:
    """Yield the ways to choose a pattern's unknown index variables among an element's free indices.

    Nothing is yielded where the pattern has unknown variables of another kind.
    """
    unknown = sorted((each for each in variables_of(operand) if each not in bindings), key=str)
    if not all(isinstance(each, IndexVariable) for each in unknown):
        return
    indices = sorted(
        free_indices(element) - search.opened, key=lambda index: (index.name, index.number)
    )
    for values in product(indices, repeat=len(unknown)):
        chosen: Mapping[Any, Any] = dict(zip(unknown, values, strict=True))
        if all(search.accepts(variable, value) for variable, value in chosen.items()):
            yield {**bindings, **chosen}
