"""Real numbers as sums of balls of very different size, each with its mark.

``1 + exp(-1e18)`` is two balls, not one: what a single ball would swallow stays beside it, so that
subtracting 1 gives ``exp(-1e18)`` back at any precision. A sum whose mark is 0 is the number 0.

The balls are python-flint's ``arb``, at the working precision ``flint.ctx.prec``. A ball is kept
beside a larger one only where it is smaller by more bits than that; else they are added.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from operator import attrgetter

import flint
from flint import arb, fmpz_mod

from rewriter.lowering.exact_backend.mark import Image, dyadic


def gap() -> int:
    """Return by how many bits a ball must be smaller than another to stay beside it."""
    return flint.ctx.prec


LONGEST_SUM = 64
LONGEST_FACTOR = 12


def capacity() -> int:
    """Return how many balls a sum keeps apart; smaller ones are added to the last."""
    return max(4, min(LONGEST_SUM, flint.ctx.prec // 32))


def factor_capacity() -> int:
    """Return how many balls of a factor, and terms of a series, are kept apart."""
    return min(LONGEST_FACTOR, capacity())


class Term:
    """One ball of a number, not exactly zero.

    Attributes:
        ball: contains the term.
        mark: its mark.
        twin: its twin.
        logarithm: for a power of e, its logarithm as a tuple of one number, empty for 0; else None.
            Such a term is positive, whatever its ball.
        scale: the term is smaller than ``2**scale`` in magnitude.
    """

    __slots__ = ("ball", "known_scale", "logarithm", "mark", "twin")

    def __init__(
        self,
        ball: arb,
        mark: fmpz_mod,
        twin: fmpz_mod,
        logarithm: tuple[Real, ...] | None = None,
    ) -> None:
        self.ball = ball
        self.mark = mark
        self.twin = twin
        self.logarithm = logarithm
        self.known_scale: int | None = None

    @property
    def scale(self) -> int:
        """An exponent e with ``|term| < 2**e``, the least for exact terms."""
        if self.known_scale is None:
            mantissa, exponent = self.ball.abs_upper().man_exp()
            self.known_scale = int(exponent) + mantissa.bit_length()
        return self.known_scale

    def times(self, other: Term) -> Term:
        """Return the product."""
        logarithm = _summed(self.logarithm, other.logarithm)
        return Term(
            self.ball * other.ball, self.mark * other.mark, self.twin * other.twin, logarithm
        )

    def reciprocal(self) -> Term:
        """Return 1 / term; the ball must not contain 0."""
        known = self.logarithm
        logarithm = None if known is None else tuple(one.negative() for one in known)
        return Term(1 / self.ball, 1 / self.mark, 1 / self.twin, logarithm)

    def negative(self) -> Term:
        """Return -term."""
        return Term(-self.ball, -self.mark, -self.twin)


_by_scale = attrgetter("scale")


class Real:
    """A number that is not zero: the sum of its terms, the largest first.

    Attributes:
        terms: balls that each are smaller than the one before by more bits than the precision.
        mark: its mark, the sum of theirs.
        twin: its twin.
    """

    __slots__ = ("mark", "terms", "twin")

    def __init__(self, terms: tuple[Term, ...], mark: fmpz_mod, twin: fmpz_mod) -> None:
        self.terms = terms
        self.mark = mark
        self.twin = twin

    def enclosure(self) -> arb:
        """Return one ball that contains the number."""
        terms = self.terms
        ball = terms[-1].ball
        for term in terms[-2::-1]:
            ball = term.ball + ball
        return ball

    def sign(self) -> int:
        """Return 1 or -1, or 0 where the balls do not tell."""
        first = self.terms[0]
        if len(self.terms) == 1 and first.logarithm is not None:
            return 1
        ball = first.ball if len(self.terms) == 1 else self.enclosure()
        return 1 if ball > 0 else -1 if ball < 0 else 0

    def single(self) -> Term:
        """Return the number as one term."""
        if len(self.terms) == 1:
            return self.terms[0]
        return Term(self.enclosure(), self.mark, self.twin)

    def negative(self) -> Real:
        """Return -x."""
        return Real(tuple(term.negative() for term in self.terms), -self.mark, -self.twin)


def of_term(term: Term) -> Real:
    """Return a number that is one term."""
    return Real((term,), term.mark, term.twin)


def of_ball(ball: arb, image: Image) -> Real:
    """Return a number that is one ball with the given image."""
    return Real((Term(ball, *image),), *image)


def of_integer(mantissa: int, exponent: int = 0) -> Real:
    """Return ``mantissa · 2**exponent``, exactly; the mantissa is not 0."""
    image = dyadic(mantissa, exponent)
    return of_ball(arb((mantissa, exponent)), image)


ONE = Real((Term(arb(1), *dyadic(1), ()),), *dyadic(1))


def _summed(
    one: tuple[Real, ...] | None, other: tuple[Real, ...] | None
) -> tuple[Real, ...] | None:
    """Return the sum of two numbers that may be 0 (an empty tuple) or not known (None)."""
    if one is None or other is None:
        return None
    if not one or not other:
        return one or other
    result = add(one[0], other[0])
    return () if result is None else (result,)


def _merged(first: Term, second: Term) -> Term | None:
    mark = first.mark + second.mark
    if not mark:
        return None
    return Term(first.ball + second.ball, mark, first.twin + second.twin)


def arranged(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return terms of the same sum: added where they are near, apart and in order else."""
    pending = sorted(terms, key=_by_scale)
    kept: list[Term] = []
    while pending:
        largest = _with_near_ones(pending.pop(), pending)
        if largest is not None:
            kept.append(largest)
    return _shortened(kept, capacity())


def _with_near_ones(largest: Term, pending: list[Term]) -> Term | None:
    """Add to a term the next ones while they are near; None where it is no longer the largest."""
    apart = gap()
    while pending and largest.scale - pending[-1].scale <= apart:
        merged = _merged(largest, pending.pop())
        if merged is None:
            return None
        largest = merged
        if pending and largest.scale < pending[-1].scale:
            insort(pending, largest, key=_by_scale)
            return None
    return largest


def _shortened(terms: list[Term], limit: int) -> tuple[Term, ...]:
    while len(terms) > limit:
        last = terms.pop()
        merged = _merged(terms.pop(), last)
        if merged is not None:
            terms.append(merged)
    return tuple(terms)


def add(x: Real, y: Real) -> Real | None:
    """Return x + y, None where it is 0."""
    mark = x.mark + y.mark
    if not mark:
        return None
    twin = x.twin + y.twin
    if len(x.terms) == 1 and len(y.terms) == 1:
        first, second = x.terms[0], y.terms[0]
        if abs(first.scale - second.scale) <= gap():
            return Real((Term(first.ball + second.ball, mark, twin),), mark, twin)
    return Real(arranged((*x.terms, *y.terms)), mark, twin)


def subtract(x: Real, y: Real) -> Real | None:
    """Return x - y, None where it is 0."""
    return add(x, y.negative())


def multiply(x: Real, y: Real) -> Real:
    """Return x · y."""
    if len(x.terms) == 1 and len(y.terms) == 1:
        return of_term(x.terms[0].times(y.terms[0]))
    limit = factor_capacity()
    left, right = (_shortened(list(factor.terms), limit) for factor in (x, y))
    products = [a.times(b) for a in left for b in right]
    return Real(arranged(products), x.mark * y.mark, x.twin * y.twin)


def power_series(
    head: Term, coefficients: Sequence[tuple[int, int]], small: Real, image: Image
) -> Real:
    """Return ``head · Σ_k c_k small**k``, a series of which the first terms are given.

    Args:
        head: a factor.
        coefficients: c_0, c_1, …, as fractions, at most 1 in magnitude and so in all that follow.
        small: at most 1/4 in magnitude.
        image: image of the whole product.
    """
    terms: list[Term] = []
    power, bound = ONE, arb(1)
    ratio = small.enclosure().abs_upper()
    for numerator, denominator in coefficients:
        if numerator:
            factor = _fraction(numerator, denominator).times(head)
            terms.extend(factor.times(term) for term in power.terms)
        power = multiply(power, small)
        bound = (bound * ratio).abs_upper()
    mark, twin = image
    for term in terms:
        mark, twin = mark - term.mark, twin - term.twin
    if mark:
        radius = (2 * bound * head.ball).abs_upper()
        terms.append(Term(arb(0, radius), mark, twin))
    return Real(arranged(terms), *image)


def _fraction(numerator: int, denominator: int) -> Term:
    top, bottom = dyadic(numerator), dyadic(denominator)
    ball = arb(numerator) / denominator
    return Term(ball, top.mark / bottom.mark, top.twin / bottom.twin)


def relative_rest(x: Real) -> Real | None:
    """Return ``(x - x_0) / x_0`` for the first term x_0, None where it may be above 1/4."""
    first = x.terms[0]
    if first.ball.contains(0) or not first.mark or not first.twin:
        return None
    rest = Real(x.terms[1:], x.mark - first.mark, x.twin - first.twin)
    small = multiply(rest, of_term(first.reciprocal()))
    return small if small.enclosure().abs_upper() < 0.25 else None


def reciprocal(x: Real) -> Real | None:
    """Return 1 / x, None where the balls do not show that x is not 0."""
    first = x.terms[0]
    if first.ball.contains(0) or not first.mark or not first.twin:
        return None
    if len(x.terms) == 1:
        return of_term(first.reciprocal())
    small = relative_rest(x)
    if small is None:
        return None
    signs = [((-1) ** k, 1) for k in range(factor_capacity())]
    return power_series(first.reciprocal(), signs, small, Image(1 / x.mark, 1 / x.twin))
