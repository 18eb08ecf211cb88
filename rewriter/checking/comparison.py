"""The two sides of a law compared: by draws for the identity test; and a failure, shrunk.

What rules and declared operators are judged by alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from rewriter.checking import balls
from rewriter.checking.counterexample import Counterexample
from rewriter.checking.elaboration import Law
from rewriter.checking.identity import Agreement, Draw, agreement
from rewriter.checking.points import Points, Values, size_choices
from rewriter.checking.shrinking import shrunk

LARGEST_NUMBER_OF_DRAWS = 400
DRAWS = 24
"""Draws that must agree: branches and signs are met by drawing, not by the bound."""
FEWEST_POINTS = 20
"""Points at which both sides must have been the same number."""


def agreement_of(law: Law) -> Agreement:
    """Return what the identity test finds of a law."""
    return agreement(draws(law), LARGEST_NUMBER_OF_DRAWS, DRAWS)


def counterexample(law: Law, failure: balls.Failure) -> Counterexample:
    """Return a failure, shrunk."""
    examiner = failure.examiner
    last = failure

    def refutes(sizes: dict[str, int], values: Values) -> bool:
        """Tell whether the law fails at other sizes and values, and keep that failure."""
        nonlocal last
        report = examiner.examine(sizes, values)
        if not report.failures:
            return False
        last = report.failures[0]
        return True

    places = {one.name: one.places for one in law.inputs}
    sizes, values = shrunk(dict(failure.sizes), failure.values, places, refutes)
    sides = examiner.sides(sizes)
    reason = last.reason
    if examiner.copies > 1:
        reason += f", where the first place of each size stands for {examiner.copies} equal ones"
    return Counterexample(
        {name: array[0] for name, array in values.items()}, sides.graph(sides.left),
        sides.graph(sides.right), last.left, last.right, reason,
    )  # fmt: skip


def draws(law: Law) -> Iterator[Callable[[], Draw]]:
    """Yield makers of draws of a law, at sizes that go round."""
    points, examiner = Points(law, seed=3), balls.Examiner(law)
    choices = [
        sizes for sizes in size_choices(law)
        if not (law.maximum_on_the_left and 0 in sizes.values())
    ]  # fmt: skip
    seed = 0
    while seed < LARGEST_NUMBER_OF_DRAWS:
        for sizes in choices:
            seed += 1
            drawn = points.draw(sizes, 1, "ordinary")
            values = {name: _nonzero(array) for name, array in drawn.items()}
            if examiner.admits(values, 1).all():
                yield partial(_draw, law, sizes, list(values.values()), seed)


def _nonzero(array: Any) -> Any:
    """A generic number is not 0."""
    return np.where(array == 0, 0.71828, array)


def _draw(law: Law, sizes: dict[str, int], numbers: Sequence[Any], seed: int) -> Draw:
    sides = law.graphs(sizes, 1, copies=1 + seed % 2 * (seed * seed % 997))
    conditions = [node for node in sides.conditions if node is not None]
    graph = sides.graph(sides.left, sides.right, *conditions, *sides.supports)
    return Draw(graph, numbers, {}, seed)
