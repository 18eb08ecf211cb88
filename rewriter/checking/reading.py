"""Constants that a rewrite rounded, read as what they were rounded from.

A program's constants are exact numbers, ``0.8`` in float32 the one that float32 holds. A rewrite
folds them, ``1 - 0.8`` to one number, ``x / 0.07`` to ``x · (1 / 0.07)``, ``log(s / 3)`` to
``log s - log 3``, and what it writes is rounded. A new constant is looked for among short
expressions in the old ones; the graph with those expressions in the place of the constants is then
put to the same test as any other. What is proved by it: the second graph, its constants not yet
rounded, is the first.

Where no expression is found, the graphs differ only where they do by more than the second one
changes when each of its new constants is moved by what rounding may have moved it (`separated`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from rewriter.checking.evaluation import at_each_point
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.calls import substitute
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import array_type
from rewriter.lowering.exact_backend.tensor import tensor

Array = np.ndarray[Any, Any]
LARGEST_BASIS = 24
"""Old constants that expressions are made of."""
LARGEST_DENOMINATOR = 64
UNITS = 2
"""Units in the last place by which a rounded constant may be off."""


@dataclass(frozen=True)
class Source:
    """What a constant was rounded from: ``factor · number``, or ``factor · log(number)``."""

    factor: int
    number: Fraction
    logarithm: bool = False

    @property
    def nearly(self) -> float:
        """The value, to float64."""
        inner = _log(self.number) if self.logarithm else float(self.number)
        return self.factor * inner

    def __str__(self) -> str:
        sign = "-" if self.factor < 0 else ""
        return f"{sign}log({_short(self.number)})" if self.logarithm else _short(self.number)

    def node(self, dtype: Any) -> Node:
        """Return the value as a graph, whose constants are exact."""
        whole = op.divide(_whole(self.number.numerator), _whole(self.number.denominator))
        made = op.log(whole) if self.logarithm else whole
        return op.astype(op.negative(made) if self.factor < 0 else made, dtype)


def _short(number: Fraction) -> str:
    return str(number) if number.denominator < 10**6 else repr(float(number))


def _log(number: Fraction) -> float:
    return math.log(number.numerator) - math.log(number.denominator)


def _whole(number: int) -> Node:
    """Return an integer of any size as a float64 graph: digits in base 2^32, each exact."""
    sign, rest, total, unit = (-1 if number < 0 else 1), abs(number), None, 0
    while rest or total is None:
        rest, digit = divmod(rest, 1 << 32)
        part = op.multiply(op.constant(float(sign * digit), "float64"),
                           op.constant(2.0 ** (32 * unit), "float64"))  # fmt: skip
        total, unit = (part if total is None else op.add(total, part)), unit + 1
    return total


def constants(graph: Graph) -> dict[Node, Array]:
    """Return the float constants of a graph, as float64 arrays."""
    return {
        node: np.asarray(node.attribute("value").array, np.float64)
        for node in graph.nodes()
        if node.operator is o.CONSTANT and is_float(node.dtype)
    }


def new_constants(before: Graph, after: Graph) -> dict[Node, Array]:
    """Return the constants of the second graph that hold a number the first has not.

    Numbers of few bits, as 2 and 0.125, are left out where the first graph has only such: no
    rounding gives them.
    """
    is_new = _novelty(before)
    return {
        node: array
        for node, array in constants(after).items()
        if any(is_new(v, node.dtype) for v in array.ravel().tolist())
    }


def _read_constants(before: Graph, after: Graph) -> dict[Node, Array]:
    """Return those that are read: an exponent stays a number, which a power is taken of."""
    exponents = {node.operands[1] for node in after.nodes() if node.operator is o.POWER}
    new = new_constants(before, after)
    return {node: array for node, array in new.items() if node not in exponents}


def _novelty(before: Graph) -> Callable[[float, Any], bool]:
    """Return what tells whether a number may have been rounded by what rewrote a graph."""
    old = _numbers(before)
    exact = all(
        _has_few_bits(value, node.dtype)
        for node, array in constants(before).items()
        for value in array.ravel().tolist()
    )
    return lambda value, dtype: (
        math.isfinite(value) and value not in old and not (exact and _has_few_bits(value, dtype))
    )


def _has_few_bits(number: float, dtype: Any) -> bool:
    """Tell whether a number has at most a third of the digits that its dtype holds."""
    digits = abs(Fraction(number).numerator) if math.isfinite(number) else 0
    held = -math.log2(float(np.spacing(np.ones((), array_type(dtype)))))
    return 3 * (digits // (digits & -digits or 1)).bit_length() <= held + 1


def _numbers(graph: Graph) -> set[float]:
    found = {0.0}
    for array in constants(graph).values():
        found.update(array.ravel().tolist())
    return found


def readings(before: Graph, after: Graph) -> Iterator[tuple[Graph, str]]:
    """Yield the second graph with its new constants read, and the readings as text."""
    new, is_new = _read_constants(before, after), _novelty(before)
    sources = list(_sources(before)) if new else []
    seen = set()
    for rank in (_first, _nearest, _rounded):
        chosen: dict[float, Source] = {}
        for node, array in new.items():
            for value in set(array.ravel().tolist()):
                found = _source(value, node.dtype, sources, rank)
                if found is not None and is_new(value, node.dtype):
                    chosen[value] = found
        key = tuple(sorted((value, str(source)) for value, source in chosen.items()))
        if key and key not in seen:
            seen.add(key)
            yield (
                _read(after, new, chosen),
                ", ".join(
                    f"{value!r} is {source}"
                    for value, source in key
                    if str(Fraction(value)) != source
                ),
            )


def _read(after: Graph, new: Mapping[Node, Array], chosen: Mapping[float, Source]) -> Graph:
    replaced = {}
    for node, array in new.items():
        flat = array.ravel().tolist()
        if not any(value in chosen for value in flat):
            continue
        made = {v: chosen[v].node(node.dtype) if v in chosen else op.constant(v, node.dtype)
                for v in flat}  # fmt: skip
        if len(made) == 1:
            replaced[node] = op.broadcast_to(made[flat[0]], node.shape)
        else:
            replaced[node] = op.reshape(op.stack([made[v] for v in flat]), node.shape)
    return Graph(after.inputs, substitute(after.outputs, replaced))


def _tolerance(value: float, dtype: Any) -> float:
    held = array_type(dtype)
    return UNITS * abs(float(np.spacing(np.asarray(abs(value), held))))


def _first(fitting: Sequence[Source], value: float) -> Source:
    return fitting[0]


def _nearest(fitting: Sequence[Source], value: float) -> Source:
    return min(fitting, key=lambda s: abs(s.nearly - value))


def _rounded(fitting: Sequence[Source], value: float) -> Source:
    """The first that is not the number itself: 1 for 3 times what a third was rounded to."""
    return next((s for s in fitting if s.logarithm or s.number != Fraction(value)), fitting[0])


def _source(value: float, dtype: Any, sources: Sequence[Source], rank: Any) -> Source | None:
    """Return what a number was rounded from: of the expressions that fit, one."""
    room = _tolerance(value, dtype)
    fitting = [s for s in sources if abs(s.nearly - value) <= room]
    if fitting:
        found: Source = rank(fitting, value)
        return found
    small = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
    return Source(1, small) if abs(float(small) - value) <= room else None


def _sources(before: Graph) -> Iterator[Source]:
    """Yield expressions in the constants of a graph and the lengths of its axes."""
    written = [Fraction(v) for v in sorted(_numbers(before)) if v and math.isfinite(v)]
    long = sorted({abs(v) for v in written}, key=lambda v: -v.denominator)[:LARGEST_BASIS]
    lengths = {Fraction(d) for node in before.nodes() for d in node.shape if isinstance(d, int)}
    basis = list(dict.fromkeys([*long, Fraction(1), Fraction(2), *sorted(lengths - {0})]))
    rational = list(dict.fromkeys(_combined(basis)))
    for number in rational:
        yield Source(1, number)
        yield Source(1, -number)
    for number in dict.fromkeys([*basis, *rational[: 20 * LARGEST_BASIS]]):
        if number > 0 and number != 1:
            yield Source(1, number, True)
            yield Source(-1, number, True)


def _combined(basis: Sequence[Fraction]) -> Iterator[Fraction]:
    for a in basis:
        yield from (1 / a, a, 1 / (a * a), a * a)
    for a, b in itertools.permutations(basis, 2):
        yield from (a / b, a * b, a - b, a + b)
    for a, b in itertools.permutations(basis, 2):
        yield from (2 * a * b, a * b / 2, 2 * a / b, a / (2 * b))


def separated(
    before: Graph,
    after: Graph,
    inputs: Sequence[Node],
    arguments: Sequence[Array],
    sizes: Mapping[str, int],
) -> bool:
    """Tell whether two graphs differ at a point by more than rounded constants explain.

    Each new constant is moved by itself, in exact arithmetic: what it changes is its derivative
    times the move, and the sum of these bounds what all of them change, to first order. Twice that
    sum is granted.

    Args:
        before: the first graph.
        after: the second, with constants of its own.
        inputs: the inputs of both.
        arguments: one array for each input.
        sizes: the size of each named dimension.
    """
    both = Graph(inputs, (*before.outputs, *after.outputs))
    found = at_each_point(both, arguments, sizes)
    if found is None:
        return False
    count = len(before.outputs)
    first, second = found[:count], found[count:]
    granted = [_zeros(array) for array in second]
    for moved in _moved(before, after):
        there = at_each_point(Graph(inputs, moved.outputs), arguments, sizes)
        if there is None:
            return False
        for k, (one, other) in enumerate(zip(second, there, strict=True)):
            if one.dtype == object:
                granted[k] = np.asarray(granted[k] + 2 * _distance(one, other), object)
    return any(map(_apart, first, second, granted))


def _moved(before: Graph, after: Graph) -> Iterator[Graph]:
    """Yield the second graph with each number of its new constants moved by the tolerance."""
    is_new = _novelty(before)
    for node, array in new_constants(before, after).items():
        for value in dict.fromkeys(array.ravel().tolist()):
            if not is_new(value, node.dtype):
                continue
            near = array + np.where(array == value, _tolerance(value, node.dtype), 0.0)
            moved = op.astype(op.constant(near, "float64"), node.dtype)
            yield Graph(after.inputs, substitute(after.outputs, {node: moved}))


def _zeros(array: Array) -> Array:
    return tensor([flint.arb(0)] * array.size, array.shape)


def _distance(one: Array, other: Array) -> Array:
    pairs = zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
    return tensor([_gap(x, y) for x, y in pairs], one.shape)


def _gap(x: Any, y: Any) -> Any:
    if x.is_finite() and y.is_finite():
        return abs(x - y)
    return flint.arb(0) if str(x) == str(y) else flint.arb("inf")


def _apart(left: Array, right: Array, granted: Array) -> bool:
    if left.dtype != object:
        return not np.array_equal(left, right)
    rows = zip(left.ravel().tolist(), right.ravel().tolist(), granted.ravel().tolist(), strict=True)
    return any(
        one.is_finite() and room.is_finite() and not abs(one - other) <= room
        for one, other, room in rows
    )
