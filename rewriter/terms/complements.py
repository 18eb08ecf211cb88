"""Shares by their complements: ``exp(u)/(1 + exp(u)) = 1 − 1/(1 + exp(u))``.

What is divided by a sum of complements is large where these vanish, and the rest of it cancels:
``(p·σ(u) − p·Σ_j p[j]·σ(u[j]))/Σ_j p[j]·(1 − σ(u[j]))`` is ``p − p·(1 − σ(u))/Σ_j …``, in which
nothing is.
"""

from __future__ import annotations

from rewriter.terms.algebra import as_combination, multiply, multiply_products
from rewriter.terms.binding import bound_sum, open_body
from rewriter.terms.factors import sort_factors
from rewriter.terms.rational import quotient
from rewriter.terms.simple import negate, sole_exponential
from rewriter.terms.term import (
    ONE,
    UNIT_PRODUCT,
    ZERO,
    BoundSum,
    Combination,
    Product,
)  # fmt: skip

MOST_PARTS = 16
"""Summands that a product is written as at most."""


def by_complements(product: Product) -> list[Product]:
    """Return the summands of a product in which shares are 1 less their complements.

    The product alone where it has none, or too many.
    """
    parts, waiting = [], [product]
    while waiting:
        one = waiting.pop()
        found = _of_share(one) or _of_sum(one)
        if found is None:
            parts.append(one)
        else:
            waiting += found
        if len(parts) + len(waiting) > MOST_PARTS:
            return [product]
    return parts


def _of_share(product: Product) -> list[Product] | None:
    """``m·r/(1 + r)^k`` as ``m/(1 + r)^(k−1) − m/(1 + r)^k``."""
    for base, q in product.factors:
        if not isinstance(base, Combination) or q >= 0 or q.denominator != 1:
            continue
        rest = _without(product, base)
        if rest is not None:
            once = Product.make(ONE, ((base, ONE),), ZERO)
            return [*multiply_products(rest, once).products, *negate(as_combination(rest)).products]
    return None


def _without(product: Product, base: Combination) -> Product | None:
    """Return a product without the r of a base ``1 + r``, None where it does not have it."""
    others = [one for one in base.products if one is not UNIT_PRODUCT]
    if len(others) != 1 or len(base.products) != 2 or others[0].coefficient != 1:
        return None
    (share,) = others
    present = {one.monomial: one.coefficient for one in product.exponent.products}
    within = (quotient(present.get(p.monomial, 0), p.coefficient) for p in share.exponent.products)
    factors = dict(product.factors)
    held = all(factors.get(inner, 0) >= q > 0 for inner, q in share.factors)
    if not held or any(size < 1 for size in within):
        return None
    for inner, q in share.factors:
        factors[inner] -= q
    left = Product.make(product.coefficient, sort_factors(factors), product.exponent)
    away = Product.make(ONE, (), negate(share.exponent))
    rest = multiply_products(left, away).products
    return rest[0] if len(rest) == 1 else None


def _of_sum(product: Product) -> list[Product] | None:
    """A sum in which something is a share, as the sums of what that is written as."""
    for base, q in product.factors:
        if type(base) is not BoundSum or q != 1 or not base.wild:
            continue
        axis = base.axis.fresh()
        body = multiply(open_body(base, axis), sole_exponential(product.exponent)).products
        parts = by_complements(body[0]) if len(body) == 1 else []
        if len(parts) > 1:
            others = product.without(base)
            rest = as_combination(Product.make(others.coefficient, others.factors, ZERO))
            sums = (bound_sum(axis, as_combination(part)) for part in parts)
            return [one for total in sums for one in multiply(rest, total).products]
    return None
