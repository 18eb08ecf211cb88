"""Building finite sums ``Σ w·exp(u)`` with Σ w = 0, where all u may be near one another.

``Σ w·exp(u) = Σ w·expm1(u)`` loses nothing there; under a logarithm, what is near 1 keeps its
digits by log1p (Mächler 2012, "Accurately computing log(1 − exp(−|a|))").
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from rewriter.engine.building.labelled import Labelled
from rewriter.graph import operations as op
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.rational import absolute, quotient
from rewriter.terms.term import Combination, Evaluated, Product

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder

HALF = Fraction(1, 2)
"""Above this, the logarithm of a difference is that of 1 plus what is left."""


def is_difference(term: Combination) -> bool:
    """Tell whether a term adds up multiples of exponentials whose coefficients add up to 0."""
    bare = all(p.exponent.products and not p.factors for p in term.products)
    return bare and len(term.products) > 1 and sum(p.coefficient for p in term.products) == 0


def difference_in(term: Combination) -> Combination | None:
    """Return the summands of a sole such sum, one of them with the coefficient 1, else None."""
    size = term.products[0].coefficient if len(term.products) == 1 else 1
    sole = algebra.plain(algebra.scale(term, quotient(1, size)))
    if not isinstance(sole, Evaluated) or sole.axis is not None or not is_difference(sole.body):
        return None
    body: Combination = algebra.scale(sole.body, size)
    return body if any(p.coefficient == 1 for p in body.products) else None


def build_difference(builder: Builder, body: Combination) -> Labelled:
    """Build ``Σ w·expm1(u)``."""
    return _sum(builder, body, lambda product: op.expm1)


def build_logarithm(builder: Builder, body: Combination) -> Labelled:
    """Build ``log s`` of such a sum s: by ``log1p(s − 1)`` where s is near 1."""
    first = next(p for p in body.products if p.coefficient == 1)
    total = build_difference(builder, body)
    rest = _sum(builder, body, lambda product: op.expm1 if product is first else op.exp)
    large = builder.frame.combine(op.greater, total, builder.number(HALF))
    return by_log1p(builder, large, total, rest)


def by_log1p(builder: Builder, near: Labelled, value: Labelled, rest: Labelled) -> Labelled:
    """Build the logarithm of a value, as ``log1p(rest)`` where it is known to be near 1."""
    low = builder.frame.combine(op.where, near, builder.number(1), value)
    high = builder.frame.combine(op.where, near, rest, builder.number(0))
    return builder.frame.combine(
        op.where, near, Labelled(op.log1p(high.node), high.labels),
        Labelled(op.log(low.node), low.labels),
    )  # fmt: skip


def _sum(
    builder: Builder, body: Combination, function: Callable[[Product], Callable[[Node], Node]]
) -> Labelled:
    total: Labelled | None = None
    for product in sorted(body.products, key=lambda p: p.coefficient < 0):
        exponent = builder.exponent(product.exponent)
        part = Labelled(function(product)(exponent.node), exponent.labels)
        size = absolute(product.coefficient)
        if size != 1:
            part = builder.frame.combine(op.multiply, part, builder.number(size))
        combine = op.add if product.coefficient > 0 else op.subtract
        total = part if total is None else builder.frame.combine(combine, total, part)
    assert total is not None
    return total
