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
        unique = base is not divisor and factors[base] == 1
        moved = _divided(base, divisor, int(left)) if unique else None
        if moved is not None:
            changed, taken = moved
            del factors[base]
            factors[changed] = factors.get(changed, 0) + 1
            factors[divisor] += taken
            waiting.append(changed)


def _divided(base: Term, divisor: Term, most: int) -> tuple[Term, int] | None:
    """Divide every summand of a sum, beside the exponentials that the divisor adds up.

    Returns:
        The sum, and by which power of the divisor, up to ``most``, it was divided.
    """
    base = sum_in(base) or base
    if not isinstance(base, BoundSum) or base.axis is None:
        return None
    fresh = base.axis.fresh()
    body = open_body(base, fresh)
    already = any(one is divisor for product in body.products for one, _ in product.factors)
    power = 0 if already else _power_of(divisor, base)
    if 0 < power <= most:
        inverse = Combination.make((Product.make(ONE, ((divisor, -power),), ZERO),))
        return algebra.plain(evaluated(fresh, multiply(body, inverse))), power
    inner = [_divided_within(product, divisor, most) for product in body.products]
    known = [found for found in inner if found is not None]
    if not known or len(known) < len(inner) or len({power for _, power in known}) > 1:
        return None
    products = collect(product for product, _ in known)
    return algebra.plain(evaluated(fresh, products)), known[0][1]


def _divided_within(product: Product, divisor: Term, most: int) -> tuple[Product, int] | None:
    kept = supporting(product)
    for base, q in product.factors:
        found = _divided(base, divisor, most) if q == 1 and base not in kept else None
        if found is not None:
            changed, taken = found
            rest = {one: power for one, power in product.factors if one is not base}
            rest[changed] = rest.get(changed, 0) + 1
            factors = sort_factors(rest)
            return Product.make(product.coefficient, factors, product.exponent), taken
    return None


def sum_in(base: Term) -> Evaluated | None:
    """Return the computed sum that a factor is, or is the name of, else None."""
    if isinstance(base, Element):
        meant = meaning_of(base)
        base = base if meant is None else algebra.plain(meant)
    return base if isinstance(base, Evaluated) and base.axis is not None else None


def _power_of(divisor: Term, base: BoundSum) -> int:
    """The power in which each summand has the exponential that a divisor adds up, or 0."""
    total = sum_in(divisor)
    if total is None or base.axis is None or base.axis.extent != total.axis.extent:
        return 0
    fresh = base.axis.fresh()
    unit = exponent_of(total, fresh)
    exponents = {product.exponent for product in open_body(base, fresh).products}
    return multiple_of(unit, exponents.pop()) if unit and len(exponents) == 1 else 0


def multiple_of(unit: Combination, exponent: Combination) -> int:
    """Return the r, up to `HIGHEST_POWER`, for which an exponent is r times another, or 0."""
    if exponent is unit:
        return 1
    powers = range(2, HIGHEST_POWER + 1)
    return next((r for r in powers if algebra.scale(unit, r) is exponent), 0)


def exponent_of(total: Evaluated, axis: Axis) -> Combination | None:
    """Return the exponent that all summands of a computed sum have at an axis, or None."""
    exponents = {product.exponent for product in open_body(total, axis).products}
    found = exponents.pop() if len(exponents) == 1 else ZERO
    return found if found.products else None


def adds_up(divisor: Term, exponent: Combination) -> bool:
    """Tell whether a divisor is the sum of the exponentials of an exponent."""
    total = sum_in(bare(divisor))
    if total is None:
        return False
    axes = [axis for axis in exponent.free if axis.extent == total.axis.extent]
    return any(exponent_of(total, axis) is exponent for axis in axes)


def power_in(exponent: Combination, total: Term) -> int:
    """Return the r >= 2 for which an exponent is r times that of a sum's summands, else 1."""
    inner = sum_in(bare(total))
    if inner is None:
        return 1
    axes = [axis for axis in exponent.free if axis.extent == inner.axis.extent]
    units = (exponent_of(inner, axis) for axis in axes)
    return max((multiple_of(unit, exponent) or 1 for unit in units if unit), default=1)
