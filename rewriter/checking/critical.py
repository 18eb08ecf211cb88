"""Critical places: where an expression has no value or changes its branch, found by root finding.

``(x² − 49)/(x − 7)`` has no value at 7, ``min(x, 1e5)`` changes its branch at 1e5: numbers that are
drawn meet neither. Each such place is a zero of a decider (`rewriter.checking.deciders`).
One coordinate at a time is moved along a grid, and where the sign changes the interval is bisected
over the ordinals of floats, so that a zero that is a float is met exactly. What is found is where a
second round starts from: zeros of two expressions at once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from rewriter.errors import RewriterError

Array = np.ndarray[Any, Any]

ROUNDS = 2
STARTS = 4
"""Half of the points that the coordinates are moved from."""
COORDINATES = 6
BRACKETS = 48
"""Changes of sign that are bisected in a round."""
GRID = (
    0.0,
    0.3,
    1.7,
    4.0,
    *(float(f"{d}e{k}") for k in range(-2, 9) for d in (1, 3.1)),
    1e12,
    1e20,
)
BISECTIONS = 64
EFFORT = 10**6


class Subject(Protocol):
    """What has critical places: points are rows of numbers."""

    width: int
    numbers: tuple[float, ...]

    def starts(self) -> Array:
        """Return points to start from, one a row."""
        ...

    def worth(self, rows: Array) -> Array:
        """Return what each decider is worth in each row."""
        ...


class CriticalPlaces:
    """Finds points next to the critical places of a subject.

    Args:
        subject: the law or the graphs.
        rng: draws the coordinates that are moved.
        effort: how many points may be computed in a round.
    """

    def __init__(self, subject: Subject, rng: random.Random, effort: int = EFFORT) -> None:
        self.subject, self.rng = subject, rng
        self.grid = np.array(sorted({*(s * x for x in GRID for s in (1.0, -1.0)),
                                     *subject.numbers}))  # fmt: skip
        self.coordinates = max(1, min(COORDINATES, effort // (2 * len(self.grid))))
        self.starts = max(1, min(2 * STARTS, effort // (2 * len(self.grid) * self.coordinates)))
        self.brackets = max(1, min(BRACKETS, effort // (2 * BISECTIONS)))

    def rounds(self) -> Iterator[Array]:
        """Yield the points of each round, one a row; none where none is."""
        if not self.subject.width:
            return
        starts = self.subject.starts()[: self.starts]
        for _ in range(ROUNDS):
            try:
                found = self._round(starts)
            except RewriterError:
                return
            if not len(found):
                return
            yield found
            starts = self._chosen(found)

    def _chosen(self, rows: Array) -> Array:
        """Return rows to start from, those that are zeros first."""
        exact = (self.subject.worth(rows) == 0).any(axis=1)
        kept: list[int] = []
        for group in (np.flatnonzero(exact).tolist(), np.flatnonzero(~exact).tolist()):
            kept += self.rng.sample(group, min(self.starts - len(kept), len(group)))
        return np.asarray(rows[kept])

    def _round(self, starts: Array) -> Array:
        columns = list(range(self.subject.width))
        if len(columns) > self.coordinates:
            columns = sorted(self.rng.sample(columns, self.coordinates))
        brackets = [b for column in columns for b in self._brackets(starts, column)]
        self.rng.shuffle(brackets)
        kept = _spread(brackets, self.brackets)
        if not kept:
            return np.zeros((0, self.subject.width))
        return self._bisected(kept)

    def _brackets(self, starts: Array, column: int) -> list[tuple[int, int, Array, float, float]]:
        """Return decider, column, start and both ends of each change of sign along a column."""
        rows = np.repeat(starts, len(self.grid), axis=0)
        rows[:, column] = np.tile(self.grid, len(starts))
        found = self.subject.worth(rows).reshape(len(starts), len(self.grid), -1)
        above, known = found >= 0, ~np.isnan(found)
        changes = (above[:, 1:] != above[:, :-1]) & known[:, 1:] & known[:, :-1]
        return [
            (k, column, starts[s], float(self.grid[g]), float(self.grid[g + 1]))
            for s, g, k in np.argwhere(changes).tolist()
        ]

    def _bisected(self, brackets: list[tuple[int, int, Array, float, float]]) -> Array:
        count = len(brackets)
        rows = np.array([start for _, _, start, _, _ in brackets])
        deciding = np.array([k for k, _, _, _, _ in brackets])
        columns = np.array([column for _, column, _, _, _ in brackets])
        low = _ordinal(np.array([b[3] for b in brackets]))
        high = _ordinal(np.array([b[4] for b in brackets]))
        each = np.arange(count)

        def above(ordinals: Array) -> Array:
            rows[each, columns] = _float(ordinals)
            return np.asarray(self.subject.worth(rows)[each, deciding] >= 0)

        first = above(low)
        for _ in range(BISECTIONS):
            middle = low // 2 + high // 2 + (low % 2 + high % 2) // 2
            same = above(middle) == first
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        return self._beside(rows, columns, _float(low), _float(high))

    def _beside(self, rows: Array, columns: Array, low: Array, high: Array) -> Array:
        """Return the zeros, the floats next to them, and some numbers a little further away."""
        step = 1e-3 * np.maximum(abs(high), 1e-3)
        found = []
        for value in (low, high, np.round(high, 9), low - step, high + step):
            moved = rows.copy()
            moved[np.arange(len(rows)), columns] = value
            found.append(moved)
        joined = np.concatenate(found)
        return np.unique(joined[np.isfinite(joined).all(axis=1)], axis=0)


def _spread(brackets: list[Any], most: int) -> list[Any]:
    """Return some brackets, the deciders in turn."""
    queues: dict[int, list[Any]] = {}
    for bracket in brackets:
        queues.setdefault(bracket[0], []).append(bracket)
    kept: list[Any] = []
    while queues and len(kept) < most:
        for decider in sorted(queues):
            kept.append(queues[decider].pop())
            if not queues[decider]:
                del queues[decider]
    return kept[:most]


def _ordinal(values: Array) -> Array:
    """Return the place of each float in the order of all floats."""
    bits = np.ascontiguousarray(values + 0.0, np.float64).view(np.int64)
    return np.where(bits >= 0, bits, np.iinfo(np.int64).min - bits)


def _float(ordinals: Array) -> Array:
    """Return the float at each place in the order of all floats."""
    bits = np.where(ordinals >= 0, ordinals, np.iinfo(np.int64).min - ordinals)
    return np.ascontiguousarray(bits, np.int64).view(np.float64)
