"""Ratios: numerators that take scales in, ``x[i]·m^-1 = (x[i]/m)`` with m next to ``max_j |x[j]|``.

A sum takes in as many as all of its summands can: ``Σ_j g[j]·x[j]·m^-1 = Σ_j g[j]·(x[j]/m)``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from rewriter.graph import operators as o
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination, multiply, single_power
from rewriter.terms.binding import evaluated, open_body, replace
from rewriter.terms.factors import bare_power
from rewriter.terms.functions import unsupported, without_stop
from rewriter.terms.index import Axis, IndexExpression
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.term import (
    ONE,
    UNIT,
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Element,
    Product,
    Term,
)  # fmt: skip

_NONE: frozenset[Axis] = frozenset()

Degrees = dict[Term, Rational]
"""Powers of scales, by scale."""


def grouped(term: Combination) -> Combination:
    """Computed as it stands, so that nothing is taken out of it."""
    return term if algebra.is_number(term) else evaluated(None, term)


def power_of(base: Term, q: Rational) -> Combination:
    """Return ``base^q``, as it stands."""
    return single_power(base, q) if q else UNIT


def taking_in(base: Term, q: Rational, degrees: Degrees) -> Combination:
    """Return a factor with scales taken in, and take them from the degrees."""
    result = single_power(base, q)
    for magnitude, left in degrees.items():
        if not left or q.denominator != 1:
            continue
        bare, power = bare_power(base, q)
        if is_bounded_by(bare, magnitude):
            steps = _whole(min(absolute(power), absolute(left))) if power * left < 0 else 0
            if steps:
                degrees[magnitude] = left + (steps if left < 0 else -steps)
                return _as_ratios(bare, power, magnitude, steps)
        elif q == 1 and left < 0:
            plain = algebra.plain(result)
            within, taken = _into_sum(plain, magnitude, -left)
            if taken:
                degrees[magnitude] = left + taken
                result = within
    return result


def _as_ratios(base: Term, power: Rational, magnitude: Term, steps: int) -> Combination:
    """``x^power·m^-steps`` with ``steps`` of the x divided by m."""
    ratio = grouped(multiply(as_combination(base), power_of(magnitude, -ONE)))
    sign = 1 if power > 0 else -1
    rest = algebra.power(as_combination(base), sign * (absolute(power) - steps))
    return multiply(algebra.power(ratio, sign * steps), rest)


def _into_sum(base: Any, magnitude: Term, most: Rational) -> tuple[Combination, Rational]:
    """Divide every summand by as many scales as all of them can take."""
    if not isinstance(base, (BoundSum, Combination)):
        return as_combination(base), 0
    if isinstance(base, BoundSum):
        if base.axis is None:
            within, taken = _into_sum_of_products(as_combination(base.body), magnitude, most)
            return (grouped(within) if taken else as_combination(base)), taken
        axis = base.axis.fresh()
        body = open_body(base, axis)
        within, taken = _into_sum_of_products(body, magnitude, most)
        return (evaluated(axis, within), taken) if taken else (as_combination(base), 0)
    within, taken = _into_sum_of_products(base, magnitude, most)
    return (grouped(within), taken) if taken else (base, 0)


def _whole(value: Rational) -> int:
    """The integer part; of a value as near to the next as ``3·float32(1/3)`` is to 1, that."""
    return math.floor(value + NEAR)


NEAR = Fraction(1, 1000)
"""How far a power may be from a whole one that it is counted as."""


def _into_sum_of_products(
    term: Combination, magnitude: Term, most: Rational
) -> tuple[Combination, Rational]:
    rooms = [_room(product, magnitude) for product in term.products]
    room = max(rooms) if _at_least_one(magnitude) else min(rooms)
    taken = _whole(min(room, most))
    if taken <= 0:
        return term, 0
    return algebra.add(_divided(product, magnitude, taken) for product in term.products), taken


def lowered(term: Combination, magnitude: Term, steps: Rational) -> Combination | None:
    """Return a sum divided by a scale so often, by what each summand can take in, or None.

    A scale that is no less than 1 is taken in by any summand.
    """
    if steps < 0 or steps.denominator != 1:
        return None
    roomy = all(_room(product, magnitude) >= steps for product in term.products)
    if not roomy and not _at_least_one(magnitude):
        return None
    return algebra.add(_divided(p, magnitude, int(steps)) for p in term.products)


def _at_least_one(magnitude: Term) -> bool:
    """Tell whether a number is among those whose largest a magnitude is next to."""
    return any(algebra.is_number(as_combination(one)) for one, _ in _raised(magnitude, _NONE))


def _room(product: Product, magnitude: Term) -> Rational:
    """How many scales the numerators of a product can take in."""
    total: Rational = 0
    for base, q in product.factors:
        if q > 0 and q.denominator == 1 and is_bounded_by(base, magnitude):
            total += q
        elif q == 1 and isinstance(base, (BoundSum, Combination)):
            inner = as_combination(base.body) if isinstance(base, BoundSum) else base
            total += min(_room(p, magnitude) for p in inner.products)
    return total


def _divided(product: Product, magnitude: Term, steps: int) -> Combination:
    degrees: Degrees = {magnitude: -steps}
    result = Combination.make((Product.make(product.coefficient, (), product.exponent),))
    for base, q in product.factors:
        result = multiply(result, taking_in(base, q, degrees))
    for _ in range(-int(degrees[magnitude])):
        result = grouped(multiply(result, power_of(magnitude, -ONE)))
    return result


def is_bounded_by(base: Term, magnitude: Term) -> bool:
    """Tell whether a factor is among those whose largest the magnitude is next to."""
    return any(_instance(base, raised, axes) for raised, axes in _raised(magnitude, frozenset()))


def _raised(term: Term, axes: frozenset[Axis]) -> Iterator[tuple[Term, frozenset[Axis]]]:
    """Yield what a magnitude is the largest of, and the axes that it runs over."""
    inner = without_stop(term)
    if isinstance(inner, Application) and inner.operator in (o.BINADE, o.MAXIMUM, o.ABSOLUTE):
        for argument, _ in map(unsupported, inner.arguments):
            yield from _raised(argument, axes)
    elif isinstance(inner, BoundMaximum):
        fresh = inner.axis.fresh()
        yield from _raised(open_body(inner, fresh), axes | {fresh})
    else:
        yield inner, axes


def _instance(base: Term, raised: Term, axes: frozenset[Axis]) -> bool:
    """Tell whether a factor (or its size) is what is raised, at some place of the axes."""
    if isinstance(base, Application) and base.operator is o.ABSOLUTE:
        return _instance(algebra.plain(base.arguments[0]), raised, axes)
    if base is raised:
        return True
    if not isinstance(base, Element) or not isinstance(raised, Element):
        return False
    if base.node is not raised.node:
        return False
    places: dict[Axis, IndexExpression] = {}
    for own, other in zip(base.indices, raised.indices, strict=True):
        if isinstance(other, Axis) and other in axes:
            places.setdefault(other, own)
    return algebra.plain(replace(as_combination(raised), places)) is base
