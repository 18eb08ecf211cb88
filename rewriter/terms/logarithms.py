"""Where a term has logarithms: those of exponentials are scaled before what holds them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from rewriter.graph import operators as o
from rewriter.graph.node import worked_out
from rewriter.terms.algebra import add, multiply
from rewriter.terms.binding import bound_sum, open_body
from rewriter.terms.factors import bare
from rewriter.terms.functions import sole_logarithm
from rewriter.terms.index import Axis
from rewriter.terms.rational import Rational
from rewriter.terms.sign import has_both_signs, interval_of
from rewriter.terms.simple import as_combination, plain, scale
from rewriter.terms.term import (
    INDICATORS,
    ONE,
    UNIT,
    ZERO,
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
    """``c·log a``, or the sum of such over an axis, where indicators hold.

    Attributes:
        coefficient: c.
        axis: what is summed over; None where nothing is.
        logarithm: ``log a``.
        inside: a.
        where: the indicators that stand beside it in a sum, as one product.
    """

    coefficient: Rational
    axis: Axis | None
    logarithm: Combination
    inside: Combination
    where: Combination

    def of(self, term: Combination, share: Rational) -> Combination:
        """Return some of something in place of the logarithm."""
        if self.axis is None:
            return scale(term, share)
        alone = (multiply(self.where, as_combination(p)) for p in term.products)
        return scale(add(bound_sum(self.axis, one) for one in alone), share)


def logarithm_in(product: Product) -> SummedLogarithm | None:
    """Return the logarithm, or the sum of logarithms, that a product is a multiple of."""
    axis, inner, coefficient, where = None, product, product.coefficient, UNIT
    base = plain(product.monomial)
    if type(base) is BoundSum:
        axis = base.axis.fresh()
        body = open_body(base, axis).products
        if len(body) != 1:
            return None
        coefficient = coefficient * body[0].coefficient
        inner, where = _under_indicators(body[0])
    inside = sole_logarithm(inner)
    if inside is None:
        return None
    return SummedLogarithm(coefficient, axis, as_combination(inner.monomial), inside, where)


def _under_indicators(product: Product) -> tuple[Product, Combination]:
    """Return (rest, indicators): what a product is where its indicators hold."""
    masks = tuple(factor for factor in product.factors if isinstance(factor[0], INDICATORS))
    rest = tuple(factor for factor in product.factors if factor not in masks)
    alone = Product.make(product.coefficient, rest, product.exponent)
    return alone, Combination.make((Product.make(ONE, masks, ZERO),))


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


def divides_by_difference(product: Product) -> bool:
    """Tell whether a product divides by a sum of both signs that is not proved to be far from 0."""
    divisors = (bare(b) for b, q in product.factors if q < 0 or isinstance(b, Inverse))
    return any(
        interval_of(base).low <= 0 and has_both_signs(Combination.make(_summands(base)))
        for base in divisors
    )


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
