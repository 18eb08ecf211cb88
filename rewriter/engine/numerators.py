"""Sums that are numerators take in a shift that is there: ``exp(c)·Σ_j f[j] = Σ_j exp(c)·f[j]``.

A numerator's sum need not be scaled by its own largest term where what it is multiplied by, or a
sum that it is in, has a shift that bounds it: what is scaled alike cancels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from rewriter.engine.context import SMALLEST_BOUND
from rewriter.engine.shifts import free_exponent, shifts_in
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.binding import bound_sum, evaluated, open_body
from rewriter.terms.index import Axis
from rewriter.terms.pairing import pair
from rewriter.terms.rational import Rational
from rewriter.terms.sign import interval_of
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import BoundSum, Combination, Product

if TYPE_CHECKING:
    from rewriter.engine.evidence import Evidence
    from rewriter.engine.one_pass import OnePass


def times_numerator(
    scaling: OnePass, result: Combination, base: Any, q: Rational, evidence: Evidence
) -> Combination:
    """Multiply by a sum, which takes in a shift that is there if that bounds it."""
    for _ in range(int(q)):
        result = add(taken_in(scaling, p, base, evidence) for p in result.products)
    return result


def taken_in(scaling: OnePass, product: Product, base: Any, evidence: Evidence) -> Combination:
    """Return a product times a sum, the sum scaled by a shift that the product has, or its own."""
    outside = Combination.make((product,))
    if not isinstance(base, BoundSum):
        inner = scaling.inside_scaled(base, evidence)
        shifted = scaling.by_law(inner, evidence) if inner.wild else inner
        return multiply(outside, as_combination(base) if shifted is None else shifted)
    axis = scaling.opened_at(base, product)
    with scaling.in_context(around=(*scaling.context.around, product.exponent)):
        body = add(scaling.product(p, evidence) for p in open_body(base, axis).products)
    lifted = free_exponent(body, axis)
    outside = multiply(outside, sole_exponential(lifted))
    body = multiply(body, sole_exponential(algebra.negate(lifted)))
    summed = bound_sum(axis, body)
    ways = _ways_to_take_in(scaling, outside, axis, body)
    first = next(ways, None)
    if first is None:
        shifted = _of_one_sum(scaling, summed, evidence)
        if shifted is None:
            return multiply(outside, summed)
        return multiply(outside, scaling.keep_name(algebra.plain(summed), shifted))
    tried = chain((first,), ways)
    bounded = (w for w in tried if scaling.context.is_joint or _is_bounded_way(scaling, *w))
    way = next(bounded, None)
    if way is None and _vanishes_faster(body, first[1]):
        shifted = _of_one_sum(scaling, summed, evidence)
        if shifted is not None:
            return multiply(outside, shifted)
    rest, inside = way or first
    shift = bool(inside.products and inside.products[0].exponent.products)
    return multiply(rest, scaling.keep_name(algebra.plain(summed), inside) if shift else inside)


def _of_one_sum(scaling: OnePass, summed: Combination, evidence: Evidence) -> Combination | None:
    """Return a sum that is one product as its own law shifts it."""
    return scaling.by_law(summed, evidence) if len(summed.products) == 1 else None


def _ways_to_take_in(
    scaling: OnePass, outside: Combination, axis: Axis, body: Combination
) -> Iterator[tuple[Combination, Combination]]:
    """Yield (factor, sum): a sum that needs no shift, taking in a shift that is around it."""
    for shift in _shifts_for(scaling, bound_sum(axis, body), outside, body):
        moved = multiply(body, sole_exponential(shift))
        if _is_sound(scaling, axis, moved, shifted=True):
            inside = scaling.piece(evaluated(axis, moved))
            yield outside, multiply(sole_exponential(algebra.negate(shift)), inside)
    if _is_sound(scaling, axis, body):
        yield outside, scaling.piece(evaluated(axis, body))
    if len(outside.products) == 1 and outside.products[0].exponent.products:
        exponent = sole_exponential(outside.products[0].exponent)
        within = multiply(body, exponent)
        rest = multiply(outside, algebra.power(exponent, -1))
        for shift in _shifts_around(scaling, within):
            moved = multiply(within, sole_exponential(shift))
            if _is_sound(scaling, axis, moved, shifted=True):
                inside = scaling.piece(evaluated(axis, moved))
                yield multiply(rest, sole_exponential(algebra.negate(shift))), inside
        if _is_sound(scaling, axis, within):
            yield rest, scaling.piece(evaluated(axis, within))
        lifted = free_exponent(within, axis)
        if lifted.products and lifted is not outside.products[0].exponent:
            moved = multiply(within, sole_exponential(algebra.negate(lifted)))
            if _is_sound(scaling, axis, moved):
                inside = scaling.piece(evaluated(axis, moved))
                yield multiply(rest, sole_exponential(lifted)), inside


def _is_bounded_way(scaling: OnePass, outside: Combination, inside: Combination) -> bool:
    """Tell whether a factor times a sum is proved not to overflow."""
    return all(map(scaling.is_bounded, multiply(outside, inside).products))


def _shifts_for(
    scaling: OnePass, summed: Combination, outside: Combination, body: Combination
) -> Iterator[Combination]:
    """Yield shifts that may bound a sum: the one it has had, then those that are around it.

    A sum that is named under two shifts has two names, and does not cancel any more.
    """
    kept = scaling.named_sums.shift_of(algebra.plain(summed))
    if kept is not None:
        yield kept
    for exponent in [p.exponent for p in outside.products]:
        yield from shifts_in(exponent, body)
    yield from _shifts_around(scaling, body)


def _shifts_around(scaling: OnePass, body: Combination) -> Iterator[Combination]:
    """Yield shifts of the sums that a sum is in, such that they may bound its body."""
    for exponent in scaling.context.around[::-1]:
        yield from shifts_in(exponent, body)


def _is_sound(scaling: OnePass, axis: Axis, body: Combination, shifted: bool = False) -> bool:
    """Tell whether a sum needs no shift: nothing overflows, nor all where that would count.

    What has been shifted, and vanishes for it, is no larger than what is added to it.
    """
    if not all(scaling.is_bounded(p) for p in body.products):
        return False
    counts = scaling.context.may_vanish or (shifted and scaling.context.is_summand)
    return not counts or interval_of(evaluated(axis, body)).low > SMALLEST_BOUND


def _vanishes_faster(body: Combination, scaled: Combination) -> bool:
    """Tell whether what a sum adds up may be below its shift by any more than below its largest."""
    if not scaled.products:
        return False
    shift = sole_exponential(algebra.negate(scaled.products[0].exponent))
    rests = (pair(p.exponent).rest for p in multiply(body, shift).products)
    return any(interval_of(rest).low == -math.inf for rest in rests if rest.products)
