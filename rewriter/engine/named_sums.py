"""Sums of a region that have names: what has a name is called by it.

A sum that is named in one term and written out in another is two symbols, which do not cancel.
The first name that a sum is given is the one that it keeps, with the shift that belongs to it.
"""

from __future__ import annotations

from typing import Any

from rewriter.graph import operators as o
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination
from rewriter.terms.naming import with_bases
from rewriter.terms.term import ONE, Application, Combination, Inverse, Product, Term


class NamedSums:
    """Sums as written and what they are called, ``Σ_j f[j]`` and ``exp(m)·name``."""

    def __init__(self) -> None:
        self._names: dict[Term, Combination] = {}
        self._called: dict[Term, tuple[int, Combination]] = {}

    @property
    def count(self) -> int:
        """How many names there are; what a term is called may be another once there are more."""
        return len(self._names)

    def keep(self, base: Term, scaled: Combination) -> None:
        """Keep what a sum is called, unless it has a name already."""
        if len(scaled.products) == 1:
            self._names.setdefault(base, scaled)

    def shift_of(self, base: Term) -> Combination | None:
        """Return the exponent that a sum was multiplied by when it got its name, or None."""
        found = self._names.get(base)
        return None if found is None else algebra.negate(found.products[0].exponent)

    def by_name(self, term: Combination) -> Combination:
        """Return a term in which the sums that have names are called by them."""
        if not self._names or not term.products:
            return term
        known = self._called.get(term)
        if known is not None and known[0] == self.count:
            return known[1]
        changed = add(self._product(product) for product in term.products)
        self._called[term] = (self.count, changed)
        return changed

    def _product(self, product: Product) -> Combination:
        exponent = self.by_name(product.exponent)
        same = all(self._base(base) is base for base, _ in product.factors)
        if exponent is product.exponent and same:
            return as_combination(product)
        return with_bases(product, exponent, self._base)

    def _base(self, base: Term) -> Any:
        """What a factor is called: itself where it has no name."""
        if base in self._names:
            return self._names[base]
        if isinstance(base, Inverse):
            inner = base.parts[0]
            return algebra.power(self._names[inner], -ONE) if inner in self._names else base
        if isinstance(base, Application) and base.operator is o.LOG:
            return self._logarithm(base)
        if isinstance(base, Combination):
            changed = self.by_name(base)
            return base if changed is base else changed
        return base

    def _logarithm(self, base: Application) -> Any:
        from rewriter.terms.functions import logarithm

        (inside,) = base.arguments
        core = algebra.plain(inside)
        found = self._names.get(core)
        return base if found is None else logarithm(found)
