"""Bound sums: what is added up over an axis, as a reduction, a contraction or a scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.engine.building.differences_of_exponentials import build_difference, is_difference
from rewriter.engine.building.factoring import chooses, ordered, sum_of_elements, supports
from rewriter.engine.building.labelled import Labelled
from rewriter.engine.building.scattering import scattered
from rewriter.engine.levels import has_levels_of_both_signs
from rewriter.graph import operations as op
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination
from rewriter.terms.binding import open_body
from rewriter.terms.index import Axis
from rewriter.terms.pairing import pair
from rewriter.terms.rational import absolute, quotient
from rewriter.terms.term import INDICATORS, ONE, BoundSum, Combination, Inverse, Product

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


def build_sum(builder: Builder, base: BoundSum) -> Labelled:
    """Build ``Σ_j u[j]``, or a finite sum that is kept together."""
    if base.axis is None:
        body = base.body
        return build_difference(builder, body) if is_difference(body) else builder.paired(body)
    axis = base.axis.fresh()
    body = open_body(base, axis)
    parts = [_summed(builder, product, axis) for product in ordered(body.products)]
    total = parts[0]
    for part in parts[1:]:
        total = builder.frame.combine(op.add, total, part)
    return total


def _summed(builder: Builder, product: Product, axis: Axis) -> Labelled:
    """``Σ_axis`` of a product: its exponential is one part, its other factors are others."""
    placed = scattered(builder, product, axis)
    if placed is not None:
        return placed
    if chooses(product):
        return builder.frame.contract([builder.product(product)], axis)
    masks = tuple(f for f in product.factors if isinstance(f[0], INDICATORS))
    inverse = tuple(f for f in product.factors if f[1] < 0 or isinstance(f[0], Inverse))
    others = [f for f in product.factors if f not in masks and f not in inverse]
    parts = []
    core = Product.make(ONE, algebra.sort_factors(dict(masks + inverse)), product.exponent)
    if product.exponent.products or masks or inverse:
        guarded = bool(supports(core, others))
        parts.append(builder.monomial(core, others) if guarded else builder.product(core))
    parts += [builder.strongly(core, builder.power(base, q), base, others, q) for base, q in others]
    parts = parts or [builder.number(ONE)]
    if not any(axis in part.labels for part in parts):
        parts[0] = Labelled(parts[0].full((*parts[0].labels, axis)), (*parts[0].labels, axis))
    total = builder.frame.contract(parts, axis)
    if product.coefficient != 1:
        total = builder.times(total, builder.number(product.coefficient))
    return total


def joined_sums(builder: Builder, term: Combination) -> tuple[Labelled | None, Combination]:
    """Build ``c·Σ_j u[j] − c·Σ_j m[j]`` as ``c·Σ_j (u[j] − m[j])``, m a maximum, u as large as it.

    Returns:
        What is built, None for nothing, and the summands that are left.
    """
    total: Labelled | None = None
    for group in _over_one_axis(term):
        axis = group[0][1].axis.fresh()
        size = absolute(group[0][0].coefficient)
        body = algebra.add(
            algebra.scale(open_body(base, axis), quotient(p.coefficient, size)) for p, base in group
        )
        if not pair(body).differences and not has_levels_of_both_signs(body, elements=True):
            continue
        part = builder.frame.contract([builder.combination(body)], axis)
        if size != 1:
            part = builder.times(part, builder.number(size))
        total = part if total is None else builder.frame.combine(op.add, total, part)
        away = algebra.negate(Combination.make(tuple(p for p, _ in group)))
        term = algebra.add((term, away))
    return total, term


def build_less(builder: Builder, product: Product, level: Product) -> Labelled:
    """Build ``x − m``, or ``Σ_j (x[j] − m)``, of multiples of x, or of a sum of such, and of m."""
    total = sum_of_elements(product)
    opposite = as_combination(level.monomial.opposite)
    if total is None:
        return builder.added(algebra.add((as_combination(product.monomial), opposite)))
    axis = total.axis.fresh()
    body = algebra.add((open_body(total, axis), opposite))
    return builder.frame.contract([builder.combination(body)], axis)


def _over_one_axis(term: Combination) -> list[list[tuple[Product, BoundSum]]]:
    """Multiples of sums over an axis among the summands, those of one extent together."""
    groups: dict[Any, list[tuple[Product, BoundSum]]] = {}
    for product in term.products:
        if len(product.factors) == 1 and not product.exponent.products:
            base, q = product.factors[0]
            if type(base) is BoundSum and q == 1 and base.axis is not None and not base.wild:
                groups.setdefault(base.axis.extent, []).append((product, base))
    return [group for group in groups.values() if len(group) > 1]
