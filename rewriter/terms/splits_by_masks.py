"""Summands split by a mask and its opposite, ``R = [m]·R + [not m]·R``: one half completes another.

The half under the mask is joined with a summand that has that mask; what is left has the opposite.
"""

from __future__ import annotations

from rewriter.terms.algebra import add, as_combination, collect, multiply
from rewriter.terms.exclusion import combine_exclusions
from rewriter.terms.fractions import over_common_denominator
from rewriter.terms.indicators import opposite
from rewriter.terms.term import AtMost, Combination, Delta, Product, Truth, Within

MOST_SPLIT = 6
"""Summands of a sum up to which it is split at another delta, where one changes nothing."""


def split_at_mask(total: Combination) -> Combination | None:
    """Split a summand by ``1 = [m] + [not m]`` where a summand with that mask completes it.

    ``(δ(i, t) − e[t]/Σ_j e[j])·e[i]/Σ_j [j ≠ i]·e[j]``, a row of a Jacobian, is
    ``δ(i, t)·e[i]/Σ_j e[j]`` less what differs from i: nothing in it overflows. So it is with
    ``(Σ_j [m]·e[j]/Σ_j e[j] − [m])·e[i]/Σ_j [not m]·e[j]``, of what a condition leaves.
    """
    for product in total.products:
        for base, _ in product.factors:
            if isinstance(base, (Delta, Truth, AtMost, Within)):
                changed = _split_at(total, product, base)
                if changed is not None:
                    return changed
    return None


def _split_at(
    total: Combination, product: Product, chosen: Delta | Truth | AtMost | Within
) -> Combination | None:
    for other in total.products:
        if other is product or any(base is chosen for base, _ in other.factors):
            continue
        alone = Combination.make((other,))
        at_place = multiply(as_combination(chosen), alone)
        joint = _joined(product, at_place, isinstance(chosen, Delta))
        if len(joint.products) <= 1:
            kept = Combination.make(tuple(p for p in total.products if p not in (product, other)))
            elsewhere = (multiply(as_combination(p), alone) for p in opposite(chosen).products)
            changed = add((kept, joint, *elsewhere))
            if changed is not total or len(total.products) > MOST_SPLIT:
                return changed
    return None


def _joined(product: Product, at_place: Combination, is_place: bool) -> Combination:
    if is_place:
        return combine_exclusions(collect([product, *at_place.products]))
    joint = add((as_combination(product), at_place))
    return over_common_denominator(joint) or joint
