"""Sums of fractions: the complement law ``1 - N/D = (D - N)/D``, where ``D - N`` cancels.

``1 - exp(x)/(1 + exp(x))`` becomes ``1/(1 + exp(x))``. Only sums that get shorter are combined, and
of sums over an axis those of both signs that become one: ``1 − e[i]/s = (1 + Σ_j [j ≠ i]·e[j])/s``
with ``s = 1 + Σ_j e[j]``.
"""

from __future__ import annotations

from rewriter.terms.algebra import (
    LARGEST_EXPANSION,
    as_combination,
    collect,
    multiply_products,
    negate,
    with_powers_expanded,
)  # fmt: skip
from rewriter.terms.exclusion import combine_exclusions, terms_at_places, without_factors
from rewriter.terms.factors import sort_factors
from rewriter.terms.precedence import greatest_product, least_product, precedes
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.rational import quotient as rational_quotient
from rewriter.terms.sign import is_nonnegative
from rewriter.terms.term import ONE, ZERO, BoundSum, Combination, Product, Term

LONGEST_QUOTIENT = 16
"""Summands of a quotient up to which a division is tried."""

LARGEST_DIVISOR = 2**8
"""Numbers that a long division divides by: powers of the inverse of larger ones vanish."""


def combine_fractions(total: Combination) -> Combination:
    """Combine summands over a denominator that they share, where that shortens the sum."""
    for denominator in _denominators(total):
        shorter = _over(total, denominator)
        if shorter is not None:
            return combine_fractions(shorter) if len(shorter.products) > 1 else shorter
    return total


def _denominators(total: Combination) -> list[Combination]:
    """The sums of exponentials that are divided by, or by whose roots."""
    found: dict[Combination, None] = {}
    for product in total.products:
        for base, q in product.factors:
            if q < 0 and q.denominator <= 2 and isinstance(base, Combination) and base.wild:
                found[base] = None
    return list(found)


def _over(total: Combination, denominator: Combination) -> Combination | None:
    groups: dict[Product, list[Product]] = {}
    for product in total.products:
        groups.setdefault(_cofactor(product, denominator), []).append(product)
    changed, result = False, []
    for group in groups.values():
        combined = _combined(group, denominator) or _combined_alone(group, denominator)
        changed = changed or combined is not None
        result += group if combined is None else combined
    return collect(result) if changed else None


def _combined_alone(group: list[Product], denominator: Combination) -> list[Product] | None:
    """Combine the fractions of a group without what is no fraction: ``a/d + b/d² + 1``."""
    divided = [product for product in group if _power_of(product, denominator) < 0]
    if len(divided) == len(group):
        return None
    combined = _combined(divided, denominator)
    return None if combined is None else combined + [p for p in group if p not in divided]


def _combined(group: list[Product], denominator: Combination) -> list[Product] | None:
    if len(group) < 2:
        return None
    highest = max(-_power_of(product, denominator) for product in group)
    if highest <= 0:
        return None
    over = Product.make(ONE, ((denominator, highest),), ZERO)
    numerator = collect(p for product in group for p in multiply_products(product, over).products)
    numerator = combine_fractions(combine_exclusions(with_powers_expanded(numerator)))
    reduced, left = _divided(numerator, denominator, highest)
    shorter = left < highest or len(numerator.products) < len(group)
    as_long = len(numerator.products) == len(group)
    worth = as_long and (_sums(denominator) or _cancels_mostly(group, numerator))
    if not shorter and not (worth and _loses_signs(group, numerator)):
        return None
    numerator = reduced
    under = Product.make(ONE, ((denominator, -left),) if left else (), ZERO)
    return [p for n in numerator.products for p in multiply_products(n, under).products]


def _sums(denominator: Combination) -> bool:
    """Tell whether a denominator adds up something over an axis, besides what else it adds."""
    return any(type(base) is BoundSum for d in denominator.products for base, _ in d.factors)


MOSTLY = 8
"""How many times less what is left of coefficients is, where most of them cancelled."""


def _cancels_mostly(group: list[Product], numerator: Combination) -> bool:
    """Tell whether coefficients cancelled but for a small part: ``1.001·p − p²`` near p = 1."""
    least = min(absolute(product.coefficient) for product in numerator.products)
    return least * MOSTLY < min(absolute(product.coefficient) for product in group)


def _loses_signs(group: list[Product], numerator: Combination) -> bool:
    """Tell whether summands of both signs became one sum that is all positive, or all negative."""
    before = {product.coefficient > 0 for product in group}
    after = {product.coefficient > 0 for product in numerator.products}
    return len(before) > len(after) and all(
        is_nonnegative(as_combination(product.monomial)) for product in numerator.products
    )


def _divided(
    numerator: Combination, denominator: Combination, power: Rational
) -> tuple[Combination, Rational]:
    """Divide by the denominator as often as it divides; return what is left, and of which power."""
    while power > 0 and numerator.products:
        quotient = divide_exactly(numerator, denominator)
        if quotient is None:
            break
        numerator, power = quotient, power - 1
    return numerator, power


def divide_exactly(numerator: Combination, denominator: Combination) -> Combination | None:
    """Return the quotient of two sums of exponentials where it is one, by long division, else None.

    The denominator is in canonical form: its least product is 1, or one of sums over an axis. What
    the greatest product is divided by the greatest, none of an exact quotient is greater than.
    """
    quotient: list[Product] = []
    last = without_factors(greatest_product(numerator), greatest_product(denominator))
    first, rest = least_product(denominator), numerator
    while rest.products and last is not None:
        if len(quotient) >= LONGEST_QUOTIENT or len(rest.products) > LARGEST_EXPANSION:
            return None
        least = without_factors(least_product(rest), first)
        if least is None or precedes(last, least):
            return None
        if first.factors or absolute(first.coefficient) <= LARGEST_DIVISOR:
            share = rational_quotient(least.coefficient, first.coefficient)
            least = Product.make(share, least.factors, least.exponent)
        quotient.append(least)
        taken = [p for d in denominator.products for p in multiply_products(least, d).products]
        rest = collect([*rest.products, *negate(Combination.make(tuple(taken))).products])
    return None if last is None else collect(quotient)


def over_common_denominator(total: Combination) -> Combination | None:
    """All summands over one denominator, where that cancels some of them and adds none; else None.

    ``1/(1 + e^u) − 1/(1 + e^v) = (e^v − e^u)/((1 + e^u)·(1 + e^v))``.
    """
    denominators = _denominators(total)
    if len(denominators) < 2 or len({p.coefficient > 0 for p in total.products}) < 2:
        return None
    over = {d: max(-_power_of(p, d) for p in total.products) for d in denominators}
    times = Product.make(ONE, sort_factors(dict(over.items())), ZERO)
    expanded = [multiply_products(product, times).products for product in total.products]
    numerator = collect(p for products in expanded for p in products)
    if len(numerator.products) == sum(map(len, expanded)) or _holds_sum(numerator):
        return None
    for denominator in denominators:
        power = over[denominator]
        numerator, over[denominator] = _divided(numerator, denominator, power)
    if len(numerator.products) > len(total.products):
        return None
    under = Product.make(ONE, sort_factors({d: -q for d, q in over.items() if q}), ZERO)
    return collect(p for n in numerator.products for p in multiply_products(n, under).products)


def _holds_sum(numerator: Combination) -> bool:
    """Tell whether a sum of exponentials was too long to be multiplied out."""
    bases = (f for product in numerator.products for f in product.factors)
    return any(isinstance(base, Combination) and base.wild and q > 0 for base, q in bases)


def _power_of(product: Product, base: Term) -> Rational:
    return dict(product.factors).get(base, 0)


def _cofactor(product: Product, denominator: Combination) -> Product:
    """What a summand has besides the denominator and what the denominator is made of."""
    terms = list(denominator.products)
    bases = {base for d in terms for base, _ in d.factors}
    for base in bases:
        if type(base) is BoundSum and base.wild:
            terms += terms_at_places(base, product)
    exponents = {p.monomial for d in terms for p in d.exponent.products}
    factors = tuple(f for f in product.factors if f[0] is not denominator and f[0] not in bases)
    exponent = tuple(p for p in product.exponent.products if p.monomial not in exponents)
    return Product.make(ONE, factors, Combination.make(exponent))
