"""Building values relative to an exponential: by division, and in the limit where that is 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from rewriter.engine.building.labelled import Labelled
from rewriter.graph import operations as op
from rewriter.graph.dtype import largest_binade
from rewriter.terms.functions import logarithm
from rewriter.terms.relative import RELATIVE
from rewriter.terms.simple import plain, sole_exponential
from rewriter.terms.term import UNIT, Application, Combination

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder

BINADES_ABOVE_LEAST = 2
"""So far above the smallest normal float, what is divided by keeps its digits."""


def is_relative(term: Combination) -> TypeGuard[Any]:
    """Tell whether a term is such a value alone."""
    inner = plain(term)
    return isinstance(inner, Application) and inner.operator is RELATIVE


def build_logarithm_of_relative(builder: Builder, term: Combination) -> Labelled:
    """Build ``log(value) − exponent``; where the exponent is 0, as the logarithm of the value is.

    A value near 1 keeps its digits there.
    """
    base = plain(term)
    assert isinstance(base, Application)
    value, exponent, _ = base.arguments
    combine = builder.frame.combine
    quotient = builder.base(base)
    alone = builder.combination(logarithm(value))
    moderate = combine(op.less, builder.exponent(exponent), builder.number(0))
    below = combine(op.where, moderate, quotient, builder.number(1))
    return combine(op.where, moderate, Labelled(op.log(below.node), below.labels), alone)


def build_relative(builder: Builder, base: Application) -> Labelled:
    """Build ``value / exp(exponent)``, the share where that exponential is all but 0."""
    value, exponent, share = base.arguments
    combine = builder.frame.combine
    small, part = builder.combination(sole_exponential(exponent)), builder.combination(share)
    least = builder.constant(2.0 ** (BINADES_ABOVE_LEAST - largest_binade(builder.dtype)))
    seen = combine(op.greater, small if share is UNIT else builder.times(small, part), least)
    below = combine(op.where, seen, small, builder.number(1))
    return combine(op.where, seen, combine(op.divide, builder.combination(value), below), part)
