"""Turning: a sum of two exponentials read from its other summand, ``1 + e^u = e^u·(e^−u + 1)``.

Over the reals both are the same; the shifts of the two are ``max(0, u)`` and ``u + max(0, −u)``,
which are the same number, too, but no terms that cancel.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rewriter.terms.algebra import add, as_combination, multiply, negate, scale
from rewriter.terms.factors import bare
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import BoundSum, Combination, Inverse, Product, Term

MOST_TURNED = 3
"""Sums of two exponentials in a product up to which each choice of them is turned."""


def ways_to_turn(product: Product) -> Iterator[tuple[frozenset[Combination], Product]]:
    """Yield (sums, product): a product with some of its sums turned, and these.

    None where no sum over an axis is made of such sums: it is what may be of the other reading.
    """
    found = [base for base, _ in product.factors if _is_sum_of_two(base)]
    if len(found) <= MOST_TURNED and any(_adds_up_sums_of_two(base) for base, _ in product.factors):
        for size in range(len(found), 0, -1):
            for chosen in combinations(found, size):
                yield _turned(product, chosen)


def _is_sum_of_two(base: Term) -> bool:
    inner = bare(base)
    return isinstance(inner, Combination) and inner.wild and len(inner.products) == 2


def _adds_up_sums_of_two(base: Term) -> bool:
    inner = bare(base)
    if not isinstance(inner, BoundSum) or not inner.wild or inner.axis is None:
        return False
    below = [one for one, _ in inner.body.factors]
    return any(_is_sum_of_two(one) or _adds_up_sums_of_two(one) for one in below)


def _turned(product: Product, chosen: tuple[Term, ...]) -> tuple[frozenset[Combination], Product]:
    exponent, factors, sums = product.exponent, [], []
    for base, q in product.factors:
        if base not in chosen:
            factors.append((base, q))
            continue
        power = -q if isinstance(base, Inverse) else q
        whole = as_combination(bare(base))
        level = max((p.exponent for p in whole.products), key=lambda one: len(one.products))
        turned = multiply(whole, sole_exponential(negate(level)))
        exponent = add((exponent, scale(level, power)))
        sums.append(turned)
        factors.append((turned, power))
    return frozenset(sums), Product.make(product.coefficient, tuple(factors), exponent)
