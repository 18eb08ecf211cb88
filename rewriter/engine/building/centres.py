"""Shifts of sums: ``u + v − max(u + v)`` where u may be far from 0, and v near it.

A product of exponentials, ``exp(u)·exp(v)``, has an exponent that the program never adds up. Summed
as they stand, v is rounded at the size of u; so each tensor of it has taken away first what all of
its elements are at least away from 0, which changes the difference by nothing. Sums that the
program computes are left as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rewriter.engine.building.factoring import ordered
from rewriter.engine.building.labelled import Labelled
from rewriter.engine.building.maxima import finite, largest_over
from rewriter.graph import operations as op
from rewriter.terms.algebra import as_combination
from rewriter.terms.binding import bound_maximum, bound_minimum, open_body
from rewriter.terms.functions import maximum_in, stop_gradient
from rewriter.terms.index import Axis, axes_in
from rewriter.terms.pairing import Difference, pair
from rewriter.terms.sign import interval_of
from rewriter.terms.term import UNIT, UNIT_PRODUCT, BoundMaximum, Combination, Element, Product

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


@dataclass(frozen=True)
class Centre:
    """What is taken away from a tensor: the end of its range that is nearest to 0, or 0 within.

    Attributes:
        element: an element of it, at the axis of the maximum.
        weight: what it is multiplied by in the sum, free of that axis.
        place: that end, along that axis.
    """

    element: Element
    weight: Product
    place: Labelled


def build_centred(builder: Builder, one: Difference) -> Labelled | None:
    """Build ``value − maximum`` of centred tensors; None where nothing is to be centred."""
    largest = maximum_in(one.maximum)
    if not isinstance(largest, BoundMaximum):
        return None
    if one.support is not UNIT or largest.support is not UNIT:
        return None
    axis = largest.axis.fresh()
    body = open_body(largest, axis)
    varying = [product for product in body.products if axis in product.free]
    far = [p for p in ordered(tuple(varying)) if _may_be_far(p, axis)]
    if not far or len(varying) < 2 or pair(body).differences or builder.is_written(body):
        return None
    centres = [_centre(builder, product, axis) for product in far]
    if len({_told_by(centre, axis) for centre in centres}) < len(centres):
        return None  # which of them a summand is less may not be told
    value = _less_centres(builder, one.value, centres, axis)
    if value is None:
        return None
    inside = _less_centres(builder, body, centres, axis)
    assert inside is not None, "a sum is an instance of itself"
    shift = largest_over(builder, inside, axis)
    shift = finite(builder, Labelled(op.stop_gradient(shift.node), shift.labels))
    return builder.frame.combine(op.subtract, value, shift)


def _told_by(centre: Centre, axis: Axis) -> tuple[object, ...]:
    """What a summand has in common with no other: its tensor, where that is read, its weight."""
    element = centre.element
    places = tuple(None if axis in axes_in(place) else place for place in element.indices)
    return element.node, places, centre.weight


def _may_be_far(product: Product, axis: Axis) -> bool:
    """Tell whether a summand is a multiple of an element that may be far from 0."""
    element = _element_along(product, axis)
    if element is None:
        return False
    bounds = interval_of(element)
    return max(abs(bounds.low), abs(bounds.high)) == math.inf


def _element_along(product: Product, axis: Axis) -> Element | None:
    """The element in a product that alone depends on an axis."""
    depending = [(base, q) for base, q in product.factors if axis in base.free]
    if len(depending) != 1 or axis in product.exponent.free:
        return None
    base, q = depending[0]
    return base if isinstance(base, Element) and q == 1 else None


def _centre(builder: Builder, product: Product, axis: Axis) -> Centre:
    """What is nearest to 0 between the least and the largest: no element grows by losing it."""
    element = _element_along(product, axis)
    assert element is not None, "what may be far is an element"
    alone = as_combination(element)
    ends = [
        builder.combination(stop_gradient(bound(axis, alone)))
        for bound in (bound_minimum, bound_maximum)
    ]
    frame, zero = builder.frame, builder.number(0)
    centre = frame.combine(op.maximum, ends[0], frame.combine(op.minimum, ends[1], zero))
    return Centre(element, product.without(element), finite(builder, centre))


def _less_centres(
    builder: Builder, value: Combination, centres: Sequence[Centre], axis: Axis
) -> Labelled | None:
    """Build a sum, each tensor less its centre; None where one is not in it."""
    total: Labelled | None = None
    rest = list(value.products)
    for centre in centres:
        found = ((p, _element_of(p, centre, axis)) for p in rest)
        product, element = next((one for one in found if one[1] is not None), (None, None))
        if product is None or element is None:
            return None
        rest.remove(product)
        part = builder.frame.combine(op.subtract, builder.base(element), centre.place)
        if centre.weight is not UNIT_PRODUCT:
            part = builder.times(part, builder.product(centre.weight))
        total = part if total is None else builder.frame.combine(op.add, total, part)
    return builder.added(Combination.make(tuple(rest)), total)


def _element_of(product: Product, centre: Centre, axis: Axis) -> Element | None:
    """The element in a summand that is one of the tensor of a centre, at any place of its axis."""
    for base, q in product.factors:
        if q == 1 and isinstance(base, Element) and base.node is centre.element.node:
            pairs = zip(base.indices, centre.element.indices, strict=True)
            alike = all(mine == theirs or axis in axes_in(theirs) for mine, theirs in pairs)
            if alike and product.without(base) is centre.weight:
                return base
    return None
