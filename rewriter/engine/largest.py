"""The larger of a sum of exponentials and of data, ``max(Σ eˣ, ε)``: scaled by the shift of both.

``max(a, b) = exp(m)·max(a·exp(-m), b·exp(-m))``; of values that are not below 0, an m that bounds
their sum bounds each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from rewriter.graph import operators as o
from rewriter.terms import algebra, functions
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.sign import is_nonnegative
from rewriter.terms.term import Application, Combination, Term

if TYPE_CHECKING:
    from rewriter.engine.evidence import Evidence
    from rewriter.engine.scaling import Scaling


def is_largest_exponential(base: Term) -> TypeGuard[Application]:
    """Tell whether a factor is the largest of an exponential and of data, none below 0.

    Of two exponentials it is left alone: which is the larger, a derivative asks of their plain
    values, and these may both be infinite.
    """
    if not isinstance(base, Application) or base.operator is not o.MAXIMUM:
        return False
    wild = sum(argument.wild for argument in base.arguments)
    return wild == 1 and all(map(is_nonnegative, base.arguments))


def scaled_largest(scaling: Scaling, base: Application, evidence: Evidence) -> Combination:
    """Return such a factor as an exponential times the largest of what is bounded."""
    shifted = scaling.joined(add(base.arguments), evidence)
    if len(shifted.products) != 1 or not shifted.products[0].exponent.products:
        return as_combination(base)
    shift = shifted.products[0].exponent
    away = algebra.exponential(algebra.negate(shift))
    scaled = [
        add(scaling.product(product, evidence) for product in multiply(argument, away).products)
        for argument in base.arguments
    ]
    return multiply(algebra.exponential(shift), functions.maximum(*scaled))
