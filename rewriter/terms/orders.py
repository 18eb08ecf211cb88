"""Orders of sums within sums: ``Σ_j a[j]·Σ_k b[j, k] = Σ_k Σ_j a[j]·b[j, k]``.

A program sums in one order, its derivative in another: ``Σ_j p[j]·(Σ_k T[j, k]·e[k])`` beside the
divisor ``Σ_k e[k]·(Σ_j p[j]·T[j, k])``. Each order stays as it is, for what it costs; a factor is
read in that of a divisor that it cancels.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeGuard

from rewriter.terms.algebra import multiply
from rewriter.terms.binding import bound_sum, open_body
from rewriter.terms.factors import merge
from rewriter.terms.interning import remembered
from rewriter.terms.rational import Rational
from rewriter.terms.simple import as_combination, plain
from rewriter.terms.term import BoundSum, Term

MOST_ORDERS = 8
"""Orders of one sum that are looked at."""


def in_order_of_divisors(factors: dict[Term, Rational]) -> dict[Term, Rational]:
    """Return the factors of a product, sums that are divisors in another order cancelled."""
    divisors = [base for base, q in factors.items() if q < 0 and _is_nested(base)]
    if not divisors:
        return factors
    found = factors
    for base, q in factors.items():
        if q > 0 and q.denominator == 1 and _is_nested(base):
            same = next((d for d in divisors if d.free == base.free and d in orders(base)), None)
            if same is not None:
                found = {other: p for other, p in found.items() if other is not base}
                merge(found, same, q)
    return found


def _is_nested(base: Term) -> TypeGuard[BoundSum]:
    return type(base) is BoundSum and any(type(inner) is BoundSum for inner, _ in base.body.factors)


@remembered
def orders(total: BoundSum) -> tuple[BoundSum, ...]:
    """Return a sum with others of the sums in it outermost."""
    found = [total]
    for one in found:  # grows meanwhile
        turned = (other for other in _turned_inside_out(one) if other not in found)
        found += islice(turned, MOST_ORDERS - len(found))
    return tuple(found[1:])


def _turned_inside_out(total: BoundSum) -> Iterator[BoundSum]:
    outer = total.axis.fresh()
    body = open_body(total, outer)
    factors = body.products[0].factors if len(body.products) == 1 else ()
    for base, q in factors:
        if type(base) is not BoundSum or q != 1 or outer not in base.free:
            continue
        inner = base.axis.fresh()
        rest = as_combination(body.products[0].without(base))
        whole = multiply(rest, open_body(base, inner))
        turned = bound_sum(inner, bound_sum(outer, whole))
        sole = plain(turned)
        if type(sole) is BoundSum:
            yield sole
