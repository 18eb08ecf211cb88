"""Weights that are sums: multiplied out in an exponent where summands cancel by it.

A sum that holds no exponential stays a factor, ``(1 − y)·a``; but ``exp((1 − y)·a + y·a)`` is
``exp(a)``, whatever the data y are, and what cancels in an exponent has to cancel as symbols.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rewriter.terms.algebra import multiply_products
from rewriter.terms.simple import collect
from rewriter.terms.term import Combination, Product

MOST_OPENED = 16
"""Summands up to which weights are multiplied out."""


def with_weights_joined(total: Combination) -> Combination:
    """Return a sum with its weights multiplied out, ``(1 − y)·a + y·b = a + y·(b − a)``.

    The sum itself where nothing cancels by it, or it would be longer.
    """
    if len(total.products) < 2 or not any(map(_weight_in, total.products)):
        return total
    opened = _multiplied_out(total)
    joined = collect(opened)
    shorter = len(joined.products) < len(opened)
    return joined if shorter and len(joined.products) <= len(total.products) else total


def weights_opened(total: Combination) -> Combination:
    """Return a sum with its weights multiplied out, the sum itself where that is long."""
    return collect(_multiplied_out(total))


def _multiplied_out(total: Combination) -> list[Product]:
    """The summands of a sum whose weights are multiplied out, its own where these are too many."""
    opened: list[Product] = []
    for product in total.products:
        opened += islice(_opened(product), MOST_OPENED + 1)
        if len(opened) > MOST_OPENED:
            return list(total.products)
    return opened


def _weight_in(product: Product) -> Combination | None:
    """The first factor of a product that is a sum without exponentials."""
    for base, q in product.factors:
        if q == 1 and isinstance(base, Combination) and not base.wild:
            return base
    return None


def _opened(product: Product) -> Iterator[Product]:
    """The summands of a product whose weights are multiplied out."""
    waiting = [product]
    while waiting:
        one = waiting.pop()
        weight = _weight_in(one)
        if weight is None:
            yield one
            continue
        rest = one.without(weight)
        for summand in weight.products:
            waiting += multiply_products(summand, rest).products
