"""Building one factor: each kind of atom as its own kind of node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.engine.building.differences_of_exponentials import build_logarithm, difference_in
from rewriter.engine.building.elements import build_element
from rewriter.engine.building.labelled import Labelled
from rewriter.engine.building.maxima import (
    build_largest,
    build_maximum,
    finite,
    is_empty_somewhere,
)  # fmt: skip
from rewriter.engine.building.relative_values import (
    build_logarithm_of_relative,
    build_relative,
    relative_in,
)
from rewriter.engine.building.sums import build_sum
from rewriter.engine.building.tails import (
    build_logarithm_of_probability,
    build_tail,
    probability_in,
)
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.node import apply
from rewriter.terms import algebra
from rewriter.terms.error_functions import TAIL
from rewriter.terms.rational import logarithm
from rewriter.terms.relative import RELATIVE
from rewriter.terms.term import (
    INDICATORS,
    Application,
    BoundMaximum,
    BoundSum,
    Element,
    Inverse,
    Size,
    Special,
)  # fmt: skip

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


def build_atom(builder: Builder, base: Any) -> Labelled:
    """Build an atom."""
    if isinstance(base, Element):
        return build_element(builder, base)
    if isinstance(base, INDICATORS):
        return builder.masked(None, [base])
    if isinstance(base, BoundMaximum):
        return build_maximum(builder, base)
    if isinstance(base, BoundSum):
        return build_sum(builder, base)
    if isinstance(base, Application):
        return _application(builder, base)
    if isinstance(base, Inverse):
        one = builder.number(1)
        return builder.frame.combine(op.divide, one, builder.divisor(base.parts[0]))
    if isinstance(base, Special):
        return builder.constant(float(base.parts[0]))
    assert isinstance(base, Size), base
    return _size(builder, base)


def _size(builder: Builder, base: Size) -> Labelled:
    ones = op.broadcast_to(builder.constant(1.0).node, (base.parts[0],))
    return Labelled(op.sum(ones), ())


def _application(builder: Builder, base: Application) -> Labelled:
    operator = base.operator
    if operator is o.LOG and algebra.is_number(base.arguments[0]):
        return builder.constant(logarithm(algebra.number_of(base.arguments[0])))
    near = difference_in(base.arguments[0]) if operator is o.LOG else None
    if near is not None:
        return build_logarithm(builder, near)
    if operator is RELATIVE:
        return build_relative(builder, base)
    probability = probability_in(base.arguments[0]) if operator is o.LOG else None
    if probability is not None:
        return build_logarithm_of_probability(builder, probability)
    relative = relative_in(base.arguments[0]) if operator is o.LOG else None
    if relative is not None:
        return build_logarithm_of_relative(builder, relative)
    if operator is TAIL:
        return build_tail(builder, base)
    if operator is o.MAXIMUM:
        return build_largest(builder, base.arguments)
    parts = [builder.combination(argument) for argument in base.arguments]
    if operator is o.LOG:
        parts = [builder.filled(parts[0], base.arguments[0], 1.0)]
    made = builder.frame.combine(lambda *nodes: apply(operator, nodes), *parts)
    if operator is not o.STOP_GRADIENT:
        return made
    guarded = builder.is_guarded(base) or is_empty_somewhere(base.arguments[0])
    return finite(builder, made) if guarded else made
