"""Building values relative to an exponential: by division, and in the limit where that is 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.engine.building.differences_of_exponentials import HALF, by_log1p
from rewriter.engine.building.labelled import Labelled
from rewriter.graph import operations as op
from rewriter.graph.dtype import largest_binade
from rewriter.terms.algebra import add, as_combination, negate
from rewriter.terms.relative import RELATIVE
from rewriter.terms.simple import plain, sole_exponential
from rewriter.terms.term import UNIT, Application, Combination, Evaluated

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder

BINADES_ABOVE_LEAST = 2
"""So far above the smallest normal float, what is divided by keeps its digits."""


def relative_in(term: Combination) -> Application | None:
    """Return such a value that is all of a term, else None."""
    inner = plain(term)
    return inner if isinstance(inner, Application) and inner.operator is RELATIVE else None


def build_logarithm_of_relative(builder: Builder, base: Application) -> Labelled:
    """Build the logarithm; of a difference ``1 − exp(u)`` that is near 1, by log1p."""
    value, exponent, _ = base.arguments
    combine = builder.frame.combine
    part = builder.base(base)
    inner = plain(value)
    if not isinstance(inner, Evaluated):
        return Labelled(op.log(part.node), part.labels)
    rest = builder.combination(add((as_combination(inner.body), negate(UNIT))))
    whole = combine(op.greater_equal, builder.exponent(exponent), builder.number(0))
    near = combine(op.logical_and, whole, combine(op.greater, part, builder.number(HALF)))
    return by_log1p(builder, near, part, rest)


def build_relative(builder: Builder, base: Application) -> Labelled:
    """Build ``value / exp(exponent)``, the share where that exponential is all but 0."""
    value, exponent, share = base.arguments
    combine = builder.frame.combine
    small, part = builder.combination(sole_exponential(exponent)), builder.combination(share)
    least = builder.constant(2.0 ** (BINADES_ABOVE_LEAST - largest_binade(builder.dtype)))
    seen = combine(op.greater, small if share is UNIT else builder.times(small, part), least)
    below = combine(op.where, seen, small, builder.number(1))
    return combine(op.where, seen, combine(op.divide, builder.combination(value), below), part)
