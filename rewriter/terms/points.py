"""Points at which exponents are tried: one that is large at some point has no bound to be found.

A bound of an exponent is proved from maxima and from ranges of tensors, for whatever numbers these
hold: ``u[t] − max_j u[j]`` is at most 0 for all u. Where an exponent is large at numbers within
the ranges, no choice of maxima and of their values proves a bound, and none need be sought.
Indices that stand for the same place read the same number, whatever they are called.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.constants import constant_array
from rewriter.graph.node import Node
from rewriter.matching.digest import digest_of_text
from rewriter.terms.digests import node_digest
from rewriter.terms.functions import SUPPORTED, without_stop
from rewriter.terms.index import Affine, Axis, Data, Fixed, axis, index_key
from rewriter.terms.interning import drawn_from_facts
from rewriter.terms.naming import definition_of
from rewriter.terms.rational import absolute
from rewriter.terms.rational import logarithm as log
from rewriter.terms.regrouping import described, stride
from rewriter.terms.sign import interval_of
from rewriter.terms.spans import (
    ANY,
    Span,
    exactly,
    larger,
    logarithm,
    logarithm_of_sum,
    plus,
    raised,
    scaled,
    smaller,
    summed,
    times,
    within,
)
from rewriter.terms.term import (
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Element,
    Inverse,
    Product,
    Term,
)  # fmt: skip

POINTS = 1024
"""Points that an exponent is tried at."""

SMALL, LARGE = 2.0**16, 2.0**22
"""Bounds, numbers and coefficients up to the first are small beside what is above the second."""

LEAST_SCALE, SCALES = 26, 20
"""Numbers without a bound are 2 to this at least, and of so many sizes, each twice the last."""

MOST_NUMBERS, DEEPEST = 4096, 24
"""Numbers of a tensor that is worked out at a point, and names within names."""

Array = np.ndarray[Any, Any]
Places = Mapping[Axis, Array]
"""Where each axis is, at each point; a binder's own is a new last axis of the arrays."""

_TABLES: weakref.WeakKeyDictionary[Node, Span | None] = drawn_from_facts(
    weakref.WeakKeyDictionary()
)

_EVERY: Array = np.arange(POINTS, dtype=np.uint64)

_JOINED = {o.MAXIMUM: larger, o.MINIMUM: smaller, o.LOGADDEXP: logarithm_of_sum}
"""What is worked out of what its arguments are."""


class _UnknownError(Exception):
    """A term of which it is not known how large it may be."""


def is_large_somewhere(exponent: Combination) -> bool:
    """Tell whether an exponent is known to be large at some point; worked out once."""
    cache = exponent.__dict__
    if "large" not in cache:
        cache["large"] = _is_large(exponent)
    found: bool = cache["large"]
    return found


def _is_large(exponent: Combination) -> bool:
    if exponent.variables or not exponent.products:
        return False
    free = sorted(exponent.free, key=lambda one: (one.level, one.name, one.number))
    try:
        least: Any = 0.0
        seeds = _seeds(free)
        for product in exponent.products:
            least = least + _at_points(product, tuple((one, seeds[one]) for one in product.free))
    except _UnknownError:
        return False
    return bool(np.any(least > LARGE))


def _seeds(free: list[Axis]) -> dict[Axis, int]:
    """What the places of each axis are drawn by: as often the same as axes look the same."""
    seen: dict[str, int] = {}
    seeds = {}
    for one in free:
        key = index_key(one)
        seen[key] = seen.get(key, 0) + 1
        seeds[one] = digest_of_text(f"{key} {seen[key]}")
    return seeds


def _at_points(product: Product, seeds: tuple[tuple[Axis, int], ...]) -> Any:
    """Return what bounds a summand from below at each point; worked out once."""
    cache: dict[Any, Any] = product.__dict__.setdefault("at_points", {})
    if seeds not in cache:
        places = {one: (_mixed(_EVERY, seed) % np.uint64(_extent(one))).astype(np.int64)
                  for one, seed in seeds}  # fmt: skip
        try:
            cache[seeds] = _Trial(_EVERY, places).product(product).low
        except _UnknownError:
            cache[seeds] = None
    found = cache[seeds]
    if found is None:
        raise _UnknownError
    return found


def _range(term: Term) -> Span:
    """What is proved to bound a term everywhere; nothing where that is large."""
    bounds = interval_of(term)
    low = bounds.low if abs(bounds.low) <= SMALL else -np.inf
    return Span(low, bounds.high if abs(bounds.high) <= SMALL else np.inf)


def _extent(one: Axis) -> int:
    extent = getattr(one, "extent", None)
    if type(one) is not Axis or not isinstance(extent, int) or extent < 1:
        raise _UnknownError
    return extent


def _mixed(numbers: Any, seed: Any) -> Any:
    """Return numbers that look random, the same for the same numbers (splitmix64)."""
    with np.errstate(over="ignore"):
        z = numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed & (2**64 - 1))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


class _Trial:
    """Works terms out at all points.

    Args:
        points: the number of each point, of as many axes as places have.
        places: where each free axis is.
        depth: how many names this is within.
    """

    def __init__(self, points: Array, places: Places, depth: int = 0) -> None:
        self.points, self.places, self.depth = points, places, depth

    def combination(self, term: Combination) -> Span:
        """Return what bounds a sum at each point."""
        total = exactly(np.zeros((1,) * self.points.ndim))
        for product in term.products:
            total = plus(total, self.product(product))
        return total

    def product(self, product: Product) -> Span:
        """Return what bounds a summand: a multiple of what is worked out, or its range."""
        if product.exponent.products or absolute(product.coefficient) > SMALL:
            return _range(product)
        found = exactly(1.0)
        for n, (base, q) in enumerate(product.factors):
            one = self.base(base) if q == 1 else raised(self.base(base), q)
            found = times(found, one) if n else one
        return scaled(found, float(product.coefficient))

    def base(self, base: Term) -> Span:
        """Return what bounds a factor."""
        inner = without_stop(base)
        if isinstance(inner, Element):
            return self._element(inner)
        if isinstance(inner, Combination):
            return self.combination(inner)
        if isinstance(inner, Product):
            return self.product(inner)
        if isinstance(inner, BoundMaximum):
            values = self._at_all_places(inner.axis).combination(inner.body)
            return Span(*(end.max(axis=-1) for end in values))
        if isinstance(inner, Application):
            return within(self._application(inner), _range(inner))
        if isinstance(inner, BoundSum):
            return within(self._sum(inner), _range(inner))
        if isinstance(inner, Inverse):
            return within(raised(self.base(inner.parts[0]), -1), _range(inner))
        return _range(inner)

    def _application(self, term: Application) -> Span:
        if term.operator is o.LOG:
            return self._logarithm(term.arguments[0])
        if term.operator is SUPPORTED:
            return self.combination(term.arguments[0])
        joined = _JOINED.get(term.operator)
        return ANY if joined is None else reduce(joined, map(self.combination, term.arguments))

    def _at_all_places(self, bound: Axis) -> _Trial:
        """Work out at all places of an axis, those included where nothing counts."""
        extent = _extent(bound)
        if self.points.size * extent > MOST_NUMBERS * POINTS:
            raise _UnknownError
        places = {one: where[..., None] for one, where in self.places.items()}
        places[bound] = np.arange(extent).reshape((1,) * self.points.ndim + (extent,))
        return _Trial(self.points[..., None], places, self.depth)

    def _sum(self, total: BoundSum) -> Span:
        if total.axis is None:
            return self.base(total.body)
        return summed(self._at_all_places(total.axis).base(total.body), _extent(total.axis))

    def _logarithm(self, inside: Term) -> Span:
        """Return what bounds a logarithm; of exponentials, by what these are of."""
        inner = without_stop(inside)
        summands = inner.products if isinstance(inner, Combination) else ()
        if summands and all(product.coefficient > 0 for product in summands):
            return reduce(logarithm_of_sum, map(self._logarithm, summands))
        if isinstance(inner, Product) and 0 < inner.coefficient <= SMALL:
            found = exactly(log(inner.coefficient))
            for base, q in inner.factors:
                found = plus(found, scaled(self._logarithm(base), float(q)))
            return plus(found, self.combination(inner.exponent))
        if isinstance(inner, BoundSum) and inner.axis is None:
            return self._logarithm(inner.body)
        return logarithm(self.base(inner))

    def _element(self, element: Element) -> Span:
        node = element.node
        where = self._within([self._place(index) for index in element.indices], node)
        constant = constant_array(node)
        if constant is not None:
            numbers = np.asarray(constant, "float64")  # float16 does not hold the bound
            if not numbers.size or not (abs(numbers) <= SMALL).all():
                raise _UnknownError
            return exactly(numbers[tuple(where)])
        meant = definition_of(node)
        if meant is not None and _is_maximum(meant):
            low, high = self._table(node, meant)
            place = (self.points.astype(np.int64), *where)
            return Span(low[place], high[place])
        return exactly(_numbers(node, self.points, where))

    def _within(self, where: list[Any], node: Node) -> list[Any]:
        """Return places within a tensor, the nearest ones to what is beyond its ends."""
        sizes = [size for size in node.shape if isinstance(size, int) and size > 0]
        if len(sizes) < node.ndim:
            raise _UnknownError
        return [np.clip(w, 0, n - 1) for w, n in zip(where, sizes, strict=True)]

    def _table(self, node: Node, meant: Combination) -> Span:
        """All that a named maximum is worth, at each point; worked out once."""
        if node not in _TABLES:
            if self.depth >= DEEPEST:
                raise _UnknownError
            _TABLES[node] = None
            sizes = [n if isinstance(n, int) else 0 for n in node.shape]
            if not 0 < np.prod([1, *sizes]) <= MOST_NUMBERS:
                raise _UnknownError
            shape = (POINTS, *sizes)
            grid = np.ogrid[tuple(slice(0, n) for n in shape)]
            places = {axis(k, n): where for k, (n, where) in
                      enumerate(zip(node.shape, grid[1:], strict=True))}  # fmt: skip
            trial = _Trial(grid[0].astype(np.uint64), places, self.depth + 1)
            ends = (np.broadcast_to(end, shape) for end in trial.combination(meant))
            _TABLES[node] = Span(*ends)
        found = _TABLES[node]
        if found is None:
            raise _UnknownError
        return found

    def _place(self, index: object) -> Any:
        """Where an index expression is, at each point."""
        if isinstance(index, Fixed) and isinstance(index.place, int):
            return np.int64(index.place)
        if isinstance(index, Affine) and isinstance(index.offset, int):
            return self._place(index.base) * index.step + index.offset
        if isinstance(index, Data):
            return self._looked_up(index)
        if isinstance(index, Axis) and index in self.places:
            return self.places[index]
        raise _UnknownError

    def _looked_up(self, data: Data) -> Any:
        """What an integer tensor holds: where it tells old axes by new ones, that; else 0 or 1."""
        where = self._within([self._place(one) for one in data.indices], data.node)
        told = described(data.node)
        if told is not None:
            before, position, after = told
            kept = [w for w, n in zip(where, data.node.shape, strict=True) if n != 1]
            flat = sum(w * stride(after, k) for k, w in enumerate(kept))
            return flat // stride(before, position) % before[position]
        known = constant_array(data.node)
        if known is not None and known.size:
            return known[tuple(where)].astype(np.int64)
        return (_hashed(data.node, self.points, where) % np.uint64(2)).astype(np.int64)


def _is_maximum(meant: Combination) -> bool:
    """Tell whether a name is looked into where differences are sought."""
    inner = without_stop(meant)
    if isinstance(inner, Element):
        further = definition_of(inner.node)
        return further is not None and _is_maximum(further)
    finite = isinstance(inner, Application) and inner.operator is o.MAXIMUM
    return finite or isinstance(inner, BoundMaximum)


def _hashed(node: Node, points: Array, where: list[Any]) -> Any:
    found = _mixed(points, node_digest(node))
    for place in where:
        found = _mixed(found, 1) ^ _mixed(np.asarray(place).astype(np.uint64), 3)
    return _mixed(found, 5)


def _numbers(node: Node, points: Array, where: list[Any]) -> Any:
    """Numbers of a tensor within its range.

    At some points all are of one sign, at others of both; of much the same size, or of many.
    """
    bounds, bits = range_of(node), _hashed(node, points, where)
    share = (bits >> np.uint64(40)).astype("float64") / 2.0**24
    ends = [end for end in (bounds.low, bounds.high) if abs(end) < np.inf]
    if any(abs(end) > SMALL for end in ends):
        raise _UnknownError
    if len(ends) == 2:
        return bounds.low + share * (bounds.high - bounds.low)
    spread = np.where(points & np.uint64(1), bits % np.uint64(SCALES), np.uint64(0))
    sizes = np.exp2((LEAST_SCALE + spread).astype("float64"))
    numbers = np.round((0.5 + share) * sizes)
    if ends:
        return bounds.low + numbers if bounds.low > -np.inf else bounds.high - numbers
    positive = (points & np.uint64(4)) | ((points & np.uint64(2)) & (bits >> np.uint64(31)))
    return np.where(positive, numbers, -numbers)
