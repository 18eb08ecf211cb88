"""The largest of values that hold exponentials, ``max(Σ eˣ, ε)``: scaled by the shift of all.

``max(a, b) = exp(m)·max(a·exp(-m), b·exp(-m))``, and ``max_j a[j] = exp(m)·max_j a[j]·exp(-m)``; an
m that bounds the sum of the sizes of all summands bounds each. A size is the largest of a value and
its opposite, ``|exp(m)·s| = exp(m)·|s|``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from rewriter.graph import operators as o
from rewriter.terms import algebra, functions
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.binding import bound_sum, open_body, open_support
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.term import (
    UNIT,
    ZERO,
    Application,
    BoundMaximum,
    Combination,
    Inverse,
    Product,
    Term,
)  # fmt: skip

if TYPE_CHECKING:
    from rewriter.engine.evidence import Evidence
    from rewriter.engine.one_pass import OnePass


def is_largest_exponential(base: Term) -> TypeGuard[Application | BoundMaximum]:
    """Tell whether a factor is the largest, or size, of values of which one holds exponentials."""
    if isinstance(base, BoundMaximum):
        return bool(base.body.wild)
    if not isinstance(base, Application) or base.operator not in (o.MAXIMUM, o.ABSOLUTE):
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
    scaling: OnePass, base: Application | BoundMaximum, evidence: Evidence
) -> Combination:
    """Return such a factor as an exponential times the largest of what is bounded.

    Under a support no exponential is taken out: of nothing a maximum is -inf, whatever it is times.
    """
    if isinstance(base, BoundMaximum):
        axis = scaling.opened_at(base)
        body, support = open_body(base, axis), open_support(base, axis)
        shift = _shift(scaling, bound_sum(axis, sizes(body)), evidence) if support is UNIT else ZERO
        if shift is None:
            return as_combination(base)
        scaled = _without(scaling, body, shift, evidence)
        return multiply(algebra.exponential(shift), bound_maximum(axis, scaled, support))
    if base.operator is o.ABSOLUTE:
        return _size(scaling, base.arguments[0], evidence)
    shift = _shift(scaling, add(map(sizes, base.arguments)), evidence)
    if shift is None:
        return as_combination(base)
    values = [_without(scaling, argument, shift, evidence) for argument in base.arguments]
    return multiply(algebra.exponential(shift), functions.maximum(*values))


def _size(scaling: OnePass, value: Combination, evidence: Evidence) -> Combination:
    scaled = scaling.scale(value)
    evidence.take_in(scaled.evidence)
    if len(scaled.term.products) != 1:
        return functions.absolute(scaled.term)
    (product,) = scaled.term.products
    rest = Combination.make((Product.make(product.coefficient, product.factors),))
    return multiply(algebra.exponential(product.exponent), functions.absolute(rest))


def _shift(scaling: OnePass, total: Combination, evidence: Evidence) -> Combination | None:
    products = scaling.joined(total, evidence).products
    return products[0].exponent if len(products) == 1 else None


def _without(
    scaling: OnePass, term: Combination, shift: Combination, evidence: Evidence
) -> Combination:
    away = algebra.exponential(algebra.negate(shift))
    return add(scaling.product(product, evidence) for product in multiply(term, away).products)
