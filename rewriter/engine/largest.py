"""The larger of two values that hold exponentials, ``max(Σ eˣ, ε)``: scaled by the shift of both.

``max(a, b) = exp(m)·max(a·exp(-m), b·exp(-m))``; an m that bounds the sum of the sizes of all
summands bounds each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from rewriter.graph import operators as o
from rewriter.terms import algebra, functions
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.term import Application, Combination, Inverse, Term

if TYPE_CHECKING:
    from rewriter.engine.evidence import Evidence
    from rewriter.engine.scaling import Scaling


def is_largest_exponential(base: Term) -> TypeGuard[Application]:
    """Tell whether a factor is the largest of values of which one holds exponentials."""
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


def scaled_largest(scaling: Scaling, base: Application, evidence: Evidence) -> Combination:
    """Return such a factor as an exponential times the largest of what is bounded."""
    shifted = scaling.joined(add(map(sizes, base.arguments)), evidence)
    if len(shifted.products) != 1 or not shifted.products[0].exponent.products:
        return as_combination(base)
    shift = shifted.products[0].exponent
    away = algebra.exponential(algebra.negate(shift))
    scaled = [
        add(scaling.product(product, evidence) for product in multiply(argument, away).products)
        for argument in base.arguments
    ]
    return multiply(algebra.exponential(shift), functions.maximum(*scaled))
