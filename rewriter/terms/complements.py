"""Complements of shares: ``a/(a + b) = 1 − b/(a + b)``, where what is 1 then cancels.

``p[i]·Σ_j p[j]·s[j] − p[i]·s[i]`` of sigmoids s is ``p[i]·c[i] − p[i]·Σ_j p[j]·c[j]`` with
``c = 1 − s``: as small as what it is divided by, ``Σ_j p[j]·c[j]``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.terms.algebra import add, as_combination, collect, multiply, negate, power
from rewriter.terms.binding import bound_sum, open_body
from rewriter.terms.factors import bare_power
from rewriter.terms.rational import quotient
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import ZERO, BoundSum, Combination, Product


def by_complements(term: Combination, first: bool) -> Combination:
    """Return a term with the shares that summands have of sums of two read as complements.

    Args:
        term: any term.
        first: whether so are read the shares of the first summand, or of the second.

    Returns:
        What like monomials are collected in, and no more: the complement law would read each
        ``1 − b/(a + b)`` as a share again.
    """
    return collect(one for product in term.products for one in _summands(product, first))


def _summands(product: Product, first: bool) -> Iterator[Product]:
    share = _share_in(product, first)
    if share is not None:
        rest, complement = share
        for part in (rest, negate(multiply(rest, complement))):
            for one in part.products:
                yield from _summands(one, first)
        return
    for base, q in product.factors:
        if q == 1 and type(base) is BoundSum:
            axis = base.axis.fresh()
            body = multiply(open_body(base, axis), sole_exponential(product.exponent))
            changed = by_complements(body, first)
            if changed is not body:
                others = product.without(base)
                rest = as_combination(Product.make(others.coefficient, others.factors, ZERO))
                for summand in changed.products:
                    summed = bound_sum(axis, as_combination(summand))
                    for one in multiply(rest, summed).products:
                        yield from _summands(one, first)
                return
    yield product


def _share_in(product: Product, first: bool) -> tuple[Combination, Combination] | None:
    """Return (rest, b/(a + b)) of a product with a share ``a/(a + b)``, else None."""
    for base, q in product.factors:
        inner, p = bare_power(base, q)
        if p >= 0 or p.denominator != 1 or not isinstance(inner, Combination):
            continue
        if len(inner.products) != 2 or any(one.factors for one in inner.products):
            continue
        own, other = inner.products if first else inner.products[::-1]
        if not _holds(product, own, other):
            continue
        exponent = add((product.exponent, negate(own.exponent)))
        factors = tuple(factor for factor in product.factors if factor[0] is not base)
        coefficient = quotient(product.coefficient, own.coefficient)
        rest = as_combination(Product.make(coefficient, factors, exponent))
        divided = multiply(rest, power(as_combination(inner), p + 1)) if p != -1 else rest
        return divided, multiply(as_combination(other), power(as_combination(inner), -1))
    return None


def _holds(product: Product, own: Product, other: Product) -> bool:
    """Tell whether a product has the exponential of the one summand, and nothing of the other."""
    if own.exponent is ZERO:
        return _left(product, other) == len(other.exponent.products)
    return _left(product, own) == -len(own.exponent.products)


def _left(product: Product, one: Product) -> int:
    """How much longer an exponent is once another is taken from it."""
    left = add((product.exponent, negate(one.exponent)))
    return len(left.products) - len(product.exponent.products)
