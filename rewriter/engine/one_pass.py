"""One pass of scaling: each sum by its own largest term, or by a shift that is around it.

Denominators, and sums under a logarithm, are scaled by the shift law, which is *matched* modulo
the theory; a numerator's sum takes in an exponent that is there already, ``exp(c)·Σ_j f[j] =
Σ_j exp(c)·f[j]``; what then remains cancels as symbols.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rewriter.authoring.definition import Match, Rule
from rewriter.engine.context import SMALLEST_BOUND, ScalingContext
from rewriter.engine.evidence import Evidence, Scaled
from rewriter.engine.largest import has_largest_exponential, is_largest_exponential, scaled_largest
from rewriter.engine.levels import reflections
from rewriter.engine.named_sums import NamedSums
from rewriter.engine.numerators import taken_in, times_numerator
from rewriter.engine.shifts import is_unscaled
from rewriter.engine.small_values import SmallValues
from rewriter.engine.weights import set_aside, taken_up
from rewriter.graph import operators as o
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, multiply, negate
from rewriter.terms.assuming import applied
from rewriter.terms.binding import (
    axis_to_open,
    bound_sum,
    family,
    open_body,
    open_support,
)
from rewriter.terms.factors import bare
from rewriter.terms.index import Axis
from rewriter.terms.interning import remembered
from rewriter.terms.logarithms import (
    divides_by_logarithm,
    has_logarithm,
    has_wild_logarithm,
    holds_logarithm,
    sums_logarithms,
)  # fmt: skip
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.naming import with_names
from rewriter.terms.pairing import is_bounded_above
from rewriter.terms.rational import Rational
from rewriter.terms.sign import interval_of
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import (
    ONE,
    UNIT_PRODUCT,
    ZERO,
    Application,
    Binder,
    BoundMaximum,
    BoundSum,
    Combination,
    Evaluated,
    Inverse,
    Product,
    Term,
)  # fmt: skip


class OnePass(ABC):
    """Scales the sums of terms as they stand, by shift laws.

    Args:
        laws: rules ``Σ_j w[j]·exp(l[j]) → exp(m) · evaluated(…)``.
        limit: exponents up to this are no hazard.
        primitives: rules for forms that a stable primitive computes, tried first.
    """

    def __init__(self, laws: Sequence[Rule], limit: float, primitives: Sequence[Rule] = ()) -> None:
        self.laws = tuple(laws)
        self.primitives = tuple(primitives)
        self.limit = limit
        self._shifted: dict[Term, Match | None] = {}
        self._blocked: dict[Term, list[Match]] = {}
        self._primitive: dict[Term, Match | None] = {}
        self.context = ScalingContext()
        self.small_values = SmallValues(self)
        self.named_sums = NamedSums()
        self.named_in = ""
        """The dtype of named pieces; "" as long as terms are small enough to hold them."""

    @contextmanager
    def in_context(self, **changes: Any) -> Iterator[None]:
        """Scale in a changed context inside the ``with`` block; see `ScalingContext`."""
        outer = self.context
        self.context = replace(outer, **changes)
        try:
            yield
        finally:
            self.context = outer

    @abstractmethod
    def scale(self, term: Combination, may_vanish: bool = False) -> Scaled:
        """Return the term scaled, by whatever way bounds it: what a logarithm is taken of."""

    def joined(self, term: Combination, evidence: Evidence | None = None) -> Combination:
        """Return a sum as its largest summand's exponential times one sum."""
        term = self.small_values.taken_apart(term) or term
        return self._power(term, ONE, evidence or Evidence())

    def joined_by_largest(self, term: Combination) -> Combination:
        """Return a sum as the largest of its exponentials times one sum, nothing else taken out."""
        evidence = Evidence()
        inner = self.inside_scaled(term, evidence) if len(term.products) > 1 else term
        match = self._match(inner, evidence) if len(inner.products) > 1 and inner.wild else None
        return self.joined(term) if match is None else self.piece(taken_up(match.result))

    def by_one_pass(self, term: Combination) -> Scaled:
        """Return the term with its sums scaled as they stand."""
        evidence = Evidence()
        if len(term.products) > 1 and any(has_logarithm(p) for p in term.products):
            term = self._by_primitive(term, evidence) or term
        if len(term.products) > 1 and holds_logarithm(term):
            term = self._reflected(term, evidence)
        products = [
            p for product in term.products for p in self.product(product, evidence).products
        ]
        scaled = add(Combination.make((p,)) for p in products)
        return Scaled(scaled, all(map(self.is_bounded, scaled.products)), evidence)

    def _reflected(self, term: Combination, evidence: Evidence) -> Combination:
        """Return a sum with the softpluses of the opposite where that leaves less beside them."""
        for one, share in () if self.context.by_shift_alone else reflections(term):
            if self._by_primitive(one.logarithm, evidence) is not None:
                opposite = applied(o.LOGADDEXP, ZERO, negate(one.exponent))
                reflected = add((one.exponent, opposite))
                term = add((term, one.of(one.logarithm, -share), one.of(reflected, share)))
        return term

    def piece(self, term: Combination) -> Combination:
        """Return what a law gave, its pieces named where terms have grown large."""
        return with_names(term, self.named_in) if self.named_in else term

    def is_bounded(self, product: Product) -> bool:
        """Tell whether a scaled product is proved not to overflow."""
        if has_wild_logarithm(product) or divides_by_logarithm(product):
            return False
        for base, _ in product.factors:
            if is_unscaled(base):
                return False
            if isinstance(base, (Application, BoundMaximum)):
                parts = base.arguments if isinstance(base, Application) else (base.body,)
                inside = (p for term in parts if term.wild for p in term.products)
                if not all(map(self.is_bounded, inside)):
                    return False
        return is_bounded_above(product.exponent, self.limit, product)

    def opened_at(self, base: Binder, *beside: Term) -> Axis:
        """Return an axis to open a binder at: none of what it stands in, or is multiplied by."""
        return axis_to_open(base, *self.context.around, *beside)

    def product(self, product: Product, evidence: Evidence) -> Combination:
        """Scale denominators first: numerators may then share their shifts."""
        context = self.context, self.named_in, self.named_sums.count
        scaled, own = self._scaled_product(product, context)
        evidence.take_in(own)
        return scaled

    @remembered
    def _scaled_product(self, product: Product, context: Any) -> tuple[Combination, Evidence]:
        evidence = Evidence()
        return self._product(product, evidence), evidence

    def _product(self, product: Product, evidence: Evidence) -> Combination:
        whole = Combination.make((product,))
        simpler = None if self.context.products_by_shift else self._by_primitive(whole, evidence)
        if simpler is not None:
            return add(self.product(p, evidence) for p in simpler.products)
        plain, numerators = [], []
        result = algebra.scale(self._exponential(product.exponent, evidence), product.coefficient)
        for base, q in product.factors:
            inner = bare(base)
            logarithmic = self._of_logarithms(base, evidence)
            if logarithmic is not None:
                plain.append((logarithmic, q))
            elif is_largest_exponential(inner):
                power = -q if isinstance(base, Inverse) else q
                largest = scaled_largest(self, inner, evidence)
                result = multiply(result, algebra.power(largest, power))
            elif isinstance(inner, Inverse) and inner.wild:
                # 1/(1/s), kept for its pole: computed as s is, it meets the s that divides
                result = multiply(result, self._power(inner.parts[0], q, evidence))
            elif not inner.wild or not isinstance(inner, (BoundSum, Combination)):
                plain.append((as_combination(base), q))
            elif q > 0 and q.denominator == 1 and base is inner:
                numerators.append((base, q))
            else:
                power = -q if isinstance(base, Inverse) else q
                result = multiply(result, self._power(inner, power, evidence))
        for base, q in numerators:
            result = times_numerator(self, result, base, q, evidence)
        for term, q in plain:
            same = len(term.products) == 1 and term.products[0].factors
            factor = algebra.power(term, q) if q.denominator == 1 or not same else _raw(term, q)
            result = multiply(result, factor)
        return result

    def _of_logarithms(self, base: Term, evidence: Evidence) -> Combination | None:
        """A factor that is a function of exponentials, or made of logarithms, scaled; else None."""
        if isinstance(base, Inverse):
            inner = as_combination(base.parts[0])
            made = not inner.wild and holds_logarithm(inner)
            return algebra.power(self._with_logarithms(inner, evidence), -1) if made else None
        if isinstance(base, Application) and base.operator is o.LOG:
            return self._logarithm(base, evidence)
        if isinstance(base, Combination) and sums_logarithms(base):
            return self._with_logarithms(base, evidence)
        if isinstance(base, Application) and _is_scaled_inside(base):
            scaled = [self._with_logarithms(a, evidence) for a in base.arguments]
            return applied(base.operator, *scaled)
        if type(base) is BoundSum and not base.wild and _multiplies_wild_function(base.body):
            axis = self.opened_at(base)
            body = open_body(base, axis)
            return bound_sum(axis, add(self.product(p, evidence) for p in body.products))
        if isinstance(base, BoundMaximum) and holds_logarithm(base.body):
            axis = self.opened_at(base)
            largest = self._with_logarithms(open_body(base, axis), evidence)
            return bound_maximum(axis, largest, open_support(base, axis))
        return None

    def _exponential(self, exponent: Combination, evidence: Evidence) -> Combination:
        """``exp(λ)``, the logarithms in λ scaled."""
        if not holds_logarithm(exponent):
            return sole_exponential(exponent)
        return algebra.exponential(self._with_logarithms(exponent, evidence))

    def _with_logarithms(self, term: Combination, evidence: Evidence) -> Combination:
        """Scale the logarithms in a term."""
        scaled = self.by_one_pass(term)
        evidence.take_in(scaled.evidence)
        return scaled.term

    def _by_primitive(self, term: Combination, evidence: Evidence) -> Combination | None:
        if self.context.by_shift_alone or self.context.may_vanish:
            return None
        if not term.wild and not any(map(has_logarithm, term.products)):
            return None
        if term not in self._primitive:
            matches = (match for rule in self.primitives for match in rule.matches(term))
            self._primitive[term] = next((match for match in matches if match.proved), None)
        found = self._primitive[term]
        if found is None:
            return None
        evidence.use(found)
        return found.result

    def _logarithm(self, base: Application, evidence: Evidence) -> Combination:
        """``log(exp(m)·s) = m + log s``."""
        from rewriter.terms.functions import logarithm

        (inside,) = base.arguments
        core = algebra.plain(inside)
        if is_largest_exponential(core):
            return logarithm(scaled_largest(self, core, evidence))
        if not core.wild and not has_largest_exponential(inside):
            if not holds_logarithm(inside):
                return as_combination(base)
            return logarithm(self._with_logarithms(inside, evidence))
        with self.in_context(may_vanish=False):
            simpler = self._by_primitive(as_combination(base), evidence)
        if simpler is not None:
            return simpler
        if isinstance(core, (BoundSum, Combination)):
            return logarithm(self._power(core, ONE, evidence))
        scaled = self.scale(inside)
        evidence.take_in(scaled.evidence)
        return logarithm(scaled.term)

    def _power(self, base: Any, q: Rational, evidence: Evidence) -> Combination:
        """Scale a sum by its own largest term, and raise it."""
        inner = self.inside_scaled(base, evidence)
        shifted = self.by_law(inner, evidence) if inner.wild else inner
        if shifted is None:
            return algebra.power(as_combination(base), q)
        joint = self._jointly(base, shifted, evidence)
        return algebra.power(self.keep_name(base, joint), q)

    def _jointly(self, base: Any, shifted: Combination, evidence: Evidence) -> Combination:
        """Scale a sum of sums by its one largest term, not row by row and then once more."""
        nested = isinstance(base, BoundSum) and any(inner.wild for inner, _ in base.body.factors)
        if not nested or len(shifted.products) != 1:
            return shifted
        exponent = shifted.products[0].exponent
        away = Product.make(ONE, (), algebra.negate(exponent))
        with self.in_context(by_shift_alone=True, is_joint=True):
            joint = taken_in(self, away, base, evidence)
        if len(joint.products) != 1 or joint.products[0].exponent.products:
            return shifted
        return multiply(sole_exponential(exponent), joint)

    def inside_scaled(self, base: Any, evidence: Evidence) -> Combination:
        """Scale what is summed before the sum: each sum in it by its own largest term."""
        if isinstance(base, Evaluated) or not isinstance(base, (BoundSum, Combination)):
            return as_combination(base)
        with self.in_context(may_vanish=interval_of(base).low <= SMALLEST_BOUND):
            if isinstance(base, Combination):
                return self._summands(base, evidence)
            if holds_logarithm(base.body.exponent) or any(b.wild for b, _ in base.body.factors):
                axis = self.opened_at(base)
                body = open_body(base, axis)
                return bound_sum(axis, add([self.product(p, evidence) for p in body.products]))
        return as_combination(base)

    def _summands(self, base: Combination, evidence: Evidence) -> Combination:
        """Scale summands; what a sum vanishes with counts where its exponential is unbounded."""
        scaled = []
        for product in base.products:
            unbounded = not is_bounded_above(product.exponent, self.limit, product)
            with self.in_context(is_summand=True, may_vanish=self.context.may_vanish or unbounded):
                scaled.append(self.product(product, evidence))
        return add(scaled)

    def by_law(self, term: Combination, evidence: Evidence) -> Combination | None:
        """Return ``exp(m) · evaluated(…)`` by the first law that matches, else None."""
        if len(term.products) == 1:
            result = Combination.make(
                (Product.make(term.products[0].coefficient, (), term.products[0].exponent),)
            )
            for base, q in term.products[0].factors:
                if base.wild and isinstance(base, (BoundSum, Combination)):
                    match = self._match(base, evidence)
                    if match is None:
                        return None
                    result = multiply(result, algebra.power(self.piece(taken_up(match.result)), q))
                else:
                    result = multiply(result, _raw(as_combination(base), q))
            return result
        turned = term in self.context.turned
        content, rest = (UNIT_PRODUCT, term) if turned else algebra.split_content(term)
        match = self._match(rest, evidence)
        if match is None:
            return None
        return multiply(Combination.make((content,)), self.piece(taken_up(match.result)))

    def _match(self, base: Term, evidence: Evidence) -> Match | None:
        if base not in self._shifted:
            subject = as_combination(
                family(base) if isinstance(base, Combination) else set_aside(base, self.limit)
            )
            self._blocked[base] = blocked = []
            self._shifted[base] = None
            for match in (m for law in self.laws for m in law.matches(subject)):
                if match.proved:
                    self._shifted[base] = match
                    break
                blocked.append(match)
        found = self._shifted[base]
        if found is None:
            evidence.block(self._blocked[base])
        else:
            evidence.use(found)
        return found

    def keep_name(self, base: Term, scaled: Combination) -> Combination:
        """Keep what a sum is called, where pieces have names."""
        if self.named_in:
            self.named_sums.keep(base, scaled)
        return scaled


def _is_scaled_inside(base: Application) -> bool:
    """Tell whether a function is computed of arguments as they are scaled: they have exponentials.

    The largest of exponentials is an exponential itself.
    """
    if any(map(holds_logarithm, base.arguments)):
        return True
    return any(a.wild for a in base.arguments) and not is_largest_exponential(base)


def _multiplies_wild_function(product: Product) -> bool:
    """Tell whether a factor is a function of what has exponentials."""
    inner = (bare(base) for base, _ in product.factors)
    functions = (base for base in inner if isinstance(base, Application))
    return has_wild_logarithm(product) or any(a.wild for f in functions for a in f.arguments)


def _raw(term: Combination, q: Rational) -> Combination:
    return term if q == 1 else algebra.single_power(algebra.plain(term), q)
