"""Building maxima: where a support says what takes part, the rest counts as minus infinity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rewriter.engine.labelled import Labelled
from rewriter.graph import operations as op
from rewriter.terms.binding import open_body, open_support
from rewriter.terms.term import (
    INDICATORS,
    ONE,
    UNIT,
    ZERO,
    BoundMaximum,
    Product,
    Term,
)  # fmt: skip

if TYPE_CHECKING:
    from rewriter.engine.building import Builder


def build_maximum(builder: Builder, base: BoundMaximum) -> Labelled:
    """Build ``max_j u[j]`` over the j where the support is not 0."""
    axis = base.axis.fresh()
    body = builder.combination(open_body(base, axis))
    if base.support is not UNIT:
        weight = open_support(base, axis).products[0]
        masks = [b for b, _ in weight.factors if isinstance(b, INDICATORS)]
        body = _supported(builder, body, weight, masks)
    order = builder.frame.sorted([*body.labels, axis])
    whole = body if axis in body.labels else Labelled(body.full(order), order)
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


def finite(builder: Builder, shift: Labelled) -> Labelled:
    """Build 0 in place of a maximum that is not finite: it is not shifted by."""
    known = Labelled(op.isfinite(shift.node), shift.labels)
    return builder.frame.combine(op.where, known, shift, builder.number(0))
