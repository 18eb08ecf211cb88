"""Supports: where a summand counts, and what in a product says that it does."""

from __future__ import annotations

from rewriter.terms.binding import open_body
from rewriter.terms.index import Axis
from rewriter.terms.indicators import implies
from rewriter.terms.maxima import relevant_support
from rewriter.terms.simple import as_combination
from rewriter.terms.term import BoundSum, Evaluated, Product, Term


def standing_for(weight: Term, product: Product) -> tuple[Term, ...]:
    """Return the factors of a product that are 0 where a weight is, as it is itself; or none.

    ``Σ_k a[i, k]·…`` is of something where a[i, j], its weight at a place, is not 0; and where it
    is of nothing, so is a sum of no more than the same, ``Σ_k a[i, k]·b[k]·…``.
    """
    present = {base for base, _ in product.factors}
    same = next((base for base, _ in product.factors if implies(base, weight)), None)
    if same is not None:
        return (same,)
    if not isinstance(weight, (BoundSum, Evaluated)) or weight.axis is None:
        return ()
    for free in sorted(product.free - weight.free, key=lambda axis: axis.number):
        counting = _weights_at(weight, free) if free.extent == weight.axis.extent else ()
        found = next((one for one in counting if one and one <= present), None)
        if found is not None:
            return tuple(base for base, _ in product.factors if base in found)
    sums = (base for base, _ in product.factors if isinstance(base, (BoundSum, Evaluated)))
    return next(((one,) for one in sums if _is_of_no_more(one, weight)), ())


def _is_of_no_more(one: BoundSum | Evaluated, other: BoundSum | Evaluated) -> bool:
    """Tell whether a sum is of nothing where another is."""
    if one.axis is None or one.axis.extent != other.axis.extent:
        return False
    fresh = one.axis.fresh()
    counting = [weights for weights in _weights_at(other, fresh) if weights]
    own = _weights_at(one, fresh)
    return bool(own) and all(any(few <= many for few in counting) for many in own)


def _weights_at(total: BoundSum | Evaluated, place: Axis) -> list[frozenset[Term]]:
    """Of each summand at a place, the weights that may be 0."""
    summands = map(as_combination, open_body(total, place).products)
    supports = (relevant_support(one, place) for one in summands)
    return [frozenset(b for p in one.products for b, _ in p.factors) for one in supports]
