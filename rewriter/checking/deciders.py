"""Deciders: expressions whose zeros are the places at which a value breaks off or turns.

A divisor, what a logarithm, a root, a sign or a size is taken of, the difference of what is
compared. They are read off the sides of a law, or off two graphs, and computed in floats at many
points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rewriter.checking.elaboration import Law, Sides, Sizes
from rewriter.checking.points import TAME, Points, Values
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.declared import opened
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological
from rewriter.lowering.array_type import array_type
from rewriter.lowering.compile import compile as lower

Array = np.ndarray[Any, Any]
DECIDERS = 24
STARTS = 4
"""Points of a law that its coordinates are moved from."""

_OF_OPERAND = frozenset((o.LOG, o.LOG2, o.SQRT, o.RSQRT, o.ABSOLUTE, o.SIGN, o.POWER))
_OF_DIFFERENCE = frozenset((o.MAXIMUM, o.MINIMUM, o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL,
                            o.EQUAL, o.NOT_EQUAL))  # fmt: skip
_STEPS = frozenset((o.FLOOR, o.CEIL, o.ROUND))
_SAME_ZEROS = frozenset((o.NEGATIVE, o.SQRT, o.ABSOLUTE, o.SIGN, o.EXPM1, o.TANH, o.SINH, o.ARCTAN,
                         o.ERF, o.LOG1P, o.RESHAPE, o.BROADCAST_TO, o.STOP_GRADIENT))  # fmt: skip


def deciders(roots: Sequence[Node], most: int | None = DECIDERS) -> list[Node]:
    """Return the expressions whose zeros are the critical places of some nodes."""
    found: dict[Node, None] = {}
    for node in topological(roots):
        for one in _deciding(node):
            found.update(dict.fromkeys(_factors(one)))
    kept = [node for node in found if is_float(node.dtype) and node.operator is not o.CONSTANT]
    return kept[:most]


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


class LawDeciders:
    """The deciders of a law at given sizes.

    Args:
        law: the law.
        points: where the search starts from.
        sizes: how many places each size name stands for.

    Attributes:
        width: how many numbers a point has.
        numbers: those that are written in the law, and simple ones.
    """

    def __init__(self, law: Law, points: Points, sizes: Sizes) -> None:
        self.law, self.points, self.sizes = law, points, dict(sizes)
        self.shapes = {one.name: law.shape(one, sizes) for one in law.inputs}
        self.width = sum(math.prod(shape) for shape in self.shapes.values())
        self.numbers = (*TAME, *law.constants)
        self._compiled: dict[int, Any] = {}

    def starts(self) -> Array:
        """Return points to start from, one a row."""
        drawn = [self.points.draw(self.sizes, STARTS, regime) for regime in ("tame", "ordinary")]
        return np.concatenate([self._rows(values) for values in drawn])

    def _rows(self, values: Values) -> Array:
        return np.concatenate(
            [values[name].reshape(len(values[name]), -1) for name in self.shapes], axis=1
        )

    def values(self, rows: Array) -> Values:
        """Return points as arrays with a leading axis."""
        values, start = {}, 0
        for name, shape in self.shapes.items():
            size = math.prod(shape)
            values[name] = rows[:, start : start + size].reshape((len(rows), *shape)).copy()
            start += size
        return values

    def worth(self, rows: Array) -> Array:
        """Return what each decider is worth in each row."""
        count = len(rows)
        function = self._compiled.get(count)
        if function is None:
            function = self._compiled[count] = self._function(count)
        with np.errstate(all="ignore"):
            found = function(*self.values(rows).values())
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


def _roots(sides: Sides) -> list[Node]:
    return [sides.left, sides.right, *(c for c in sides.conditions if c is not None)]


class GraphDeciders:
    """The deciders of two graphs; inputs that are no floats stay as they are drawn.

    Args:
        before, after: the graphs.
        inputs: the inputs of both.
        starts: arguments to start from, of which the first gives the inputs that are no floats.

    Attributes:
        width: how many numbers a point has.
        nodes: how many nodes are computed for each point.
        numbers: those that are written in the graphs, and simple ones.
    """

    def __init__(
        self, before: Graph, after: Graph, inputs: Sequence[Node], starts: Sequence[Sequence[Array]]
    ) -> None:
        self.moved = [is_float(node.dtype) for node in inputs]
        self.fixed, self.given = starts[0], starts
        self.dtypes = [array_type(node.dtype) for node in inputs]
        self.width = sum(
            array.size for array, moved in zip(self.fixed, self.moved, strict=True) if moved
        )
        self.numbers = (*TAME, *written_numbers(before, after))
        chosen = self._chosen(before, after)
        self.nodes = sum(1 for _ in topological(chosen))
        self._function = lower(Graph(inputs, chosen)) if chosen else None
        self._alone = len(chosen) == 1

    def _chosen(self, before: Graph, after: Graph) -> list[Node]:
        """Return the deciders, those that only one of the graphs has first."""
        shared = set(before.nodes()) & set(after.nodes())
        every = deciders([*opened(before).outputs, *opened(after).outputs], None)
        return sorted(every, key=lambda node: node in shared)[:DECIDERS]

    def starts(self) -> Array:
        """Return points to start from, one a row."""
        return np.array([
            [x for array, moved in zip(arguments, self.moved, strict=True) if moved
             for x in np.asarray(array, np.float64).ravel().tolist()]
            for arguments in self.given
        ]).reshape(len(self.given), self.width)  # fmt: skip

    def arguments(self, row: Array) -> list[Array]:
        """Return a point as an array for each input, rounded to its dtype."""
        found, start = [], 0
        for fixed, moved, dtype in zip(self.fixed, self.moved, self.dtypes, strict=True):
            if not moved:
                found.append(fixed)
                continue
            with np.errstate(over="ignore"):
                part = row[start : start + fixed.size].reshape(fixed.shape).astype(dtype)
            found.append(part.astype(np.float64))
            start += fixed.size
        return found

    def worth(self, rows: Array) -> Array:
        """Return what each decider is worth in each row."""
        if self._function is None:
            return np.zeros((len(rows), 0))
        with np.errstate(all="ignore"):
            table = [self._row(row) for row in rows]
        return np.array(table).reshape(len(rows), -1)

    def _row(self, row: Array) -> Array:
        assert self._function is not None
        given = self.arguments(row)
        found = self._function(*(
            array.astype(dtype) for array, dtype in zip(given, self.dtypes, strict=True)
        ))  # fmt: skip
        parts = (found,) if self._alone else found
        return np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])


def written_numbers(*graphs: Graph) -> tuple[float, ...]:
    """Return the finite numbers that are written in graphs, and their opposites."""
    found = {
        float(value)
        for graph in graphs
        for node in opened(graph).nodes()
        if node.operator is o.CONSTANT and node.dtype != "bool"
        for value in np.asarray(node.attribute("value").array).real.ravel()[:MOST_NUMBERS]
    }
    return tuple(sorted({s * n for n in found for s in (1.0, -1.0) if math.isfinite(n)}))


MOST_NUMBERS = 16
"""Elements of one constant that are taken as numbers that are written."""
