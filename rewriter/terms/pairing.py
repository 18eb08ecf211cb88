"""Pairing exponents with the maxima that bound them: ``λ = Σ c·(u[t] − max_j u[j]) + rest``.

Each difference ``u[t] − max_j u[j]`` is <= 0. It proves that an exponential cannot overflow, and
it is what a rebuilt graph computes as one subtraction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from itertools import product as choices
from typing import Any

from rewriter.graph import operators as o
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, scale
from rewriter.terms.indicators import places_of
from rewriter.terms.instances import Instance, instances, maximum_times_constant
from rewriter.terms.points import is_large_somewhere
from rewriter.terms.rational import Rational, absolute, quotient
from rewriter.terms.sign import interval_of
from rewriter.terms.supports import standing_for
from rewriter.terms.term import (
    UNIT,
    Application,
    BoundMaximum,
    Combination,
    Product,
    Term,
)  # fmt: skip
from rewriter.terms.traversal import parts_of


@dataclass(frozen=True)
class Difference:
    """``coefficient · factor · (value − maximum)``.

    Attributes:
        coefficient: a rational, positive where the difference bounds from above.
        value: an instance of what the maximum is taken of.
        maximum: the maximum, as it occurs.
        support: where this is 0 the value does not take part in the maximum.
        factor: a positive constant that is no rational, such as ``log(2)``.
        bounded: the value is proved to be one of those that the maximum is taken of, wherever it
            is: it is <= it.
    """

    coefficient: Rational
    value: Combination
    maximum: Term
    support: Combination
    factor: Combination = UNIT
    bounded: bool = True


@dataclass(frozen=True)
class Pairing:
    """An exponent as differences and a rest without paired maxima."""

    differences: tuple[Difference, ...]
    rest: Combination

    def bounded_above(self, limit: float, support: Term | None = None) -> bool:
        """Tell whether the exponent is proved <= limit, where ``support`` is not 0."""
        for one in self.differences:
            if one.coefficient < 0 or not _covers(support, one.support):
                return False
        return interval_of(self.rest).high <= limit


def is_bounded_above(exponent: Combination, limit: float, support: Term | None = None) -> bool:
    """Tell whether an exponent is proved <= limit, where ``support`` is not 0."""
    large = is_large_somewhere(exponent) and not _tells_places(support)
    return not large and pair(exponent).bounded_above(limit, support)


def _tells_places(support: Term | None) -> bool:
    """Tell whether what is not 0 there lies within some places alone: elsewhere it may be large."""
    return isinstance(support, Product) and any(places_of(base) for base, _ in support.factors)


def _covers(given: Term | None, wanted: Combination) -> bool:
    if wanted is UNIT:
        return True
    if given is None or not isinstance(given, Product) or not wanted.products:
        return False
    return all(standing_for(base, given) for base, _ in wanted.products[0].factors)


def pair(exponent: Combination) -> Pairing:
    """Return the exponent with every maximum in it that has a partner paired; computed once."""
    cache = exponent.__dict__
    if "paired" not in cache:
        paired = _paired(exponent)
        cache["paired"] = paired if paired.differences else None
    known: Pairing | None = cache["paired"]
    return Pairing((), exponent) if known is None else known


def _paired(exponent: Combination) -> Pairing:
    paired = _one_by_one(exponent, _by_level(exponent))
    if _is_bounded(paired) or not paired.rest.products:
        return paired
    if paired.differences and _maxima_in(paired.rest):
        constrained = _one_by_one(exponent, _most_constrained_first(exponent))
        if len(_maxima_in(constrained.rest)) < len(_maxima_in(paired.rest)):
            paired = constrained
    if is_large_somewhere(exponent):
        return paired
    return _paired_otherwise(exponent) or _paired_in_part(exponent) or paired


def _is_bounded(paired: Pairing) -> bool:
    above = all(one.coefficient > 0 for one in paired.differences)
    return above and interval_of(paired.rest).high < math.inf


def _by_level(exponent: Combination) -> list[Product]:
    """The summands, maxima of other maxima before these: what they are of is still there."""
    return sorted(exponent.products, key=lambda product: (-product.level, -_nesting(product)))


def _maxima_in(exponent: Combination) -> list[tuple[Product, BoundMaximum | Application]]:
    """The summands that are multiples of maxima, and the maximum in each."""
    found = ((product, maximum_times_constant(product)) for product in exponent.products)
    return [(product, one[1]) for product, one in found if one is not None]


def _most_constrained_first(exponent: Combination) -> list[Product]:
    """The maxima by level, and of one level those before that are of fewer of the values.

    Of ``max_j x[j] + max_{j ≥ 1} x[j] − x[0] − x[1]`` the second has but one partner.
    """
    values = {p: len(list(instances(one, exponent))) for p, one in _maxima_in(exponent)}
    return sorted(values, key=lambda p: (-p.level, -_nesting(p), values[p]))


def _nesting(product: Product) -> int:
    """How many finite maxima are in a summand."""
    if not any(isinstance(base, Application) for base, _ in product.factors):
        return 0
    parts = (part for part in parts_of(product) if isinstance(part, Application))
    return sum(part.operator is o.MAXIMUM for part in parts)


def _one_by_one(exponent: Combination, order: Sequence[Product]) -> Pairing:
    """Pair one maximum after the other, in an order."""
    rest, found = exponent, []
    for monomial in (product.monomial for product in order):
        candidate = rest.by_monomial.get(monomial)
        found_maximum = maximum_times_constant(candidate) if candidate is not None else None
        if candidate is None or found_maximum is None:
            continue
        base, largest, factor = found_maximum
        taken = _shared_out(rest, candidate, list(instances(largest, exponent)), factor)
        for size, (value, support, bounded) in taken:
            gone = Product.make(-size, candidate.factors, candidate.exponent)
            away = algebra.multiply(scale(value, -size), factor)
            rest = add((rest, algebra.negate(Combination.make((gone,))), away))
            found.append(Difference(size, value, base, support, factor, bounded))
    return Pairing(tuple(found), rest)


MOST_IN_PART = 12
"""Maxima, each with each of its values, that are tried where a pairing bounds nothing."""

MOST_CHOICES = 27
"""Ways to share out maxima that are tried where taking them one after the other bounds nothing."""


def _paired_otherwise(exponent: Combination) -> Pairing | None:
    """Return a pairing that bounds an exponent, each finite maximum less one of its values.

    ``b − max(0, a) − max(0, b − a)`` is ``(a − max(0, a)) + (b − a − max(0, b − a))``. A value may
    be a maximum itself: ``x[t] − max(0, max x)`` is ``(x[t] − max x) + (max x − max(0, max x))``.
    """
    maxima = ((p, maximum_times_constant(p)) for p in exponent.products if p.coefficient < 0)
    found = [(p, one) for p, one in maxima if one and isinstance(one[1], Application)]
    values = [list(instances(one[1], exponent)) for _, one in found]
    if not found or math.prod(map(len, values)) > MOST_CHOICES:
        return None
    for chosen in choices(*values):
        rest, taken = exponent, []
        for (product, largest), one in zip(found, chosen, strict=True):
            rest, difference = _taken(rest, product, largest, one)
            taken.append(difference)
        within = _bounding(rest)
        if within is not None:
            return Pairing((*taken, *within.differences), within.rest)
    return None


def _paired_in_part(exponent: Combination) -> Pairing | None:
    """Return a pairing that bounds an exponent, one maximum less one of its values, else None.

    What such a value lacks may be bounded by another maximum, of which a part is left for 0:
    ``a − max(0, a − 2b) − 4·max(0, b)`` is ``(a − 2b − max(…)) + 2·(b − max(0, b)) − 2·max(0, b)``.
    """
    found = [(p, one) for p in _by_level(exponent) if (one := maximum_times_constant(p))]
    if len(found) < 2:
        return None
    tries = (
        _taken(exponent, product, largest, one)
        for product, largest in found
        if product.coefficient < 0
        for one in instances(largest[1], exponent)
        if one.value.products
    )
    for rest, difference in islice(tries, MOST_IN_PART):
        paired = _bounding(rest)
        if paired is not None:
            return Pairing((difference, *paired.differences), paired.rest)
    return None


def _bounding(rest: Combination) -> Pairing | None:
    """Return a pairing that bounds what is left of an exponent, one maximum after the other."""
    if is_large_somewhere(rest):
        return None
    paired = _one_by_one(rest, _by_level(rest))
    return paired if _is_bounded(paired) else None


def _taken(
    rest: Combination, product: Product, largest: tuple[Term, Any, Combination], one: Instance
) -> tuple[Combination, Difference]:
    """Take a maximum and as many of one of its values out of an exponent."""
    base, _, factor = largest
    size = -product.coefficient
    away = algebra.multiply(scale(one.value, -size), factor)
    rest = add((rest, algebra.negate(as_combination(product)), away))
    return rest, Difference(size, one.value, base, one.support, factor, one.bounded)


Share = tuple[Rational, Instance]


def _shared_out(
    rest: Combination, candidate: Product, values: list[Instance], factor: Combination
) -> list[Share]:
    """Return (size, value): how a maximum is shared out among the values in an exponent.

    ``u[i] + u[k] − 2·max u`` has one share for each. A value that is there only in part takes all
    of a maximum that nothing else takes, where that makes the exponent shorter.
    """
    left, shares = -candidate.coefficient, []
    without = add((rest, algebra.negate(Combination.make((candidate,)))))

    def times(one: Instance) -> Combination:
        return algebra.multiply(one.value, factor)

    def remaining(one: Instance) -> int:
        return len(add((without, scale(times(one), -left))).products)

    def available(one: Instance) -> Rational:
        return _available(rest, times(one), left)

    values = sorted(values, key=lambda one: (not one.bounded, -len(one.value.products)))
    whole = [one for one in values if available(one) == left]
    if any(one.value.products for one in whole):
        return [(left, min(whole, key=lambda one: (not one.bounded, remaining(one))))]
    for one in values:
        size = available(one)
        if size:
            left -= size
            shares.append((size, one))
        if not left:
            return shares
    if shares:
        return shares
    partly = (one for one in values if not _is_opposed(rest, times(one), left))
    return [(left, one) for one in partly if remaining(one) < len(rest.products)][:1]


def _is_opposed(rest: Combination, value: Combination, wanted: Rational) -> bool:
    """Tell whether part of a value stands in a sum with the sign opposite to what is wanted."""
    return any(_present(rest, p) * p.coefficient * wanted < 0 for p in value.products)


def _present(rest: Combination, product: Product) -> Rational:
    """The coefficient that the monomial of a product has in a sum."""
    found = rest.by_monomial.get(product.monomial)
    return 0 if found is None else found.coefficient


def _available(rest: Combination, value: Combination, wanted: Rational) -> Rational:
    """How many times a value stands in a sum with the sign of what is wanted, up to that."""
    size = absolute(wanted)
    for product in value.products:
        times = quotient(_present(rest, product), product.coefficient)
        if times * wanted <= 0:
            return 0
        size = min(size, absolute(times))
    return size if wanted > 0 else -size


def supporting(product: Product) -> tuple[Term, ...]:
    """Return what a product's exponent is not bounded without: where one is 0, it has no bound."""
    supports = [one.support for one in pair(product.exponent).differences]
    whole = (p for s in supports if s is not UNIT for p in s.products[:1])
    bases = (b for p in whole for b, _ in p.factors)
    return tuple(dict.fromkeys(f for b in bases for f in standing_for(b, product) or (b,)))
