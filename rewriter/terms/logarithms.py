"""Where a term has logarithms: those of exponentials are scaled before what holds them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from rewriter.graph import operators as o
from rewriter.graph.node import worked_out
from rewriter.terms.binding import bound_sum, open_body
from rewriter.terms.factors import bare
from rewriter.terms.functions import sole_logarithm
from rewriter.terms.index import Axis
from rewriter.terms.rational import Rational
from rewriter.terms.sign import interval_of
from rewriter.terms.simple import as_combination, plain, scale
from rewriter.terms.term import (
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Evaluated,
    Inverse,
    Product,
    Term,
)


@dataclass(frozen=True)
class SummedLogarithm:
    """``c·log a``, or the sum of such over an axis.

    Attributes:
        coefficient: c.
        axis: what is summed over; None where nothing is.
        logarithm: ``log a``.
        inside: a.
    """

    coefficient: Rational
    axis: Axis | None
    logarithm: Combination
    inside: Combination

    def of(self, term: Combination, share: Rational) -> Combination:
        """Return some of something in place of the logarithm."""
        return scale(term if self.axis is None else bound_sum(self.axis, term), share)


def logarithm_in(product: Product) -> SummedLogarithm | None:
    """Return the logarithm, or the sum of logarithms, that a product is a multiple of."""
    axis, inner, coefficient = None, product, product.coefficient
    base = plain(product.monomial)
    if type(base) is BoundSum:
        axis = base.axis.fresh()
        body = open_body(base, axis).products
        if len(body) != 1:
            return None
        inner = body[0]
        coefficient = coefficient * inner.coefficient
    inside = sole_logarithm(inner)
    if inside is None:
        return None
    return SummedLogarithm(coefficient, axis, as_combination(inner.monomial), inside)


def has_logarithm(product: Product) -> bool:
    """Tell whether a product has a logarithm as a factor."""
    return any(isinstance(b, Application) and b.operator is o.LOG for b, _ in product.factors)


def holds_logarithm(term: Combination) -> bool:
    """Tell whether a term has the logarithm of an exponential, as a factor or within one."""
    return any(map(has_wild_logarithm, term.products))


def sums_logarithms(term: Combination) -> bool:
    """Tell whether logarithms are summed in a term, by themselves or each under further weights.

    So in ``[c]·log a + [not c]·([d]·log b + [not d]·log b')``, a choice in a choice.
    """
    return any(map(has_logarithm, term.products)) or (not term.wild and holds_logarithm(term))


def has_wild_logarithm(product: Product) -> bool:
    """Tell whether a product has the logarithm of an exponential, as a factor or within one."""
    return worked_out(product, _WILD_LOGARITHMS, _has_wild_logarithm, _products_within)


_WILD_LOGARITHMS: WeakKeyDictionary[Product, bool] = WeakKeyDictionary()


def _has_wild_logarithm(product: Product) -> bool:
    own = any(map(_is_wild_logarithm, product.factors))
    return own or any(_WILD_LOGARITHMS[p] for p in _products_within(product))


def _is_wild_logarithm(factor: tuple[Term, Rational]) -> bool:
    base = bare(factor[0])
    return isinstance(base, Application) and base.operator is o.LOG and base.arguments[0].wild


def divides_by_logarithm(product: Product) -> bool:
    """Tell whether a product divides by logarithms that may vanish, ``1/log(1 + exp(x))``."""
    divisors = (bare(b) for b, q in product.factors if q < 0 or isinstance(b, Inverse))
    if any(_is_logarithmic(base) and interval_of(base).low <= 0 for base in divisors):
        return True
    return any(divides_by_logarithm(p) for base, _ in product.factors for p in _summands(base))


def _summands(factor: Term) -> tuple[Product, ...]:
    """What a factor adds up, at one place of a sum."""
    base = bare(factor)
    if isinstance(base, Evaluated):
        base = base.body
    if type(base) is BoundSum:
        return (base.body,)
    return base.products if isinstance(base, Combination) else ()


def _is_logarithmic(base: Term) -> bool:
    """Tell whether a factor is a logarithm, or adds up some."""
    if isinstance(base, Application):
        return base.operator in (o.LOG, o.LOGADDEXP)
    return any(_is_logarithmic(inner) for p in _summands(base) for inner, _ in p.factors)


def _products_within(product: Product) -> Iterator[Product]:
    for factor, _ in product.factors:
        base = bare(factor)
        if isinstance(base, Combination):
            yield from base.products
        if type(base) is BoundSum:
            yield base.body
        if isinstance(base, BoundMaximum):
            yield from base.body.products
        if isinstance(base, Application) and base.operator is not o.LOG:
            yield from (inner for argument in base.arguments for inner in argument.products)
