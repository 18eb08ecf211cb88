"""Running sums: of two that end near one another, what lies between is left.

``Σ_j [j ≤ i]·f[j] − Σ_j [j ≤ i−1]·f[j] = f[i]``: neighbours in a running product have a quotient.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.binding import replace
from rewriter.terms.index import Axis, IndexExpression, affine, axes_in
from rewriter.terms.indicators import moved_by, within
from rewriter.terms.rational import Rational
from rewriter.terms.simple import scale
from rewriter.terms.term import ZERO, AtMost, BoundSum, Combination, Product

MOST_STEPS = 4
"""Terms between the ends of two running sums up to which their difference is written out."""


@dataclass(frozen=True)
class RunningSum:
    """``c·Σ_j [j ≤ end]·f[j]``, or with ``[end ≤ j]``.

    Attributes:
        product: itself.
        axis: j.
        body: f.
        end: where it ends.
        rises: it runs from the first place up to that one.
    """

    product: Product
    axis: Axis
    body: Product
    end: IndexExpression
    rises: bool

    @property
    def coefficient(self) -> Rational:
        """Its factor c."""
        return self.product.coefficient

    def beyond(self, other: RunningSum) -> int:
        """How many more terms it has than another of the same; 0 where that is not known."""
        alike = (self.axis, self.body, self.rises) == (other.axis, other.body, other.rises)
        steps = moved_by(self.end, other.end) if alike else 0
        return steps if self.rises else -steps

    def last(self, count: int) -> Combination:
        """The sum of its last terms."""
        sign = -1 if self.rises else 1
        places = [affine(self.end, 1, sign * step) for step in range(count)]
        whole = as_combination(self.body)
        return add(
            multiply(within(place, 0, self.axis.extent), replace(whole, {self.axis: place}))
            for place in places
        )


def with_steps_taken(exponent: Combination) -> tuple[Combination, Combination]:
    """Return (rest, terms), in all an exponent: of two running sums what one has more is a term."""
    sums = [one for p in exponent.products if (one := _running(p)) is not None]
    for longer, shorter in permutations(sums, 2):
        steps = longer.beyond(shorter) if longer.coefficient * shorter.coefficient < 0 else 0
        if 0 < steps <= MOST_STEPS:
            of_shorter = scale(as_combination(shorter.product.monomial), longer.coefficient)
            away = scale(as_combination(longer.product), -1)
            rest, terms = with_steps_taken(add((exponent, away, of_shorter)))
            return rest, add((terms, scale(longer.last(steps), longer.coefficient)))
    return exponent, ZERO


def _running(product: Product) -> RunningSum | None:
    """Return a product that is a multiple of a running sum as one, else None."""
    if len(product.factors) != 1 or product.exponent.products:
        return None
    base, q = product.factors[0]
    if q != 1 or type(base) is not BoundSum:
        return None
    for mask, _ in base.body.factors:
        if isinstance(mask, AtMost):
            left, right = mask.parts
            body = base.body.without(mask)
            if left is base.axis and base.axis not in axes_in(right):
                return RunningSum(product, base.axis, body, right, True)
            if right is base.axis and base.axis not in axes_in(left):
                return RunningSum(product, base.axis, body, left, False)
    return None
