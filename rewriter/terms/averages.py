"""Complements within sums: ``Σ_j f[j] − Σ_j f[j]·r[j] = Σ_j f[j]·(1 − r[j])``.

So the complement of a mixture is the mixture of complements, ``1 − Σ_j f[j]·r[j] / Σ_j f[j]``,
wherever ``1 − r[j]`` is one product by the complement law; a number is a sum of equal parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations

from rewriter.terms.algebra import add, as_combination, collect, multiply, negate, number
from rewriter.terms.binding import bound_sum, open_body
from rewriter.terms.constants import with_constants_joined
from rewriter.terms.factors import sort_factors
from rewriter.terms.index import Axis
from rewriter.terms.rational import Rational, quotient
from rewriter.terms.sign import is_nonnegative
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import ONE, ZERO, BoundSum, Combination, Product, Term

MOST_SUMMANDS = 6
"""Summands of a term up to which pairs of them are tried."""


def combine_averages(total: Combination) -> Combination:
    """Combine pairs of summands into one sum of complements, where that is one product each."""
    while 1 < len(total.products) <= MOST_SUMMANDS:
        shorter = next(_shorter(total), None)
        if shorter is None:
            break
        total = shorter
    return total


def _shorter(total: Combination) -> Iterator[Combination]:
    for less, whole in permutations(total.products, 2):
        if less.coefficient * whole.coefficient < 0:
            joined = _joined(less, whole)
            if joined is not None:
                kept = [p for p in total.products if p is not less and p is not whole]
                yield collect([*kept, *joined.products])


def _joined(less: Product, whole: Product) -> Combination | None:
    """``−R·Σ_j f[j]·r[j] + R·Q`` with ``Q = Σ_j f[j]``, maybe times sums that r takes in."""
    for base, q in less.factors:
        if q != 1 or type(base) is not BoundSum or not base.wild:
            continue
        outside = less.without(base)
        lifted = add((outside.exponent, negate(whole.exponent)))
        rest = Product.make(outside.coefficient, outside.factors, whole.exponent)
        less_at = _summand(base, lifted)
        equal = _equal_parts(base, less_at, whole, rest)
        if equal is not None:
            return multiply(negate(as_combination(rest)), equal)
        sums = _sums_in(whole, rest)
        if sums is None:
            continue
        for one in sums:
            if one.axis.extent == base.axis.extent:
                inside = _difference(less_at, one, sums)
                if inside is not None:
                    return multiply(negate(as_combination(rest)), inside)
    return None


def _summand(base: BoundSum, lifted: Combination) -> Callable[[Axis], Combination]:
    """What is added up at an axis, with an exponential in it that does not depend on the axis."""
    return lambda axis: multiply(open_body(base, axis), sole_exponential(lifted))


def _equal_parts(
    less: BoundSum, less_at: Callable[[Axis], Combination], whole: Product, rest: Product
) -> Combination | None:
    """``Σ_j (c/n − less[j])`` of ``c − Σ_j less[j]`` with n summands, where each is one product.

    The complement of a mean is the mean of complements.
    """
    extent = less.axis.extent
    if not isinstance(extent, int):
        return None
    if whole.factors != rest.factors:
        return None
    share = number(quotient(-whole.coefficient, rest.coefficient * extent))
    axis = less.axis.fresh()
    body = add((share, negate(less_at(axis))))
    return bound_sum(axis, body) if len(body.products) == 1 and is_nonnegative(body) else None


def _sums_in(whole: Product, rest: Product) -> dict[BoundSum, Rational] | None:
    """The sums whose product is ``-whole / rest``, with powers; None where it is something else."""
    powers = dict(whole.factors)
    for base, q in rest.factors:
        powers[base] = powers.get(base, 0) - q
    left = sort_factors(powers)
    alike = whole.coefficient == -rest.coefficient
    sums = {base: q for base, q in left if type(base) is BoundSum and q > 0 and q.denominator == 1}
    return sums if alike and sums and len(sums) == len(left) else None


def _difference(
    less_at: Callable[[Axis], Combination], one: BoundSum, sums: Mapping[BoundSum, Rational]
) -> Combination | None:
    """``Σ_j (f[j]·others − less[j])`` where the summands are one product."""
    axis = one.axis.fresh()
    others: dict[Term, Rational] = {base: q - (base is one) for base, q in sums.items()}
    beside = Product.make(ONE, sort_factors(others), ZERO)
    whole = multiply(open_body(one, axis), as_combination(beside))
    body = with_constants_joined(add((whole, negate(less_at(axis)))))
    return bound_sum(axis, body) if len(body.products) == 1 and is_nonnegative(body) else None
