"""Quotients of an exponential by the sum that normalises it, wherever both can meet.

The normal form lifts ``1/s`` out of every sum; rebuilt, it goes back beside its exponential, so
that ``exp(u[i])·s^-2·Σ_k exp(u[k])·g[k]`` with ``s = Σ_k exp(u[k])`` reads ``p[i]·Σ_k p[k]·g[k]``:
one quotient, shared, and nothing that is larger than the gradient g.
"""

from __future__ import annotations

from rewriter.terms import algebra
from rewriter.terms.algebra import collect, multiply
from rewriter.terms.binding import evaluated, open_body
from rewriter.terms.factors import bare, sort_factors
from rewriter.terms.index import Axis
from rewriter.terms.naming import meaning_of
from rewriter.terms.pairing import supporting
from rewriter.terms.rational import Rational
from rewriter.terms.term import (
    ONE,
    ZERO,
    BoundSum,
    Combination,
    Element,
    Evaluated,
    Product,
    Term,
)

HIGHEST_POWER = 4
"""Power of a quotient up to which it is recognised."""


def with_quotients(term: Combination) -> Combination:
    """Return a scaled term with divisors moved into the sums that they normalise."""
    return collect(_product(product) for product in term.products)


def _product(product: Product) -> Product:
    kept = supporting(product)
    factors: dict[Term, Rational] = {}
    for base, q in product.factors:
        factors[base if base in kept else _inside(base)] = q
    for divisor in [base for base, q in factors.items() if q < 0 and sum_in(base) is not None]:
        _move(factors, divisor, 1 if product.exponent.products else 0, kept)
    return Product.make(product.coefficient, sort_factors(factors), product.exponent)


def _inside(base: Term) -> Term:
    """A computed sum, its summands with quotients."""
    if not isinstance(base, Evaluated) or base.axis is None:
        return base
    fresh = base.axis.fresh()
    body = open_body(base, fresh)
    changed = with_quotients(body)
    return base if changed is body else algebra.plain(evaluated(fresh, changed))


def _move(
    factors: dict[Term, Rational], divisor: Term, reserved: int, kept: tuple[Term, ...]
) -> None:
    """Move powers of ``1/divisor`` into computed sums of the same exponentials, in place."""
    waiting = [base for base in factors if base not in kept]
    while waiting:
        base = waiting.pop()
        left = -factors[divisor] - reserved
        if left < 1 or left.denominator != 1:
            return
        moved = None if base is divisor or factors[base] != 1 else _divided(base, divisor)
        if moved is not None:
            del factors[base]
            factors[moved] = factors.get(moved, 0) + 1
            factors[divisor] += 1
            waiting.append(moved)


def _divided(base: Term, divisor: Term) -> Term | None:
    """Return a sum with every summand divided, beside the exponentials that the divisor adds up."""
    base = sum_in(base) or base
    if not isinstance(base, BoundSum) or base.axis is None:
        return None
    fresh = base.axis.fresh()
    body = open_body(base, fresh)
    already = any(one is divisor for product in body.products for one, _ in product.factors)
    if not already and _normalises(divisor, base):
        inverse = Combination.make((Product.make(ONE, ((divisor, -ONE),), ZERO),))
        return algebra.plain(evaluated(fresh, multiply(body, inverse)))
    inner = [_divided_within(product, divisor) for product in body.products]
    known = [product for product in inner if product is not None]
    if not known or len(known) < len(inner):
        return None
    return algebra.plain(evaluated(fresh, collect(known)))


def _divided_within(product: Product, divisor: Term) -> Product | None:
    kept = supporting(product)
    for base, q in product.factors:
        changed = _divided(base, divisor) if q == 1 and base not in kept else None
        if changed is not None:
            rest = {one: power for one, power in product.factors if one is not base}
            rest[changed] = rest.get(changed, 0) + 1
            return Product.make(product.coefficient, sort_factors(rest), product.exponent)
    return None


def sum_in(base: Term) -> Evaluated | None:
    """Return the computed sum that a factor is, or is the name of, else None."""
    if isinstance(base, Element):
        meant = meaning_of(base)
        base = base if meant is None else algebra.plain(meant)
    return base if isinstance(base, Evaluated) and base.axis is not None else None


def _normalises(divisor: Term, base: BoundSum) -> bool:
    """Tell whether every summand of a sum has the exponential that the divisor adds up."""
    total = sum_in(divisor)
    if total is None or base.axis is None or base.axis.extent != total.axis.extent:
        return False
    fresh = base.axis.fresh()
    unit = exponent_of(total, fresh)
    products = open_body(base, fresh).products
    return unit is not None and bool(products) and all(p.exponent is unit for p in products)


def exponent_of(total: Evaluated, axis: Axis) -> Combination | None:
    """Return the exponent that all summands of a computed sum have at an axis, or None."""
    exponents = {product.exponent for product in open_body(total, axis).products}
    found = exponents.pop() if len(exponents) == 1 else ZERO
    return found if found.products else None


def power_in(exponent: Combination, total: Term) -> int:
    """Return the r >= 2 for which an exponent is r times that of a sum's summands, else 1."""
    inner = sum_in(bare(total))
    if inner is None:
        return 1
    for axis in exponent.free:
        unit = exponent_of(inner, axis) if axis.extent == inner.axis.extent else None
        if unit is not None:
            powers = range(2, HIGHEST_POWER + 1)
            return next((r for r in powers if algebra.scale(unit, r) is exponent), 1)
    return 1
