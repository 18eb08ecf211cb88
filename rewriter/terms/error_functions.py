"""Tails of the normal distribution: ``erfc(z)`` vanishes as an exponential of a square.

``erfc(z) = exp(−max(z, 0)²)·tail(z)`` with ``tail(z) = erfcx(max(z, 0))·erfc(min(z, 0))``, which is
of moderate size: 1/(z·√π) of a large z, at most 2. With the square in an exponent, the density
``exp(−z²)`` of a gradient cancels against it, and a logarithm takes it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rewriter.facts.interval import Interval
from rewriter.graph import inference
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
from rewriter.terms.functions import FIXED_RANGES, absolute, apply, positive_part
from rewriter.terms.indicators import opposite_of
from rewriter.terms.rational import quotient
from rewriter.terms.term import UNIT, ZERO, Application, Combination, Product, Truth
from rewriter.terms.traversal import parts_of

TAIL = Primitive("tail", Kind.ELEMENTWISE, inference.elementwise_inexact)
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


@dataclass(frozen=True)
class Share:
    """A summand ``c·erf(z)``.

    Attributes:
        factor: c.
        argument: z.
        is_complement: it stands as ``c − c·erfc(z)``, which has lost what is small of erf(z).
    """

    factor: Combination
    argument: Combination
    is_complement: bool

    @property
    def opposite(self) -> Share:
        """``(−c)·erf(−z)``."""
        return replace(self, factor=negate(self.factor), argument=negate(self.argument))


def by_complements(total: Combination) -> Combination:
    """Return a sum in which error functions cancel as one that is computed by their tails.

    ``c + c·erf(z) = c·erfc(−z)``, and of ``c·erf(y) − c·erf(z)`` the two tails that are small.
    """
    shares = {p: share for p in total.products if (share := _share(p)) is not None}
    if not shares:
        return total
    cases = _cases_in(total, shares)
    apart = [by_complements(inside) for _, inside in cases]
    if any(new is not old for new, (_, old) in zip(apart, cases, strict=True)):
        return add(multiply(holds, new) for new, (holds, _) in zip(apart, cases, strict=True))
    beside = [as_combination(p) for p in total.products if p not in shares]
    beside += [negate(share.factor) for share in shares.values() if share.is_complement]
    return _computed(add(beside), _collected(shares.values()))


def _cases_in(total: Combination, shares: Iterable[Product]) -> list[Case]:
    """Return the cases of a sum by what one of its error functions is under, beside others.

    Args:
        total: the sum.
        shares: its summands that have an error function.
    """
    stretches = stretches_in(total)
    if stretches is not None:
        return stretches
    for mask in (base for product in shares for base, _ in product.factors):
        opposite = opposite_of(mask)
        if opposite is not None and not all(p.has(mask) for p in total.products):
            return [(as_combination(m), assuming(total, facts_of(m))) for m in (mask, opposite)]
    return []


def _share(product: Product) -> Share | None:
    """Return a summand that has one error function; ``c·erfc(z)`` as ``−c·erf(z)``, beside c."""
    found = [base for base, q in product.factors if q == 1 and isinstance(base, Application)]
    found = [base for base in found if base.operator in (o.ERF, TAIL)]
    if len(found) != 1:
        return None
    (base,) = found
    (z,) = base.arguments
    factors = tuple(factor for factor in product.factors if factor[0] is not base)
    c = as_combination(Product.make(product.coefficient, factors, ZERO))
    if base.operator is o.ERF:
        return Share(multiply(c, exponential(product.exponent)), z, False)
    rest = add((product.exponent, _square_above(z)))
    return Share(negate(multiply(c, exponential(rest))), z, True)


def _collected(shares: Iterable[Share]) -> list[Share]:
    """Return the summands of different arguments, those of opposite ones taken together."""
    found: dict[Combination, Share] = {}
    for share in shares:
        one = min(share, share.opposite, key=lambda each: each.argument.order)
        known = found.get(one.argument)
        if known is not None:
            complement = known.is_complement or one.is_complement
            one = Share(add((known.factor, one.factor)), one.argument, complement)
        found[one.argument] = one
    return [share for share in found.values() if share.factor.products]


def _computed(beside: Combination, shares: list[Share]) -> Combination:
    """Return ``beside + Σ c·erf(z)`` as what keeps its digits."""
    for k, share in enumerate(shares):
        others = shares[:k] + shares[k + 1 :]
        for one in (share, share.opposite):
            rest = add((beside, negate(one.factor)))
            if len(rest.products) < len(beside.products):
                tail = multiply(one.factor, complementary(negate(one.argument)))
                return add((_computed(rest, others), tail))
        for n, other in enumerate(others):
            if other.factor in (share.factor, share.opposite.factor):
                other = other.opposite if other.factor is share.factor else other
                remaining = others[:n] + others[n + 1 :]
                difference = multiply(share.factor, _difference(share, other))
                return add((_computed(beside, remaining), difference))
    return add((beside, *(multiply(one.factor, apply(o.ERF, one.argument)) for one in shares)))


def _difference(one: Share, other: Share) -> Combination:
    """``erf(y) − erf(z) = erfc(z) − erfc(y)``, where y + z < 0 as ``erfc(−y) − erfc(−z)``.

    As it stands where both are small, if that has not lost its digits before.
    """
    y, z = one.argument, other.argument
    above = _choice(
        o.GREATER,
        (add((y, z)), ZERO),
        _difference_of_tails(z, y),
        _difference_of_tails(negate(y), negate(z)),
    )
    if one.is_complement or other.is_complement:
        return above
    written = add((apply(o.ERF, y), negate(apply(o.ERF, z))))
    return _choice(o.LESS, (add(map(absolute, (y, z))), UNIT), written, above)


def _difference_of_tails(z: Combination, y: Combination) -> Combination:
    return add((complementary(z), negate(complementary(y))))


def _choice(
    comparison: Primitive,
    operands: tuple[Combination, Combination],
    chosen: Combination,
    other: Combination,
) -> Combination:
    """Return what is chosen where a comparison of terms holds, the other where it does not."""
    compared = Application.make(comparison, operands)
    masks = (as_combination(Truth.make(compared, negated)) for negated in (False, True))
    return add(multiply(mask, term) for mask, term in zip(masks, (chosen, other), strict=True))
