"""Translations: what may be added to data without a graph noticing it.

As t is added to all elements of a tensor, each value of a graph becomes ``v·exp(w·t) + o·t`` with a
weight w and an offset o, rational numbers, wherever some equations ``c·t = 0`` hold: a difference
of exponentials asks that both have one weight, ``sin x`` that x has neither. What solves all of
them, and those that say that no output changes, the graph does not notice: shares of exponentials,
odds and ratios of likelihoods are so. An abstract interpretation over affine relations [1].

[1] M. Karr, Affine relationships among variables of a program, Acta Informatica 6, 1976.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from rewriter.facts.ranges import range_of
from rewriter.facts.vectors import Vector, less, null_space, plus, times
from rewriter.graph import operators as o
from rewriter.graph.constants import constant_array
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive

MOST_NUMBERS = 4096
"""Numbers of a constant tensor that are added up."""

_ALIKE = frozenset((
    o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.STOP_GRADIENT,
    o.MAX, o.MIN, o.CUMMAX,
))  # fmt: skip
"""Operations whose value changes as their first operand's does."""

_MERGED = frozenset((
    o.ADD, o.SUBTRACT, o.WHERE, o.MAXIMUM, o.MINIMUM, o.CONCATENATE, o.PAD, o.EQUAL, o.NOT_EQUAL,
    o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL, o.LOGADDEXP,
))  # fmt: skip
_UNMOVED = frozenset((
    o.LOGICAL_AND, o.LOGICAL_OR, o.LOGICAL_NOT, o.ISFINITE, o.ISNAN, o.ARGMAX, o.ARGMIN, o.ALL,
    o.ANY, o.CONSTANT, o.IOTA,
))  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A part of an input, between ``start`` and ``stop`` along each axis."""

    node: Node
    start: tuple[int, ...]
    stop: tuple[int, ...]

    def holds(self, start: Sequence[int], stop: Sequence[int]) -> bool:
        """Tell whether another part of the input lies in this one."""
        low = all(a <= b for a, b in zip(self.start, start, strict=True))
        return low and all(a >= b for a, b in zip(self.stop, stop, strict=True))

    def joined(self, other: Source) -> Source | None:
        """Return the least part that holds both, None where they have no element in common."""
        boxes = zip(self.start, self.stop, other.start, other.stop, strict=True)
        if self.node is not other.node or any(max(a, c) >= min(b, d) for a, b, c, d in boxes):
            return None
        start = tuple(map(min, self.start, other.start))
        return Source(self.node, start, tuple(map(max, self.stop, other.stop)))


def sources_of(graph: Graph) -> list[Source]:
    """Return the parts of inputs that a graph reads, those that overlap as one."""
    found: list[Source] = []
    for node in graph.ordered:
        read = [p for p in node.operands if p.operator is o.INPUT and is_float(p.dtype)]
        for one in read if node.operator is not o.SLICE else [node]:
            part = _part(one)
            if part is not None:
                found.append(part)
    joined: list[Source] = []
    for part in found:
        rest: list[Source] = []
        for other in joined:
            both = part.joined(other)
            part, rest = (part, [*rest, other]) if both is None else (both, rest)
        joined = [*rest, part]
    return joined if len(joined) == len(found) or _are_apart(joined) else []


def _are_apart(parts: Sequence[Source]) -> bool:
    pairs = ((a, b) for k, a in enumerate(parts) for b in parts[k + 1 :])
    return all(a.joined(b) is None for a, b in pairs)


def _part(node: Node) -> Source | None:
    """What of an input a node reads, None where it is none, or of no known extent."""
    source = node if node.operator is o.INPUT else node.operands[0]
    if source.operator is not o.INPUT or not is_float(source.dtype):
        return None
    whole = (0,) * len(source.shape), source.shape
    bounds = whole if node is source else (node.attribute("start"), node.attribute("stop"))
    start, stop = (tuple(p for p in places if isinstance(p, int)) for places in bounds)
    known = len(start) == len(stop) == len(source.shape) and 0 not in source.shape
    return Source(source, start, stop) if known else None


class Translations:
    """How each value of a graph changes as numbers are added to its sources, one to each.

    Args:
        graph: any graph.
        sources: parts of its inputs, none of which overlap.

    Attributes:
        weights: w of each node, per source.
        offsets: o of each node, per source.
        equations: what is asked of the numbers at each node, for this to be so.
    """

    def __init__(self, graph: Graph, sources: Sequence[Source]) -> None:
        self.sources = tuple(sources)
        self.none: Vector = (Fraction(0),) * len(self.sources)
        self.weights: dict[Node, Vector] = {}
        self.offsets: dict[Node, Vector] = {}
        self.equations: dict[Node, list[Vector]] = {}
        self._patterns: dict[Node, tuple[Vector, Any]] = {}
        self._read_whole = {
            p for node in graph.ordered if node.operator is not o.SLICE for p in node.operands
        }
        for node in graph.ordered:
            asked: list[Vector] = []
            self.weights[node], self.offsets[node] = self._changed(node, asked)
            self.equations[node] = [one for one in asked if any(one)]

    def unnoticed(self, outputs: Sequence[Node]) -> list[Vector]:
        """Return a basis of what may be added to the sources and changes no output."""
        asked = [one for found in self.equations.values() for one in found]
        for node in outputs:
            asked += [self.weights[node], self.offsets[node]]
            if node in self._patterns:
                asked.append(self._patterns[node][0])
        return null_space(asked, len(self.sources))

    def _changed(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        """Return the weight and the offset of a node; collects the equations for it."""
        if node.operator is not o.SUM:
            asked += [self._patterns[p][0] for p in node.operands if p in self._patterns]
        if node.operator is o.INPUT or node.operator is o.SLICE:
            part = _part(node)
            if part is not None:
                return self.none, self._unit(node, part, asked)
        if node.operator in _UNMOVED or node.operator is o.INPUT:
            return self.none, self.none
        if node.operator is o.GATHER and node.attribute("mode") == "fill":
            asked.append(self.offsets[node.operands[0]])
            return self.weights[node.operands[0]], self.none
        if node.operator in _ALIKE or (node.operator is o.ASTYPE and is_float(node.dtype)):
            (first, *_) = node.operands
            return self.weights[first], self.offsets[first]
        chosen = _chosen(node) if node.operator is o.WHERE else None
        if chosen is not None:
            return self.weights[chosen], self.offsets[chosen]
        if node.operator in _MERGED:
            return self._merged(node, asked)
        rule = _RULES.get(node.operator)
        if rule is not None:
            return rule(self, node, asked)
        for operand in node.operands:
            asked += [self.weights[operand], self.offsets[operand]]
        return self.none, self.none

    def _unit(self, node: Node, part: Source, asked: list[Vector]) -> Vector:
        for k, source in enumerate(self.sources):
            unit = tuple(Fraction(k == other) for other in range(len(self.sources)))
            if source.node is part.node and source.holds(part.start, part.stop):
                return unit
            if node in self._read_whole and source.joined(part) is not None:
                asked.append(unit)
        return self.none

    def _merged(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        """What is added, chosen from or compared has one weight; what is chosen from, one offset.

        0 has any weight, and what is infinite any offset.
        """
        adds = node.operator in (o.ADD, o.SUBTRACT)
        operands = node.operands[1:] if node.operator is o.WHERE else node.operands
        moved = any(any(self.offsets[p]) for p in operands)
        numbers = {p: _number(p) for p in operands}
        neutral = [
            p for p in operands
            if (numbers[p] == 0 and (adds or not moved)) or numbers[p] in (math.inf, -math.inf)
        ]  # fmt: skip
        counted = [p for p in operands if p not in neutral] or list(operands[:1])
        weight = self.weights[counted[0]]
        asked += [less(self.weights[p], weight) for p in counted[1:]]
        offset = self.offsets[counted[0]]
        if adds:
            left, right = (self.offsets[p] for p in node.operands)
            offset = plus(left, right) if node.operator is o.ADD else less(left, right)
        else:
            asked += [less(self.offsets[p], offset) for p in counted[1:]]
        if node.operator is o.LOGADDEXP:
            asked.append(weight)
        return (weight, offset) if is_float(node.dtype) else (self.none, self.none)

    def _product(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        left, right = node.operands
        for one, other in ((left, right), (right, left)):
            number = _number(one)
            if number is not None and math.isfinite(number):
                return self.weights[other], times(self.offsets[other], Fraction(number))
        for one, other in ((left, right), (right, left)):
            array = _exact_array(one)
            fixed = all(isinstance(extent, int) for extent in node.shape)
            if array is not None and any(self.offsets[other]) and fixed:
                self._patterns[node] = self.offsets[other], array
                return self.weights[other], self.none
        asked += [self.offsets[left], self.offsets[right]]
        return plus(self.weights[left], self.weights[right]), self.none

    def _quotient(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        above, below = node.operands
        number = _number(below)
        if number is not None and number and math.isfinite(number):
            return self.weights[above], times(self.offsets[above], 1 / Fraction(number))
        asked += [self.offsets[above], self.offsets[below]]
        return less(self.weights[above], self.weights[below]), self.none

    def _power(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        base, exponent = node.operands
        number = _number(exponent)
        asked += [self.offsets[base], self.offsets[exponent], self.weights[exponent]]
        if number is None or not math.isfinite(number):
            asked.append(self.weights[base])
            return self.none, self.none
        return times(self.weights[base], Fraction(number)), self.none

    def _sum(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        (operand,) = node.operands
        weight, offset = self.weights[operand], self.offsets[operand]
        if operand in self._patterns:
            pattern, array = self._patterns[operand]
            shape = tuple(extent for extent in operand.shape if isinstance(extent, int))
            total = np.broadcast_to(array, shape).sum(node.attribute("axis"))
            return weight, self._repeated(pattern, total, asked)
        extents = [extent for extent in (*operand.shape, *node.shape) if isinstance(extent, int)]
        if len(extents) < len(operand.shape) + len(node.shape) or 0 in extents:
            asked.append(offset)
            return weight, self.none
        rank = len(operand.shape)
        summed = Fraction(math.prod(extents[:rank]), math.prod(extents[rank:]))
        return weight, times(offset, summed)

    def _scattered(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        floats = [p for p in node.operands if is_float(p.dtype)]
        counted = [p for p in floats if _number(p) != 0] or floats[:1]
        asked += [self.offsets[p] for p in floats]
        asked += [less(self.weights[p], self.weights[counted[0]]) for p in counted]
        return self.weights[counted[0]], self.none

    def _repeated(self, offset: Vector, totals: Any, asked: list[Vector]) -> Vector:
        """An offset as often as numbers say that are one number; else it is asked to be 0."""
        if totals.size and (totals == totals.flat[0]).all():
            return times(offset, Fraction(totals.flat[0].item()))
        asked.append(offset)
        return self.none

    def _contraction(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        weight = self.none
        if len(node.operands) == 2 and not any(any(self.weights[p]) for p in node.operands):
            for one, other in (node.operands, node.operands[::-1]):
                array = _exact_array(one)
                extents = tuple(extent for extent in other.shape if isinstance(extent, int))
                fixed = len(extents) == len(other.shape)
                if array is not None and any(self.offsets[other]) and fixed:
                    pair = [array if p is one else np.ones(extents) for p in node.operands]
                    total = np.einsum(node.attribute("spec"), *pair)
                    return weight, self._repeated(self.offsets[other], total, asked)
        for operand in node.operands:
            asked.append(self.offsets[operand])
            weight = plus(weight, self.weights[operand])
        return weight, self.none

    def _exponential(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        (operand,) = node.operands
        asked.append(self.weights[operand])
        return self.offsets[operand], self.none

    def _logarithm(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        (operand,) = node.operands
        asked.append(self.offsets[operand])
        return self.none, self.weights[operand]

    def _opposite(self, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        (operand,) = node.operands
        return self.weights[operand], times(self.offsets[operand], Fraction(-1))


_Rule = Callable[[Translations, Node, list[Vector]], tuple[Vector, Vector]]


def _scaled_by(number: Fraction) -> _Rule:
    """What has as many times the weight of its operand: a root has half of it."""

    def rule(known: Translations, node: Node, asked: list[Vector]) -> tuple[Vector, Vector]:
        (operand,) = node.operands
        asked.append(known.offsets[operand])
        return times(known.weights[operand], number), known.none

    return rule


_RULES: Mapping[Primitive, _Rule] = {
    o.MULTIPLY: Translations._product,
    o.DIVIDE: Translations._quotient,
    o.POWER: Translations._power,
    o.SUM: Translations._sum,
    o.EINSUM: Translations._contraction,
    o.SCATTER_ADD: Translations._scattered,
    o.EXP: Translations._exponential,
    o.LOG: Translations._logarithm,
    o.NEGATIVE: Translations._opposite,
    o.ABSOLUTE: _scaled_by(Fraction(1)),
    o.CUMSUM: _scaled_by(Fraction(1)),
    o.SQRT: _scaled_by(Fraction(1, 2)),
    o.RSQRT: _scaled_by(Fraction(-1, 2)),
    o.SIGN: _scaled_by(Fraction(0)),
}


def _chosen(node: Node) -> Node | None:
    """Return the operand that a choice is wherever its condition's operands are finite, or None."""
    condition, chosen, other = node.operands
    if condition.operator is o.ISFINITE:
        return chosen
    infinite = any(_number(p) in (math.inf, -math.inf) for p in condition.operands)
    return other if condition.operator is o.EQUAL and infinite else None


def _exact_array(node: Node) -> Any:
    """Return a few numbers that a constant holds, whose sums float64 has exactly; else None."""
    array = constant_array(node)
    if array is None or not 0 < array.size <= MOST_NUMBERS:
        return None
    units = np.asarray(array, "float64") * 2.0**20
    exact = (np.abs(units) < 2.0**30).all() and (units == np.round(units)).all()
    return units / 2.0**20 if exact else None


def _number(node: Node) -> float | None:
    bounds = range_of(node)
    return bounds.low if bounds.low == bounds.high else None
