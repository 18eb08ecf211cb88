"""Critical places: where an expression has no value or changes its branch, found by root finding.

``(x² − 49)/(x − 7)`` has no value at 7, ``min(x, 1e5)`` changes its branch at 1e5: numbers that are
drawn meet neither. Each such place is a zero of an expression that can be read off the sides: a
divisor, what a logarithm, a root, a sign or a size is taken of, the difference of what is compared.
One coordinate at a time is moved along a grid, and where the sign changes the interval is bisected
over the ordinals of floats, so that a zero that is a float is met exactly. What is found is where a
second round starts from: zeros of two expressions at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rewriter.checking.elaboration import Law, Sides, Sizes
from rewriter.checking.points import TAME, Points, Values
from rewriter.errors import RewriterError
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.declared import opened
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node, topological
from rewriter.lowering.compile import compile as lower

Array = np.ndarray[Any, Any]

ROUNDS = 2
STARTS = 4
"""Points that the coordinates are moved from."""
COORDINATES = 6
BRACKETS = 48
"""Changes of sign that are bisected in a round."""
DECIDERS = 24
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

_OF_OPERAND = frozenset((o.LOG, o.LOG2, o.SQRT, o.RSQRT, o.ABSOLUTE, o.SIGN, o.POWER))
_OF_DIFFERENCE = frozenset((o.MAXIMUM, o.MINIMUM, o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL,
                            o.EQUAL, o.NOT_EQUAL))  # fmt: skip
_STEPS = frozenset((o.FLOOR, o.CEIL, o.ROUND))
_SAME_ZEROS = frozenset((o.NEGATIVE, o.SQRT, o.ABSOLUTE, o.SIGN, o.EXPM1, o.TANH, o.SINH, o.ARCTAN,
                         o.ERF, o.LOG1P, o.RESHAPE, o.BROADCAST_TO, o.STOP_GRADIENT))  # fmt: skip


def deciders(roots: Sequence[Node]) -> list[Node]:
    """Return the expressions whose zeros are the critical places of some nodes."""
    found: dict[Node, None] = {}
    for node in topological(roots):
        for one in _deciding(node):
            found.update(dict.fromkeys(_factors(one)))
    return [node for node in found if is_float(node.dtype) and node.operator is not o.CONSTANT][
        :DECIDERS
    ]


def _deciding(node: Node) -> Iterator[Node]:
    operator, operands = node.operator, node.operands
    if not operands or not is_float(operands[-1].dtype):
        return
    if operator is o.DIVIDE:
        yield operands[1]
    elif operator in _OF_OPERAND:
        yield operands[0]
    elif operator is o.LOG1P:
        yield op.add(operands[0], 1.0)
    elif operator in _OF_DIFFERENCE:
        yield op.subtract(*operands)
    elif operator in _STEPS:
        yield op.subtract(operands[0], op.round(operands[0]))
    elif operator in (o.FLOOR_DIVIDE, o.REMAINDER):
        quotient = op.divide(*operands)
        yield operands[1]
        yield op.subtract(quotient, op.round(quotient))


def _factors(node: Node) -> Iterator[Node]:
    """Yield expressions of which one is zero where a node is: a square has no change of sign."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.operator is o.MULTIPLY:
            stack += current.operands
        elif current.operator in _SAME_ZEROS or current.operator in (o.DIVIDE, o.POWER):
            stack.append(current.operands[0])
        else:
            yield current


def constants(law: Law) -> tuple[float, ...]:
    """Return the finite numbers that are written in a law, and their opposites."""
    written = [c.expression for c in law.conditions if c.expression is not None]
    numbers = {
        float(node.attribute("value").array)
        for node in topological([law.left, law.right, *written])
        if node.operator is o.CONSTANT and is_float(node.dtype) and node.ndim == 0
    }
    return tuple(sorted({s * n for n in numbers for s in (1.0, -1.0) if math.isfinite(n)}))


class CriticalPlaces:
    """Finds points next to the critical places of a law.

    Args:
        law: the law.
        points: where the search starts from.
        sizes: how many places each size name stands for.
    """

    def __init__(self, law: Law, points: Points, sizes: Sizes) -> None:
        self.law, self.points, self.sizes = law, points, dict(sizes)
        self.shapes = {one.name: law.shape(one, sizes) for one in law.inputs}
        self.width = sum(math.prod(shape) for shape in self.shapes.values())
        self.grid = np.array(sorted({
            *(s * x for x in GRID for s in (1.0, -1.0)), *TAME, *constants(law)
        }))  # fmt: skip
        self._compiled: dict[int, Any] = {}

    def rounds(self) -> Iterator[Values]:
        """Yield the points of each round, with a leading axis of points; none where none is."""
        drawn = [self.points.draw(self.sizes, STARTS, regime) for regime in ("tame", "ordinary")]
        starts = np.concatenate([self._rows(values) for values in drawn])
        for _ in range(ROUNDS if self.width else 0):
            try:
                found = self._round(starts)
            except RewriterError:
                return
            if not len(found):
                return
            yield self._values(found)
            starts = self._chosen(found)

    def _chosen(self, rows: Array) -> Array:
        """Return rows to start from, those that are zeros first."""
        exact = (self._deciders(rows) == 0).any(axis=1)
        kept: list[int] = []
        for group in (np.flatnonzero(exact).tolist(), np.flatnonzero(~exact).tolist()):
            kept += self.points.rng.sample(group, min(2 * STARTS - len(kept), len(group)))
        return np.asarray(rows[kept])

    def _round(self, starts: Array) -> Array:
        columns = list(range(self.width))
        if len(columns) > COORDINATES:
            columns = sorted(self.points.rng.sample(columns, COORDINATES))
        brackets = [b for column in columns for b in self._brackets(starts, column)]
        self.points.rng.shuffle(brackets)
        kept = _spread(brackets)
        if not kept:
            return np.zeros((0, self.width))
        return self._bisected(kept)

    def _rows(self, values: Values) -> Array:
        return np.concatenate(
            [values[name].reshape(len(values[name]), -1) for name in self.shapes], axis=1
        )

    def _values(self, rows: Array) -> Values:
        values, start = {}, 0
        for name, shape in self.shapes.items():
            size = math.prod(shape)
            values[name] = rows[:, start : start + size].reshape((len(rows), *shape)).copy()
            start += size
        return values

    def _deciders(self, rows: Array) -> Array:
        """Return what each decider is worth in each row."""
        count = len(rows)
        function = self._compiled.get(count)
        if function is None:
            function = self._compiled[count] = self._function(count)
        with np.errstate(all="ignore"):
            found = function(*self._values(rows).values())
        table = [np.broadcast_to(a, (count, *np.shape(a)[1:])).reshape(count, -1) for a in found]
        return np.concatenate(table, axis=1) if table else np.zeros((count, 0))

    def _function(self, count: int) -> Any:
        sides = self.law.graphs(self.sizes, count)
        graph = opened(sides.graph(*_roots(sides)))
        chosen = deciders(graph.outputs)
        if not chosen:
            return lambda *arrays: ()
        function = lower(sides.graph(*chosen))
        return function if len(chosen) > 1 else lambda *arrays: (function(*arrays),)

    def _brackets(self, starts: Array, column: int) -> list[tuple[int, int, Array, float, float]]:
        """Return decider, column, start and both ends of each change of sign along a column."""
        rows = np.repeat(starts, len(self.grid), axis=0)
        rows[:, column] = np.tile(self.grid, len(starts))
        found = self._deciders(rows).reshape(len(starts), len(self.grid), -1)
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
            return np.asarray(self._deciders(rows)[each, deciding] >= 0)

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


def _roots(sides: Sides) -> list[Node]:
    return [sides.left, sides.right, *(c for c in sides.conditions if c is not None)]


def _spread(brackets: list[Any]) -> list[Any]:
    """Return some brackets, the deciders in turn."""
    queues: dict[int, list[Any]] = {}
    for bracket in brackets:
        queues.setdefault(bracket[0], []).append(bracket)
    kept: list[Any] = []
    while queues and len(kept) < BRACKETS:
        for decider in sorted(queues):
            kept.append(queues[decider].pop())
            if not queues[decider]:
                del queues[decider]
    return kept[:BRACKETS]


def _ordinal(values: Array) -> Array:
    """Return the place of each float in the order of all floats."""
    bits = np.ascontiguousarray(values + 0.0, np.float64).view(np.int64)
    return np.where(bits >= 0, bits, np.iinfo(np.int64).min - bits)


def _float(ordinals: Array) -> Array:
    """Return the float at each place in the order of all floats."""
    bits = np.where(ordinals >= 0, ordinals, np.iinfo(np.int64).min - ordinals)
    return np.ascontiguousarray(bits, np.int64).view(np.float64)
