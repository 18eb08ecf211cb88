"""Simple terms: numbers, sole factors, multiples; sums in which like monomials are collected."""

from __future__ import annotations

from collections.abc import Iterable

from rewriter.terms.interning import add_up
from rewriter.terms.rational import Rational, exact
from rewriter.terms.term import (
    ONE,
    UNIT,
    ZERO,
    Combination,
    Product,
    Term,
)  # fmt: skip


def number(value: Rational) -> Combination:
    """Return a rational number as a combination."""
    if value == 0:
        return ZERO
    return UNIT if value == 1 else Combination.make((Product.make(exact(value), (), ZERO),))


def as_combination(term: Term) -> Combination:
    """Return any term as a combination."""
    if isinstance(term, Combination):
        return term
    if isinstance(term, Product):
        return Combination.make((term,)) if term.coefficient else ZERO
    return single_power(term, ONE)


def sole_exponential(exponent: Combination) -> Combination:
    """Return ``exp(exponent)`` with nothing in the exponent taken apart: logarithms stay in it."""
    return Combination.make((Product.make(ONE, (), exponent),))


def plain(term: Term) -> Term:
    """Return the smallest form of a term: a sole product, or a sole factor, stands for itself."""
    if isinstance(term, Combination) and len(term.products) == 1:
        term = term.products[0]
    bare = isinstance(term, Product) and term.coefficient == 1 and not term.exponent.products
    if isinstance(term, Product) and bare and len(term.factors) == 1 and term.factors[0][1] == 1:
        return term.factors[0][0]
    return term


def collect(products: Iterable[Product]) -> Combination:
    """Return the sum of products; like monomials are collected."""
    products = list(products)
    if len(products) == 1:
        return Combination.make((products[0],))
    add_up(len(products))
    collected: dict[Product, Rational] = {}
    for product in products:
        monomial = product.monomial
        collected[monomial] = collected.get(monomial, 0) + product.coefficient
    kept = [
        monomial if c == 1 else Product.make(c, monomial.factors, monomial.exponent)
        for monomial, c in collected.items()
        if c
    ]
    if len(kept) > 1:
        kept.sort(key=lambda product: product.place)
    return Combination.make(tuple(kept))


def scale(term: Combination, factor: Rational) -> Combination:
    """Return ``factor · term``."""
    if factor == 1:
        return term
    if factor == 0:
        return ZERO
    return Combination.make(
        tuple(Product.make(p.coefficient * factor, p.factors, p.exponent) for p in term.products)
    )


def negate(term: Combination) -> Combination:
    """Return ``-term``."""
    return scale(term, -1)


def single_power(base: Term, q: Rational) -> Combination:
    """Return ``base^q`` with the base as its one factor: nothing in it is taken apart."""
    return Combination.make((Product.make(ONE, ((base, q),), ZERO),))


def is_number(term: Combination) -> bool:
    """Tell whether a combination is a rational number."""
    return not term.products or (
        len(term.products) == 1
        and not term.products[0].factors
        and not term.products[0].exponent.products
    )


def number_of(term: Combination) -> Rational:
    """Return the rational that a combination is (see `is_number`)."""
    return term.products[0].coefficient if term.products else 0
