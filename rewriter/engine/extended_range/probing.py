"""Probing: which of several graphs of the same meaning keeps its digits at more hostile numbers.

No proof, and none is asked for: the graphs are equal over the reals, and what is looked for is only
whether one is worth its cost. A graph is trusted where it gives in one precision what it gives in
another: what overflows, vanishes or cancels differs there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from rewriter.errors import RewriterError
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.elementwise import constant
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Kind
from rewriter.lowering.compile import compile as compiled

PRECISIONS = ("float32", "float64")

NAMED_SIZE = 3
"""The size of a dimension that has a name."""

MOST_ELEMENTS = 2**22
"""Elements of all nodes together, up to which a graph is probed."""

AGREEMENT = 2.0**-10
"""What both precisions may differ by, as a share of the largest element."""

_SCALES = (
    (1, 0), (1e-4, 0), (30, 0), (30, 60), (0, 300), (1000, 0), (1, 1e4), (1, -1e4), (1e18, 0),
)  # fmt: skip
"""(scale, offset) of the numbers at each point; at a scale of 0, of two equal ones in three."""

Array = np.ndarray[Any, Any]


def most_trusted(graph: Graph, others: Iterable[Graph]) -> Graph:
    """Return the graph, or another that keeps its digits at more points, and wherever it does.

    At one of those more at least all that comes out is finite: what is lost of values that no float
    has is no loss. Functions that are not of this package are not called: a graph with such is left
    alone.

    Args:
        graph: the one that is taken where none is better.
        others: are looked at, one by one, while there is something to gain.
    """
    foreign = any(node.operator.kind is Kind.OPAQUE for node in graph.ordered)
    if foreign or sum(map(_elements, graph.ordered)) > MOST_ELEMENTS:
        return graph
    points = list(_points(graph))
    chosen, kept = graph, _trusted_at(graph, points)
    if len(kept) == len(points):
        return graph
    for other in others:
        found = _trusted_at(other, points)
        if found.keys() > kept.keys() and any(found[k] for k in found.keys() - kept.keys()):
            chosen, kept = other, found
            if len(kept) == len(points):
                break
    return chosen


def _elements(node: Node) -> int:
    return int(np.prod([n if isinstance(n, int) else NAMED_SIZE for n in node.shape]))


def _points(graph: Graph) -> Iterator[list[Array]]:
    """Numbers near 0 and of sizes that data has when something went wrong."""
    for scale, offset in _SCALES:
        yield [_filled(node, scale, offset, k) for k, node in enumerate(graph.inputs)]


def _filled(node: Node, scale: float, offset: float, seed: int) -> Array:
    shape = tuple(n if isinstance(n, int) else NAMED_SIZE for n in node.shape)
    count = int(np.prod(shape))
    if not is_float(node.dtype):
        return np.zeros(shape, node.dtype)
    waves = np.cos(2.4 * np.arange(count) + seed)
    ties = np.where(np.arange(count) % 3 < 2, 1.0, 0.0) if scale == 0 else 1.0
    limit = 1e4 if node.dtype == "float16" else 1e18
    values: Array = np.clip(scale * waves + offset * ties, -limit, limit).reshape(shape)
    return values.astype("float32")


def _trusted_at(graph: Graph, points: Sequence[Sequence[Array]]) -> dict[int, bool]:
    """Return at which points both precisions agree, and whether all is finite there in both.

    At none for what the NumPy backend does not run, or not with inputs of these sizes.
    """
    try:
        narrow, wide = (compiled(in_precision(graph, dtype)) for dtype in PRECISIONS)
        with np.errstate(all="ignore"):
            pairs = [(narrow(*point), wide(*point)) for point in points]
    except RewriterError:
        return {}
    found = {}
    for k, pair in enumerate(pairs):
        left, right = (_floats(graph, results) for results in pair)
        if all(map(_agree, left, right)):
            found[k] = all(bool(np.isfinite(x).all()) for x in left)
    return found


def _floats(graph: Graph, results: Any) -> list[Array]:
    """The results of outputs that are floats, in float64."""
    several = results if len(graph.outputs) > 1 else (results,)
    pairs = zip(several, graph.outputs, strict=True)
    return [np.asarray(x, "float64") for x, node in pairs if is_float(node.dtype)]


def _agree(x: Array, y: Array) -> bool:
    """Tell whether two results are the same, by the size of the largest element.

    What the narrower precision has no number for, too large or too small, is the same.
    """
    narrow = np.finfo(PRECISIONS[0])
    finite = np.isfinite(x) & np.isfinite(y)
    scale = float(np.abs(y[finite]).max()) if finite.any() else 0.0
    least = max(AGREEMENT * scale, float(narrow.smallest_normal))
    apart = np.abs(np.where(finite, x, 0.0) - np.where(finite, y, 0.0))
    beyond = np.isinf(x) & (np.abs(y) > float(narrow.max)) & np.isfinite(y)
    return bool(((finite & (apart <= least)) | beyond).all())


def in_precision(graph: Graph, dtype: str) -> Graph:
    """Return the graph with all that is computed in floats computed in those of a dtype."""
    made: dict[Node, Node] = {}
    for node in dict.fromkeys((*graph.inputs, *graph.ordered)):
        made[node] = _in_precision(node, [made[operand] for operand in node.operands], dtype)
    return Graph([made[one] for one in graph.inputs], [made[one] for one in graph.outputs])


def _in_precision(node: Node, operands: Sequence[Node], dtype: str) -> Node:
    if not is_float(node.dtype) and tuple(operands) == node.operands:
        return node
    if node.operator is o.CONSTANT:
        return constant(node.attribute("value").array, dtype)
    attributes = {
        name: dtype if name == "dtype" and isinstance(value, str) and is_float(value) else value
        for name, value in node.attributes
    }
    return apply(node.operator, operands, attributes)
