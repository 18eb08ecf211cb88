"""Translations: a graph that does not notice what is added to its data is given data near 0.

Shares of exponentials, odds, ratios of likelihoods are the same where a number is added to all
logits. Where the graph adds what is near 0 to data, or to a maximum of it, the sum is rounded at
the size of the data; of data less the least of it, nothing is lost. That is as far as each element
is away from 0 at least, so that none is farther away from it afterwards.
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
    if not directions:
        return graph
    moved = {node: _moved(node, sources, directions) for node in graph.inputs}

    def change(node: Node) -> Node:
        return moved.get(node, node)

    for before, after in moved.items():
        if after is not before:
            result.steps.append(Step(before, after, HAZARD, [], None, reason=REASON))
    return graph.with_outputs(rewritten(graph.outputs, change))


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


def _moved(node: Node, sources: Sequence[Source], directions: Sequence[Vector]) -> Node:
    """Return an input less what it is moved by."""
    own = [k for k, source in enumerate(sources) if source.node is node]
    if not any(direction[k] for direction in directions for k in own):
        return node
    with origin_of(node.origin):
        after = node
        for direction in directions:
            least = _least(sources, direction)
            for k in own:
                if direction[k]:
                    after = op.subtract(after, _times(least, direction[k], sources[k]))
    return after


def _times(least: Node, times: Fraction, source: Source) -> Node:
    """Return a number at the places of a source, 0 elsewhere."""
    node = source.node
    number = op.multiply(op.astype(least, node.dtype), op.constant(float(times), node.dtype))
    extents = [b - a for a, b in zip(source.start, source.stop, strict=True)]
    if list(node.shape) == extents:
        return number if times != 1 else op.astype(least, node.dtype)
    around = [
        (a, extent - b)
        for a, b, extent in zip(source.start, source.stop, node.shape, strict=True)
        if isinstance(extent, int)
    ]
    return op.pad(op.broadcast_to(number, tuple(extents)), around)


def _least(sources: Sequence[Source], direction: Vector) -> Node:
    """Return how far along a direction all elements of the sources are from 0 at least."""
    ends: list[tuple[Node, Node]] = []
    for source, times in zip(sources, direction, strict=True):
        if times:
            part = _part_of(source)
            if times != 1:
                part = op.multiply(part, op.constant(float(1 / times), part.dtype))
            ends.append((op.min(part), op.max(part)))
    low = reduce(op.minimum, [low for low, _ in ends])
    high = reduce(op.maximum, [high for _, high in ends])
    zero = op.constant(0.0, low.dtype)
    least = op.add(op.maximum(low, zero), op.minimum(high, zero))
    return op.stop_gradient(op.where(op.isfinite(least), least, zero))


def _part_of(source: Source) -> Node:
    bounds = zip(source.start, source.stop, strict=True)
    return slice_axes(source.node, [(start, stop, 1) for start, stop in bounds])
