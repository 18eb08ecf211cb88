"""Factors of a product as a dictionary from base to power: collecting, cancelling, sorting."""

from __future__ import annotations

from rewriter.terms.rational import Rational
from rewriter.terms.term import INDICATORS, ONE, Combination, Inverse, Product, Term, Truth


def sort_factors(factors: dict[Term, Rational]) -> tuple[tuple[Term, Rational], ...]:
    """Return (base, power) pairs in canonical order, without powers of 0."""
    kept = [(base, q) for base, q in factors.items() if q]
    if len(kept) > 1:
        kept.sort(key=lambda pair: pair[0].order)
    return tuple(kept)


def bare(base: Term) -> Term:
    """Return a factor without its inverse: s of ``1/s``."""
    inner: Term = base.parts[0] if isinstance(base, Inverse) else base
    return inner


def bare_power(base: Term, q: Rational) -> tuple[Term, Rational]:
    """Return a factor without its inverse, and its power."""
    return (base.parts[0], -q) if isinstance(base, Inverse) else (base, q)


def merge(factors: dict[Term, Rational], base: Term, q: Rational) -> None:
    """Multiply by ``base^q`` in place: an indicator is its own square, ``x·(1/x)`` stays.

    ``x·(1/x)^(1/2)`` is ``x^(1/2)``: what it is at 0 is what it tends to, with no pole to keep.
    """
    present = factors.get(base)
    if present is None:
        factors[base] = q
    elif isinstance(base, INDICATORS):
        factors[base] = ONE
    else:
        factors[base] = present + q
        if not factors[base]:
            del factors[base]
    other = base.parts[0] if isinstance(base, Inverse) else Inverse.existing(base)
    if other is not None and other in factors and base in factors:
        _cancel(factors, base, other)


def _cancel(factors: dict[Term, Rational], base: Term, other: Term) -> None:
    """``x^p · (1/x)^q`` is ``x^(p-q)`` with p > q, and ``(1/x)^(q-p)`` with q > p: a pole stays."""
    upper, lower = (other, base) if isinstance(base, Inverse) else (base, other)
    p, q = factors[upper], factors[lower]
    if q > p > 0:
        del factors[upper]
        factors[lower] = q - p
    elif p > q > 0:
        del factors[lower]
        factors[upper] = p - q


def contradicts(factors: dict[Term, Rational]) -> bool:
    """Tell whether an indicator and its opposite are both among the factors."""
    return any(
        isinstance(base, Truth) and Truth.existing(base.parts[0], not base.parts[1]) in factors
        for base in factors
    )


def is_power_of_sum(product: Product) -> bool:
    """Tell whether a product is a power of a sum of exponentials, not multiplied out alone."""
    if len(product.factors) != 1:
        return False
    base, q = product.factors[0]
    return isinstance(base, Combination) and base.wild and q > 1 and q.denominator == 1
