"""Bounded exponents as weights: ``Σ_j exp(x[j] + v[j])`` is shifted by the maximum of x alone.

Any shift is right, and where v is bounded, ``max x`` bounds the sum as ``max (x + v)`` does. What
is computed then is ``(x − max x) + v``: x, which may be large, meets its like before anything small
is added to it.
"""

from __future__ import annotations

from typing import Any

from rewriter.graph import operators as o
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.binding import axis_to_open, evaluated, open_body
from rewriter.terms.sign import interval_of
from rewriter.terms.term import (
    ONE,
    Application,
    BoundSum,
    Combination,
    Evaluated,
    Product,
    Term,
)  # fmt: skip


def set_aside(total: Term, limit: float) -> Term:
    """Return a bound sum with what is bounded in its exponent as a weight ``exp(v)``.

    Args:
        total: a bound sum, or any other term, which comes back as it is.
        limit: the size up to which exponents are no hazard.
    """
    if type(total) is not BoundSum:
        return total
    body, axis = total.body, total.axis
    small = [p for p in body.exponent.products if _is_small(p, limit)]
    kept = Combination.make(tuple(p for p in body.exponent.products if p not in small))
    aside = Combination.make(tuple(small))
    if not small or axis not in kept.free or not _is_small(aside, limit):
        return total
    factors = dict(body.factors)
    factors[Application.make(o.EXP, (aside,))] = ONE
    return BoundSum.make(axis, Product.make(body.coefficient, algebra.sort_factors(factors), kept))


def _is_small(term: Term, limit: float) -> bool:
    bounds = interval_of(term)
    return -limit <= bounds.low and bounds.high <= limit


def taken_up(term: Combination) -> Combination:
    """Return what a law gave, with such weights back in the exponents."""
    return add(_product(product) for product in term.products)


def _product(product: Product) -> Combination:
    result = Combination.make((Product.make(product.coefficient, (), product.exponent),))
    for base, q in product.factors:
        if isinstance(base, Evaluated) and base.axis is not None and _weights(base.body):
            axis = axis_to_open(base)
            body = add(_exponents(p) for p in open_body(base, axis).products)
            result = multiply(result, algebra.power(evaluated(axis, body), q))
        else:
            result = multiply(result, algebra.single_power(base, q))
    return result


def _weights(body: Any) -> list[Application]:
    bases = (base for product in as_combination(body).products for base, _ in product.factors)
    return [b for b in bases if isinstance(b, Application) and b.operator is o.EXP]


def _exponents(product: Product) -> Combination:
    found = _weights(product)
    kept = tuple(factor for factor in product.factors if factor[0] not in found)
    exponent = add((product.exponent, *(one.arguments[0] for one in found)))
    return Combination.make((Product.make(product.coefficient, kept, exponent),))
