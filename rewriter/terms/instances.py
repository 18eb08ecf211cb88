"""Instances: what a maximum is taken of, at the places where a term may have it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as choices
from typing import NamedTuple

from rewriter.graph import operators as o
from rewriter.graph.dimension import subtract
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination, scale
from rewriter.terms.binding import replace
from rewriter.terms.functions import (
    constant_factors,
    maximum_in,
    stop_gradient,
    unsupported,
    without_stop,
)
from rewriter.terms.index import Affine, Axis, Fixed, IndexExpression, affine, axes_in, opening
from rewriter.terms.indicators import within
from rewriter.terms.interning import remembered
from rewriter.terms.term import (
    UNIT,
    ZERO,
    Application,
    BoundMaximum,
    Combination,
    Element,
    Product,
    Term,
)  # fmt: skip


class Instance(NamedTuple):
    """What a maximum is taken of, at some place.

    Attributes:
        value: what stands there.
        support: where this is 0 it does not take part, or is at none of the maximum's places.
        bounded: the place is proved to be one that the maximum runs over, whatever it is.
    """

    value: Combination
    support: Combination
    bounded: bool


def maximum_times_constant(
    product: Product,
) -> tuple[Term, BoundMaximum | Application, Combination] | None:
    """Return (factor of the product, maximum that it is, constant beside it), else None."""
    constants = constant_factors(product)
    others = [f for f in product.factors if f not in constants]
    if len(others) != 1 or others[0][1] != 1 or product.exponent.products:
        return None
    base = others[0][0]
    largest = maximum_in(base)
    if largest is None:
        return None
    return base, largest, Combination.make((Product.make(1, constants, ZERO),))


def instances(largest: BoundMaximum | Application, among: Combination) -> Iterator[Instance]:
    """Yield instances of what a maximum is taken of that may occur in a term.

    A maximum in them may occur as one that carries no gradient: it has the same value.
    """
    for one in _as_taken(largest, among):
        yield one
        stopped = _with_maxima_stopped(one.value)
        if stopped is not one.value:
            yield Instance(stopped, one.support, one.bounded)


def _with_maxima_stopped(value: Combination) -> Combination:
    """Return a value with the gradients of the maxima that it adds up stopped."""
    if not any(map(_is_live_maximum, value.products)):
        return value
    summands = (as_combination(product) for product in value.products)
    return algebra.add(stop_gradient(s) if _is_live_maximum(s.products[0]) else s for s in summands)


def _is_live_maximum(product: Product) -> bool:
    """Tell whether a product is a multiple of a maximum that has no other name."""
    if not any(_is_maximum(base) for base, _ in product.factors):
        return False
    found = maximum_times_constant(product)
    return found is not None and found[0] is found[1]


def _is_maximum(base: Term) -> bool:
    finite = isinstance(base, Application) and base.operator is o.MAXIMUM
    return finite or isinstance(base, BoundMaximum)


def _as_taken(largest: BoundMaximum | Application, among: Combination) -> Iterator[Instance]:
    """Yield such instances as they stand in the maximum."""
    if isinstance(largest, Application):
        values = [Instance(*unsupported(argument), True) for argument in largest.arguments]
        if any(product.has(largest) for product in among.products):
            yield Instance(as_combination(largest), UNIT, True)
        yield from sorted(values, key=lambda one: not one.value.products)
        for one in values:
            yield from _within_maxima(one, among)
        return
    bound: list[Axis] = []
    body, support = as_combination(largest), UNIT
    levels: list[tuple[tuple[Axis, ...], Combination, Combination]] = []
    nested = False
    while True:
        inner, beside = _maximum_and_rest(body)
        if inner is None or (beside.products and (nested or _nests(inner))):
            break
        nested = nested or bool(beside.products)
        fresh = opening(inner.axis, among.free.union(largest.free, bound))
        bound.append(fresh)
        body = algebra.add((replace(inner.body, {inner.axis: fresh}), beside))
        support = algebra.multiply(support, replace(inner.support, {inner.axis: fresh}))
        levels.append((tuple(bound), body, support))
    for axes, body, support in reversed(levels):
        places = [list(_candidates(axis, body, among)) for axis in axes]
        for chosen in choices(*places):
            mapping = dict(zip(axes, chosen, strict=True))
            beyond = [one for one in mapping.items() if not _runs_over(body, *one)]
            inside = [within(place, 0, axis.extent) for axis, place in beyond]
            taken = algebra.multiply_all([replace(support, mapping), *inside])
            if taken.products:
                yield Instance(replace(body, mapping), taken, not beyond)


def _maximum_and_rest(term: Combination) -> tuple[BoundMaximum | None, Combination]:
    """Return the one maximum over an axis that is a summand, and what is beside it."""
    found = [(p, one) for p in term.products if (one := _sole_maximum(p)) is not None]
    if len(found) != 1:
        return None, term
    ((product, largest),) = found
    return largest, Combination.make(tuple(p for p in term.products if p is not product))


def _nests(largest: BoundMaximum) -> bool:
    """Tell whether a maximum is of another beside something: with each, places multiply."""
    return _maximum_and_rest(as_combination(largest.body))[0] is not None


def _sole_maximum(product: Product) -> BoundMaximum | None:
    if product.coefficient != 1 or len(product.factors) != 1 or product.exponent.products:
        return None
    base, q = product.factors[0]
    largest = maximum_in(base) if q == 1 else None
    return largest if isinstance(largest, BoundMaximum) else None


def _within_maxima(outer: Instance, among: Combination) -> Iterator[Instance]:
    """Yield what bounds a value of a maximum that is one itself: ``u[t]`` of ``c·max_j u[j]``."""
    if len(outer.value.products) != 1:
        return
    (product,) = outer.value.products
    found = maximum_times_constant(product) if product.coefficient > 0 else None
    if found is None:
        return
    _, inner, factor = found
    for value, support, bounded in instances(inner, among):
        scaled = algebra.multiply(scale(value, product.coefficient), factor)
        yield Instance(scaled, algebra.multiply(outer.support, support), bounded)


def _candidates(axis: Axis, body: Combination, among: Combination) -> Iterator[IndexExpression]:
    """Index expressions that may stand for a bound axis: read off elements of the same tensor."""
    seen: dict[IndexExpression, None] = {}
    read: dict[Node, dict[tuple[int, IndexExpression], None]] = {}
    for one in _distinct_elements(body):
        for k, index in enumerate(one.indices):
            if axis in axes_in(index):
                read.setdefault(one.node, {})[k, index] = None
    for other in _distinct_elements(among):
        for k, index in read.get(other.node, ()):
            found = _solved(index, axis, other.indices[k])
            if found is not None:
                seen[found] = None
    for free in sorted(among.free, key=lambda a: a.number):
        if free.extent == axis.extent:
            seen[free] = None
    yield from seen


def _solved(index: object, axis: Axis, place: IndexExpression) -> IndexExpression | None:
    """Return what an axis has to be for an index to be a place, None where nothing is found.

    ``x[2]`` is ``x[j + 1]`` at j = 1. What lies beyond the ends of the axis is none of its places.
    """
    if index is axis:
        return place
    if not isinstance(index, Affine) or index.base is not axis:
        return None
    moved = affine(place, 1, subtract(0, index.offset))
    found = _divided(moved, index.step)
    return None if found is None or within(found, 0, axis.extent) is ZERO else found


def _divided(place: IndexExpression, step: int) -> IndexExpression | None:
    """Return the index expression that is a place once it is multiplied by a step, if any."""
    if step in (1, -1):
        return affine(place, step, 0)
    if isinstance(place, Fixed) and isinstance(place.place, int):
        return None if place.place % step else Fixed(place.place // step)
    if isinstance(place, Affine) and isinstance(place.offset, int):
        divides = place.step % step == 0 and place.offset % step == 0
        return affine(place.base, place.step // step, place.offset // step) if divides else None
    return None


def _runs_over(body: Combination, axis: Axis, place: IndexExpression) -> bool:
    """Tell whether a place is proved to be one of those that a bound axis runs over.

    It is where the axis runs over all that there is of a tensor.
    """
    sizes = (
        one.node.shape[a]
        for one in elements_in(body)
        for a, i in enumerate(one.indices)
        if i is axis
    )
    return axis.extent in sizes or within(place, 0, axis.extent) is UNIT


@remembered
def _distinct_elements(term: Combination) -> tuple[Element, ...]:
    return tuple(dict.fromkeys(elements_in(term)))


def elements_in(term: Combination) -> Iterator[Element]:
    """Yield the elements of a term, not those under binders."""
    for product in term.products:
        for base, _ in product.factors:
            inner = without_stop(base)
            if isinstance(inner, Element):
                yield inner
            elif isinstance(inner, Combination):
                yield from elements_in(inner)
            elif isinstance(inner, Application):
                for argument in inner.arguments:
                    yield from elements_in(argument)
