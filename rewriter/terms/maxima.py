"""Bound maxima, ``max_j body``, and minima.

Summands free of the bound index leave the maximum, ``max_j (u[j] + a) = a + max_j u[j]``, and so
does a positive factor; what is minus infinity under a mask is left out of what it is taken over.
"""

from __future__ import annotations

from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.binding import CaseAxis, outside_and_inside, replace
from rewriter.terms.functions import constant_factors, maximum_where
from rewriter.terms.index import Axis, placeholder
from rewriter.terms.rational import Rational, absolute, quotient
from rewriter.terms.sign import is_nonzero, is_positive
from rewriter.terms.term import (
    INDICATORS,
    MINUS_INFINITY,
    ONE,
    UNIT,
    ZERO,
    BoundMaximum,
    Combination,
    Product,
    Term,
    Truth,
)  # fmt: skip

MOST_UNITS = 2**64
"""The most by which a summand may be larger than the unit that a maximum is measured in."""


def bound_maximum(axis: Axis, body: Combination, support: Combination = UNIT) -> Combination:
    """``max_axis body`` where the support is not 0.

    Summands free of the axis, and a positive coefficient, are taken out; -inf under an indicator
    is no value but a mask, and joins the support. ``max_j c·exp(u[j]) = c·exp(max_j u[j])``.
    """
    if isinstance(axis, CaseAxis):
        return maximum_where(axis.cases(body), axis.cases(support))
    exponential = _largest_exponential(axis, body, support)
    if exponential is not None:
        return exponential
    body, masks = split_masks(body)
    for mask in masks:
        support = multiply(support, as_combination(mask))
    support = relevant_support(support, axis)
    inside = [p for p in body.products if axis in p.free]
    outside = Combination.make(tuple(p for p in body.products if axis not in p.free))
    if not inside:
        return body
    size = _unit_of(inside)
    constants = _common_constants(inside, axis)
    scaled = algebra.collect(
        Product.make(
            quotient(p.coefficient, size),
            tuple(f for f in p.factors if f not in constants),
            p.exponent,
        )
        for p in inside
    )
    bound = placeholder(max(scaled.level, support.level) + 1, axis.extent)
    parts = (replace(scaled, {axis: bound}), replace(support, {axis: bound}))
    largest = as_combination(BoundMaximum.make(bound, *parts))
    factor = Combination.make((Product.make(size, constants, ZERO),))
    return add((outside, multiply(factor, largest)))


def _largest_exponential(axis: Axis, body: Combination, support: Combination) -> Combination | None:
    """``max_j c·exp(u[j]) = c·exp(max_j u[j])`` for c > 0, free of j; else None.

    Where masks may leave nothing, the largest is no exponential: it may be 0, or -inf.
    """
    if support is not UNIT or len(body.products) != 1 or axis not in body.products[0].exponent.free:
        return None
    outside, inside = outside_and_inside(axis, body.products[0])
    rest = as_combination(Product.make(outside.coefficient, outside.factors, ZERO))
    if inside.factors or not is_positive(rest):
        return None
    largest = bound_maximum(axis, inside.exponent)
    return multiply(rest, algebra.exponential(add((outside.exponent, largest))))


def _unit_of(products: list[Product]) -> Rational:
    """The size to measure summands by: the least coefficient of one that is no mask.

    1 where another is so much larger that it may overflow, measured by that.
    """
    values = [p for p in products if not all(isinstance(b, INDICATORS) for b, _ in p.factors)]
    unit = min(absolute(p.coefficient) for p in values or products)
    largest = max(absolute(p.coefficient) for p in products)
    return unit if largest <= unit * MOST_UNITS else 1


def _common_constants(products: list[Product], axis: Axis) -> tuple[tuple[Term, Rational], ...]:
    found = (f for f in constant_factors(products[0]) if axis not in f[0].free)
    return tuple(f for f in found if all(f in p.factors for p in products))


def relevant_support(support: Combination, axis: Axis) -> Combination:
    """Drop from a weight what is never 0: the rest says where it is 0."""
    if len(support.products) != 1 or algebra.is_number(support):
        return UNIT if support.products else support
    kept: dict[Term, Rational] = {
        base: ONE for base, _ in support.products[0].factors if not is_nonzero(base)
    }
    return Combination.make((Product.make(ONE, algebra.sort_factors(kept), ZERO),))


def split_masks(term: Combination) -> tuple[Combination, list[Truth]]:
    """Return (rest, masks): ``[not c]·(-inf)`` is the mask [c], under which [c] is 1."""
    kept: list[Product] = []
    masks: list[Truth] = []
    for product in term.products:
        factors = dict(product.factors)
        others = [base for base in factors if base is not MINUS_INFINITY]
        masked = MINUS_INFINITY in factors and product.coefficient > 0
        if masked and len(others) == 1 and isinstance(others[0], Truth):
            masks.append(Truth.make(others[0].element, not others[0].negated))
        else:
            kept.append(product)
    rest = Combination.make(tuple(kept))
    for mask in masks:
        rest = add(_without(product, mask) for product in rest.products)
    return rest, masks


def _without(product: Product, mask: Term) -> Combination:
    factors = tuple(f for f in product.factors if f[0] is not mask)
    if len(factors) == 1 and not product.exponent.products:
        base, q = factors[0]
        if isinstance(base, Combination) and q == 1:
            return algebra.scale(base, product.coefficient)  # the sum stands alone again
    return Combination.make((Product.make(product.coefficient, factors, product.exponent),))


def bound_minimum(axis: Axis, body: Combination) -> Combination:
    """``min_axis body = -max_axis(-body)``."""
    return algebra.negate(bound_maximum(axis, algebra.negate(body)))
