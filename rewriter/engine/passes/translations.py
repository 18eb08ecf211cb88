"""Translations: a graph that does not notice what is added to its data is given data near 0.

Shares of exponentials, odds, ratios of likelihoods are the same where a number is added to all
logits. Where the graph adds what is near 0 to data, or to a maximum of it, the sum is rounded at
the size of the data; of data less the least of it, nothing is lost. That is as far as each element
is away from 0 at least, so that none is farther away from it afterwards; in units u of the last
digit of the largest, so that no subtraction is rounded: all elements are multiples of their own
last digits, and ``k·u`` less ``j·u`` is ``(k − j)·u``. For the same reason data is not moved in
steps that are not powers of two of one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

from rewriter.engine.result import Result, Step
from rewriter.facts.ranges import range_of
from rewriter.facts.translations import Source, Translations, sources_of
from rewriter.facts.vectors import Vector, along
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import SIGNIFICAND_BITS, promote
from rewriter.graph.graph import Graph
from rewriter.graph.indexing import slice_axes
from rewriter.graph.node import Node, rewritten
from rewriter.graph.origin import origin_of

HAZARD = "a sum that rounds what is near 0 at the size of data that may be moved there"

REASON = "a number added to all of it changes no output"

MOST_SOURCES = 32
"""Parts of inputs of which equations are solved."""

_ROUNDING = frozenset((o.ADD, o.SUBTRACT))


def cure_translations(written: Graph, graph: Graph, result: Result) -> Graph:
    """Return the graph of data near 0, where that changes nothing and some sum is rounded less.

    Args:
        written: a graph of the same meaning, of which it is proved what it does not notice.
        graph: what is computed.
        result: takes the steps.
    """
    sources = sources_of(written)
    if not 0 < len(sources) <= MOST_SOURCES:
        return graph
    unnoticed = Translations(written, sources).unnoticed(written.outputs)
    if not unnoticed:
        return graph
    directions = _rounding(graph, Translations(graph, sources), unnoticed)
    moved = {source.node: source.node for source in sources}
    for direction in filter(_is_exact, directions):
        moved = _moved(moved, sources, direction)
    changed = {before: after for before, after in moved.items() if after is not before}
    if not changed:
        return graph
    for before, after in changed.items():
        result.steps.append(Step(before, after, HAZARD, [], None, reason=REASON))
    return graph.with_outputs(rewritten(graph.outputs, lambda node: changed.get(node, node)))


def _is_exact(direction: Vector) -> bool:
    """Tell whether all steps along a direction are powers of two of one another."""
    sizes = [abs(part) for one in direction if one for part in (one.numerator, one.denominator)]
    return all(size & (size - 1) == 0 for size in sizes)


def _rounding(graph: Graph, found: Translations, unnoticed: Sequence[Vector]) -> list[Vector]:
    """Return the directions along which a sum moves, of what moves too or is near 0."""
    moving: set[Node] = set()
    rounded: dict[Vector, None] = {}
    for node in graph.ordered:
        far = [one for one in unnoticed if along(found.offsets[node], one)]
        if far or not moving.isdisjoint(node.operands):
            moving.add(node)
        adds = node.operator in _ROUNDING and all(
            p in moving or _is_small(p) for p in node.operands
        )
        if adds:
            rounded.update(dict.fromkeys(far))
    return list(rounded)


def _is_small(node: Node) -> bool:
    bounds = range_of(node)
    return bounds.bounded and not bounds.low == bounds.high == 0


def _moved(now: dict[Node, Node], sources: Sequence[Source], direction: Vector) -> dict[Node, Node]:
    """Return inputs less what they are moved by along a direction."""
    least = _least(now, sources, direction)
    moved = dict(now)
    for source, times in zip(sources, direction, strict=True):
        if times:
            with origin_of(source.node.origin):
                less = _times(least, times, source)
                moved[source.node] = op.subtract(moved[source.node], less)
    return moved


def _times(least: Node, times: Fraction, source: Source) -> Node:
    """Return a number at the places of a source, 0 elsewhere."""
    node = source.node
    number = op.astype(least, node.dtype)
    if times != 1:
        number = op.multiply(number, op.constant(float(times), node.dtype))
    extents = [b - a for a, b in zip(source.start, source.stop, strict=True)]
    if list(node.shape) == extents:
        return number
    around = [
        (a, extent - b)
        for a, b, extent in zip(source.start, source.stop, node.shape, strict=True)
        if isinstance(extent, int)
    ]
    return op.pad(op.broadcast_to(number, tuple(extents)), around)


def _least(now: dict[Node, Node], sources: Sequence[Source], direction: Vector) -> Node:
    """Return how far along a direction all elements of the sources are from 0 at least."""
    ends: list[tuple[Node, Node]] = []
    dtypes = [s.node.dtype for s, times in zip(sources, direction, strict=True) if times]
    dtype = reduce(promote, dtypes)
    for source, times in zip(sources, direction, strict=True):
        if times:
            part = op.astype(_part_of(now[source.node], source), dtype)
            if times != 1:
                part = op.multiply(part, op.constant(float(1 / times), dtype))
            ends.append((op.min(part), op.max(part)))
    low = reduce(op.minimum, [low for low, _ in ends])
    high = reduce(op.maximum, [high for _, high in ends])
    zero = op.constant(0.0, dtype)
    least = op.add(op.maximum(low, zero), op.minimum(high, zero))
    digits = min(SIGNIFICAND_BITS[one] for one in dtypes)
    size = op.binade(op.maximum(op.absolute(low), op.absolute(high)))
    unit = op.multiply(size, op.constant(2.0 ** (1 - digits), dtype))
    units = op.multiply(op.sign(least), op.floor(op.divide(op.absolute(least), unit)))
    exact = op.multiply(units, unit)
    return op.stop_gradient(op.where(op.isfinite(exact), exact, zero))


def _part_of(node: Node, source: Source) -> Node:
    bounds = zip(source.start, source.stop, strict=True)
    return slice_axes(node, [(start, stop, 1) for start, stop in bounds])
