"""Strong zeros for masks in the data: ``exp(x)·(x − c)`` is 0 where x is minus infinity.

A logit of -inf is a mask. Its exponential is 0, and so is whatever stands beside it: the plain
product of that 0 and of what is linear in the logit, or its logarithm, is nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from rewriter.graph import operators as o
from rewriter.terms.sign import interval_of
from rewriter.terms.term import Application, Combination, Element, Inverse, Product, Term

Meaning = Callable[[Element], Combination | None]
"""Gives what an element stands for, where that is a logarithm that was computed before."""


def vanishes_beside(exponent: Combination, factor: Term, meaning: Meaning) -> bool:
    """Tell whether a factor may be infinite where ``exp(exponent)`` is 0, for one element's sake.

    Args:
        exponent: the exponent of a product.
        factor: another factor of it, or a sum that multiplies it.
        meaning: what elements stand for.
    """
    rising = frozenset(_rising(exponent))
    return bool(rising) and _may_be_infinite(factor, rising, meaning)


def has_vanishing_factor(term: Combination, meaning: Meaning) -> bool:
    """Tell whether a summand has such a factor beside its exponential."""
    return any(
        vanishes_beside(product.exponent, base, meaning)
        for product in term.products
        if product.exponent.products
        for base, _ in product.factors
    )


def _rising(exponent: Combination) -> Iterator[Term]:
    """The elements with which an exponent falls to minus infinity, if nothing bounds them."""
    for product in exponent.products:
        for base, q in product.factors:
            if not isinstance(base, Element) or q != 1 or interval_of(base).low > -math.inf:
                continue
            others = tuple(f for f in product.factors if f[0] is not base)
            beside = Product.make(product.coefficient, others, product.exponent)
            if interval_of(beside).nonnegative:
                yield base


def _may_be_infinite(term: Term, rising: frozenset[Term], meaning: Meaning) -> bool:
    if isinstance(term, Combination):
        bases = (base for product in term.products for base, _ in product.factors)
        return any(_may_be_infinite(base, rising, meaning) for base in bases)
    if isinstance(term, Application):
        inner = term.arguments
        if term.operator is o.LOG:
            return _reads(inner[0], rising)
        return any(_may_be_infinite(argument, rising, meaning) for argument in inner)
    if term in rising:
        return True
    meant = meaning(term) if isinstance(term, Element) else None
    return meant is not None and _may_be_infinite(meant, rising, meaning)


def _reads(term: Term, rising: frozenset[Term]) -> bool:
    """Tell whether such an element occurs in a sum of products, in exponents too."""
    if isinstance(term, Combination):
        return any(_reads(product, rising) for product in term.products)
    if isinstance(term, Product):
        bases = (base for base, _ in term.factors)
        return _reads(term.exponent, rising) or any(_reads(base, rising) for base in bases)
    return term in rising or (isinstance(term, Inverse) and _reads(term.parts[0], rising))
