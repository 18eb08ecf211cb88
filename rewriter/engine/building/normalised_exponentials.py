"""Building ``exp(λ)/s``: exponentials divided by the sums that normalise them.

An exponential is divided before it is multiplied, as often as it has what the sum adds up: the
quotient is a share, no larger than 1, and built once however often it stands in a term.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rewriter.engine.building.factoring import Factor, Factors, guarded, is_divisor
from rewriter.engine.building.labelled import Labelled
from rewriter.engine.building.quotients import power_in
from rewriter.graph import operations as op
from rewriter.terms import algebra
from rewriter.terms.factors import bare
from rewriter.terms.term import INDICATORS, ONE, Product

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


def build_quotient(
    builder: Builder, product: Product, weights: Factors
) -> tuple[Labelled | None, list[Factor]]:
    """Build ``exp(λ)/s``, masked inside the exponent, and return what is left to multiply."""
    rest = list(product.factors)
    if not product.exponent.products:
        return None, rest
    plain = guarded(product, weights)
    total = builder.exponential(plain)
    rest = [f for f in rest if not isinstance(f[0], INDICATORS)]
    divisor = next((f for f in rest if is_divisor(f)), None)
    if divisor is None:
        return total, rest
    base, q = divisor
    r = power_in(product.exponent, base)
    if r > 1 and -q >= r:
        unit = algebra.scale(product.exponent, Fraction(1, r))
        once = Product.make(ONE, algebra.sort_factors({base: -ONE}), unit)
        held = Product.make(ONE, (*plain.factors, *once.factors), unit)
        single, _ = build_quotient(builder, held, weights)
        assert single is not None
        total = single
        for _ in range(r - 1):
            total = builder.times(total, single)
        rest = [f for f in rest if f[0] is not base]
        return total, rest + ([(base, q + r)] if q + r else [])
    step = ONE if q > 0 else -ONE
    kept = Product.make(ONE, (*plain.factors, (base, step)), plain.exponent)
    inner = bare(base)
    quotient = builder.remembered(
        kept, lambda _: builder.frame.combine(op.divide, total, builder.divisor_under(inner, plain))
    )
    left = [(base, q - step)] if q != step else []
    return quotient, [f for f in rest if f[0] is not base] + left
