"""Pairing exponents with the maxima that bound them: ``λ = Σ c·(u[t] − max_j u[j]) + rest``.

Each difference ``u[t] − max_j u[j]`` is <= 0. It proves that an exponential cannot overflow, and
it is what a rebuilt graph computes as one subtraction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as choices
from typing import Any, NamedTuple

from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, scale
from rewriter.terms.binding import replace
from rewriter.terms.functions import constant_factors, maximum_in, unsupported, without_stop
from rewriter.terms.index import Axis, IndexExpression, axes_in
from rewriter.terms.indicators import within
from rewriter.terms.rational import Rational, absolute, quotient
from rewriter.terms.sign import interval_of
from rewriter.terms.term import (
    UNIT,
    ZERO,
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Element,
    Evaluated,
    Product,
    Term,
    Truth,
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """``coefficient · factor · (value − maximum)``.

    Attributes:
        coefficient: a rational, positive where the difference bounds from above.
        value: an instance of what the maximum is taken of.
        maximum: the maximum, as it occurs.
        support: where this is 0 the value does not take part in the maximum.
        factor: a positive constant that is no rational, such as ``log(2)``.
        bounded: the value is proved to be one of those that the maximum is taken of: it is <= it.
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
            if one.coefficient < 0 or not one.bounded or not _covers(support, one.support):
                return False
        return interval_of(self.rest).high <= limit


def _covers(given: Term | None, wanted: Combination) -> bool:
    if wanted is UNIT:
        return True
    if given is None or not isinstance(given, Product):
        return False
    present = {base for base, _ in given.factors}
    return all(base in present for base, _ in wanted.products[0].factors)


def pair(exponent: Combination) -> Pairing:
    """Return the exponent with every maximum in it that has a partner paired; computed once."""
    cache = exponent.__dict__
    if "paired" not in cache:
        paired = _paired(exponent)
        cache["paired"] = paired if paired.differences else None
    known: Pairing | None = cache["paired"]
    return Pairing((), exponent) if known is None else known


def _paired(exponent: Combination) -> Pairing:
    rest, found = exponent, []
    for candidate in sorted(exponent.products, key=lambda product: -product.level):
        found_maximum = maximum_times_constant(candidate)
        if found_maximum is None or candidate not in rest.products:
            continue
        base, largest, factor = found_maximum
        taken = _shared_out(rest, candidate, list(instances(largest, exponent)), factor)
        for size, (value, support, bounded) in taken:
            gone = Product.make(-size, candidate.factors, candidate.exponent)
            away = algebra.multiply(scale(value, -size), factor)
            rest = add((rest, algebra.negate(Combination.make((gone,))), away))
            found.append(Difference(size, value, base, support, factor, bounded))
    paired = Pairing(tuple(found), rest)
    if rest.products and interval_of(rest).high == math.inf:
        return _paired_otherwise(exponent) or paired
    return paired


MOST_CHOICES = 27
"""Ways to share out maxima that are tried where taking them one after the other bounds nothing."""


def _paired_otherwise(exponent: Combination) -> Pairing | None:
    """Return a pairing that bounds an exponent, each maximum less one of its values, else None.

    ``b − max(0, a) − max(0, b − a)`` is ``(a − max(0, a)) + (b − a − max(0, b − a))``.
    """
    found = [(p, largest) for p in exponent.products if (largest := maximum_times_constant(p))]
    several = [isinstance(largest[1], Application) and p.coefficient < 0 for p, largest in found]
    if len(found) < 2 or not all(several):
        return None
    values = [list(instances(largest[1], exponent)) for _, largest in found]
    if math.prod(map(len, values)) > MOST_CHOICES:
        return None
    for chosen in choices(*values):
        rest, taken = exponent, []
        for (product, (base, _, factor)), one in zip(found, chosen, strict=True):
            size = -product.coefficient
            away = algebra.multiply(scale(one.value, -size), factor)
            rest = add((rest, algebra.negate(as_combination(product)), away))
            taken.append(Difference(size, one.value, base, one.support, factor, one.bounded))
        if interval_of(rest).high < math.inf:
            return Pairing(tuple(taken), rest)
    return None


class Instance(NamedTuple):
    """What a maximum is taken of, at some place.

    Attributes:
        value: what stands there.
        support: where this is 0 it does not take part.
        bounded: the place is proved to be one that the maximum runs over.
    """

    value: Combination
    support: Combination
    bounded: bool


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
    present = {product.monomial: product.coefficient for product in rest.products}
    return any(present.get(p.monomial, 0) * p.coefficient * wanted < 0 for p in value.products)


def _available(rest: Combination, value: Combination, wanted: Rational) -> Rational:
    """How many times a value stands in a sum with the sign of what is wanted, up to that."""
    present = {product.monomial: product.coefficient for product in rest.products}
    size = absolute(wanted)
    for product in value.products:
        times = quotient(present.get(product.monomial, 0), product.coefficient)
        if times * wanted <= 0:
            return 0
        size = min(size, absolute(times))
    return size if wanted > 0 else -size


def supporting(product: Product) -> tuple[Term, ...]:
    """Return what a product's exponent is not bounded without: where one is 0, it has no bound."""
    supports = [one.support for one in pair(product.exponent).differences]
    bases = (b for s in supports if s is not UNIT for b, _ in s.products[0].factors)
    return tuple(dict.fromkeys(bases))


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
    """Yield instances of what a maximum is taken of that may occur in a term."""
    if isinstance(largest, Application):
        values = [Instance(*unsupported(argument), True) for argument in largest.arguments]
        yield from sorted(values, key=lambda one: not one.value.products)
        for one in values:
            yield from _within_maxima(one, among)
        return
    bound: list[Axis] = []
    body, support = as_combination(largest), UNIT
    levels: list[tuple[tuple[Axis, ...], Combination, Combination]] = []
    while True:
        inner = maximum_in(algebra.plain(body))
        if not isinstance(inner, BoundMaximum):
            break
        fresh = inner.axis.fresh()
        bound.append(fresh)
        body = replace(inner.body, {inner.axis: fresh})
        support = algebra.multiply(support, replace(inner.support, {inner.axis: fresh}))
        levels.append((tuple(bound), body, support))
    for axes, body, support in reversed(levels):
        places = [list(_candidates(axis, body, among)) for axis in axes]
        for chosen in choices(*places):
            mapping = dict(zip(axes, chosen, strict=True))
            taken = replace(support, mapping)
            if taken.products:
                bounded = all(_runs_over(body, *one) for one in mapping.items())
                yield Instance(replace(body, mapping), taken, bounded)


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
    elements = list(_elements(body))
    for other in _elements(among):
        for one in elements:
            if one.node is other.node:
                for index, place in zip(one.indices, other.indices, strict=True):
                    if index is axis:
                        seen[place] = None
    for free in sorted(among.free, key=lambda a: a.number):
        if free.extent == axis.extent:
            seen[free] = None
    yield from seen


def _runs_over(body: Combination, axis: Axis, place: IndexExpression) -> bool:
    """Tell whether a place is proved to be one of those that a bound axis runs over.

    It is where the axis runs over all that there is of a tensor.
    """
    sizes = (
        one.node.shape[a] for one in _elements(body) for a, i in enumerate(one.indices) if i is axis
    )
    return axis.extent in sizes or within(place, 0, axis.extent) is UNIT


def _elements(term: Combination) -> Iterator[Element]:
    for product in term.products:
        for base, _ in product.factors:
            inner = without_stop(base)
            if isinstance(inner, Element):
                yield inner
            elif isinstance(inner, Combination):
                yield from _elements(inner)
            elif isinstance(inner, Application):
                for argument in inner.arguments:
                    yield from _elements(argument)


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
    return max((_weight_of_largest(p) for p in products if _is_attained(p, axes)), default=0.0)


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
    while isinstance(largest, BoundMaximum):
        over.append(largest.axis)
        largest = maximum_in(algebra.plain(largest.body))
    places = [place for element in _elements(one.value) for place in element.indices]
    met = [axis for axis in axes if axis in one.value.free]
    whole = all(place in met or axes_in(place).isdisjoint(met) for place in places)
    extents = [sorted(str(axis.extent) for axis in some) for some in (met, over)]
    return bool(over) and whole and extents[0] == extents[1]


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


def _weight_of_largest(product: Product) -> float:
    """What a summand is at least where its exponent attains the maximum."""
    one = _sole_difference(product)
    if one is None:
        return 0.0
    masks = {base for p in one.support.products for base, _ in p.factors}
    weight = tuple(f for f in product.factors if f[0] not in masks)
    covered = masks <= {base for base, _ in product.factors} and all(
        isinstance(mask, Truth) for mask in masks
    )
    rest = Product.make(product.coefficient, weight, pair(product.exponent).rest)
    return max(interval_of(rest).low, 0.0) if covered else 0.0


def most_of_sum(total: BoundSum) -> float:
    """Return what a sum of exponentials is at most, for each summand by its differences."""
    extent = 1 if total.axis is None else total.axis.extent
    if not isinstance(extent, int):
        return math.inf
    most = extent * sum(upper_bound(product) for product in total.body.products)
    return math.inf if math.isnan(most) else most


def upper_bound(product: Product) -> float:
    """Return a bound of a scaled product from above, by its factors and differences."""
    paired = pair(product.exponent)
    if not all(d.coefficient > 0 and d.bounded for d in paired.differences):
        return math.inf
    rest = Product.make(product.coefficient, product.factors, paired.rest)
    return interval_of(rest).high
