"""Probing: which of several graphs of the same meaning keeps its digits at more hostile numbers.

No proof, and none is asked for: the graphs are equal over the reals, and what is looked for is only
whether one is worth its cost. A graph is trusted where it gives in one precision what it gives in
another: what overflows, vanishes or cancels differs there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from rewriter.engine.perturbing import perturbed
from rewriter.errors import DataTypeError, RewriterError
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.precision import in_precision
from rewriter.graph.primitive import Kind
from rewriter.lowering.compile import compile as compiled

PRECISIONS = ("float32", "float64")

NAMED_SIZE = 3
"""The size of a dimension that has a name."""

MOST_ELEMENTS = 2**22
"""Elements of all nodes together, up to which a graph is probed."""

AGREEMENT = 2.0**-10
"""What both precisions may differ by, as a share of the largest element."""

LEAST_SIZE = 2.0**-64
"""What is smaller at ordinary numbers is what is left of larger ones."""

Array = np.ndarray[Any, Any]
Points = Sequence[Sequence[Array]]
Results = Sequence[Sequence[Array]]

_LARGE = 1e18
_SCALES = (
    (1, 0), (1e-4, 0), (30, 0), (30, 60), (0, 300), (0, 3000), (1000, 0), (1, 1e4), (1, -1e4),
    (_LARGE, 0),
)  # fmt: skip
"""(scale, offset) of the numbers at each point; at a scale of 0, of two equal ones in three."""

ORDINARY = 2
"""The first so many points are of numbers of everyday size."""


def points_of(graph: Graph, elements: int = MOST_ELEMENTS) -> list[list[Array]]:
    """Return the hostile numbers at which a graph is looked at: one array for each input.

    None at all where it calls functions that are not of this package, or has too many elements.
    """
    foreign = any(node.operator.kind is Kind.OPAQUE for node in graph.ordered)
    if foreign or sum(map(_elements, graph.ordered)) > elements:
        return []
    return list(_points(graph))


def points_among_large(graph: Graph, seeds: Iterable[int]) -> list[list[Array]]:
    """Return points of everyday numbers with large ones among them, one for each seed.

    What is lost of large numbers is seen where they cancel, and they do so at few points.
    """
    return [_among_large_in(graph, seed) for seed in seeds]


def most_trusted(graph: Graph, others: Iterable[Graph]) -> Graph:
    """Return the graph, or another that keeps its digits at more points, and wherever it does.

    At one of those more at least all that comes out is finite: what is lost of values that no float
    has is no loss; and it is the same with each operation a little wrong: what both precisions
    absorb, 1 - exp(-100), shows so. Functions that are not of this package are not called: a graph
    with such is left alone.

    Args:
        graph: the one that is taken where none is better.
        others: are looked at, one by one, while there is something to gain.
    """
    points = points_of(graph)
    chosen, kept = graph, _trusted_at(graph, points)
    if len(kept) == len(points):
        return graph
    for other in others:
        found = _trusted_at(other, points)
        gained = {k for k, finite in found.items() if finite and k not in kept}
        if gained and found.keys() > kept.keys() and gained & _firm_at(other, points):
            chosen, kept = other, found
            if len(kept) == len(points):
                break
    return chosen


def fails_somewhere(graph: Graph) -> bool:
    """Tell whether a graph is seen to overflow, or to be undefined, in the wider precision too.

    What is proved of a maximum holds where there is something that it is the maximum of.
    """
    found = _results_in(PRECISIONS[1], graph, points_of(graph))
    return any(not np.isfinite(x).all() for one in found for x in one)


def _elements(node: Node) -> int:
    return int(np.prod(_sizes(node)))


def _sizes(node: Node) -> tuple[int, ...]:
    return tuple(n if isinstance(n, int) else NAMED_SIZE for n in node.shape)


def _largest(dtype: str) -> float:
    return 1e4 if dtype == "float16" else _LARGE


def _points(graph: Graph) -> Iterator[list[Array]]:
    """Numbers near 0 and of sizes that data has when something went wrong."""
    for scale, offset in _SCALES:
        yield [_filled(node, scale, offset, k) for k, node in enumerate(graph.inputs)]


def _filled(node: Node, scale: float, offset: float, seed: int) -> Array:
    shape, count = _sizes(node), _elements(node)
    if not is_float(node.dtype):
        return np.zeros(shape, node.dtype)
    waves = np.cos(2.4 * np.arange(count) + seed)
    ties = np.where(np.arange(count) % 3 < 2, 1.0, 0.0) if scale == 0 else 1.0
    limit = _largest(node.dtype)
    values: Array = np.clip(scale * waves + offset * ties, -limit, limit).reshape(shape)
    return values.astype("float32")


def _among_large_in(graph: Graph, seed: int) -> list[Array]:
    seeds = ((seed, k) for k in range(len(graph.inputs)))
    random = map(np.random.default_rng, seeds)
    return [_among_large(*one) for one in zip(graph.inputs, random, strict=True)]


def _among_large(node: Node, random: np.random.Generator) -> Array:
    """Numbers of which half are large, of one sign or of either."""
    shape = _sizes(node)
    if not is_float(node.dtype):
        return np.zeros(shape, node.dtype)
    everyday = np.clip(random.standard_normal(shape) * 2.0, -4, 4)
    signs = random.choice((-1.0, 1.0), shape if random.random() < 1 / 2 else ())
    large = random.random(shape) < 1 / 2
    return np.where(large, signs * _largest(node.dtype), everyday).astype("float32")


def _trusted_at(graph: Graph, points: Points) -> dict[int, bool]:
    """Return at which points both precisions agree, and whether all is finite there in both."""
    narrow, wide = (_results_in(dtype, graph, points) for dtype in PRECISIONS)
    return agreeing(narrow, wide, AGREEMENT)


def _firm_at(graph: Graph, points: Points) -> set[int]:
    """Return where a graph is the same with each of its operations a little wrong."""
    wide = in_precision(graph, PRECISIONS[1])
    exactly, off = (results_at(one, points) for one in (wide, perturbed(wide)))
    return set(agreeing(exactly, off, AGREEMENT))


def _results_in(dtype: str, graph: Graph, points: Points) -> Results:
    """Return a graph's results in a precision; none of what is of another by what it calls."""
    try:
        computed = in_precision(graph, dtype)
    except DataTypeError:
        return []
    return results_at(computed, points)


def results_at(graph: Graph, points: Points) -> Results:
    """Return the outputs that are floats at each point.

    None at all for what the NumPy backend does not run, or not with inputs of these sizes.
    """
    try:
        run = compiled(graph)
        with np.errstate(all="ignore"):
            return [_floats(graph, run(*point)) for point in points]
    except RewriterError:
        return []


def agreeing(some: Results, others: Results, share: float, usual: int = 0) -> dict[int, bool]:
    """Return at which points two graphs agree, and whether all is finite there in both.

    Args:
        some: the results of one of them.
        others: of another of the same outputs; in a wider precision, or as wide.
        share: what they may differ by, of the largest element of an output.
        usual: the first so many points are ordinary; what is smaller elsewhere is measured by the
            largest element there.
    """
    sizes = [max(LEAST_SIZE, *map(_size, one)) for one in zip(*others[:usual], strict=True)]
    found = {}
    for k, (one, two) in enumerate(zip(some, others, strict=False)):
        pairs = zip(one, two, sizes or [0.0] * len(two), strict=True)
        if all(_agree(x, y, share, size) for x, y, size in pairs):
            found[k] = all(bool(np.isfinite(x).all()) for x in one)
    return found


def _size(values: Array) -> float:
    """The size of the largest element that is finite."""
    finite = np.isfinite(values)
    return float(np.abs(values[finite]).max()) if finite.any() else 0.0


def _floats(graph: Graph, results: Any) -> list[Array]:
    """The results of outputs that are floats, in float64."""
    several = results if len(graph.outputs) > 1 else (results,)
    pairs = zip(several, graph.outputs, strict=True)
    return [np.asarray(x, "float64") for x, node in pairs if is_float(node.dtype)]


def _agree(x: Array, y: Array, share: float, size: float) -> bool:
    """Tell whether two results are the same, by the size of the largest element, or one given.

    What the narrower precision has no number for, too large or too small, is the same.
    """
    narrow = np.finfo(PRECISIONS[0])
    finite = np.isfinite(x) & np.isfinite(y)
    scale = max(size, _size(np.where(finite, y, 0.0)))
    least = max(share * scale, float(narrow.smallest_normal))
    apart = np.abs(np.where(finite, x, 0.0) - np.where(finite, y, 0.0))
    beyond = np.isinf(x) & (np.abs(y) > float(narrow.max)) & np.isfinite(y)
    return bool(((finite & (apart <= least)) | beyond).all())
