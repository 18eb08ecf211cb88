"""Cases: sums whose summands hold at different places, ``Σ_k [c_k]·a_k`` with one c_k everywhere.

What is applied to such a sum is applied to each: ``f(Σ_k [c_k]·a_k) = Σ_k [c_k]·f(a_k)``. A choice
has two, ``[c]·a + [not c]·b``; a tensor joined of parts has one for each part, and a difference of
two slices of it one for each stretch on which both are of one part.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from rewriter.terms.algebra import add, as_combination, exponential, multiply, negate, plain
from rewriter.terms.index import Fixed, IndexExpression
from rewriter.terms.indicators import ends, opposite_of, places_of, within
from rewriter.terms.interning import remembered
from rewriter.terms.sign import is_positive
from rewriter.terms.term import ZERO, Application, Combination, Product, Term, Truth

MOST_CASES = 16
"""Cases that a sum is taken apart into."""

Case = tuple[Combination, Combination]
"""(indicator, what the sum is where it holds)"""

Stretch = tuple[int, int]
"""The places from the first up to, and without, the second."""


def cases_in(term: Combination) -> list[Case] | None:
    """Return the cases of a sum, exactly one of which holds anywhere; None where it has none."""
    return _of_a_choice(term) or stretches_in(term)


def cases_of_difference(term: Combination) -> list[Case] | None:
    """Return the cases of a sum; of a difference, beside what is there either way.

    ``1 − [c]·p − [not c]/5`` is ``1 − p`` or ``4/5``. What adds up need not be told apart.
    """
    differs = len({p.coefficient > 0 for p in term.products}) > 1
    return _of_a_choice(term, beside=differs) or stretches_in(term)


def combined_in_cases(term: Combination) -> Combination | None:
    """Take what is beside a choice into both cases, where it is combined with what they are.

    ``1 − [c]·p − [not c]·q = [c]·(1 − p) + [not c]·(1 − q)``, of complements that are one fraction.
    """
    if len({p.coefficient > 0 for p in term.products}) < 2 or not term.wild:
        return None
    cases = _of_a_choice(term, beside=True)
    if cases is None or sum(len(inside.products) for _, inside in cases) >= len(term.products):
        return None
    return add(multiply(c, inside) for c, inside in cases)


def at_once(term: Combination) -> list[Combination]:
    """Return the sums of which a sum is one at each place: its cases, or itself."""
    if len(term.products) < 2:
        return [term]
    stretches = _of_any_places(term)
    if stretches is not None:
        return [one for _, inside in stretches if inside.products for one in at_once(inside)]
    choice = _of_a_choice(term)
    return [term] if choice is None else [inside for _, inside in choice]


def place_by_place(
    function: Callable[[Combination], Combination], term: Combination
) -> Combination:
    """Return a function of a sum, taken of what the sum is on each stretch of its indices."""
    stretches = _of_any_places(term) if len(term.products) > 1 else None
    if stretches is None:
        return function(term)
    return add(
        multiply(holds, place_by_place(function, inside))
        for holds, inside in stretches
        if inside.products
    )


def joined_choices(left: Combination, right: Combination) -> Combination | None:
    """``([c]·a + [not c]·b)·([d]·a' + [not d]·b')`` as one exponential, not as four products.

    A choice of what is positive is ``exp([c]·log a + [not c]·log b)``: exponents add up, where
    products of n choices would be 2^n. A sum of such exponentials, and what differs from place to
    place, takes a choice in summand by summand.
    """
    first, second = _as_factor(left, right), _as_factor(right, left)
    if first is not None and second is not None:
        return None if first is left and second is right else multiply(first, second)
    for one, other in ((left, right), (right, left)):
        if len(other.products) > 1 and _may_be_joined(one):
            found = _joined_to_each(one, other) or _joined_at_places(one, other)
            if found is not None:
                return found
    return None


def _may_be_joined(term: Combination) -> bool:
    """Tell whether a term is a choice of what is positive, or holds such as an exponential."""
    from rewriter.terms.assuming import indicators_in

    if len(term.products) == 1:
        exponent = term.products[0].exponent
        return any(isinstance(mask, Truth) for mask in indicators_in(exponent))
    choice = _of_a_choice(term) if len(term.products) == 2 else None
    return choice is not None and _is_of_positives(choice)


def _joined_to_each(choice: Combination, total: Combination) -> Combination | None:
    """A choice joined to each summand, where every one is such an exponential already."""
    if len(choice.products) != 2:
        return None
    summands = [as_combination(product) for product in total.products]
    factor = _as_factor(choice, summands[0])
    if factor is None or factor is choice:
        return None
    if any(_as_factor(choice, one) is not factor for one in summands[1:]):
        return None
    return add(multiply(factor, one) for one in summands)


def _joined_at_places(one: Combination, total: Combination) -> Combination | None:
    """A choice, or an exponential that holds some, joined to what a sum is on each stretch."""
    cases = [(c, inside) for c, inside in _of_places(total) or () if inside.products]
    joined = [joined_choices(one, inside) for _, inside in cases]
    if all(found is None for found in joined):
        return None
    return add(
        multiply(c, found or multiply(one, inside))
        for (c, inside), found in zip(cases, joined, strict=True)
    )


def _as_factor(one: Combination, other: Combination) -> Combination | None:
    """Return a choice as an exponential beside another, an exponential as it is, else None."""
    choice = _of_a_choice(one) if len(one.products) == 2 else None
    if choice is not None and _chooses_otherwise(other, choice):
        return _as_exponential(choice)
    return one if len(one.products) == 1 and one.products[0].exponent.products else None


def _chooses_otherwise(term: Combination, choice: list[Case]) -> bool:
    """Tell whether a term is a choice by another condition, or such choices as an exponential."""
    from rewriter.terms.assuming import indicators_in

    if len(term.products) > 1:
        other = _of_a_choice(term)
        return other is not None and not {c for c, _ in other} & {c for c, _ in choice}
    masks = indicators_in(term.products[0].exponent)
    own = {plain(c) for c, _ in choice}
    return any(isinstance(mask, Truth) and mask not in own for mask in masks)


def _as_exponential(choice: list[Case]) -> Combination | None:
    """``exp([c]·log a + [not c]·log b)``; what both logarithms have is free of the condition."""
    from rewriter.terms.functions import logarithm

    if not _is_of_positives(choice):
        return None
    logarithms = [logarithm(one) for _, one in choice]
    common = [p for p in logarithms[0].products if p in logarithms[1].products]
    shared = add(map(as_combination, common))
    parts = [
        multiply(c, add([one, negate(shared)]))
        for (c, _), one in zip(choice, logarithms, strict=True)
    ]
    return exponential(add([shared, *parts]))


def _is_of_positives(choice: list[Case]) -> bool:
    return all(len(one.products) == 1 and is_positive(one) for _, one in choice)


def _of_a_choice(term: Combination, beside: bool = False) -> list[Case] | None:
    """``[c]·a + [not c]·b`` as (indicator, summands under it) of both, else None.

    Args:
        term: a sum.
        beside: whether summands may stand beside the choice.
    """
    for base in _masks(term if beside else as_combination(term.products[0])):
        opposite = opposite_of(base)
        if opposite is None:
            continue
        pair = (base, opposite)
        under = [[p.without(one) for p in term.products if p.has(one)] for one in pair]
        left = [p for p in term.products if not any(p.has(one) for one in pair)]
        if all(under) and left and not beside:
            left = _told_apart(left, pair, under)
        if all(under) and (beside or not left):
            return [
                (as_combination(c), add(map(as_combination, [*ps, *left])))
                for c, ps in zip(pair, under, strict=True)
            ]
    return None


def _told_apart(
    left: list[Product], pair: tuple[Term, Term], under: list[list[Product]]
) -> list[Product]:
    """Put summands that are 0 under one of two conditions under the other; return what is left."""
    rest = []
    for product in left:
        alone = as_combination(product)
        gone = [multiply(as_combination(one), alone) is ZERO for one in pair]
        if not any(gone):
            rest.append(product)
        elif not all(gone):
            under[gone.index(False)].append(product)
    return rest


def _masks(term: Combination) -> dict[Term, None]:
    """The factors of a sum's summands, each once."""
    return dict.fromkeys(base for product in term.products for base, _ in product.factors)


def stretches_in(term: Combination) -> list[Case] | None:
    """Return the cases of a sum that the places of one index tell apart; None where it has none."""
    cases = _of_places(term)
    return None if cases is None or not all(inside.products for _, inside in cases) else cases


def choice_in(term: Combination) -> list[Case] | None:
    """Return both cases of a choice by one condition; None of any other sum."""
    return _of_a_choice(term)


def compared_in(term: Combination) -> list[Case] | None:
    """Return the cases of a sum that a comparison of terms tells apart; None where it has none."""
    masks = (base for base, _ in term.products[0].factors if isinstance(base, Truth))
    if not any(isinstance(mask.element, Application) for mask in masks):
        return None
    return _of_a_choice(term)


@remembered
def _of_any_places(term: Combination) -> list[Case] | None:
    """What a sum is on each stretch of an index that any of its summands tells apart."""
    placed = (p for p in term.products if any(places_of(base) for base, _ in p.factors))
    leading = next(placed, None)
    return None if leading is None else _of_places(term, leading)


def _of_places(term: Combination, leading: Product | None = None) -> list[Case] | None:
    """What a sum is on each stretch of an index on which the same summands count.

    Args:
        term: a sum.
        leading: the summand that tells which index; the first one if none is given.
    """
    for base, _ in (leading or term.products[0]).factors:
        found = places_of(base)
        first, last = (None, None) if found is None else ends(found[0])
        if found is None or first is None or last is None:
            continue
        index = found[0]
        kept = [_restricted(product, index, (first, last + 1)) for product in term.products]
        cuts = sorted({end for stretch, _ in kept for end in stretch} | {first, last + 1})
        if 2 < len(cuts) <= MOST_CASES + 1:
            return [_case(index, stretch, kept) for stretch in pairwise(cuts)]
    return None


def _restricted(
    product: Product, index: IndexExpression, whole: Stretch
) -> tuple[Stretch, Product]:
    """Return where on an index a product may differ from 0, and the product there."""
    low, high = whole
    factors = []
    for factor in product.factors:
        found = places_of(factor[0])
        if found is None or found[0] != index:
            factors.append(factor)
        else:
            low, high = max(low, found[1]), min(high, found[2])
    return (low, max(low, high)), Product.make(
        product.coefficient, tuple(factors), product.exponent
    )


def _case(index: IndexExpression, stretch: Stretch, kept: list[tuple[Stretch, Product]]) -> Case:
    from rewriter.terms.binding import replace
    from rewriter.terms.fractions import over_common_denominator

    low, high = stretch
    inside = add(as_combination(p) for (start, end), p in kept if start <= low and high <= end)
    if high == low + 1:
        inside = replace(inside, {index: Fixed(low)})
    return within(index, low, high), over_common_denominator(inside) or inside
