"""Signs of terms: what is proved of them from their structure and the ranges of their nodes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from rewriter.facts import interval as i
from rewriter.facts.interval import ANYTHING, POSITIVE, UNIT, Interval
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.constants import constant_array, folded_constant
from rewriter.terms.index import Fixed, axes_in
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.term import (
    INDICATORS,
    Application,
    Binder,
    BoundMaximum,
    BoundSum,
    Cases,
    Combination,
    Distinct,
    Element,
    Evaluated,
    Inverse,
    Pattern,
    Product,
    Size,
    Term,
    Truth,
)  # fmt: skip


def interval_of(term: Term) -> Interval:
    """Return the range that is proved for a term over the reals; computed once for each term."""
    found: Interval | None = term.__dict__.get("interval")
    stack = [term] if found is None else []
    while stack:
        current = stack[-1]
        waiting = [part for part in _read_by(current) if "interval" not in part.__dict__]
        if waiting:
            stack += waiting
            continue
        found = current.__dict__["interval"] = _interval(current)
        stack.pop()
    assert found is not None, "the stack ends with the term itself"
    return found


def _read_by(term: Term) -> Sequence[Term]:
    """The terms whose ranges that of a term is made of; they may lie deep."""
    if isinstance(term, Combination):
        return term.products
    if isinstance(term, Product):
        return [*(base for base, _ in term.factors), term.exponent]
    if isinstance(term, Binder):
        return (term.body,)
    if isinstance(term, Application):
        return term.arguments
    return term.parts[:1] if isinstance(term, Inverse) else ()


def _interval(term: Term) -> Interval:
    if isinstance(term, Combination):
        return _of_combination(term)
    if isinstance(term, Product):
        return _of_product(term)
    if isinstance(term, Element):
        known = constant_at(term)
        return range_of(term.node) if known is None else i.point(known)
    if isinstance(term, INDICATORS):
        return UNIT
    if isinstance(term, BoundMaximum):
        return interval_of(term.body)
    if isinstance(term, Evaluated):
        from rewriter.terms.bounds import least_of_sum, most_of_sum

        least = least_of_sum(term)
        signs = _signs_of(interval_of(term.body))
        return Interval(least, max(most_of_sum(term), least)) if least > 0 else signs
    if isinstance(term, BoundSum):
        return POSITIVE if _has_positive_summand(term) else _signs_of(_of_summands(term))
    if isinstance(term, Cases):
        joined = interval_of(term.parts[1][0])
        for case in term.parts[1][1:]:
            joined = i.hull(joined, interval_of(case))
        return joined
    return _of_other(term)


def _of_summands(term: BoundSum) -> Interval:
    """The range of a summand; one at most is left out by each index that it is to differ from."""
    left_out = [f for f in term.body.factors if isinstance(f[0], Distinct)]
    if not left_out or not isinstance(term.axis.extent, int) or term.axis.extent <= len(left_out):
        return interval_of(term.body)
    kept = tuple(f for f in term.body.factors if f not in left_out)
    return interval_of(Product.make(term.body.coefficient, kept, term.body.exponent))


def _has_positive_summand(term: BoundSum) -> bool:
    """Tell whether what is summed is positive but for a constant weight that is 0 somewhere.

    Wherever else the weight is read, it is positive at some place of the sum, and negative at none.
    """
    factors = [f for f in term.body.factors if not interval_of(f[0]).positive]
    if len(factors) != 1 or term.body.coefficient < 0 or factors[0][1] <= 0:
        return False
    weight = _raised_in(factors[0][0])
    negated = isinstance(weight, Truth) and weight.negated
    element = weight.element if isinstance(weight, Truth) else weight
    array = _constant_array(element, booleans=isinstance(weight, Truth))
    if array is None or not isinstance(element, Element):
        return False
    along = [k for k, index in enumerate(element.indices) if index is term.axis]
    once = sum(term.axis in axes_in(index) for index in element.indices) == 1
    if len(along) != 1 or not once or array.shape[along[0]] != term.axis.extent:
        return False
    weights = 1.0 - array if negated else array
    return bool((weights >= 0).all() and (weights.max(axis=along[0]) > 0).all())


def _raised_in(weight: Term) -> Term:
    """What a weight that is a power is a power of: where that is positive, it is positive."""
    while isinstance(weight, Application) and weight.operator is o.POWER:
        base = weight.arguments[0]
        factors = base.products[0].factors if len(base.products) == 1 else ()
        positive = len(factors) == 1 and base.products[0].coefficient > 0
        if not positive or base.products[0].exponent.products or factors[0][1] <= 0:
            break
        weight = factors[0][0]
    return weight


def _of_other(term: Term) -> Interval:
    if isinstance(term, Size):
        return Interval(1.0)
    if isinstance(term, Inverse):
        base = interval_of(term.parts[0])
        return i.reciprocal(base)
    if isinstance(term, Pattern):
        return getattr(term.parts[0], "interval", ANYTHING)
    if isinstance(term, Application):
        from rewriter.terms.functions import application_range

        return application_range(term)
    return ANYTHING


def _signs_of(x: Interval) -> Interval:
    low = 0.0 if x.low >= 0 else -i.INFINITY
    high = 0.0 if x.high <= 0 else i.INFINITY
    return Interval(low, high, x.positive, x.negative)


def _of_combination(term: Combination) -> Interval:
    constants = _of_constants(term) if len(term.products) > 1 else None
    if constants is not None:
        return constants
    if len(term.products) == 1:
        return interval_of(term.products[0])
    total = i.point(0.0)
    for product in term.products:
        total = i.add(total, interval_of(product))
    return total


def _of_constants(term: Combination) -> Interval | None:
    """The range of a sum of multiples of constant tensors that are read at one place; else None.

    Tensors of several shapes that are read at one place are read at places that all of them have.
    """
    values: Any = np.zeros(())
    sizes: Any = np.zeros(())
    places = None
    for product in term.products:
        array: Any = 1.0
        for base, q in product.factors:
            array = _constant_array(base) if q == 1 else None
            if array is None or len(product.factors) > 1:
                return None
            if places is not None and places != base.parts[1]:
                return None
            places = base.parts[1]
        if product.exponent.products:
            return None
        summand = float(product.coefficient) * np.asarray(array)
        values = _added_where_both_are(values, summand)
        sizes = _added_where_both_are(sizes, abs(summand))
    lost = sizes * len(term.products) * 2.0**-52
    return Interval(float((values - lost).min()), float((values + lost).max()))


def _added_where_both_are(x: Any, y: Any) -> Any:
    if not x.ndim or not y.ndim:
        return x + y
    both = tuple(slice(min(sizes)) for sizes in zip(x.shape, y.shape, strict=True))
    return x[both] + y[both]


def _constant_array(base: Term, booleans: bool = False) -> Any:
    """The floats of a constant tensor, or of one of truths, else None."""
    array = constant_array(base.node) if isinstance(base, Element) else None
    if array is None or array.dtype.kind not in ("b" if booleans else "fiu") or not array.size:
        return None
    return array.astype("float64") if np.isfinite(array).all() else None


def constant_at(element: Element) -> float | None:
    """Return what a constant tensor holds at a fixed place within it, else None."""
    array = _constant_array(element)
    places = [e.place for e in element.indices if isinstance(e, Fixed)]
    if array is None or len(places) < array.ndim:
        return None
    inside = all(
        isinstance(k, int) and 0 <= k < n for k, n in zip(places, array.shape, strict=True)
    )
    return float(array[tuple(places)]) if inside else None


def _of_product(product: Product) -> Interval:
    result = _rational(product.coefficient)
    for base, power in product.factors:
        result = i.multiply(result, i.power(interval_of(base), float(power)))
    if product.exponent.products:
        result = i.multiply(result, i.exponential(interval_of(product.exponent)))
    return result


def _rational(value: Rational) -> Interval:
    near = float(value) if absolute(value) < 10**300 else i.INFINITY * (1 if value > 0 else -1)
    if near in (i.INFINITY, -i.INFINITY):
        return POSITIVE if value > 0 else i.negate(POSITIVE)
    if Fraction(near) == value:
        return i.point(near)
    return i.add(i.point(near), Interval(-abs(near) * 2.0**-52, abs(near) * 2.0**-52))


def has_both_signs(term: Combination) -> bool:
    """Tell whether a sum is not proved to have summands of one sign only."""
    ranges = [interval_of(product) for product in term.products]
    one = all(x.nonnegative for x in ranges) or all(x.nonpositive for x in ranges)
    return len(ranges) > 1 and not one


def is_positive(term: Term) -> bool:
    """Tell whether a term is proved > 0."""
    return interval_of(term).positive


def is_nonnegative(term: Term) -> bool:
    """Tell whether a term is proved >= 0."""
    return interval_of(term).nonnegative


def is_nonzero(term: Term) -> bool:
    """Tell whether a term is proved to differ from 0."""
    return interval_of(term).nonzero


def has_zeros(base: Term) -> bool:
    """Tell whether a factor is made of constants, and 0 in places."""
    if isinstance(base, Combination) and len(base.products) == 1:
        return any(q > 0 and has_zeros(inner) for inner, q in base.products[0].factors)
    array = folded_constant(base.node) if isinstance(base, Element) else None
    return array is not None and bool((np.asarray(array) == 0).any())
