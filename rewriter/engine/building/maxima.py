"""Building maxima: where a support says what takes part, the rest counts as minus infinity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rewriter.engine.building.factoring import masks_of
from rewriter.engine.building.labelled import Labelled
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.algebra import plain
from rewriter.terms.binding import open_body, open_support
from rewriter.terms.functions import maximum_in, unsupported
from rewriter.terms.index import Axis
from rewriter.terms.term import (
    ONE,
    UNIT,
    ZERO,
    Application,
    BoundMaximum,
    Combination,
    Product,
    Term,
    Truth,
)  # fmt: skip
from rewriter.terms.traversal import nodes_in

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


def build_maximum(builder: Builder, base: BoundMaximum) -> Labelled:
    """Build ``max_j u[j]`` over the j where the support is not 0.

    A maximum of nothing within it is minus infinity: it is no value to be larger than others.
    """
    axis = base.axis.fresh()
    value = open_body(base, axis)
    within = any(p.coefficient > 0 and _is_maximum(p) for p in value.products)
    body = builder.exponent(value) if within else builder.combination(value)
    if base.support is not UNIT:
        weight = open_support(base, axis).products[0]
        masks = masks_of(weight)
        body = _supported(builder, body, weight, masks)
    return largest_over(builder, body, axis)


def _is_maximum(product: Product) -> bool:
    return len(product.factors) == 1 and maximum_in(product.factors[0][0]) is not None


def largest_over(builder: Builder, values: Labelled, axis: Axis) -> Labelled:
    """Build the largest of values over an axis, which they may be the same along."""
    order = builder.frame.sorted([*values.labels, axis])
    whole = values if axis in values.labels else Labelled(values.full(order), order)
    return builder.frame.reduce(op.max, whole, axis)


def _supported(
    builder: Builder, body: Labelled, weight: Product, masks: Sequence[Term]
) -> Labelled:
    conditions = [builder.condition(mask) for mask in masks]
    others = tuple(f for f in weight.factors if f[0] not in masks)
    if others:
        value = builder.product(Product.make(ONE, others, ZERO))
        conditions.append(builder.frame.combine(op.not_equal, value, builder.number(0)))
    low = builder.constant(float("-inf"))
    for condition in conditions:
        body = builder.frame.combine(op.where, condition, body, low)
    return body


def build_largest(builder: Builder, arguments: Sequence[Combination]) -> Labelled:
    """Build ``max(a, b, …)``, of which a value with a support counts where that is not 0."""
    taken = [unsupported(argument) for argument in arguments]
    chosen = _one_or_other(builder, taken)
    if chosen is not None:
        return chosen
    parts = []
    for value, support in taken:
        part = builder.combination(value)
        weight = support.products[0]
        parts.append(_supported(builder, part, weight, masks_of(weight)))
    total = parts[0]
    for part in parts[1:]:
        total = builder.frame.combine(op.maximum, total, part)
    return total


def _one_or_other(
    builder: Builder, taken: Sequence[tuple[Combination, Combination]]
) -> Labelled | None:
    """``max(a where c, b where not c)`` is a choice."""
    if len(taken) != 2:
        return None
    first, second = (plain(support) for _, support in taken)
    if not isinstance(first, Truth) or not isinstance(second, Truth):
        return None
    if first.element is not second.element or first.negated == second.negated:
        return None
    (one, _), (other, _) = taken if second.negated else reversed(taken)
    chosen = first if second.negated else second
    parts = builder.condition(chosen), builder.combination(one), builder.combination(other)
    return builder.frame.combine(op.where, *parts)


def at_any_index(shift: Term) -> frozenset[Node]:
    """Return what a maximum has in common with itself at other indices: the tensors it reads."""
    return frozenset(nodes_in(shift))


def is_empty_somewhere(term: Combination) -> bool:
    """Tell whether a maximum is of values that all have a support: it may be of none."""
    inner = plain(term)
    return (
        isinstance(inner, Application)
        and inner.operator is o.MAXIMUM
        and all(unsupported(argument)[1] is not UNIT for argument in inner.arguments)
    )


def finite(builder: Builder, shift: Labelled) -> Labelled:
    """Build 0 in place of a maximum that is not finite: it is not shifted by."""
    known = Labelled(op.isfinite(shift.node), shift.labels)
    return builder.frame.combine(op.where, known, shift, builder.number(0))
