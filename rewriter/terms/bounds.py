"""Bounds of scaled terms, by what their exponents are: ``1 <= Σ_j exp(x[j] − max x) <= n``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from rewriter.terms import algebra
from rewriter.terms.binding import open_body
from rewriter.terms.functions import maximum_in, unsupported
from rewriter.terms.index import Affine, Axis, IndexExpression, axes_in
from rewriter.terms.indicators import ends
from rewriter.terms.instances import elements_in
from rewriter.terms.pairing import Difference, pair
from rewriter.terms.sign import interval_of
from rewriter.terms.term import (
    Application,
    AtMost,
    BoundMaximum,
    BoundSum,
    Distinct,
    Evaluated,
    Product,
    Term,
    Truth,
)  # fmt: skip


def least_of_sum(total: BoundSum) -> float:
    """Return what a sum of exponentials less a maximum is at least, where that is attained; else 0.

    A mask that the maximum has too holds there; where it holds nowhere, nothing is defined.
    """
    if not interval_of(total.body).nonnegative:
        return 0.0
    products = total.body.products
    if total.axis is None:
        return min(map(_weight_of_largest, products)) if _has_all_arguments(products) else 0.0
    axes, inner = [total.axis], total
    while len(products) == 1 and _sole_sum(products[0]) is not None:
        inner = _sole_sum(products[0])
        axes.append(inner.axis)
        products = inner.body.products
    return max(
        (_weight_of_largest(p, axes) for p in products if _is_attained(p, axes)), default=0.0
    )


def _sole_sum(product: Product) -> Any:
    """The sum that a product is, bound by an axis; else None."""
    if product.coefficient != 1 or product.exponent.products or len(product.factors) != 1:
        return None
    base, q = product.factors[0]
    return base if q == 1 and isinstance(base, Evaluated) and base.axis is not None else None


def _is_attained(product: Product, axes: list[Axis]) -> bool:
    """Tell whether summing over these axes meets all that the maximum is taken of."""
    one = _sole_difference(product)
    largest = None if one is None else maximum_in(one.maximum)
    if one is None or largest is None or not one.bounded or one.maximum.free & set(axes):
        return False
    over: list[Axis] = []
    outermost = largest
    while isinstance(largest, BoundMaximum):
        over.append(largest.axis)
        largest = maximum_in(algebra.plain(largest.body))
    places = [place for element in elements_in(one.value) for place in element.indices]
    met = [axis for axis in axes if axis in one.value.free]
    whole = all(_moved_from(place) in met or axes_in(place).isdisjoint(met) for place in places)
    extents = [sorted(str(axis.extent) for axis in some) for some in (met, over)]
    if not over or extents[0] != extents[1]:
        return False
    return whole or (len(met) == 1 and _is_body_of(outermost, met[0], one.value))


def _is_body_of(largest: Any, axis: Axis, value: Term) -> bool:
    """Tell whether a value is what a maximum over one axis is taken of, whatever it reads there."""
    return open_body(largest, axis) is value


def _moved_from(place: IndexExpression) -> IndexExpression:
    """The axis of which a place is a multiple, moved: it has as many places as that."""
    return place.base if isinstance(place, Affine) and place.step else place


def _has_all_arguments(products: tuple[Product, ...]) -> bool:
    """Tell whether each value that a finite maximum is taken of is the exponent of a summand."""
    found = [_sole_difference(product) for product in products]
    first = next((one for one in found if one is not None), None)
    largest = None if first is None else maximum_in(first.maximum)
    if first is None or not isinstance(largest, Application):
        return False
    values = {one.value for one in found if one is not None and one.maximum is first.maximum}
    return len(values) == len(products) and values == {unsupported(a)[0] for a in largest.arguments}


def _sole_difference(product: Product) -> Difference | None:
    differences = pair(product.exponent).differences
    return differences[0] if len(differences) == 1 and differences[0].coefficient > 0 else None


def _weight_of_largest(product: Product, axes: Sequence[Axis] = ()) -> float:
    """What a summand is at least where its exponent attains the maximum."""
    one = _sole_difference(product)
    if one is None:
        return 0.0
    masks = {base for p in one.support.products for base, _ in p.factors}
    weight = tuple(f for f in product.factors if f[0] not in masks)
    shared = masks <= {base for base, _ in product.factors}
    asked = all(isinstance(mask, Truth) for mask in masks)
    ordered = len(masks) == 1 and all(_holds_somewhere(mask, axes) for mask in masks)
    ordered = ordered or _leave_places(masks, axes)
    rest = Product.make(product.coefficient, weight, pair(product.exponent).rest)
    covered = shared and (asked or ordered)
    return max(interval_of(rest).low, 0.0) if covered else 0.0


def _holds_somewhere(mask: Term, axes: Sequence[Axis]) -> bool:
    """Tell whether an order holds at the first, or at the last, of the places of a bound axis."""
    if not isinstance(mask, AtMost):
        return False
    left, right = mask.parts
    if left in axes and axes_in(right).isdisjoint(axes):
        first, _ = ends(right)
        return first is not None and first >= 0
    if right in axes and axes_in(left).isdisjoint(axes):
        (_, last), (_, end) = ends(left), ends(right)
        return last is not None and end is not None and last <= end
    return False


def _leave_places(masks: Collection[Term], axes: Sequence[Axis]) -> bool:
    """Tell whether masks leave out one place each, at most, of axes that have more of them."""
    left: Counter[Axis] = Counter()
    for mask in masks:
        places = mask.parts if isinstance(mask, Distinct) else ()
        bound = [p for p in places if isinstance(p, Axis) and p in axes]
        free = [p for p in places if axes_in(p).isdisjoint(axes)]
        if len(bound) != 1 or len(free) != 1:
            return False
        left[bound[0]] += 1
    return bool(masks) and all(
        isinstance(axis.extent, int) and axis.extent > count for axis, count in left.items()
    )


def most_of_sum(total: BoundSum) -> float:
    """Return what a sum of exponentials is at most, for each summand by its differences."""
    extent = 1 if total.axis is None else total.axis.extent
    if not isinstance(extent, int):
        return math.inf
    most = extent * sum(upper_bound(product) for product in total.body.products)
    return math.inf if math.isnan(most) else most


def upper_bound(product: Product) -> float:
    """Return a bound of a scaled product from above, by its factors and differences.

    An exponential of a difference is at most 1: what is not positive it brings near 0.
    """
    paired = pair(product.exponent)
    if not all(d.coefficient > 0 and d.bounded for d in paired.differences):
        return math.inf
    rest = Product.make(product.coefficient, product.factors, paired.rest)
    most = interval_of(rest).high
    return max(most, 0.0) if paired.differences else most
