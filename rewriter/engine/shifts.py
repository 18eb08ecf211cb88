"""Shifts that stand outside of a sum, and what of them a sum may take in.

In ``exp(c·x[t] − c·max_j x[j])·Σ_j exp(c·x[j])`` the maximum bounds the sum: it goes inside.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.terms.algebra import multiply
from rewriter.terms.factors import bare
from rewriter.terms.functions import without_stop
from rewriter.terms.index import Axis
from rewriter.terms.instances import instances, maximum_times_constant
from rewriter.terms.rational import Rational, quotient
from rewriter.terms.term import (
    ZERO,
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Evaluated,
    Product,
    Term,
)  # fmt: skip


def free_exponent(body: Combination, axis: Axis) -> Combination:
    """What all summands of a bound sum's body have in their exponents that is free of its axis."""
    parts = [
        [p for p in product.exponent.products if axis not in p.free] for product in body.products
    ]
    if not parts or any(part != parts[0] for part in parts):
        return ZERO
    return Combination.make(tuple(parts[0]))


def shifts_in(exponent: Combination, body: Combination) -> Iterator[Combination]:
    """Yield multiples of the maxima that an exponent takes away, such that they may bound a body.

    Where the body has ``c·u[j]`` and the exponent some multiple of ``max_j u[j]``, that is
    ``-c·max_j u[j]``.
    """
    for product in exponent.products:
        found = maximum_times_constant(product) if product.coefficient < 0 else None
        if found is not None:
            _, largest, factor = found
            parts = (c for p in body.products for c in _multiples(largest, factor, p.exponent))
            for size in dict.fromkeys(parts):
                yield Combination.make((Product.make(-size, product.factors, ZERO),))


def _multiples(
    largest: BoundMaximum | Application, factor: Combination, exponent: Combination
) -> Iterator[Rational]:
    """Yield the c for which an exponent has ``c·factor`` times an instance of what is maximised."""
    present = {p.monomial: p.coefficient for p in exponent.products}
    for one in instances(largest, exponent):
        if one.value.products:
            first = multiply(factor, Combination.make(one.value.products[:1])).products[0]
            found = present.get(first.monomial)
            if found is not None and quotient(found, first.coefficient) > 0:
                yield quotient(found, first.coefficient)


def shifts_beside(scaled: Combination) -> int:
    """How many maxima stand beside what they were taken out of, multiplied by numbers alone."""
    found = [p for p in scaled.products if maximum_times_constant(p) is not None]
    return sum(isinstance(without_stop(p.factors[0][0]), Application) for p in found)


def is_unscaled(base: Term) -> bool:
    """Tell whether a factor is a sum of exponentials that none has been taken out of."""
    inner = bare(base)
    summed = isinstance(inner, (BoundSum, Combination))
    return inner.wild and summed and not isinstance(inner, Evaluated)
