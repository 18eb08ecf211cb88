"""Tails of the normal distribution: ``erfc(z)`` vanishes as an exponential of a square.

``erfc(z) = exp(−max(z, 0)²)·tail(z)`` with ``tail(z) = erfcx(max(z, 0))·erfc(min(z, 0))``, which is
of moderate size: 1/(z·√π) of a large z, at most 2. With the square in an exponent, the density
``exp(−z²)`` of a gradient cancels against it, and a logarithm takes it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rewriter.facts.interval import Interval
from rewriter.graph import operators as o
from rewriter.graph.primitive import Kind, Primitive
from rewriter.terms.algebra import (
    add,
    as_combination,
    exponential,
    multiply,
    negate,
    plain,
    power,
    scale,
)
from rewriter.terms.assuming import assuming, facts_of
from rewriter.terms.cases import Case, stretches_in
from rewriter.terms.functions import FIXED_RANGES, apply, positive_part
from rewriter.terms.indicators import opposite_of
from rewriter.terms.rational import quotient
from rewriter.terms.term import ZERO, Application, Combination, Product, Truth
from rewriter.terms.traversal import parts_of


def _described(operands: Sequence[Any], attributes: Mapping[str, Any]) -> tuple[Any, str]:
    return operands[0].shape, operands[0].dtype


TAIL = Primitive("tail", Kind.ELEMENTWISE, _described)
"""``erfc(z)·exp(max(z, 0)²) = erfcx(max(z, 0))·erfc(min(z, 0))``."""


def complementary(z: Combination) -> Combination:
    """``erfc(z) = exp(−max(z, 0)²)·tail(z)``."""
    return multiply(exponential(negate(_square_above(z))), apply(TAIL, z))


def _square_above(z: Combination) -> Combination:
    """``max(z, 0)²``; ``|z|² = max(z, 0)² + max(−z, 0)²``."""
    above = positive_part(z)
    inner = plain(above)
    if isinstance(inner, Application) and inner.operator is o.ABSOLUTE:
        return add(map(_squared, _parts(*inner.arguments)))
    return _squared(above)


def _squared(term: Combination) -> Combination:
    return power(term, 2)


def _parts(z: Combination) -> tuple[Combination, Combination]:
    return positive_part(z), positive_part(negate(z))


FIXED_RANGES[TAIL] = Interval(0.0, 2.0, low_open=True, high_open=True)


# Squares ------------------------------------------------------------------------------------------


def by_parts(term: Combination, arguments: Iterable[Combination] = ()) -> Combination:
    """Return a sum with the squares in its exponents split: ``z² = max(z, 0)² + max(−z, 0)²``.

    Where a tail has left the one, a density ``exp(−z²)`` beside it loses nothing against it.

    Args:
        term: any term.
        arguments: the z whose squares are split, beside those whose positive part it has.
    """
    if not any(q == 2 for p in term.products for e in p.exponent.products for _, q in e.factors):
        return term
    known = {*arguments, *_arguments_in(term)}
    several = sorted(known, key=lambda z: (-len(z.products), z.order))
    products = []
    for product in term.products:
        exponent = _without_sizes(product.exponent)
        for z in several:
            exponent = _split(exponent, z)
        if exponent is not product.exponent:
            product = Product.make(product.coefficient, product.factors, exponent)
        products.append(product)
    return add(map(as_combination, products))


def _arguments_in(term: Combination) -> Iterator[Combination]:
    """Yield each z of which ``max(z, 0)`` is anywhere in a term."""
    for part in parts_of(term):
        known = isinstance(part, Application) and part.operator is o.MAXIMUM
        if known and ZERO in part.arguments and len(part.arguments) == 2:
            yield from (argument for argument in part.arguments if argument is not ZERO)


def _without_sizes(exponent: Combination) -> Combination:
    """Write ``|z|²`` as ``z²``."""
    found = [(p, base) for p in exponent.products for base, q in p.factors if q == 2]
    for product, base in found:
        if isinstance(base, Application) and base.operator is o.ABSOLUTE:
            square = multiply(as_combination(product.without(base)), _squared(*base.arguments))
            exponent = add((exponent, negate(as_combination(product)), square))
    return exponent


def _split(exponent: Combination, z: Combination) -> Combination:
    square = power(z, 2)
    first = square.products[0]
    for product in exponent.products:
        if product.monomial is first.monomial:
            share = quotient(product.coefficient, first.coefficient)
            rest = add((exponent, scale(square, -share)))
            if len(rest.products) == len(exponent.products) - len(square.products):
                return add((rest, *(scale(_squared(one), share) for one in _parts(z))))
    return exponent


# Sums ---------------------------------------------------------------------------------------------

Share = tuple[Combination, Combination]
"""(c, z) of a summand ``c·erf(z)``."""


def by_complements(total: Combination) -> Combination:
    """Return a sum in which error functions cancel as one that is computed by their tails.

    ``c + c·erf(z) = c·erfc(−z)``, and of ``c·erf(y) − c·erf(z)`` the two tails that are small.
    """
    if not any(map(_share, total.products)):
        return total
    cases = _cases_in(total)
    apart = [by_complements(inside) for _, inside in cases]
    if any(new is not old for new, (_, old) in zip(apart, cases, strict=True)):
        return add(multiply(holds, new) for new, (holds, _) in zip(apart, cases, strict=True))
    beside: list[Combination] = []
    errors: dict[Combination, Combination] = {}
    for product in total.products:
        share = _share(product)
        if share is None:
            beside.append(as_combination(product))
            continue
        c, z, complement = share
        if complement:  # c·erfc(z) = c − c·erf(z)
            beside.append(c)
            c = negate(c)
        opposite = negate(z)
        if opposite.order < z.order:
            c, z = negate(c), opposite
        errors[z] = add((errors[z], c)) if z in errors else c
    return _computed(add(beside), [(c, z) for z, c in errors.items() if c.products])


def _cases_in(total: Combination) -> list[Case]:
    """Return the cases of a sum by what one of its error functions is under, beside others."""
    stretches = stretches_in(total)
    if stretches is not None:
        return stretches
    masks = [b for p in total.products if _share(p) for b, _ in p.factors]
    for mask in masks:
        opposite = opposite_of(mask)
        if opposite is not None and not all(p.has(mask) for p in total.products):
            return [(as_combination(m), assuming(total, facts_of(m))) for m in (mask, opposite)]
    return []


def _share(product: Product) -> tuple[Combination, Combination, bool] | None:
    """Return (c, z, whether it is the complement) of ``c·erf(z)`` or ``c·erfc(z)``, else None."""
    found = [base for base, q in product.factors if q == 1 and isinstance(base, Application)]
    found = [base for base in found if base.operator in (o.ERF, TAIL)]
    if len(found) != 1:
        return None
    (base,) = found
    (z,) = base.arguments
    factors = tuple(factor for factor in product.factors if factor[0] is not base)
    if base.operator is o.ERF:
        return (
            as_combination(Product.make(product.coefficient, factors, product.exponent)),
            z,
            False,
        )
    rest = add((product.exponent, _square_above(z)))
    return multiply(as_combination(Product.make(product.coefficient, factors, ZERO)),
                    exponential(rest)), z, True  # fmt: skip


def _computed(beside: Combination, errors: list[Share]) -> Combination:
    """Return ``beside + Σ c·erf(z)`` as what keeps its digits."""
    for k, (c, z) in enumerate(errors):
        others = errors[:k] + errors[k + 1 :]
        for near, argument in ((c, negate(z)), (negate(c), z)):
            rest = add((beside, negate(near)))
            if len(rest.products) < len(beside.products):
                return add((_computed(rest, others), multiply(near, complementary(argument))))
        for n, (d, y) in enumerate(others):
            if d in (c, negate(c)):
                difference = _difference(z, negate(y) if d is c else y)
                remaining = others[:n] + others[n + 1 :]
                return add((_computed(beside, remaining), multiply(c, difference)))
    return add((beside, *(multiply(c, apply(o.ERF, z)) for c, z in errors)))


def _difference(y: Combination, z: Combination) -> Combination:
    """``erf(y) − erf(z) = erfc(z) − erfc(y)``, where y + z < 0 as ``erfc(−y) − erfc(−z)``."""
    above = Truth.make(Application.make(o.GREATER, (add((y, z)), ZERO)), False)
    ways = (above, z, y), (Truth.make(above.element, True), negate(y), negate(z))
    return add(
        multiply(as_combination(holds), add((complementary(one), negate(complementary(other)))))
        for holds, one, other in ways
    )
