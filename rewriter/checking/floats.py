"""The float claim: how many bits each side loses, in float64, against the truth in balls.

Every rewrite is worse than what it replaces somewhere (``log x + log y`` where x·y is near 1) and
better elsewhere (where x·y overflows); that is a trade, and is reported as one. A law falls where
its right side loses digits at many everyday numbers and gains none anywhere: ``log(1 + x)`` for
``log1p(x)``. Numbers that are chosen to cancel, or do so by chance, are not everyday ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rewriter.checking.balls import Examiner, points_first
from rewriter.checking.elaboration import Law
from rewriter.checking.evaluation import at_each_point, balls_at, is_tight, kind_of, text_of
from rewriter.checking.points import Points, Values, count_of, slices
from rewriter.errors import EvaluationError
from rewriter.graph.graph import Graph
from rewriter.lowering.accuracy import bits_of_error
from rewriter.lowering.compile import compile as lower
from rewriter.lowering.exact_backend.element import PrecisionNeeded

Array = np.ndarray[Any, Any]
Pair = tuple[Array, Array]
Errors = tuple[float, float, list[str]]
EACH = 60
"""Points of each regime."""
LOSS = 16.0
"""Bits more than the left side loses, from which on digits are lost."""
TOTAL = 40.0
"""Bits from which on a loss at one everyday point is enough: hardly a digit is left."""
FEWEST_LOSSES, LOSSES = 3, 0.03
"""Everyday points, and their share, at which fewer must be lost: ``x² − 2xy + y²`` for ``(x − y)²``
loses them where x and y are near one another, and that is rare."""
GAIN = 5.0
"""Bits less than the left side loses, from which on digits are gained."""


@dataclass(frozen=True)
class Loss:
    """A point at which the right side is worse than the left."""

    sizes: dict[str, int]
    values: Values
    left: str
    right: str


@dataclass(frozen=True)
class Claim:
    """How the two sides compare.

    Attributes:
        points: points compared.
        worst: the most bits by which the right side is worse.
        best: the most bits by which it is better.
        loss: the everyday point with the largest loss where digits are lost and none gained.
    """

    points: int
    worst: float
    best: float
    loss: Loss | None

    def __str__(self) -> str:
        return (
            f"{self.points} points: the right side is at most {_bits(self.worst)} worse, "
            f"at most {_bits(self.best)} better"
        )


def _bits(value: float) -> str:
    return f"{value:.0f} bits" if np.isfinite(value) else "all bits"


def claim(law: Law, seed: int = 1) -> Claim:
    """Compare the sides of a law in float64."""
    count, worst, best, worst_everyday = 0, 0.0, 0.0, 0.0
    everyday_points, losses = 0, 0
    loss: Loss | None = None
    for sizes, values, everyday, found in _compared(law, seed):
        count += 1
        left, right, shown = found
        gap = 0.0 if left == right else right - left
        worst, best = max(worst, gap), max(best, -gap)
        everyday_points += everyday
        losses += everyday and gap > LOSS
        if everyday and gap > max(worst_everyday, LOSS):
            worst_everyday, loss = gap, Loss(sizes, values, *shown)
    rare = worst_everyday < TOTAL and losses < max(FEWEST_LOSSES, LOSSES * everyday_points)
    return Claim(count, worst, best, None if rare or best > GAIN else loss)


def _compared(law: Law, seed: int) -> Iterator[tuple[dict[str, int], Values, bool, Errors]]:
    """Points at which the sides agree, whether each is an everyday one, and the errors there."""
    points, examiner = Points(law, seed), Examiner(law)
    sizes = dict.fromkeys(law.size_names, 2)
    for regime in ("moderate", "everyday", "near", "wild"):
        drawn = points.draw(sizes, EACH, regime)
        reports = examiner.reports(sizes, drawn)
        for place, found in enumerate(_errors(law, sizes, drawn)):
            if found is not None and reports[place].agreed:
                yield sizes, slices(drawn, place), regime != "wild", found


def _errors(law: Law, sizes: dict[str, int], values: Values) -> list[Errors | None]:
    """Return for each point the bits that both sides lose, and both as text.

    None where a side is no number over the reals, or none that a float64 holds.
    """
    count = count_of(values)
    sides = law.graphs(sizes, count)
    graph = sides.graph(sides.left, sides.right)
    with np.errstate(all="ignore"):
        left, right = map(np.asarray, lower(graph)(*values.values()))
    left, right = points_first(left, right, count)
    truths = _truths(law, sizes, values, graph)
    return [_error((left[k], right[k]), truth) for k, truth in enumerate(truths)]


def _truths(law: Law, sizes: dict[str, int], values: Values, graph: Graph) -> list[Pair | None]:
    """Return both sides at each point in balls; None where they are not settled."""
    count = count_of(values)
    try:
        left, right = balls_at(graph, list(values.values()))
    except (PrecisionNeeded, EvaluationError, OverflowError):
        return [_truth_alone(law, sizes, slices(values, k)) for k in range(count)]
    left, right = points_first(left, right, count)
    return [
        (left[k], right[k])
        if all(x is not None and is_tight(x) for x in [*left[k], *right[k]])
        else _truth_alone(law, sizes, slices(values, k))
        for k in range(count)
    ]


def _truth_alone(law: Law, sizes: dict[str, int], values: Values) -> Pair | None:
    sides = law.graphs(sizes, 1)
    found = at_each_point(sides.graph(sides.left, sides.right), list(values.values()))
    if found is None:
        return None
    left, right = points_first(found[0], found[1], 1)
    return left[0], right[0]


def _error(sides: Pair, truths: Pair | None) -> Errors | None:
    if truths is None or not all(kind_of(x) == "number" for x in truths[0]):
        return None
    if overflows(truths[0]):
        return None
    left, right = (
        min(bits_of_error(side, true), 64.0) if np.isfinite(side).all() else 64.0
        for side, true in zip(sides, truths, strict=True)
    )
    shown = [f"{side.tolist()[0]!r} (true: {text_of(truths[0][0])})" for side in sides]
    return left, right, shown


def overflows(truth: Array) -> bool:
    """Results that no float64 holds are right as inf or 0; nothing is compared there."""
    sizes = [x.abs_upper() for x in truth.ravel().tolist()]
    return any(bool(x > 1e308) or bool(0 < x < 1e-300) for x in sizes)


def loss_at(law: Law, sizes: dict[str, int], values: Values) -> str:
    """Return how many bits the right side loses beyond the left at one point; empty for few."""
    (found,) = _errors(law, sizes, values)
    if found is None or found[1] - found[0] <= LOSS:
        return ""
    return f"the right side loses {found[1]:.0f} bits, the left {found[0]:.0f}"
