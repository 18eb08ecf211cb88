"""Sums under a mask beside sums without: ``Σ_j f[j] − Σ_j [m]·f[j] = Σ_j [not m]·f[j]``.

So the complement of a running sum of shares is the sum of those that are left, and that of shares
chosen by a condition, of those that are not chosen: nothing is subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from rewriter.terms.algebra import add, as_combination, multiply, negate, plain, scale
from rewriter.terms.binding import axis_to_open, bound_sum, open_body
from rewriter.terms.index import Axis
from rewriter.terms.indicators import opposite, places_of
from rewriter.terms.interning import remembered
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.slices import groups_of_sums, sum_over
from rewriter.terms.term import AtMost, BoundSum, Combination, Delta, Product, Term, Truth, Within

MOST_SUMMANDS = 8
"""Summands up to which a sum is searched for what a mask takes from another."""


def combine_masks(total: Combination) -> Combination:
    """Return a sum in which nothing under a mask is subtracted from what it is a part of."""
    for beside, found in groups_of_sums(total):
        for (product, whole), (other, part) in permutations(found, 2):
            if not _outweighs(product.coefficient, other.coefficient):
                continue
            left = _left(whole, part)
            if left is not None:
                kept = tuple(p for p in total.products if p not in (product, other))
                there = scale(as_combination(part), product.coefficient + other.coefficient)
                apart = add((there, scale(left, product.coefficient)))
                return add((Combination.make(kept), multiply(as_combination(beside), apart)))
    return total


def parts_divided(product: Product, whole: BoundSum) -> Iterator[tuple[Product, Combination]]:
    """Yield a product without a part of the sum that divides it, and what that part leaves.

    Of ``c·R·Σ_j [m]·f[j]/Σ_j f[j]``: ``c·R/Σ_j f[j]``, and ``Σ_j [not m]·f[j]``.
    """
    for base, q in product.factors:
        left = _left(whole, base) if q == 1 and type(base) is BoundSum else None
        if left is not None:
            yield product.without(base), left


def without_what_a_mask_takes(total: Combination) -> Combination:
    """Return a sum with ``c·f − c·[m]·f`` as ``c·[not m]·f``, of values as of whole sums.

    Of values that are no exponentials: those of such are taken out of sums where these are scaled.
    """
    if not 1 < len(total.products) <= MOST_SUMMANDS:
        return total
    for part, other in permutations(total.products, 2):
        for mask in () if other.wild else _masks_of(part):
            whole = as_combination(other)
            if multiply(as_combination(mask), negate(whole)) is as_combination(part):
                rest = (as_combination(p) for p in total.products if p not in (part, other))
                left = multiply(opposite(mask), whole)
                return without_what_a_mask_takes(add((*rest, left)))
    return total


def _masks_of(product: Product) -> Iterator[Delta | Truth]:
    return (base for base, q in product.factors if q == 1 and isinstance(base, (Delta, Truth)))


def _outweighs(whole: Rational, part: Rational) -> bool:
    return (whole > 0) is not (part > 0) and absolute(whole) >= absolute(part)


def _is_masked(total: BoundSum) -> bool:
    return any(isinstance(base, (Truth, AtMost, Within)) for base, _ in total.body.factors)


@remembered
def _left(whole: BoundSum, part: BoundSum) -> Combination | None:
    """What is left of a sum without the part of it that is under a mask; None where it is none."""
    if whole.axis.extent != part.axis.extent or not _is_masked(part):
        return None
    axis = axis_to_open(whole, part)
    one, other = (plain(open_body(total, axis)) for total in (whole, part))
    if not isinstance(one, Product) or not isinstance(other, Product):
        return None
    masks = [
        base for base, q in other.factors if q == 1 and isinstance(base, (Truth, AtMost, Within))
    ]
    for mask in masks:
        if other.without(mask) is one:
            body = as_combination(one)
            return _slices_beside(mask, axis, body) or bound_sum(
                axis, multiply(body, opposite(mask))
            )
    return None


def _slices_beside(mask: Term, axis: Axis, body: Combination) -> Combination | None:
    """A sum over the places of its axis that are not in a stretch, as slices have them."""
    found = places_of(mask)
    if found is None or found[0] is not axis or not isinstance(axis.extent, int):
        return None
    _, low, high = found
    stretches = [(0, low), (high, axis.extent)]
    return add(sum_over(axis, body, *one) for one in stretches if one[0] < one[1])
