"""Scaling: bringing a term into a form whose every exponential is bounded.

Where one pass over a term as it stands leaves something unbounded, other ways are tried: without
the primitives, summand by summand, with terms that cancel taken out of sums.
"""

from __future__ import annotations

from collections.abc import Callable

from rewriter.engine.evidence import Evidence, Scaled
from rewriter.engine.levels import (
    cancels_in_a_maximum,
    has_levels_of_both_signs,
    taken_within,
)
from rewriter.engine.one_pass import OnePass
from rewriter.engine.shifts import shifts_beside
from rewriter.engine.turning import ways_to_turn
from rewriter.terms.algebra import add, as_combination, collect, plain
from rewriter.terms.complements import by_complements
from rewriter.terms.exclusion import split_off
from rewriter.terms.functions import logarithm
from rewriter.terms.logarithms import divides_by_difference, holds_logarithm
from rewriter.terms.origins import centred
from rewriter.terms.splits_by_masks import split_at_mask
from rewriter.terms.term import Combination

MOST_SCALED_TWICE = 8
"""Summands of a term that is scaled again, without the primitives or by complements."""

MOST_TAKEN_OUT = 3
"""Terms that are taken out of sums one after the other where nothing else bounds what is left."""


Split = Callable[[Combination], Combination | None]


class Scaling(OnePass):
    """Scales terms by shift laws; arguments as for one pass."""

    def scale(self, term: Combination, may_vanish: bool = False) -> Scaled:
        """Return the term with its sums scaled; terms that cancel are taken out of sums for it.

        Args:
            term: any term.
            may_vanish: each sum is scaled by its own largest term, though it may be bounded as it
                stands: what divides by it, or takes its logarithm, is not known yet.
        """
        if may_vanish:
            with self.in_context(may_vanish=True):
                return self.by_one_pass(self.small_values.taken_apart(term) or term)
        term = centred(term) or term
        return self._with_small_values(term)

    def _with_small_values(self, term: Combination) -> Scaled:
        """Scale a term with small values taken apart; a sum that is bounded only whole stays so."""
        apart = self.small_values.taken_apart(term)
        scaled = self._scaled(apart or term)
        only = len(term.products) == 1 or self.small_values.are_logged(term)
        if apart is None or scaled.bounded or only:
            return scaled
        whole = self._scaled(term)
        differs = any(map(divides_by_difference, whole.term.products))
        return whole if whole.bounded and not differs else scaled

    def _scaled(self, term: Combination) -> Scaled:
        """Scale a term by the first way that bounds it, else by one pass."""
        first = self.by_one_pass(term)
        alone = self._scaled_by_shift_alone(term, first)
        if first.bounded or alone.bounded:
            return self._within_logarithms(term, alone) or alone
        split = self._split(term, split_off, split_at_mask)
        if split is None and split_off(term) is not None and split_at_mask(term) is not None:
            split = self._split(term, split_at_mask, split_off)
        if split is not None:
            return split
        otherwise = self._turned_round(term) or self._by_complements(term)
        return otherwise or self._each_by_what_bounds_it(term) or alone

    def _split(self, term: Combination, first: Split, second: Split) -> Scaled | None:
        """Scale a sum with summands split, by one way rather than another, till that bounds it."""
        apart: Combination | None = term
        for _ in range(0 if len(term.products) < 2 else MOST_TAKEN_OUT):
            apart = None if apart is None else first(apart) or second(apart)
            other = None if apart is None else self.by_one_pass(apart)
            if other is not None and other.bounded:
                return other
        return None

    def _by_complements(self, term: Combination) -> Scaled | None:
        """Scale a sum with what is unbounded in it by complements, where that bounds it."""
        few = 1 < len(term.products) <= MOST_SCALED_TWICE
        if not few or len({p.coefficient > 0 for p in term.products}) < 2:
            return None
        shares = {product: by_complements(product) for product in term.products}
        if all(len(parts) == 1 for parts in shares.values()):
            return None
        parts = []
        for product, written in shares.items():
            sound = len(written) == 1 or self.by_one_pass(as_combination(product)).bounded
            parts += [product] if sound else written
        whole = collect(parts)
        return None if whole is term else self._each_by_what_bounds_it(whole)

    def _turned_round(self, term: Combination) -> Scaled | None:
        """Scale a product with sums of two read from their other summand; None if none bounds it.

        A maximum that is around it may be of one reading, ``max(0, u)``, or of the other.
        """
        if len(term.products) != 1:
            return None
        for turned, product in ways_to_turn(term.products[0]):
            with self.in_context(turned=turned):
                scaled = self.by_shift(as_combination(product))
            if scaled.bounded:
                return scaled
        return None

    def _scaled_by_shift_alone(self, term: Combination, first: Scaled) -> Scaled:
        """Scale sums that a primitive computes as well: their shifts may bound what is beside.

        ``log(n·exp(2m)) − 2·softplus`` of large numbers loses what ``log n − 2·log d`` keeps.
        """
        by_primitive = any(match.rule in self.primitives for match in first.evidence.matches)
        if not by_primitive:
            return first
        if len(term.products) > MOST_SCALED_TWICE:
            return first if first.bounded else self._each_by_what_bounds_it(term) or first
        shifts = shifts_beside(first.term)
        if first.bounded and not (shifts and len(term.products) > 1):
            return first
        scaled = self.by_shift(term)
        if not first.bounded and not scaled.bounded:
            mixed = any(holds_logarithm(product.exponent) for product in term.products)
            apart = self._products_shifted(term) if mixed else first
            return apart if apart.bounded else min(first, scaled, key=self._unbounded)
        better = not first.bounded or shifts_beside(scaled.term) < shifts
        return scaled if scaled.bounded and better else first

    def _unbounded(self, scaled: Scaled) -> int:
        """How many summands are not proved not to overflow."""
        return sum(not self.is_bounded(product) for product in scaled.term.products)

    def _within_logarithms(self, term: Combination, scaled: Scaled) -> Scaled | None:
        """Let a logarithm take in what stands beside it, where large parts of both cancel."""
        if len(term.products) < 2 or not _cancels(scaled.term):
            return None
        evidence = Evidence()
        within = taken_within(term, lambda exponent: self._level(exponent, evidence))
        match = None if within is None else self._match(plain(within), evidence)
        return None if match is None else Scaled(logarithm(match.result), True, evidence)

    def _level(self, exponent: Combination, evidence: Evidence) -> Combination | None:
        """Return an exponent scaled, None where its large parts cancel."""
        for scaled in (self.by_one_pass(exponent), self.by_shift(exponent)):
            if scaled.bounded and not has_levels_of_both_signs(scaled.term, elements=True):
                evidence.take_in(scaled.evidence)
                return scaled.term
        return None

    def by_shift(self, term: Combination) -> Scaled:
        """Scale a term without the primitives."""
        with self.in_context(by_shift_alone=True):
            return self.by_one_pass(term)

    def _products_shifted(self, term: Combination) -> Scaled:
        """Scale a term with the primitives for what stands under logarithms alone."""
        with self.in_context(products_by_shift=True):
            return self.by_one_pass(term)

    def _each_by_what_bounds_it(self, term: Combination) -> Scaled | None:
        """Scale each summand by itself, without the primitives where they leave it unbounded.

        None as soon as one is found that neither bounds: what is added to it bounds it no more.
        """
        found = []
        for product in term.products:
            scaled = self.by_one_pass(as_combination(product))
            scaled = scaled if scaled.bounded else self.by_shift(as_combination(product))
            if not scaled.bounded:
                return None
            found.append(scaled)
        evidence = Evidence()
        for scaled in found:
            evidence.take_in(scaled.evidence)
        whole = add(scaled.term for scaled in found)
        bounded = all(map(self.is_bounded, whole.products))
        return Scaled(whole, True, evidence) if bounded else None


def _cancels(scaled: Combination) -> bool:
    """Tell whether the sizes of what a sum adds cancel, and with them its digits."""
    return has_levels_of_both_signs(scaled) or cancels_in_a_maximum(scaled)
