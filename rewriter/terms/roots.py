"""Roots of sums in a term: what cancels between them and the sums.

Where ``s = Σ x²`` is 0, what a root leaves open is filled, ``√s·(1/√s) = 1``; a difference of
fractions over one root is one fraction, ``1/√s − x²/√s³ = (s − x²)/√s³``; a sum that is a multiple
of another divides by it, ``(1 + x/√s)/(x + √s) = 1/√s``.
"""

from __future__ import annotations

from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination, multiply
from rewriter.terms.factors import bare, bare_power
from rewriter.terms.rational import Rational
from rewriter.terms.term import UNIT, Binder, Combination, Product, Term

ZERO_POWER: Rational = 0


def over_one_sum(term: Combination) -> Combination:
    """The complement law, ``1/√s − x²/√s³ = (s − x²)/√s³``, where that has fewer summands."""
    for base in dict.fromkeys(bare(factor) for p in term.products for factor, _ in p.factors):
        if not isinstance(base, Combination) or len(base.products) < 2:
            continue
        powers = [_power_in(product, base) for product in term.products]
        lowest = min(powers)
        if lowest >= 0 or any((q - lowest).denominator != 1 for q in powers):
            continue
        shorter = algebra.collect(
            one
            for product, q in zip(term.products, powers, strict=True)
            for one in _times_sum(product, base, int(q - lowest))
        )
        if len(shorter.products) < len(term.products):
            return multiply(shorter, algebra.power(base, lowest))
        content, sum_left = algebra.split_content(shorter)
        if sum_left is base:
            return multiply(as_combination(content), algebra.power(base, lowest + 1))
    return term


def _power_in(product: Product, base: Term) -> Rational:
    found = (bare_power(*factor) for factor in product.factors)
    return sum((q for bare, q in found if bare is base), start=ZERO_POWER)


def _times_sum(product: Product, base: Combination, times: int) -> list[Product]:
    """A product without a sum, times that sum so often, multiplied out."""
    rest = tuple(factor for factor in product.factors if bare(factor[0]) is not base)
    found = [Product.make(product.coefficient, rest, product.exponent)]
    for _ in range(times):
        found = [q for p in found for s in base.products
                 for q in algebra.multiply_products(p, s).products]  # fmt: skip
    return found


def with_roots_joined(term: Combination) -> tuple[Combination, bool]:
    """Return a term in which sums have no inverses but powers, and whether two of them met.

    ``√s·(1/√s) = 1``: what a root of a sum leaves open where the sum is 0 is filled.
    """
    result, met = [], False
    for product in term.products:
        powers: dict[Term, Rational] = {}
        whole = UNIT
        for base, q in product.factors:
            bare, power = bare_power(base, q)
            if isinstance(bare, Product) and bare.coefficient == -1:
                bare = _opposite(bare)
            if not isinstance(bare, (Binder, Combination)):
                bare, power = base, q
            elif isinstance(bare, Combination) and power == 1:
                joined, met_within = with_roots_joined(bare)
                met = met or met_within
                if joined is not bare:
                    whole = multiply(whole, joined)
                    continue
            met = met or powers.get(bare, ZERO_POWER) * power < 0
            powers[bare] = powers.get(bare, ZERO_POWER) + power
        rest = Product.make(product.coefficient, algebra.sort_factors(powers), product.exponent)
        result.append(rest if whole is UNIT else multiply(whole, Combination.make((rest,))))
    if all(one is product for one, product in zip(result, term.products, strict=True)):
        return term, False
    return algebra.add(as_combination(one) for one in result), met


def _opposite(product: Product) -> Term:
    """``−(1 − x²)``, as it stands under a root, is ``x² − 1``; any other product stays."""
    factors = product.factors
    alone = len(factors) == 1 and factors[0][1] == 1 and not product.exponent.products
    if alone and isinstance(factors[0][0], Combination):
        return algebra.negate(factors[0][0])
    return product
