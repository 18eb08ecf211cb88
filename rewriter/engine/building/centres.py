"""Shifts of sums: ``u + v − max(u + v)`` where u may be far from 0, and v near it.

A product of exponentials, ``exp(u)·exp(v)``, has an exponent that the program never adds up. Summed
as they stand, v is rounded at the size of u; so each tensor of it has taken away first what it is
where the sum is largest, which changes the difference by nothing. Where v is bounded, u has its
largest element taken away: what is far below that does not count. Sums that the program
computes are left as they are, but those of data and what is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from rewriter.engine.building.factoring import ordered, sum_of_elements
from rewriter.engine.building.labelled import Labelled
from rewriter.engine.building.maxima import finite, largest_over
from rewriter.graph import operations as op
from rewriter.graph.node import Node
from rewriter.terms.algebra import add, as_combination, multiply, negate, scale
from rewriter.terms.binding import open_body, replace
from rewriter.terms.functions import maximum_in, stop_gradient
from rewriter.terms.index import Axis, IndexExpression, axes_in
from rewriter.terms.maxima import bound_maximum, bound_minimum
from rewriter.terms.pairing import Difference, pair
from rewriter.terms.sign import interval_of, is_nonnegative
from rewriter.terms.term import (
    ONE,
    UNIT,
    UNIT_PRODUCT,
    ZERO,
    BoundMaximum,
    BoundSum,
    Combination,
    Element,
    Product,
    Term,
)  # fmt: skip

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


NEAR_ZERO = 32.0
"""A sum up to this rounds what is in it by a few bits at most."""

Far = Element | BoundSum
"""What may be far from 0: an element, or a sum of elements over an axis."""

Bound = Callable[[Axis, Combination], Combination]
Near = Callable[[Labelled], Labelled]


@dataclass(frozen=True)
class Centre:
    """What is taken away from a tensor: its element where the sum is largest, or its largest.

    Attributes:
        base: an element of it, at the axis of the maximum, or a sum of such over another axis.
        weight: what it is multiplied by in the sum, free of that axis.
        place: what is taken away, along that axis.
    """

    base: Far
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
    if not far or len(varying) < 2 or builder.is_written(body):
        return None
    if pair(body).differences:
        return _with_parts_centred(builder, one.value, body, axis)
    bounded = len(far) == 1 and all(p is far[0] or interval_of(p).bounded for p in varying)
    bounded = bounded and _rises_or_falls(far[0], axis)
    near = None if bounded else _at_largest(builder, builder.combination(body), axis)
    centres = [_centre(builder, product, axis, near) for product in far]
    if len({_told_by(centre, axis) for centre in centres}) < len(centres):
        return None  # which of them a summand is less may not be told
    value = _less_centres(builder, one.value, centres, axis)
    if value is None:
        return None
    inside = _less_centres(builder, body, centres, axis)
    assert inside is not None, "a sum is an instance of itself"
    shift = largest_over(builder, inside, axis)
    shift = Labelled(op.stop_gradient(shift.node), shift.labels)
    guarded = not bounded or builder.is_guarded(one.maximum)
    shift = finite(builder, shift) if guarded else shift
    return builder.frame.combine(op.subtract, value, shift)


def _with_parts_centred(
    builder: Builder, value: Combination, body: Combination, axis: Axis
) -> Labelled | None:
    """Build ``value − maximum`` of a sum of differences, each and what is beside them centred."""
    same = (a for a in value.free if isinstance(a, Axis) and a.extent == axis.extent)
    place = next((a for a in same if replace(body, {axis: a}) is value), None)
    paired = pair(body)
    parts = [(_term_of(one), builder.linear((one,), ZERO)) for one in paired.differences]
    parts += [(as_combination(p), builder.product(p)) for p in ordered(paired.rest.products)]
    if place is None or len(parts) < 2 or any(axis not in part.labels for _, part in parts):
        return None
    near = _at_largest(builder, _added(builder, [part for _, part in parts]), axis)
    total = _added(builder, [part if interval_of(term).bounded
                             else builder.frame.combine(op.subtract, part, near(part))
                             for term, part in parts])  # fmt: skip
    shift = largest_over(builder, total, axis)
    shift = finite(builder, Labelled(op.stop_gradient(shift.node), shift.labels))
    labels = tuple(place if label is axis else label for label in total.labels)
    order = builder.frame.sorted(labels)
    here = Labelled(Labelled(total.node, labels).at(order), order)
    return builder.frame.combine(op.subtract, here, shift)


def _term_of(one: Difference) -> Combination:
    """``c·factor·(value − maximum)``."""
    away = add((one.value, negate(as_combination(one.maximum))))
    return multiply(scale(away, one.coefficient), one.factor)


def _added(builder: Builder, parts: Sequence[Labelled]) -> Labelled:
    return reduce(lambda one, other: builder.frame.combine(op.add, one, other), parts)


def _at_largest(builder: Builder, total: Labelled, axis: Axis) -> Near:
    """Return what gives a summand where the sum is largest along an axis, up to the sum's size.

    What is less than the largest by little has summands near those, and no summand grows by losing
    more than the sum. Where that is near 0, large summands cancel as they stand, and keep what is
    beside them; what is not finite is not taken away either.
    """
    frame = builder.frame
    largest = largest_over(builder, total, axis)
    here = frame.combine(op.equal, total, largest)
    size = Labelled(op.absolute(op.stop_gradient(largest.node)), largest.labels)
    far = frame.combine(op.greater, size, builder.constant(NEAR_ZERO))
    size = frame.combine(op.where, far, size, builder.number(0))
    opposite = Labelled(op.negative(size.node), size.labels)

    def near(part: Labelled) -> Labelled:
        """Return a summand where the sum is largest, within its size and finite."""
        chosen = frame.combine(op.where, here, part, builder.constant(float("-inf")))
        most = largest_over(builder, chosen, axis)
        place = Labelled(op.stop_gradient(most.node), most.labels)
        within = frame.combine(op.maximum, frame.combine(op.minimum, place, size), opposite)
        return finite(builder, within)

    return near


def _told_by(centre: Centre, axis: Axis) -> tuple[object, ...]:
    """What a summand has in common with no other: its tensor, where that is read, its weight."""
    node, indices = _read(centre.base)
    places = tuple(None if axis in axes_in(place) else place for place in indices)
    return type(centre.base), node, places, centre.weight


def _read(base: Far) -> tuple[Node, tuple[IndexExpression, ...]]:
    """The tensor of an element, or of the elements that are summed, and where it is read."""
    element = base if isinstance(base, Element) else _summed(base)
    return element.node, element.indices


def _summed(base: BoundSum) -> Element:
    ((element, _),) = base.body.factors
    assert isinstance(element, Element), "what may be far is a sum of elements"
    return element


def _may_be_far(product: Product, axis: Axis) -> bool:
    """Tell whether a summand is a multiple of an element that may be far from 0, or of a sum."""
    base = _base_along(product, axis)
    return base is not None and not interval_of(base).bounded


def _rises_or_falls(product: Product, axis: Axis) -> bool:
    """Tell whether what an element, or a sum of such, is multiplied by has one sign."""
    base = _base_along(product, axis)
    weight = UNIT_PRODUCT if base is None else product.without(base)
    return is_nonnegative(weight) or is_nonnegative(negate(as_combination(weight)))


def _base_along(product: Product, axis: Axis) -> Far | None:
    """The element in a product that alone depends on an axis, or the sum of elements."""
    depending = [(base, q) for base, q in product.factors if axis in base.free]
    if len(depending) != 1 or axis in product.exponent.free:
        return None
    base, q = depending[0]
    if q != 1:
        return None
    if isinstance(base, BoundSum):
        alone = sum_of_elements(Product.make(ONE, ((base, ONE),), ZERO))
        return base if alone is not None and isinstance(base.body.factors[0][0], Element) else None
    return base if isinstance(base, Element) else None


def _centre(builder: Builder, product: Product, axis: Axis, near: Near | None) -> Centre:
    """What is taken away from what may be far.

    Args:
        builder: builds it.
        product: a multiple of what may be far.
        axis: of the maximum.
        near: gives a summand where the sum is largest; None where what is beside this one is
            bounded: the largest multiples alone count then.
    """
    base = _base_along(product, axis)
    assert base is not None, "what may be far is an element, or a sum of such"
    weight = product.without(base)
    if near is None:
        bound = bound_maximum if is_nonnegative(weight) else bound_minimum
        return Centre(base, weight, _end(builder, base, axis, bound))
    return Centre(base, weight, near(builder.base(base)))


def _end(builder: Builder, base: Far, axis: Axis, bound: Bound) -> Labelled:
    """Build the largest, or the least, of the elements that are read along an axis."""
    if isinstance(base, Element):
        return builder.combination(stop_gradient(bound(axis, as_combination(base))))
    inner = base.axis.fresh()
    return builder.combination(stop_gradient(bound(axis, bound(inner, open_body(base, inner)))))


def _less_centres(
    builder: Builder, value: Combination, centres: Sequence[Centre], axis: Axis
) -> Labelled | None:
    """Build a sum, each tensor less its centre; None where one is not in it."""
    total: Labelled | None = None
    rest = list(value.products)
    for centre in centres:
        found = ((p, _base_of(p, centre, axis)) for p in rest)
        product, base = next((one for one in found if one[1] is not None), (None, None))
        if product is None or base is None:
            return None
        rest.remove(product)
        part = _less(builder, base, centre.place)
        if centre.weight is not UNIT_PRODUCT:
            part = builder.times(part, builder.product(centre.weight))
        total = part if total is None else builder.frame.combine(op.add, total, part)
    return builder.added(Combination.make(tuple(rest)), total)


def _less(builder: Builder, base: Far, place: Labelled) -> Labelled:
    """Build an element less a centre, or the sum of elements each less it."""
    if isinstance(base, Element):
        return builder.frame.combine(op.subtract, builder.base(base), place)
    inner = base.axis.fresh()
    element = builder.combination(open_body(base, inner))
    less = builder.frame.combine(op.subtract, element, place)
    return builder.frame.contract([less], inner)


def _base_of(product: Product, centre: Centre, axis: Axis) -> Far | None:
    """The factor of a summand that is of the tensor of a centre, at any place of its axis."""
    node, indices = _read(centre.base)
    for base, q in product.factors:
        if q != 1 or type(base) is not type(centre.base):
            continue
        read = _base_read(base)
        if read is not None and read[0] is node:
            pairs = zip(read[1], indices, strict=True)
            alike = all(mine == theirs or axis in axes_in(theirs) for mine, theirs in pairs)
            if alike and product.without(base) is centre.weight:
                assert isinstance(base, Element | BoundSum)
                return base
    return None


def _base_read(base: Term) -> tuple[Node, tuple[IndexExpression, ...]] | None:
    if isinstance(base, BoundSum):
        factors = base.body.factors
        return _read(base) if len(factors) == 1 and isinstance(factors[0][0], Element) else None
    return _read(base) if isinstance(base, Element) else None
