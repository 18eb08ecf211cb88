"""Building: from a scaled term back to nodes, with taste.

A difference ``u − max u`` is one subtraction; a quotient ``exp(…)/Σ…`` is built once and shared;
what all summands have in common is factored out again, so that a gradient reads
``p·(g − Σ g·p)``; a bound sum of a product is a contraction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from rewriter.engine.building.atoms import build_atom
from rewriter.engine.building.centres import build_centred
from rewriter.engine.building.elements import build_condition
from rewriter.engine.building.exponents import (
    added_shift,
    build_exponent,
    build_exponential,
    is_shift,
)
from rewriter.engine.building.factoring import (
    Factors,
    coefficient_within,
    common_factor,
    grouped,
    guarded,
    levelled,
    masks_of,
    ordered,
    root_of,
    without_masks,
)
from rewriter.engine.building.labelled import Frame, Labelled
from rewriter.engine.building.maxima import at_any_index
from rewriter.engine.building.normalised_exponentials import build_quotient
from rewriter.engine.building.numbers import number_node
from rewriter.engine.building.sharing import Shared
from rewriter.engine.building.sums import build_less, joined_sums
from rewriter.engine.selected import may_be_undefined
from rewriter.engine.shelters import Shelter, may_be_empty
from rewriter.engine.vanishing import Meaning, vanishes_beside
from rewriter.graph import operations as op
from rewriter.graph.dtype import overflow
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.algebra import as_combination
from rewriter.terms.index import Axis
from rewriter.terms.naming import definition_of, meaning_of
from rewriter.terms.pairing import Difference, pair
from rewriter.terms.rational import Rational, absolute, quotient
from rewriter.terms.sign import interval_of, is_nonzero
from rewriter.terms.term import (
    INDICATORS,
    UNIT,
    UNIT_PRODUCT,
    Application,
    Combination,
    Element,
    Inverse,
    Product,
    Term,
)  # fmt: skip


class Builder:
    """Builds the nodes of one term.

    Args:
        rebuilt: gives the node to use for a node of the graph that the term reads.
        axes: the axes of the root, in its order.
        dtype: the dtype to compute in.
        guarded: maxima that may be -inf where they stand alone, and are then not shifted by.
        guards_all: that holds of every maximum.
        shared: labelled tensors that other builders made, by term.
        meaning: what elements stand for that are logarithms.
        shelter: tells what may be undefined where its mask is 0, and is 0 there, as is the inverse
            of a sum that is empty; None where the plain value does not select them away.
        selected: nodes that conditions select away somewhere.
        is_written: whether the graph itself adds up such a sum, in an exponent.
    """

    def __init__(self, rebuilt: Callable[[Node], Node], axes: tuple[Axis, ...], dtype: str,
                 guarded: frozenset[frozenset[Node]], shared: Shared,
                 guards_all: bool = False,
                 meaning: Meaning = meaning_of,
                 shelter: Shelter | None = None,
                 selected: frozenset[Node] = frozenset(),
                 is_written: Callable[[Combination], bool] = lambda _: True,
                 ) -> None:  # fmt: skip
        self.rebuilt = rebuilt
        self.frame = Frame(axes)
        self.dtype = dtype
        self.guarded = guarded
        self.guards_all = guards_all
        self.shared = shared
        self.meaning = meaning
        self.shelter = shelter
        self.selected = selected
        self.is_written = is_written

    def is_guarded(self, shift: Term) -> bool:
        """Tell whether a maximum may be minus infinity, and is then not to be shifted by."""
        return self.guards_all or at_any_index(shift) in self.guarded

    # Combinations --------------------------------------------------------------------------------

    def combination(self, term: Combination) -> Labelled:
        """Build a sum of products."""
        if not term.products:
            return self.number(0)
        if len(term.products) == 1:
            return self.product(term.products[0])
        return self.remembered(term, self._sum)

    def _sum(self, term: Combination) -> Labelled:
        common, rest = common_factor(term)
        if common is not None:
            inside = self.strongly(common, self.combination(rest), rest)
            beside, masks = without_masks(common)
            if beside is not UNIT_PRODUCT:
                inside = self.times(self.product(beside), inside)
            return self.masked(inside, masks)
        return self.paired(term)

    def paired(self, term: Combination) -> Labelled:
        """A sum, its differences from maxima first."""
        paired = pair(term)
        if paired.differences and all(d.coefficient for d in paired.differences):
            return self.linear(paired.differences, paired.rest)
        return self.added(term)

    def added(self, term: Combination, total: Labelled | None = None) -> Labelled:
        """A sum; of what is scaled alike, ``c·a − c·b``, the difference is scaled: it is exact."""
        joined, term = joined_sums(self, term)
        if joined is not None:
            total = joined if total is None else self.frame.combine(op.add, total, joined)
        level, products = levelled(term.products, total is not None)
        for product, other in level:
            part = build_less(self, product, other)
            if product.coefficient != 1:
                part = self.times(part, self.number(product.coefficient))
            total = part if total is None else self.frame.combine(op.add, total, part)
        for group in grouped(ordered(products)):
            size = absolute(group[0].coefficient)
            if len(group) > 1:
                alike = Combination.make(tuple(group))
                inner = self.added(algebra.scale(alike, quotient(1, size)))
                part, positive = self.times(inner, self.number(size)), True
            else:
                (product,) = group
                positive = total is None or product.coefficient > 0
                coefficient = product.coefficient if total is None else size
                part = self.product(Product.make(coefficient, product.factors, product.exponent))
            function = op.add if positive else op.subtract
            total = part if total is None else self.frame.combine(function, total, part)
        assert total is not None
        return total

    def linear(self, differences: tuple[Difference, ...], rest: Combination) -> Labelled:
        """``Σ c·(u − max u) + rest``, each difference computed as one subtraction."""
        total: Labelled | None = None
        for one in sorted(differences, key=lambda d: d.coefficient < 0):
            part = self.difference(one)
            size = absolute(one.coefficient)
            if one.factor is not UNIT:
                part = self.times(part, self.combination(one.factor))
            if size != 1:
                part = self.frame.combine(op.multiply, part, self.number(size))
            if total is None:
                total = part if one.coefficient > 0 else self._negated(part)
            else:
                function = op.add if one.coefficient > 0 else op.subtract
                total = self.frame.combine(function, total, part)
        return self.added(rest, total)

    def _negated(self, part: Labelled) -> Labelled:
        return Labelled(op.negative(part.node), part.labels)

    def difference(self, one: Difference) -> Labelled:
        """``value − maximum``; a maximum that is added to something may be of nothing."""
        added = one.coefficient < 0 and is_shift(self, one.maximum)
        maximum = added_shift(self, one.maximum) if added else None
        if not one.value.products:
            return self._negated(maximum or self.base(one.maximum))
        centred = None if added else build_centred(self, one)
        if centred is not None:
            return centred
        value = self.combination(one.value)
        return self.frame.combine(op.subtract, value, maximum or self.base(one.maximum))

    # Products ------------------------------------------------------------------------------------

    def product(self, product: Product) -> Labelled:
        """Build a product; a quotient of an exponential by sums comes first and is shared."""
        if not product.factors and not product.exponent.products:
            return self.number(product.coefficient)
        if product.coefficient != 1:
            within = coefficient_within(product)
            return self._scaled(product) if within is None else self.product(within)
        return self.remembered(product, self.monomial)

    def _scaled(self, product: Product) -> Labelled:
        inner = self.product(product.monomial)
        coefficient = product.coefficient
        if coefficient == -1:
            return self._negated(inner)
        if coefficient.numerator == 1 and coefficient.denominator != 1:
            return self.frame.combine(op.divide, inner, self.number(coefficient.denominator))
        return self.frame.combine(op.multiply, inner, self.number(coefficient))

    def monomial(self, product: Product, weights: Factors = ()) -> Labelled:
        """Build a product whose coefficient is 1; outside of the weights' support it may be 0."""
        root = None if weights else root_of(product, overflow(self.dtype))
        if root is None:
            quotient, rest = build_quotient(self, product, weights)
        else:
            quotient, rest = self._raised(self.product(root.inside), root.power), list(root.rest)
        rest = [(b.parts[0], -q) if isinstance(b, Inverse) and q < 0 else (b, q) for b, q in rest]
        masks = [base for base, _ in rest if isinstance(base, INDICATORS)]
        above = [(b, q) for b, q in rest if q > 0 and not isinstance(b, (Inverse, *INDICATORS))]
        inverse = [(b.parts[0], q) for b, q in rest if isinstance(b, Inverse)]
        below = [*inverse, *((b, -q) for b, q in rest if q < 0 and not isinstance(b, Inverse))]
        total = quotient
        for power in sorted({q for _, q in above if q > 1} & {q for _, q in below}):
            upper = [b for b, q in above if q == power]
            ratio = self._ratio(upper, [b for b, q in below if q == power], product)
            part = self._raised(ratio, power)
            for base in upper:
                part = self.strongly(product, part, base, weights, power)
            total = part if total is None else self.times(total, part)
            above = [factor for factor in above if factor[1] != power]
            below = [factor for factor in below if factor[1] != power]
        for base, q in above:
            part = self.strongly(product, self.power(base, q), base, weights, q)
            total = part if total is None else self.times(total, part)
        for inner, size in below:
            unseen = may_be_undefined(inner, -size, self.selected)
            part = self._raised(self.divisor_under(inner, product, unseen), size)
            total = self.frame.combine(op.divide, self.number(1) if total is None else total, part)
        return self.masked(total, masks)

    def _ratio(self, above: list[Term], below: list[Term], product: Product) -> Labelled:
        """A quotient of what has one power: raised apart, either may overflow."""
        part = self.base(above[0])
        for base in above[1:]:
            part = self.times(part, self.base(base))
        for base in below:
            unseen = may_be_undefined(base, -1, self.selected)
            under = self.divisor_under(base, product, unseen)
            part = self.frame.combine(op.divide, part, under)
        return part

    def strongly(
        self,
        product: Product,
        part: Labelled,
        factor: Term,
        weights: Factors = (),
        power: Rational = 1,
    ) -> Labelled:
        """A part that stands beside a product's exponential: 0 where it need not be finite."""
        masks = masks_of(product)
        unseen = self.shelter is not None and self.shelter(factor)
        if masks and (unseen or may_be_undefined(factor, power, self.selected)):
            part = self.masked(part, masks)
        if not vanishes_beside(product.exponent, factor, self.meaning):
            return part
        beside = self.exponential(guarded(product, weights))
        seen = self.frame.combine(op.greater, beside, self.number(0))
        return self.frame.combine(op.where, seen, part, self.number(0))

    def exponential(self, product: Product) -> Labelled:
        """Build an exponential with its masks."""
        return self.remembered(product, lambda one: build_exponential(self, one))

    def exponent(self, term: Combination) -> Labelled:
        """Build an exponent."""
        return build_exponent(self, term)

    def masked(
        self, total: Labelled | None, masks: Sequence[Term], otherwise: Rational = 0
    ) -> Labelled:
        """A value (1 for None) where all masks hold, another elsewhere."""
        if not masks:
            assert total is not None
            return total
        condition = self.all_of(masks)
        chosen = self.number(1) if total is None else total
        return self.frame.combine(op.where, condition, chosen, self.number(otherwise))

    def all_of(self, masks: Sequence[Term]) -> Labelled:
        """Build the condition that all of some masks hold."""
        total = self.condition(masks[0])
        for mask in masks[1:]:
            total = self.frame.combine(op.logical_and, total, self.condition(mask))
        return total

    def condition(self, mask: Term) -> Labelled:
        """Build the boolean tensor that an indicator or a guard asks."""
        if isinstance(mask, Application):
            parts = map(self.combination, mask.arguments)
            return self.frame.combine(op.not_equal, *parts)
        return build_condition(self, mask)

    def times(self, left: Labelled, right: Labelled) -> Labelled:
        """Multiply, each axis with its own."""
        return self.frame.combine(op.multiply, left, right)

    def power(self, base: Term, q: Rational) -> Labelled:
        """``base^q`` for a positive q."""
        return self._raised(self.base(base), q)

    def _raised(self, inner: Labelled, q: Rational) -> Labelled:
        if q == 1:
            return inner
        if q == Fraction(1, 2):
            return Labelled(op.sqrt(inner.node), inner.labels)
        if q == 2:
            return self.times(inner, inner)
        return self.frame.combine(op.power, inner, self.constant(float(q)))

    def divisor(self, base: Term) -> Labelled:
        """A divisor; of a sum that may be empty where nothing looks, the inverse is 0 there."""
        return self.filled(self.base(base), base, math.inf)

    def divisor_under(self, base: Term, product: Product, unseen: bool = False) -> Labelled:
        """A divisor; where a mask is 0 it is no factor, if it may be 0 or need not be a number."""
        part = self.divisor(base)
        kept = is_nonzero(base) and not unseen
        return part if kept else self.masked(part, masks_of(product), 1)

    def filled(self, part: Labelled, term: Term, value: float) -> Labelled:
        """A part; of a sum that may be empty where nothing looks, another value there."""
        core = algebra.plain(term)
        named = definition_of(core.node) if isinstance(core, Element) else None
        total = core if named is None else named
        if self.shelter is None or isinstance(total, Element) or not may_be_empty(total):
            return part
        differs = op.greater if interval_of(total).nonnegative else op.not_equal
        filled = self.frame.combine(differs, part, self.number(0))
        return self.frame.combine(op.where, filled, part, self.constant(value))

    # Atoms ---------------------------------------------------------------------------------------

    def base(self, base: Term) -> Labelled:
        """Build a factor."""
        if isinstance(base, (Combination, Product)):
            return self.combination(as_combination(base))
        return self.remembered(base, lambda atom: build_atom(self, atom))

    def number(self, value: Rational) -> Labelled:
        """Build a number."""
        return self.constant(float(value))

    def constant(self, value: float) -> Labelled:
        """Build a constant of the dtype in which this builder computes."""
        return Labelled(number_node(value, self.dtype), ())

    # Sharing -------------------------------------------------------------------------------------

    def remembered(self, term: Any, build: Callable[[Any], Labelled]) -> Labelled:
        """Return what was built for a term, here or under other names of its axes; or build it."""
        found = self.recall(term)
        if found is None:
            found = self.shared[term] = build(term)
        return found

    def recall(self, term: Any) -> Labelled | None:
        """Return what was built for a term, or None."""
        found = self.shared.get(term)
        if found is not None:
            return found
        return self.shared.renamed(term)
