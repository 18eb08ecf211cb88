"""Scales: sums of powers as (mantissa, scale), and products in which the scales meet again.

``Σ_j x[j]²`` is ``m²·s``, ``m`` a power of two next to the largest ``|x[j]|`` and
``s = Σ_j (x[j]/m)²``, which neither overflows nor vanishes. So every root, quotient and product
made of such sums is a mantissa times powers of scales: products add the powers, roots divide them,
a numerator that the scale bounds takes one in, ``x[i]·m^-1 = (x[i]/m)``, and what is left over is
multiplied last. ``x[i]/√(Σ_j x[j]²)`` is ``(x[i]/m)/√s``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rewriter.graph import operators as o
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination, multiply
from rewriter.terms.binding import CaseAxis
from rewriter.terms.factors import bare_power
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.ratios import Degrees, grouped, lowered, power_of, taking_in
from rewriter.terms.sign import is_nonnegative
from rewriter.terms.term import (
    ONE,
    UNIT,
    ZERO,
    Application,
    BoundSum,
    Cases,
    Combination,
    Evaluated,
    Inverse,
    Product,
    Term,
)  # fmt: skip
from rewriter.terms.traversal import parts_of

Factors = list[tuple[Term, Rational]]
ZERO_POWER: Rational = 0

MOST_CASES = 8
"""Summands of a finite sum that is scaled."""


@dataclass(frozen=True)
class Scale:
    """A sum of powers as ``magnitude^power · rest``.

    Attributes:
        magnitude: a power of two next to the largest of what is raised.
        power: what it is raised to.
        rest: the sum with the magnitude taken out.
        matches: the matches of the law.
    """

    magnitude: Term
    power: Rational
    rest: Term
    matches: tuple[Any, ...]


@dataclass(frozen=True)
class Scaled:
    """A product (or a sum of such) in which every sum of powers is scaled.

    Attributes:
        mantissa: what is left of it without scales.
        degrees: the powers of scales that it is to be multiplied by.
        before: the powers that there were before numerators took them in.
        matches: the matches of the law.
        may_cancel: summands of both signs were brought to one scale, ``x + √(x² + 1)``.
    """

    mantissa: Combination
    degrees: Degrees
    before: Degrees
    matches: tuple[Any, ...]
    may_cancel: bool = False

    @property
    def term(self) -> Combination:
        """The mantissa times the scales."""
        return _with_scales(self.mantissa, self.degrees)


def size(degrees: Degrees) -> Rational:
    """How large or how small a product of scales may be, as a power of one of them."""
    above = sum((q for q in degrees.values() if q > 0), start=ZERO_POWER)
    below = sum((-q for q in degrees.values() if q < 0), start=ZERO_POWER)
    return max(above, below)


class Scales:
    """Scales of sums of powers, each found once.

    Args:
        law: the law of scale for a power, for |x| or for x, for so many indices; or None.
    """

    def __init__(self, law: Callable[[Rational, bool, int], Any]) -> None:
        self.law = law
        self._known: dict[Term, Scale | None] = {}

    # Sums ----------------------------------------------------------------------------------------

    def of(self, base: Term) -> Scale | None:
        """Return a sum of powers as a scaled one, None where it is none."""
        if base not in self._known:
            found = None
            if isinstance(base, BoundSum) and not isinstance(base, Evaluated):
                found = self._matched(base)
            elif isinstance(base, Combination) and len(base.products) > 1:
                found = self._of_finite_sum(base)
            self._known[base] = found
        return self._known[base]

    def _matched(self, base: BoundSum) -> Scale | None:
        indices, body = 1, base.body
        while isinstance(algebra.plain(body), BoundSum):
            body, indices = algebra.plain(body).parts[1], indices + 1
        for power, of_size in dict.fromkeys(_powers(body)):
            law = self.law(power, of_size, indices)
            for match in law.matches(as_combination(base)) if law is not None else ():
                if match.proved:
                    return _scale(match, power)
        return None

    def _of_finite_sum(self, base: Combination) -> Scale | None:
        """``x² + y²`` is a sum over its summands; ``1`` among them is ``1²``."""
        if len(base.products) > MOST_CASES:
            return None
        powers = {q for p in base.products for q in self._powers_of_summand(p)}
        for power in sorted(powers):
            parts = [self._summand(p, power) for p in base.products]
            known = [part for part in parts if part is not None]
            if len(known) == len(parts):
                scale = self._of_family(known, power)
                if scale is not None:
                    inner = tuple(m for part in known for m in part[2])
                    return Scale(scale.magnitude, power, scale.rest, inner + scale.matches)
        return None

    def _powers_of_summand(self, product: Product) -> Iterator[Rational]:
        for base, q in product.factors:
            inner = self.of(base) if q == 1 else None
            if inner is not None:
                yield inner.power
        yield from (power for power, _ in _powers(product))

    def _summand(self, product: Product, power: Rational) -> Any:
        """Return (weight, what is raised, matches) of a summand, None where nothing is raised."""
        if product.exponent.products:
            return None
        if not product.factors:
            return Combination.make((product,)), UNIT, ()
        for base, q in product.factors:
            rest = tuple(f for f in product.factors if f[0] is not base)
            inner = self.of(base) if q == 1 else None
            if inner is not None and inner.power == power:
                weight = Product.make(product.coefficient, rest, ZERO)
                weighted = multiply(Combination.make((weight,)), as_combination(inner.rest))
                return weighted, as_combination(inner.magnitude), inner.matches
            if q == power and not isinstance(base, Inverse):
                weight = Product.make(product.coefficient, rest, ZERO)
                return Combination.make((weight,)), as_combination(base), ()
        return None

    def _of_family(self, parts: list[Any], power: Rational) -> Scale | None:
        level = 1 + max(max(weight.level, raised.level) for weight, raised, _ in parts)
        axis = CaseAxis("k", len(parts), level)
        raised = Cases.make(axis, tuple(part[1] for part in parts))
        weight = Cases.make(axis, tuple(part[0] for part in parts))
        body = Product.make(ONE, algebra.sort_factors({raised: power, weight: ONE}), ZERO)
        law = self.law(power, False, 1)
        subject = as_combination(BoundSum.make(axis, body))
        for match in law.matches(subject) if law is not None else ():
            if match.proved:
                return _scale(match, power)
        return None

    # Products ------------------------------------------------------------------------------------

    def scaled(self, term: Combination) -> Scaled | None:
        """Return a sum of products with all sums of powers scaled; None where there are none.

        All summands have the same powers of scales left.
        """
        parts = [self._product(product) for product in term.products]
        if not any(part.matches for part in parts):
            return None
        if len(parts) == 1:
            return parts[0]
        highest = max((part.degrees for part in parts), key=_sum_of)
        mantissas = [_aligned(part, highest) for part in parts]
        if any(mantissa is None for mantissa in mantissas):
            return None
        total = algebra.add(mantissa for mantissa in mantissas if mantissa is not None)
        before = max((part.before for part in parts), key=size)
        signed = any(
            p.degrees != highest and not is_nonnegative(m)
            for p, m in zip(parts, mantissas, strict=True)
            if m is not None
        )
        may_cancel = signed or any(part.may_cancel for part in parts)
        matches = tuple(m for p in parts for m in p.matches)
        return Scaled(total, highest, before, matches, may_cancel)

    def _product(self, product: Product) -> Scaled:
        degrees: Degrees = {}
        inner: Factors = []
        others: Factors = []
        matches: list[Any] = []
        may_cancel = False
        for base, q in product.factors:
            bare, power = bare_power(base, q)
            root = power < 0 or power.denominator != 1
            scale = self.of(bare) if root else None
            part = None
            if scale is None and isinstance(bare, Combination) and power.denominator == 1:
                part = self.scaled(bare)
            if scale is not None:
                inner.append((scale.rest, power))
                _raise(degrees, {scale.magnitude: scale.power * power})
            elif part is not None:
                may_cancel = may_cancel or part.may_cancel
                inner.append((algebra.plain(grouped(part.mantissa)), power))
                _raise(degrees, {m: d * power for m, d in part.degrees.items()})
            else:
                others.append((base, q))
            found = scale or part
            matches += found.matches if found is not None else ()
        if not inner:
            return Scaled(Combination.make((product,)), {}, {}, ())
        before = {magnitude: q for magnitude, q in degrees.items() if q}
        numbers = [f for f in others if algebra.is_number(as_combination(f[0]))]
        exponential = Product.make(product.coefficient, (), product.exponent)
        mantissa = _mantissa(Combination.make((exponential,)), inner, numbers)
        for base, q in _one_by_one(f for f in others if f not in numbers):
            mantissa = multiply(mantissa, taking_in(base, q, degrees))
        left = {magnitude: q for magnitude, q in degrees.items() if q}
        return Scaled(mantissa, left, before, tuple(matches), may_cancel)

    def has_roots(self, term: Term) -> bool:
        """Tell whether a sum of powers is a divisor, or under a root, anywhere in a term."""
        products = (part for part in parts_of(term) if isinstance(part, Product))
        return any(self._is_root(factor) for product in products for factor in product.factors)

    def _is_root(self, factor: tuple[Term, Rational]) -> bool:
        bare, power = bare_power(*factor)
        return (power < 0 or power.denominator != 1) and self.of(bare) is not None


def _sum_of(degrees: Degrees) -> Rational:
    return sum(degrees.values(), start=ZERO_POWER)


def _aligned(part: Scaled, highest: Degrees) -> Combination | None:
    """Return a mantissa for other, higher powers of scales; None where it has no room for them."""
    mantissa = part.mantissa
    for magnitude in {**part.degrees, **highest}:
        steps = highest.get(magnitude, ZERO_POWER) - part.degrees.get(magnitude, ZERO_POWER)
        lower = lowered(mantissa, magnitude, steps) if steps else mantissa
        if lower is None:
            return None
        mantissa = lower
    return mantissa


def _one_by_one(factors: Iterable[tuple[Term, Rational]]) -> Iterator[tuple[Term, Rational]]:
    """A sum to a whole power takes scales in as often as it is a factor."""
    for base, q in factors:
        whole = isinstance(base, (BoundSum, Combination)) and q.denominator == 1 and q > 1
        yield from [(base, ONE)] * int(q) if whole else [(base, q)]


def _raise(degrees: Degrees, by: Degrees) -> None:
    for magnitude, q in by.items():
        degrees[magnitude] = degrees.get(magnitude, 0) + q


def _scale(match: Any, power: Rational) -> Scale | None:
    products = match.result.products
    if len(products) != 1 or products[0].coefficient != 1:
        return None
    rest = dict(products[0].factors)
    for base, q in products[0].factors:
        if isinstance(base, Application) and base.operator is o.BINADE and q == power:
            del rest[base]
            inner = Combination.make((Product.make(ONE, algebra.sort_factors(rest), ZERO),))
            return Scale(base, power, algebra.plain(inner), (match,))
    return None


def _powers(product: Product) -> Iterator[tuple[Rational, bool]]:
    """Yield (power, of a size or not) of the factors of a product that are powers above 1."""
    for base, q in product.factors:
        if isinstance(base, Inverse) or q <= 1:
            continue
        if isinstance(base, Application) and base.operator is o.ABSOLUTE:
            yield q, True
        elif q.denominator == 1 or is_nonnegative(base):
            yield q, False


def _mantissa(result: Combination, inner: Factors, numbers: Factors) -> Combination:
    """The scaled sums to their powers; a number under the same root stays with its sum."""
    waiting = list(numbers)
    for rest, power in inner:
        summed = as_combination(rest)
        beside = next((f for f in waiting if f[1] == power), None)
        if beside is not None:
            waiting.remove(beside)
            summed = grouped(multiply(as_combination(beside[0]), summed))
        result = multiply(result, algebra.power(summed, power))
    for number, power in waiting:
        result = multiply(result, power_of(number, power))
    return result


def _with_scales(mantissa: Combination, degrees: Degrees) -> Combination:
    """Multiply by scales one after the other, each power of two or less of one at a time."""
    result = mantissa
    for magnitude, q in degrees.items():
        while absolute(q) > 1:
            step = ONE if q > 0 else -ONE
            result = grouped(multiply(result, power_of(magnitude, step)))
            q -= step
        result = multiply(result, power_of(magnitude, q))
    return result
