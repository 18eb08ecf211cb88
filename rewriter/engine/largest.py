"""The largest of values that hold exponentials, ``max(Σ eˣ, ε)``: scaled by the shift of all.

``max(a, b) = exp(m)·max(a·exp(-m), b·exp(-m))``, and ``max_j a[j] = exp(m)·max_j a[j]·exp(-m)``; an
m that bounds the sum of the sizes of all summands bounds each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from rewriter.graph import operators as o
from rewriter.terms import algebra, functions
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.binding import bound_maximum, bound_sum, open_body
from rewriter.terms.term import UNIT, Application, BoundMaximum, Combination, Inverse, Term

if TYPE_CHECKING:
    from rewriter.engine.evidence import Evidence
    from rewriter.engine.scaling import Scaling


def is_largest_exponential(base: Term) -> TypeGuard[Application | BoundMaximum]:
    """Tell whether a factor is the largest of values of which one holds exponentials.

    A maximum under a mask is left alone: of nothing it is -inf, which is no scaled value.
    """
    if isinstance(base, BoundMaximum):
        return bool(base.body.wild) and base.support is UNIT
    if not isinstance(base, Application) or base.operator is not o.MAXIMUM:
        return False
    return any(argument.wild for argument in base.arguments)


def has_largest_exponential(term: Combination) -> bool:
    """Tell whether such a factor, or its inverse, is in a product."""
    bases = [base for product in term.products for base, _ in product.factors]
    inner = (base.parts[0] if isinstance(base, Inverse) else base for base in bases)
    return len(term.products) == 1 and any(map(is_largest_exponential, inner))


def sizes(term: Combination) -> Combination:
    """A sum with every coefficient positive: no summand is larger, nor any number of them."""
    return add(as_combination(p if p.coefficient > 0 else p.opposite) for p in term.products)


def scaled_largest(
    scaling: Scaling, base: Application | BoundMaximum, evidence: Evidence
) -> Combination:
    """Return such a factor as an exponential times the largest of what is bounded."""
    if isinstance(base, BoundMaximum):
        axis = base.axis.fresh()
        values = [open_body(base, axis)]
        total = bound_sum(axis, sizes(values[0]))
    else:
        values = list(base.arguments)
        total = add(map(sizes, values))
    shifted = scaling.joined(total, evidence)
    if len(shifted.products) != 1 or not shifted.products[0].exponent.products:
        return as_combination(base)
    shift = shifted.products[0].exponent
    away = algebra.exponential(algebra.negate(shift))
    scaled = [
        add(scaling.product(product, evidence) for product in multiply(value, away).products)
        for value in values
    ]
    if isinstance(base, BoundMaximum):
        return multiply(algebra.exponential(shift), bound_maximum(axis, scaled[0]))
    return multiply(algebra.exponential(shift), functions.maximum(*scaled))
