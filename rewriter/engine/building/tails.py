"""Building tails of the normal distribution, and logarithms of them that are near 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.engine.building.differences_of_exponentials import HALF, by_log1p
from rewriter.engine.building.labelled import Labelled
from rewriter.graph import operations as op
from rewriter.terms.algebra import negate, plain, scale
from rewriter.terms.error_functions import TAIL
from rewriter.terms.functions import positive_part
from rewriter.terms.sign import interval_of
from rewriter.terms.term import ZERO, Application, Combination

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


def build_tail(builder: Builder, base: Application) -> Labelled:
    """Build ``erfcx(max(z, 0))·erfc(min(z, 0))``: of a z of one sign, one of them is 1."""
    (z,) = base.arguments
    parts = (op.erfcx, positive_part(z)), (op.erfc, negate(positive_part(negate(z))))
    combine = builder.frame.combine
    built = [combine(of, builder.combination(part)) for of, part in parts if part is not ZERO]
    return built[0] if len(built) == 1 else builder.times(*built)


def probability_in(term: Combination) -> Application | None:
    """Return the tail that a term is half of: a probability, of which the rest to 1 is one too."""
    inner = plain(scale(term, 2))
    return inner if isinstance(inner, Application) and inner.operator is TAIL else None


def build_logarithm_of_probability(builder: Builder, base: Application) -> Labelled:
    """Build ``log(tail(z)/2)``, where z < 0 as ``log1p(−erfc(−z)/2)``, which is near 0."""
    (z,) = base.arguments
    combine, argument = builder.frame.combine, builder.combination(z)
    if interval_of(z).nonnegative:
        tail = builder.times(combine(op.erfcx, argument), builder.number(HALF))
        return Labelled(op.log(tail.node), tail.labels)
    near, nothing = combine(op.less, argument, builder.number(0)), builder.number(0)
    # chosen, where the larger of z and 0 had half a slope at 0
    above = combine(op.where, near, nothing, argument)
    below = combine(op.where, near, argument, nothing)
    tail = builder.times(combine(op.erfcx, above), builder.number(HALF))
    opposite = Labelled(op.negative(below.node), below.labels)
    rest = builder.times(combine(op.erfc, opposite), builder.number(-HALF))
    return by_log1p(builder, near, tail, rest)
