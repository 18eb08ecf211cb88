"""Arguments that two graphs are compared at: sizes of their named dimensions, and arrays.

Numbers that are written in the graphs are drawn too, and sizes next to them: a rewrite that is
right up to 30,000, or for at most six places, falls there.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rewriter.checking.deciders import written_numbers
from rewriter.checking.domain import Domain
from rewriter.checking.points import BESIDE, TAME, WILD
from rewriter.graph import operators as o
from rewriter.graph.dimension import evaluate
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import array_type

Array = np.ndarray[Any, Any]
SIZES = (2, 3, 1, 4, 5, 7)
LARGEST_SIZE = 40
"""Sizes next to a number that is written are tried up to this."""
LARGEST_ARRAYS = 4096
"""Elements of the inputs beyond which a size is not tried."""
MOST_TRIES = 50
"""Draws up to which one is looked for of which holds what is assumed."""
INTEGERS = (-1, -2, -7, 100, 1000, 2**31 - 1, -(2**31))
_INDEXED = frozenset((o.GATHER, o.SCATTER_ADD))
"""What promises that its indices are within bounds: -1 may be the last, -7 is outside."""
REGIMES = ("tame", "ordinary", "wild", "written")


class Arguments:
    """Draws arguments of two graphs.

    Args:
        before, after: the graphs.
        inputs: the inputs of both.
        large: the graphs are large: few sizes are tried, and small ones.
        domain: what is assumed of the arguments.
    """

    def __init__(self, before: Graph, after: Graph, inputs: Sequence[Node], large: bool,
                 domain: Domain) -> None:  # fmt: skip
        self.domain = domain
        self.inputs = inputs
        self.written = written_numbers(before, after)
        self.names = sorted(_names(inputs))
        self.sizes = self._tried(large)
        indexed = any(node.operator in _INDEXED for g in (before, after) for node in g.nodes())
        self.lowest = -1 if indexed else -(2**63)

    def _tried(self, large: bool) -> list[int]:
        usual = SIZES[:2] if large else SIZES
        beside = {math.floor(w) + k for w in self.written if not large for k in (0, 1, 2)}
        more = sorted(s for s in beside if 1 <= s <= LARGEST_SIZE and s not in usual)
        return [*usual, *(s for s in more if self._fits(s))]

    def _fits(self, size: int) -> bool:
        sizes = dict.fromkeys(self.names, size)
        shapes = [[evaluate(d, sizes) for d in node.shape] for node in self.inputs]
        return sum(map(math.prod, shapes)) <= LARGEST_ARRAYS

    def drawn_sizes(self, rng: random.Random, place: int) -> dict[str, int]:
        """Return a size for each named dimension: each of those tried in its turn, or any two."""
        size = self.sizes[place // 2 % len(self.sizes)]
        return {name: size if place % 2 == 0 else rng.choice(SIZES[:2]) for name in self.names}

    def drawn(self, rng: random.Random, sizes: dict[str, int], regime: str) -> list[Array]:
        """Return an array for each input: of floats as float64, or of integers or booleans."""
        found: list[Array] = []
        for _ in range(MOST_TRIES):
            found = [self._array(node, sizes, rng, regime) for node in self.inputs]
            found = self.domain.moved_inside(found)
            if self.domain.holds(found):
                break
        return found

    def points(self, seed: int, count: int) -> Iterator[tuple[list[Array], dict[str, int]]]:
        """Yield arguments and sizes, the regimes in turn."""
        rng = random.Random(seed)
        for k in range(count):
            sizes = self.drawn_sizes(rng, k)
            yield self.drawn(rng, sizes, REGIMES[k % len(REGIMES)]), sizes

    def _array(self, node: Node, sizes: dict[str, int], rng: random.Random, regime: str) -> Array:
        shape = tuple(evaluate(d, sizes) for d in node.shape)
        count = math.prod(shape)
        if not is_float(node.dtype):
            own = "tame" if rng.random() < 0.5 else regime
            drawn = [self._integer(node.dtype, rng, own) for _ in range(count)]
            return np.array(drawn, node.dtype).reshape(shape)
        numbers = [self._number(rng, regime) for _ in range(count)]
        with np.errstate(over="ignore"):
            held = np.array(numbers, np.float64).reshape(shape).astype(array_type(node.dtype))
        wide = np.asarray(held, np.float64)
        return np.where(np.isfinite(wide), wide, 1.0)

    def _integer(self, dtype: str, rng: random.Random, regime: str) -> int:
        if dtype == "bool" or regime == "tame":
            return rng.randrange(2)
        limits = np.iinfo(dtype)
        drawn = rng.randrange(8)
        if regime == "wild" and rng.random() < 0.4:
            drawn = rng.choice(INTEGERS)
        elif regime == "written" and self.written:
            drawn = math.floor(rng.choice(self.written)) + rng.randrange(-1, 2)
        held = max(limits.min, self.lowest) <= drawn <= limits.max
        return drawn if held else rng.randrange(2)

    def _number(self, rng: random.Random, regime: str) -> float:
        if regime == "tame":
            return rng.choice(TAME)
        if regime == "wild" and rng.random() < 0.3:
            return rng.choice(WILD)
        if regime == "written" and self.written and rng.random() < 0.6:
            return rng.choice(self.written) * rng.choice(BESIDE)
        return round(rng.gauss(0.0, 2.0), 6) or 0.5


def _names(inputs: Sequence[Node]) -> set[str]:
    return {d for node in inputs for d in node.shape if isinstance(d, str)}


def sizes_of(inputs: Sequence[Node], arrays: Sequence[Array]) -> dict[str, int]:
    """Return the sizes of the named dimensions that arrays have."""
    return {
        name: size
        for node, array in zip(inputs, arrays, strict=True)
        for name, size in zip(node.shape, array.shape, strict=True)
        if isinstance(name, str)
    }
