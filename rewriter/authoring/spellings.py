"""Spellings of a pattern: ``a − b`` as a factor is ``−(b − a)``.

The normal form takes one of them, by the names of what stands there. A pattern does not know these
names; so it is tried in each.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from rewriter.terms.term import (
    ONE,
    ZERO,
    Application,
    BoundSum,
    Combination,
    Pattern,
    Product,
    Term,
)  # fmt: skip

__all__ = ["beside", "spellings"]

MOST = 8
"""Spellings of one pattern that are tried."""

Signed = tuple[int, Any]
"""A sign and a term."""


def spellings(term: Combination) -> list[Combination]:
    """Return the spellings of a pattern, as it is first."""
    return list(dict.fromkeys(itertools.islice(_combinations(term), MOST)))


def beside(term: Combination, rest: Any) -> Combination:
    """Return a sum, or a product, with one more operand; nothing is brought to normal form."""
    operand = (Pattern.make(rest), ONE)
    if len(term.products) > 1:
        return Combination.make((*term.products, Product.make(ONE, (operand,), ZERO)))
    (own,) = term.products
    product = Product.make(own.coefficient, (*own.factors, operand), own.exponent)
    return Combination.make((product,))


def _combinations(term: Combination) -> Iterator[Combination]:
    for chosen in _together([_products(product) for product in term.products]):
        yield Combination.make(tuple(chosen))


def _products(product: Product) -> Iterator[Product]:
    if not product.variables:
        yield product
        return
    parts = [_factors(base, q) for base, q in product.factors]
    for exponent in _combinations(product.exponent) if product.exponent.products else (ZERO,):
        for chosen in _together(parts):
            sign, factors = 1, []
            for (one, base), (_, q) in zip(chosen, product.factors, strict=True):
                sign *= one
                factors.append((base, q))
            yield Product.make(sign * product.coefficient, tuple(factors), exponent)


def _factors(base: Term, q: Any) -> Iterator[Signed]:
    for sign, found in _bases(base):
        if sign > 0 or q == int(q):
            yield (sign if int(q) % 2 else 1), found


def _bases(base: Term) -> Iterator[Signed]:
    if not base.variables:
        yield 1, base
    elif isinstance(base, Combination):
        for found in _combinations(base):
            yield 1, found
            if len(found.products) > 1:
                yield -1, Combination.make(tuple(map(_negated, found.products)))
    elif isinstance(base, Application):
        for arguments in _together([_combinations(a) for a in base.arguments]):
            yield 1, Application.make(base.operator, tuple(arguments))
    elif type(base) is BoundSum:
        for body in _products(base.body):
            sign = -1 if body.coefficient < 0 < base.body.coefficient else 1
            yield sign, BoundSum.make(base.axis, _negated(body) if sign < 0 else body)
    else:
        yield 1, base


def _negated(product: Product) -> Product:
    return Product.make(-product.coefficient, product.factors, product.exponent)


def _together(parts: Iterable[Iterator[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield a choice from each part, those of the first ones first."""
    return itertools.product(*(list(itertools.islice(part, MOST)) for part in parts))
