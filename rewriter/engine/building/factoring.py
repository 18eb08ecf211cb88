"""Factoring: what the summands of a sum share, and which factors an exponential needs beside it.

``p·g − p·s`` shares ``p``, so that it is built as ``p·(g − s)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rewriter.engine.building.quotients import adds_up, multiple_of, sum_in
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.factors import bare
from rewriter.terms.functions import maximum_in, without_stop
from rewriter.terms.indicators import implies
from rewriter.terms.logarithms import has_logarithm
from rewriter.terms.pairing import is_bounded_above, supporting
from rewriter.terms.rational import Rational, absolute, quotient
from rewriter.terms.sign import has_zeros, interval_of
from rewriter.terms.term import (
    INDICATORS,
    ONE,
    ZERO,
    Application,
    BoundSum,
    Combination,
    Element,
    Evaluated,
    Inverse,
    Product,
    Term,
)  # fmt: skip

Factor = tuple[Term, Rational]
Factors = Sequence[Factor]

BOUNDED_EVERYWHERE = 0.0
"""An exponent up to this is computed where a mask is 0 too: its exponential cannot overflow."""

LARGEST_SHARED = 2
"""Power up to which a factor is raised beside the exponential of its product."""


def is_divisor(factor: Factor) -> bool:
    """Tell whether a factor divides by a sum that is computed as it stands."""
    base, q = factor
    if isinstance(base, Inverse):
        return q > 0 and sum_in(base.parts[0]) is not None
    return q < 0 and sum_in(base) is not None


def supports(product: Product, weights: Sequence[Factor]) -> list[Term]:
    """The weights outside of whose support an exponent is not bounded."""
    present = {base for base, _ in weights}
    return [b for b in supporting(product) if b in present and not isinstance(b, INDICATORS)]


def masks_of(product: Product) -> list[Term]:
    """The indicators among a product's factors."""
    return [base for base, _ in product.factors if isinstance(base, INDICATORS)]


def guarded(product: Product, weights: Factors) -> Product:
    """The exponential of a product, times indicators of where its masks and weights are not 0.

    What may overflow is not computed where a constant beside it is 0: 0 times infinity is none.
    """
    guards = masks_of(product)
    limited = is_bounded_above(product.exponent, BOUNDED_EVERYWHERE, product)
    zeros = [] if limited else [b for b, q in product.factors if q > 0 and has_zeros(b)]
    for weight in dict.fromkeys((*supports(product, (*product.factors, *weights)), *zeros)):
        guards.append(Application.make(o.NOT_EQUAL, (algebra.as_combination(weight), ZERO)))
    return Product.make(ONE, tuple((guard, ONE) for guard in guards), product.exponent)


def ordered(products: tuple[Product, ...]) -> list[Product]:
    """Positive summands first, plain ones before those with sums.

    What is large and cancels meets before anything small is added to it: elements of one tensor
    first, where they are of both signs, ``x[0] − x[2] + 0.4``, and logarithms last,
    ``(max u − max v) + (log s − log t)``.
    """
    leads = any(p.coefficient > 0 and not has_logarithm(p) for p in products)
    tensors = {p: _tensor(p) for p in products}
    signs: dict[Node | Term, set[bool]] = {}
    for product, tensor in tensors.items():
        if tensor is not None:
            signs.setdefault(tensor, set()).add(product.coefficient < 0)
    both = {tensor: place for place, (tensor, found) in enumerate(signs.items()) if len(found) > 1}

    def place(product: Product) -> tuple[int, bool, bool, Any]:
        tensor = tensors[product]
        group = len(both) if tensor is None else both.get(tensor, len(both))
        return group, leads and has_logarithm(product), product.coefficient < 0, product.order

    return sorted(products, key=place)


def grouped(products: Sequence[Product]) -> list[list[Product]]:
    """Put elements and maxima of opposite signs together that are scaled alike, unless by 1."""
    signs: dict[Rational, set[bool]] = {}
    for product in products:
        if _is_linear(product):
            size = absolute(product.coefficient)
            signs.setdefault(size, set()).add(product.coefficient > 0)
    groups: dict[Any, list[Product]] = {}
    for product in products:
        size = absolute(product.coefficient)
        alike = _is_linear(product) and len(signs[size]) > 1
        groups.setdefault(size if alike else product, []).append(product)
    return list(groups.values())


def levelled(
    products: tuple[Product, ...], added: bool
) -> tuple[list[tuple[Product, Product]], tuple[Product, ...]]:
    """Return (pairs, rest): ``a/2 + b/2 − c`` as half of a less c and half of b less c.

    Elements and maxima whose coefficients add up to 0 do not change by a shift of all; summed one
    by one they would be rounded at the size of the shift, as they would be where a difference of
    two is added to something. A sum over an axis counts as often as the axis has places.

    Args:
        products: the summands.
        added: whether they are added to something.
    """
    single = [p for p in products if _is_multiple(p)]
    sums = [p for p in products if sum_of_elements(p) is not None] if single else []
    linear = [*single, *sums]
    sizes = {absolute(p.coefficient) for p in linear}
    total: Rational = 0
    for product in linear:
        total += product.coefficient * _places_in(product)
    if total or not (sums or len(sizes) > 1 or (added and len(linear) == 2)):
        return [], products
    largest = max(single, key=lambda p: (absolute(p.coefficient), p.coefficient < 0))
    rest = tuple(p for p in products if p not in linear)
    return [(p, largest) for p in linear if p is not largest], rest


def _is_linear(product: Product) -> bool:
    return absolute(product.coefficient) != 1 and _is_multiple(product)


def _is_multiple(product: Product) -> bool:
    """Tell whether a product is a multiple of one element, or of a maximum."""
    if len(product.factors) != 1 or product.exponent.products:
        return False
    ((base, q),) = product.factors
    return q == 1 and (isinstance(base, Element) or maximum_in(base) is not None)


def sum_of_elements(product: Product) -> BoundSum | None:
    """The sum ``Σ_j x[j]`` of elements over an axis that a product is a multiple of, else None."""
    if len(product.factors) != 1 or product.exponent.products:
        return None
    ((base, q),) = product.factors
    if q != 1 or not isinstance(base, BoundSum) or base.axis is None:
        return None
    body = base.body if isinstance(base.body, Product) else algebra.plain(base.body)
    element = isinstance(body, Product) and body.coefficient == 1 and _is_multiple(body)
    return base if element and isinstance(base.axis.extent, int) else None


def _places_in(product: Product) -> int:
    total = sum_of_elements(product)
    extent = 1 if total is None else total.axis.extent
    return extent if isinstance(extent, int) else 1


def _tensor(product: Product) -> Node | Term | None:
    """The tensor of which a product is a multiple of one element, or None.

    What a stopped gradient holds is as large as without it: ``x − stop(x)`` is 0 at once.
    """
    if len(product.factors) != 1 or product.exponent.products:
        return None
    ((base, q),) = product.factors
    inner = without_stop(base)
    if q == 1 and isinstance(inner, Element):
        return inner.node
    return inner if q == 1 and isinstance(inner, Application) else None


def _common_powers(term: Combination) -> dict[Term, Rational]:
    """The factors that all summands share, with the powers that they share."""
    common: dict[Term, Rational] = {}
    for base, _ in term.products[0].factors:
        powers = [dict(p.factors).get(base, 0) for p in term.products]
        if all(p > 0 for p in powers):
            common[base] = min(powers)
        elif all(p < 0 for p in powers):
            common[base] = max(powers)
    return common


def _common_exponent(term: Combination, common: dict[Term, Rational]) -> Combination:
    """The exponent that all summands have, or of which they have multiples beside its divisor.

    ``p² − p·s`` with ``p = exp(u)/Σ exp(u)`` is ``p·(p − s)``.
    """
    least = min((p.exponent for p in term.products), key=lambda one: _size(one))
    if all(p.exponent is least for p in term.products):
        return least
    normalised = any(is_divisor(factor) and adds_up(factor[0], least) for factor in common.items())
    multiples = normalised and all(multiple_of(least, p.exponent) for p in term.products)
    return least if multiples else ZERO


def _size(exponent: Combination) -> Rational:
    return max((absolute(product.coefficient) for product in exponent.products), default=0)


def _guards_of(product: Product) -> list[Term]:
    """The factors of a product without which its exponent has no bound."""
    supports = supporting(product)
    return [base for base, _ in product.factors if any(implies(base, one) for one in supports)]


def common_factor(term: Combination) -> tuple[Product | None, Combination]:
    """Return (common, rest): the exponential and the factors that all summands share."""
    guards = {guard for product in term.products for guard in _guards_of(product)}
    common = _common_powers(term)
    exponent = _common_exponent(term, common) if guards <= set(common) else ZERO
    if not exponent.products:
        common = {base: q for base, q in common.items() if base not in guards}
    if not common and not exponent.products:
        return None, term
    shared = Product.make(ONE, algebra.sort_factors(common), exponent)
    rest = []
    for p in term.products:
        factors = dict(p.factors)
        for base, q in common.items():
            factors[base] -= q
        left = (
            algebra.add((p.exponent, algebra.negate(exponent))) if exponent.products else p.exponent
        )
        rest.append(Product.make(p.coefficient, algebra.sort_factors(factors), left))
    return shared, algebra.collect(rest)


@dataclass(frozen=True)
class Root:
    """``(a·exp(u))^q · rest``.

    Attributes:
        inside: ``a·exp(u)``, under the masks of the product.
        power: q.
        rest: the other factors.
    """

    inside: Product
    power: Rational
    rest: tuple[Factor, ...]


def root_of(product: Product, limit: float) -> Root | None:
    """Return ``a^q·exp(λ)·rest`` as ``(a·exp(λ/q))^q·rest`` where a alone to that power overflows.

    Args:
        product: any product. What is squared stays beside its exponential, which others share.
        limit: the logarithm of the largest number.
    """
    if not product.exponent.products or supporting(product):
        return None
    powers = [q for b, q in product.factors if q > LARGEST_SHARED and _overflows(b, q, limit)]
    power = min(powers, default=ONE)
    if power.denominator != 1 or power == 1:
        return None
    taken: dict[Term, Rational] = dict.fromkeys(masks_of(product), ONE)
    rest = []
    for base, q in product.factors:
        once = 0 if absolute(q) < power else ONE if q > 0 else -ONE
        if once:
            taken[base] = once
        if q != power * once:
            rest.append((base, q - power * once))
    exponent = algebra.scale(product.exponent, quotient(1, power))
    return Root(Product.make(ONE, algebra.sort_factors(taken), exponent), power, tuple(rest))


def _overflows(base: Term, power: Rational, limit: float) -> bool:
    """Tell whether data may overflow when raised; a computed sum was scaled by its largest term."""
    if isinstance(bare(base), (BoundSum, Evaluated)):
        return False
    bounds = interval_of(base)
    size = max(abs(bounds.low), abs(bounds.high))
    return size == math.inf or (size > 1 and float(power) * math.log(size) > limit)


def without_masks(product: Product) -> tuple[Product, list[Term]]:
    """Return (rest, masks) of a product that is 0 where a mask is, whatever stands beside it."""
    masks = masks_of(product)
    if product.exponent.products or not masks:
        return product, []
    rest = tuple(factor for factor in product.factors if factor[0] not in masks)
    return Product.make(product.coefficient, rest, product.exponent), masks


def chooses(product: Product) -> bool:
    """Tell whether a mask stands beside what may be infinite where it is 0: ``[m]·log x``."""
    rest, masks = without_masks(product)
    computed = any(isinstance(base, (Application, Combination)) for base, _ in rest.factors)
    return bool(masks) and computed


def coefficient_within(product: Product) -> Product | None:
    """Return ``c·(a/c + …)`` as ``(a + …)``, where that leaves more summands as they are; or None.

    A sum that is a factor has its least coefficient taken out, which floats need not have exactly.
    """
    for base, q in product.factors:
        if q != 1 or not isinstance(base, Combination):
            continue
        inside = algebra.scale(base, product.coefficient)
        if _bare(inside) > _bare(base):
            factors = tuple((inside if b is base else b, p) for b, p in product.factors)
            return Product.make(ONE, factors, product.exponent)
    return None


def _bare(term: Combination) -> int:
    return sum(absolute(product.coefficient) == 1 for product in term.products)
