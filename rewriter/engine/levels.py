"""Levels: sums of logarithms whose large parts cancel, ``2·b − log(1 + exp(b − a)) − …``.

Each logarithm of a sum of exponentials is about as large as its largest exponent. Where such sizes
are of both signs, what is left of them is what they were rounded by. Two laws leave them out: the
softplus of the opposite, ``u − log(1 + exp(u)) = −log(1 + exp(−u))``, and a logarithm that takes
in what stands beside it, ``log(Σ exp(u)) + v = log(Σ exp(u + v))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product as choices

from rewriter.graph import operators as o
from rewriter.terms.algebra import (
    add,
    as_combination,
    exponential,
    is_number,
    multiply,
    negate,
    plain,
    scale,
)  # fmt: skip
from rewriter.terms.binding import bound_sum, evaluated, open_body
from rewriter.terms.functions import logarithm, sole_logarithm
from rewriter.terms.index import Axis
from rewriter.terms.instances import maximum_times_constant
from rewriter.terms.logarithms import SummedLogarithm, logarithm_in
from rewriter.terms.pairing import pair
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.sign import is_positive
from rewriter.terms.term import (
    UNIT_PRODUCT,
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Element,
    Product,
)  # fmt: skip

MOST_REFLECTED = 6
"""Softpluses in a sum up to which all choices of them are tried."""

MOST_SHARES = 3
"""Times a softplus stands in a sum up to which some of them may be reflected, and others not."""

MOST_TAKEN_WITHIN = 8
"""Summands under a logarithm up to which each is given a level of its own."""


@dataclass(frozen=True)
class Softplus(SummedLogarithm):
    """``c·log(1 + exp(u))``, or the sum of such over an axis, as it stands among summands.

    Attributes:
        product: itself.
        exponent: u.
    """

    product: Product
    exponent: Combination

    def shares(self) -> list[Rational]:
        """What of it may be reflected: none, one, …, all of it."""
        size = absolute(self.coefficient)
        several = range(1, int(size)) if size.denominator == 1 and size <= MOST_SHARES else ()
        sign = 1 if self.coefficient > 0 else -1
        return [0, *(sign * share for share in several), self.coefficient]


def reflections(term: Combination) -> list[tuple[Softplus, Rational]]:
    """Return the softpluses to reflect, and what of each, that what is beside becomes shorter.

    A share c is then read ``c·u + c·log(1 + exp(−u))``.
    """
    found = [one for product in term.products if (one := _softplus(product)) is not None]
    if len(found) > MOST_REFLECTED:
        return []
    gone = {one.product for one in found}
    beside = Combination.make(tuple(p for p in term.products if p not in gone))
    chosen: Sequence[Rational] = ()
    least = len(beside.products)
    for shares in choices(*(one.shares() for one in found)) if least else ():
        moved = (one.of(one.exponent, s) for one, s in zip(found, shares, strict=True) if s)
        left = len(add((beside, *moved)).products)
        if left < least:
            least, chosen = left, shares
    return [(one, share) for one, share in zip(found, chosen, strict=False) if share]


def _softplus(product: Product) -> Softplus | None:
    """Return what a product is, if it is a multiple of a softplus or of a sum of them."""
    found = logarithm_in(product)
    exponent = None if found is None else _above_one(found.inside)
    if found is None or exponent is None:
        return None
    return Softplus(**vars(found), product=product, exponent=exponent)


def _above_one(inside: Combination) -> Combination | None:
    """Return u of ``1 + exp(u)``."""
    if len(inside.products) != 2 or UNIT_PRODUCT not in inside.products:
        return None
    (other,) = (p for p in inside.products if p is not UNIT_PRODUCT)
    alone = other.coefficient == 1 and not other.factors
    return other.exponent if alone and other.exponent.products else None


def has_levels_of_both_signs(scaled: Combination, elements: bool = False) -> bool:
    """Tell whether what a scaled sum adds, once maxima are paired, is large in both signs.

    Args:
        scaled: maxima, softpluses and what else is added to them.
        elements: whether elements count as well, and sums; what is beside one maximum alone is
            about as large as the result, as in ``log(1 + exp(2·x)) − x``.
    """
    paired = pair(scaled)
    signs = {p.coefficient > 0 for p in paired.rest.products if _is_level(p, elements)}
    signs |= {d.coefficient < 0 for d in paired.differences if not d.value.products}
    return len(signs) > 1


def cancels_in_a_maximum(scaled: Combination) -> bool:
    """Tell whether what stands beside a maximum of maxima is what these are taken of.

    ``x + max_k(−max(0, x − c[k]))`` is as small as c where x is large; the logarithm that has the
    maximum is to be of what is bounded in each summand.
    """
    linear = Combination.make(tuple(p for p in scaled.products if _is_linear(p)))
    for product in scaled.products if linear.products else ():
        found = maximum_times_constant(product)
        if found is None or product.coefficient < 0 or not isinstance(found[1], BoundMaximum):
            continue
        for one in found[1].body.products:
            inner = maximum_times_constant(one) if one.coefficient < 0 else None
            if inner is None or not isinstance(inner[1], Application):
                continue
            share = product.coefficient * one.coefficient
            for argument in inner[1].arguments:
                taken = multiply(scale(argument, share), multiply(found[2], inner[2]))
                left = add((linear, taken))
                if len(left.products) == len(taken.products) - len(linear.products):
                    return True
    return False


def _is_linear(product: Product) -> bool:
    """Tell whether a product is a multiple of elements, and neither a maximum nor a logarithm."""
    return not product.exponent.products and all(isinstance(b, Element) for b, _ in product.factors)


def _is_level(product: Product, elements: bool) -> bool:
    """Tell whether a product is a multiple of a maximum or of a softplus, or of an element."""
    if maximum_times_constant(product) is not None:
        return True
    if len(product.factors) != 1 or product.exponent.products:
        return False
    base, _ = product.factors[0]
    softplus = isinstance(base, Application) and base.operator is o.LOGADDEXP
    return softplus or (elements and isinstance(base, (Element, BoundSum)))


def taken_within(
    term: Combination, level: Callable[[Combination], Combination | None]
) -> Combination | None:
    """Return ``Σ_i exp(l[i] + v)`` of ``log Σ_i exp(l[i]) + v``, each exponent by itself.

    Args:
        term: a sum with a logarithm of several exponentials.
        level: scales an exponent; None where its large parts cancel still.
    """
    for product in term.products:
        inside = sole_logarithm(product) if product.coefficient == 1 else None
        if inside is None or not inside.wild:
            continue
        beside = add((term, negate(as_combination(product))))
        found = _within(inside, beside, level)
        if found is not None:
            return found
    return None


def _within(
    inside: Combination, beside: Combination, level: Callable[[Combination], Combination | None]
) -> Combination | None:
    axis: Axis | None = None
    members = inside.products
    core = plain(inside)
    if type(core) is BoundSum:
        axis = core.axis.fresh()
        members = open_body(core, axis).products
    if (axis is None and len(members) < 2) or len(members) > MOST_TAKEN_WITHIN:
        return None
    exponents = []
    for member in members:
        if not is_positive(as_combination(member)):
            return None
        exponent = level(add((logarithm(as_combination(member)), beside)))
        if exponent is None:
            return None
        alone = exponent if is_number(exponent) else evaluated(None, exponent)
        exponents.append(exponential(alone))
    return add(exponents) if axis is None else bound_sum(axis, add(exponents))
