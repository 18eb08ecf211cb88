"""Values that are near their argument where that is small: ``log(1 + t)`` and ``1 − exp(−t)``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rewriter.terms.algebra import add, as_combination, multiply, negate, power
from rewriter.terms.binding import bound_sum, open_body
from rewriter.terms.factors import bare
from rewriter.terms.functions import logarithm
from rewriter.terms.index import Axis
from rewriter.terms.logarithms import SummedLogarithm, holds_logarithm, logarithm_in
from rewriter.terms.rational import Rational
from rewriter.terms.sign import interval_of, is_positive
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import (
    UNIT,
    BoundSum,
    Combination,
    Element,
    Product,
    Term,
)  # fmt: skip
from rewriter.terms.weighing import weights_opened

MOST_SUMMANDS = 16
"""Summands of a sum up to which logarithms in it are looked for."""

Meaning = Callable[[Element], Combination | None]
"""Gives what an element stands for, where that holds exponentials; else None."""


@dataclass(frozen=True)
class Difference:
    """``c · (1 − exp(−t))``, or that times an exponential.

    Attributes:
        outside: a number times an exponential.
        gap: t, which is not negative.
        argument: t, with what stands for exponentials opened.
    """

    outside: Combination
    gap: Combination
    argument: Combination


@dataclass(frozen=True)
class Softplus:
    """``c·log(1 + t)``, or the sum of such over an axis.

    Attributes:
        logarithm: it as it stands, ``log(eᵃ + eᵇ)``, less what is left beside it.
        argument: t, which is not negative.
    """

    logarithm: SummedLogarithm
    argument: Combination

    def of(self, term: Combination) -> Combination:
        """Return so many of something in place of the logarithm."""
        return self.logarithm.of(term, self.logarithm.coefficient)


def softpluses(term: Combination) -> tuple[list[Softplus], Combination]:
    """Return all ``c·log(1 + t)`` in a sum, and the rest: ``log(eᵃ + eᵇ) − a`` is one as well."""
    found, rest = [], term
    for product in term.products if len(term.products) <= MOST_SUMMANDS else ():
        logarithm = logarithm_in(product)
        if logarithm is None or logarithm.coefficient <= 0:
            continue
        without = add((rest, negate(as_combination(product))))
        ways = []
        for level in _levels(logarithm.inside):
            shifted = multiply(logarithm.inside, sole_exponential(negate(level)))
            one = Softplus(logarithm, add((shifted, negate(UNIT))))
            left = add((without, one.of(level)))
            if _is_positive_sum(one.argument) and len(left.products) < len(rest.products):
                ways.append((len(left.products), bool(level.products), one, left))
        if ways:
            _, _, one, rest = min(ways, key=lambda way: way[:2])
            found.append(one)
    return found, rest


def _levels(inside: Combination) -> list[Combination]:
    """The exponents of the exponentials that stand alone in a sum; 0 for a 1."""
    return [p.exponent for p in inside.products if p.coefficient == 1 and not p.factors]


def differences(term: Combination, meaning: Meaning) -> list[Difference]:
    """Return ``Σ_k c[k]·(f − f·exp(−t[k]))`` as ``c[k]·f·(1 − exp(−t[k]))``, t >= 0.

    What is multiplied are exponentials, and powers of sums of such that are proved to be positive.
    """
    if len(term.products) < 2 or sum(p.coefficient for p in term.products) != 0:
        return []
    if not all(map(_is_positive_power, (factor for p in term.products for factor in p.factors))):
        return []
    for first in term.products:
        others = [p for p in term.products if p is not first]
        if any((p.coefficient > 0) is (first.coefficient > 0) for p in others):
            continue
        found = [_difference(first, p, meaning) for p in others]
        known = [one for one in found if one is not None]
        if len(known) == len(found):
            return known
    return []


def _is_positive_power(factor: tuple[Term, Rational]) -> bool:
    base = bare(factor[0])
    return base.wild and is_positive(base)


def _difference(first: Product, other: Product, meaning: Meaning) -> Difference | None:
    gap = add((_logarithm_of(first), negate(_logarithm_of(other))))
    argument = opened(gap, meaning)
    if not argument.products or not is_sum_of_positives(softpluses(argument)[1]):
        return None
    outside = as_combination(Product.make(-other.coefficient, first.factors, first.exponent))
    return Difference(outside, gap, argument)


def _logarithm_of(product: Product) -> Combination:
    return logarithm(as_combination(product.monomial)) if product.factors else product.exponent


def sum_of_differences(term: Combination) -> tuple[Axis, Combination, Rational] | None:
    """Return (axis, inside, coefficient) of ``c·n − c·Σ_j exp(u[j]) = c·Σ_j (1 − exp(u[j]))``."""
    summed = [p for p in term.products if p.factors]
    if len(term.products) != 2 or len(summed) != 1 or len(summed[0].factors) != 1:
        return None
    (product,), (number,) = summed, [p for p in term.products if not p.factors]
    base, q = product.factors[0]
    if type(base) is not BoundSum or q != 1 or product.exponent.products:
        return None
    extent, coefficient = base.axis.extent, -product.coefficient
    whole = isinstance(extent, int) and coefficient * extent == number.coefficient
    if not whole or number.exponent.products or base.body.factors:
        return None
    axis = base.axis.fresh()
    return axis, add((UNIT, negate(open_body(base, axis)))), coefficient


def _is_positive_sum(term: Combination) -> bool:
    """Tell whether all that a term adds up is proved not to be negative."""
    return bool(term.products) and is_sum_of_positives(term)


def is_sum_of_positives(term: Combination) -> bool:
    """Tell whether nothing that a term adds up may be negative."""
    return all(interval_of(p).nonnegative for p in term.products)


def opened(term: Combination, meaning: Meaning) -> Combination:
    """Return a term with elements that stand for exponentials written out, under sums too."""
    return add(_opened_product(product, meaning) for product in term.products)


def _opened_product(product: Product, meaning: Meaning) -> Combination:
    result = as_combination(Product.make(product.coefficient, (), product.exponent))
    for base, q in product.factors:
        found: Combination | None = None
        if isinstance(base, Element):
            found = meaning(base)
        elif type(base) is BoundSum:
            axis = base.axis.fresh()
            body = open_body(base, axis)
            if holds_logarithm(body):
                body = weights_opened(body)
            found = bound_sum(axis, opened(body, meaning))
        result = multiply(result, power(as_combination(base) if found is None else found, q))
    return result
