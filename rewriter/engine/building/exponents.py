"""Exponents: differences from maxima first, then the shifts that are added."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from rewriter.engine.building.factoring import BOUNDED_EVERYWHERE
from rewriter.engine.building.labelled import Labelled
from rewriter.engine.building.maxima import at_any_index
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import least_number
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination
from rewriter.terms.functions import maximum_in
from rewriter.terms.logarithms import has_logarithm
from rewriter.terms.pairing import Difference, pair
from rewriter.terms.rational import Rational
from rewriter.terms.term import ONE, UNIT, Application, BoundMaximum, Combination, Product, Term

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder

Gap = tuple[Combination, Combination, Rational]
"""A maximum that is added, one that is taken away, and how often."""


def build_exponential(builder: Builder, product: Product) -> Labelled:
    """Build an exponential; what may overflow where its masks are 0 is masked before that."""
    masks = [base for base, _ in product.factors]
    paired = pair(product.exponent)
    if masks and paired.differences and paired.bounded_above(BOUNDED_EVERYWHERE):
        alone = Product.make(ONE, (), product.exponent)
        everywhere = builder.remembered(alone, lambda one: build_exponential(builder, one))
        return builder.masked(everywhere, masks)
    root = None if masks else _known_root(builder, product.exponent)
    if root is not None:
        return root
    exponent = (
        masked_exponent(builder, product.exponent, builder.all_of(masks), masks)
        if masks
        else builder.exponent(product.exponent)
    )
    return Labelled(op.exp(exponent.node), exponent.labels)


def _known_root(builder: Builder, exponent: Combination) -> Labelled | None:
    """``exp(2·u)`` is the square of ``exp(u)`` where that was computed already."""
    half = algebra.scale(exponent, Fraction(1, 2))
    found = builder.recall(Product.make(ONE, (), half))
    return None if found is None else builder.times(found, found)


def build_exponent(builder: Builder, term: Combination) -> Labelled:
    """Build an exponent: its differences first, then the shifts that are added to it."""
    gaps = _gaps(term, pair(term).rest)
    if gaps:
        return _with_gaps(builder, term, gaps)
    shifts = [p for p in pair(term).rest.products if _is_added_shift(builder, p)]
    if shifts:
        term = algebra.add((term, algebra.negate(Combination.make(tuple(shifts)))))
    if not term.products:
        return _shifted(builder, None, shifts)
    many = len(term.products) > 1
    built = (
        builder.remembered(term, lambda exponent: _differences(builder, exponent))
        if many
        else builder.combination(term)
    )
    return _shifted(builder, built, shifts) if shifts else built


def masked_exponent(
    builder: Builder, term: Combination, condition: Labelled, masks: Sequence[Term]
) -> Labelled:
    """Build an exponent that is minus infinity where its masks are not all 1.

    Of one difference ``u − max u`` whose maximum is over what has the same masks, u is masked once
    for both; the maximum of nothing then counts as the least number, for minus infinity less
    itself is none.
    """
    low = builder.constant(float("-inf"))
    paired = pair(term)
    one = paired.differences[0] if len(paired.differences) == 1 else None
    if one is None or paired.rest.products or not _is_masked_alike(one, masks):
        return builder.frame.combine(op.where, condition, build_exponent(builder, term), low)
    value = builder.frame.combine(op.where, condition, builder.combination(one.value), low)
    largest = builder.base(one.maximum)
    if not builder.is_guarded(one.maximum):
        least = builder.constant(least_number(builder.dtype))
        largest = builder.frame.combine(op.maximum, largest, least)
    scaled = builder.frame.combine(op.subtract, value, largest)
    if one.factor is not UNIT:
        scaled = builder.times(scaled, builder.combination(one.factor))
    return (
        scaled if one.coefficient == 1 else builder.times(scaled, builder.number(one.coefficient))
    )


def _is_masked_alike(one: Difference, masks: Sequence[Term]) -> bool:
    if one.coefficient < 0 or not one.bounded or one.support is UNIT or not one.value.products:
        return False
    if not isinstance(maximum_in(one.maximum), BoundMaximum):
        return False
    return {base for base, _ in one.support.products[0].factors} == set(masks)


def _differences(builder: Builder, term: Combination) -> Labelled:
    paired = pair(term)
    if paired.differences:
        return builder.linear(paired.differences, paired.rest)
    return builder.added(term)


def _with_gaps(builder: Builder, term: Combination, gaps: Sequence[Gap]) -> Labelled:
    for added, taken, times in gaps:
        term = algebra.add((term, algebra.scale(taken, times), algebra.scale(added, -times)))
    whole = build_exponent(builder, term) if term.products else None
    for added, taken, times in gaps:
        values = _added_maximum(builder, added), builder.combination(taken)
        gap = builder.frame.combine(op.subtract, *values)
        part = gap if times == 1 else builder.times(gap, builder.number(times))
        whole = part if whole is None else builder.frame.combine(op.add, whole, part)
    assert whole is not None
    return whole


def _gaps(term: Combination, rest: Combination) -> list[Gap]:
    """Maxima, those that are taken away and how often: what is between them is small, they are not.

    ``x − max x − 3/2·max x + 3/2·max y`` is rounded at the size of the largest; the maxima less
    each other are as small as what they are of is apart. Beside data that nothing is taken away
    from they are taken away from that first. What pairing itself takes from one difference and
    gives to another is no gap of the exponent, which would be left with it.
    """
    if not all(_is_maximum(p) or has_logarithm(p) for p in rest.products):
        return []
    own = {p.monomial: p.coefficient for p in term.products}
    maxima = {p: _common(p.coefficient, own.get(p.monomial, 0))
              for p in rest.products if _is_maximum(p)}  # fmt: skip
    found = []
    for added in [p for p in maxima if maxima[p] > 0]:
        for taken in [p for p in maxima if maxima[p] < 0]:
            times = min(maxima[added], -maxima[taken])
            if times > 0:
                maxima[added] -= times
                maxima[taken] += times
                one, other = (as_combination(p.monomial) for p in (added, taken))
                found.append((one, other, times))
    return found


def _common(one: Rational, other: Rational) -> Rational:
    """What two numbers have of one sign."""
    return max(min(one, other), 0) + min(max(one, other), 0)


def _is_maximum(product: Product) -> bool:
    if len(product.factors) != 1 or product.exponent.products:
        return False
    base, q = product.factors[0]
    return q == 1 and maximum_in(base) is not None


def _added_maximum(builder: Builder, term: Combination) -> Labelled:
    (product,) = term.products
    base = product.factors[0][0]
    return added_shift(builder, base) if is_shift(builder, base) else builder.combination(term)


def _is_added_shift(builder: Builder, product: Product) -> bool:
    """A maximum of nothing is minus infinity, and so is an exponent that it is added to."""
    if len(product.factors) != 1 or product.exponent.products or product.coefficient < 0:
        return False
    base, q = product.factors[0]
    return q == 1 and is_shift(builder, base)


def is_shift(builder: Builder, base: Term) -> bool:
    """Tell whether a factor is a shift that may be of nothing."""
    stopped = isinstance(base, Application) and base.operator is o.STOP_GRADIENT
    return stopped and at_any_index(base) in builder.guarded


def added_shift(builder: Builder, base: Term) -> Labelled:
    """Build a shift where it is added to something: that of nothing is minus infinity."""
    assert isinstance(base, Application)
    part = builder.combination(base.arguments[0])
    return Labelled(op.stop_gradient(part.node), part.labels)


def _shifted(builder: Builder, total: Labelled | None, shifts: Sequence[Product]) -> Labelled:
    for product in shifts:
        part = added_shift(builder, product.factors[0][0])
        if product.coefficient != 1:
            part = builder.times(part, builder.number(product.coefficient))
        total = part if total is None else builder.frame.combine(op.add, total, part)
    assert total is not None
    return total
