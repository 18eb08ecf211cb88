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
    combine = builder.frame.combine
    above, below = positive_part(z), positive_part(negate(z))
    low = builder.times(combine(op.erfcx, builder.combination(above)), builder.number(HALF))
    if interval_of(z).nonnegative:
        return Labelled(op.log(low.node), low.labels)
    rest = builder.times(combine(op.erfc, builder.combination(below)), builder.number(-HALF))
    near = combine(op.less, builder.combination(z), builder.number(0))
    return by_log1p(builder, near, low, rest)
