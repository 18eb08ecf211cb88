"""Ball arithmetic at hostile floats: definedness, signs, branches, and equality.

What is found here is a refutation with its numbers: two balls that do not meet hold two numbers
that differ. That no failure is found is evidence, not proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from rewriter.checking.critical import CriticalPlaces
from rewriter.checking.deciders import LawDeciders
from rewriter.checking.definedness import strictly_defined
from rewriter.checking.elaboration import Law, Sides, Sizes
from rewriter.checking.evaluation import (
    PRECISIONS,
    at_each_point,
    balls_at,
    is_tight,
    kind_of,
    text_of,
)
from rewriter.checking.points import (
    Points,
    Values,
    count_of,
    larger_sizes,
    numbers_of_copies,
    size_choices,
    slices,
)
from rewriter.errors import EvaluationError
from rewriter.facts.verdict import PROVED
from rewriter.lowering.exact_backend.element import PrecisionNeeded
from rewriter.terms.algebra import number
from rewriter.terms.views import view

Array = np.ndarray[Any, Any]
NOTHING = -2.5
"""What the maximum of no places is taken for besides 0."""
MORE_BITS = 2048


@dataclass(frozen=True)
class Failure:
    """A point at which a law fails.

    Attributes:
        sizes: the sizes.
        values: the point, each array with a leading axis of 1.
        reason: "the sides differ", "the right side is not defined" or "the left side is not
            defined, the right side is".
        left, right: what the sides are worth there, as text.
        examiner: who found it.
    """

    sizes: Mapping[str, int]
    values: Values
    reason: str
    left: str
    right: str
    examiner: Examiner


@dataclass
class Report:
    """What a number of points showed.

    Attributes:
        failures: those found.
        agreed: points at which both sides are the same number.
        undefined: points at which the left side is no number.
        outside: points at which a condition does not hold.
        open: points that the balls did not settle.
    """

    failures: list[Failure] = field(default_factory=list)
    agreed: int = 0
    undefined: int = 0
    outside: int = 0
    open: int = 0

    def add(self, other: Report) -> None:
        """Take in what other points showed."""
        self.failures += other.failures
        self.agreed += other.agreed
        self.undefined += other.undefined
        self.outside += other.outside
        self.open += other.open


class Examiner:
    """Tries a law at points.

    Args:
        law: the law.
        without: the place of a condition that is left out.
        nothing: what the maximum of no places is taken for, on the right side.
        bits: of the balls.
        copies: how many equal places the first one of every size stands for.
    """

    def __init__(
        self, law: Law, without: int | None = None, nothing: float = 0.0,
        bits: int = PRECISIONS[0], copies: int = 1,
    ) -> None:  # fmt: skip
        self.law, self.without, self.nothing = law, without, nothing
        self.bits, self.copies = bits, copies

    def sides(self, sizes: Sizes, points: int | None = None) -> Sides:
        """Return the law written out as it is tried here."""
        return self.law.graphs(sizes, points, self.nothing, self.copies)

    def examine(self, sizes: Sizes, values: Values) -> Report:
        """Return what the points show; each array of ``values`` has a leading axis of points."""
        total = Report()
        for report in self.reports(sizes, values):
            total.add(report)
        return total

    def reports(self, sizes: Sizes, values: Values) -> list[Report]:
        """Return what each of the points shows."""
        count = count_of(values)
        sides = self.sides(sizes, count)
        conditions = self._conditions(sides)
        graph = sides.graph(sides.left, sides.right, *conditions)
        inside = self.admits(values, count)
        try:
            found = balls_at(graph, list(values.values()), self.bits)
        except (PrecisionNeeded, EvaluationError, OverflowError):
            return [
                self._alone(sizes, slices(values, k)) if inside[k] else Report(outside=1)
                for k in range(count)
            ]
        left, right = points_first(found[0], found[1], count)
        for array in found[2:]:
            inside &= _all_places(array, count)
        return [
            self._point(sizes, slices(values, k), left[k], right[k])
            if inside[k]
            else Report(outside=1)
            for k in range(count)
        ]

    def _conditions(self, sides: Sides) -> list[Any]:
        kept = [c for k, c in enumerate(sides.conditions) if k != self.without and c is not None]
        return kept + list(sides.supports)

    def admits(self, values: Values, count: int) -> Array:
        """Tell of each point whether annotations hold, and conditions of the user's own."""
        inside = np.ones(count, bool)
        for place, one in enumerate(self.law.inputs):
            if one.positive:
                inside &= _all_places(values[self.law.inputs[place].name] > 0, count)
        for place, condition in enumerate(self.law.conditions):
            if place == self.without or condition.expression is not None:
                continue
            for k in range(count):
                inside[k] &= self._asks(condition, values, k)
        return inside

    def _asks(self, condition: Any, values: Values, k: int) -> bool:
        substitution = {
            variable: view(number(Fraction(float(values[one.name][k]))))
            for variable, one in zip(self.law.variables, self.law.inputs, strict=True)
            if not one.places
        }
        return condition.check(substitution).answer is PROVED

    def _alone(self, sizes: Sizes, values: Values) -> Report:
        sides = self.sides(sizes, 1)
        graph = sides.graph(sides.left, sides.right, *self._conditions(sides))
        found = at_each_point(graph, list(values.values()), first=self.bits)
        if found is None:
            return Report(open=1)
        if not all(array.all() for array in found[2:]):
            return Report(outside=1)
        left, right = points_first(found[0], found[1], 1)
        return self._point(sizes, values, left[0], right[0], True)

    def _point(
        self, sizes: Sizes, values: Values, left: Array, right: Array, last: bool = False
    ) -> Report:
        pairs = list(zip(left.ravel().tolist(), right.ravel().tolist(), strict=True))
        if any(x is None or not is_tight(x) for pair in pairs for x in pair):
            return Report(open=1) if last else self._alone(sizes, values)
        defined = False
        for one, other in pairs:
            reason = compare(one, other)
            defined |= kind_of(one) == "number"
            if reason and self._owed(sizes, values, reason):
                shown = (text_of(one), text_of(other))
                return Report([Failure(dict(sizes), values, reason, *shown, self)])
        return Report(agreed=1) if defined or not pairs else Report(undefined=1)

    def _owed(self, sizes: Sizes, values: Values, reason: str) -> bool:
        """A left side with an infinity inside is no number, whatever comes out of it."""
        if reason == UNDEFINED_LEFT:
            return not (self.law.maximum_on_the_left and 0 in sizes.values())
        if self.law.maximum_on_the_left and 0 in sizes.values():
            return False
        sides = self.sides(sizes, 1)
        return strictly_defined(sides.inputs, sides.left, list(values.values()))


DIFFERENT = "the sides differ"
UNDEFINED_RIGHT = "the right side is not defined, the left side is"
UNDEFINED_LEFT = "the left side is not defined, the right side is"


def compare(left: Any, right: Any) -> str:
    """Say how two balls, each tight, stand for different things; empty where they do not."""
    if kind_of(left) != "number":
        return UNDEFINED_LEFT if kind_of(right) == "number" else ""
    if kind_of(right) != "number":
        return UNDEFINED_RIGHT
    return "" if left.overlaps(right) else DIFFERENT


def points_first(left: Array, right: Array, count: int) -> tuple[Array, Array]:
    """Broadcast two sides to one shape: a row of its elements for each point."""
    both = np.broadcast_arrays(left, right) if left.shape != right.shape else (left, right)
    if both[0].ndim == 0 or both[0].shape[0] != count:
        both = tuple(np.broadcast_to(side, (count, *side.shape[1:])) for side in both)
    return both[0].reshape(count, -1), both[1].reshape(count, -1)


def _all_places(array: Array, count: int) -> Array:
    if array.ndim == 0 or array.shape[0] != count:
        array = np.broadcast_to(array, (count, *array.shape[1:]))
    return np.asarray(array.reshape(count, -1).all(axis=1))


def searches(law: Law, without: int | None = None, seed: int = 0) -> Iterator[Report]:
    """Yield what batches of points show, the simplest points first."""
    points, examiner = Points(law, seed, without), Examiner(law, without)
    choices = list(size_choices(law))
    plan = [(sizes, "tame") for sizes in choices] + [
        (sizes, regime) for regime in ("ordinary", "wild", "written") for sizes in choices
    ]
    for sizes, regime in plan:
        empty = 0 in sizes.values()
        if empty and regime != "ordinary":
            continue
        count = 8 if empty or max(sizes.values(), default=0) > 3 else (160 if not sizes else 48)
        yield examiner.examine(sizes, points.draw(sizes, count, regime))
    yield from _of_nothing(law, without, points)
    yield from _beside_critical_places(law, without, points)
    for sizes in larger_sizes(law):
        yield examiner.examine(sizes, points.draw(sizes, 4, "tame"))
    yield from _of_many_places(law, without, points)


def _of_many_places(law: Law, without: int | None, points: Points) -> Iterator[Report]:
    """A law may hold up to some number of places, or at some: the first stands for many."""
    for copies in numbers_of_copies(law):
        examiner = Examiner(law, without, copies=copies)
        for size in (1, 2):
            sizes = dict.fromkeys(law.size_names, size)
            yield examiner.examine(sizes, points.draw(sizes, 4, "tame"))


def _of_nothing(law: Law, without: int | None, points: Points) -> Iterator[Report]:
    """The maximum of no places may be any number: another than 0 is tried."""
    if not law.maximum_on_the_right or law.maximum_on_the_left:
        return
    examiner = Examiner(law, without, NOTHING)
    for sizes in size_choices(law):
        yield examiner.examine(sizes, points.draw(sizes, 8, "tame"))


def _beside_critical_places(law: Law, without: int | None, points: Points) -> Iterator[Report]:
    examiner = Examiner(law, without)
    for size in (1, 2) if law.size_names else (1,):
        sizes = dict.fromkeys(law.size_names, size)
        subject = LawDeciders(law, points, sizes)
        for rows in CriticalPlaces(subject, points.rng).rounds():
            yield examiner.examine(sizes, subject.values(rows))


def searches_with_more_bits(law: Law) -> Iterator[Report]:
    """Yield what batches of points show in balls that tell 1 + 1e-600 from 1."""
    points, examiner = Points(law, seed=11), Examiner(law, bits=MORE_BITS)
    for sizes in size_choices(law):
        for regime in ("tame", "ordinary"):
            yield examiner.examine(sizes, points.draw(sizes, 16, regime))
