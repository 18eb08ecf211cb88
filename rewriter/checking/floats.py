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

from rewriter.checking.balls import Examiner
from rewriter.checking.elaboration import Law
from rewriter.checking.evaluation import at_each_point, kind_of, text_of
from rewriter.checking.points import Points, Values, slices
from rewriter.lowering.accuracy import bits_of_error
from rewriter.lowering.compile import compile as lower

Array = np.ndarray[Any, Any]
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
    for sizes, values, everyday in _points(law, seed):
        found = _errors(law, sizes, values)
        if found is None:
            continue
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


def _points(law: Law, seed: int) -> Iterator[tuple[dict[str, int], Values, bool]]:
    points, examiner = Points(law, seed), Examiner(law)
    sizes = dict.fromkeys(law.size_names, 2)
    for regime, count in (
        ("moderate", 60),
        ("everyday", 60),
        ("near", 60),
        ("wild", 60),
    ):
        drawn = points.draw(sizes, count, regime)
        for place in range(count):
            values = slices(drawn, place)
            report = examiner.examine(sizes, values)
            if report.agreed:
                yield sizes, values, regime != "wild"


def _errors(law: Law, sizes: dict[str, int], values: Values) -> Any:
    sides = law.graphs(sizes, 1)
    graph = sides.graph(sides.left, sides.right)
    arguments = list(values.values())
    truth = at_each_point(graph, arguments)
    if truth is None or not all(kind_of(x) == "number" for x in truth[0].ravel().tolist()):
        return None
    with np.errstate(all="ignore"):
        found = [np.asarray(side) for side in lower(graph)(*arguments)]
    errors = [
        min(bits_of_error(side, true), 64.0) if np.isfinite(side).all() else 64.0
        for side, true in zip(found, truth, strict=True)
    ]
    if overflows(truth[0]):
        return None
    shown = [
        f"{side.ravel().tolist()[0]!r} (true: {text_of(truth[0].ravel()[0])})" for side in found
    ]
    return errors[0], errors[1], shown


def overflows(truth: Array) -> bool:
    """Results that no float64 holds are right as inf or 0; nothing is compared there."""
    sizes = [x.abs_upper() for x in truth.ravel().tolist()]
    return any(bool(x > 1e308) or bool(0 < x < 1e-300) for x in sizes)


def loss_at(law: Law, sizes: dict[str, int], values: Values) -> str:
    """Return how many bits the right side loses beyond the left at one point; empty for few."""
    found = _errors(law, sizes, values)
    if found is None or found[1] - found[0] <= LOSS:
        return ""
    return f"the right side loses {found[1]:.0f} bits, the left {found[0]:.0f}"
