"""Sums of a region that have names: what has a name is called by it.

A sum that is named in one term and written out in another is two symbols, which do not cancel.
The first name that a sum is given is the one that it keeps, with the shift that belongs to it.
"""

from __future__ import annotations

from itertools import product as choices
from math import prod
from typing import Any

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination
from rewriter.terms.binding import replace
from rewriter.terms.index import Axis, IndexExpression, axes_in
from rewriter.terms.indicators import ends
from rewriter.terms.interning import remembered
from rewriter.terms.naming import with_bases
from rewriter.terms.term import ONE, Application, Combination, Element, Inverse, Product, Term
from rewriter.terms.traversal import nodes_in, parts_of

MOST_PLACES = 16
"""Ways to put the places that a sum reads for the axes of a named one that are tried."""


class NamedSums:
    """Sums as written and what they are called, ``Σ_j f[j]`` and ``exp(m)·name``."""

    def __init__(self) -> None:
        self._names: dict[Term, Combination] = {}
        self._alike: dict[Any, list[Term]] = {}
        self._elsewhere: dict[Term, tuple[int, Combination | None]] = {}
        self._called: dict[Term, tuple[int, Combination]] = {}

    @property
    def count(self) -> int:
        """How many names there are; what a term is called may be another once there are more."""
        return len(self._names)

    def keep(self, base: Term, scaled: Combination) -> None:
        """Keep what a sum is called, unless it has a name already."""
        if len(scaled.products) == 1 and self._name_of(base) is None:
            self._names[base] = scaled
            self._alike.setdefault(_likeness(base), []).append(base)

    def shift_of(self, base: Term) -> Combination | None:
        """Return the exponent that a sum was multiplied by when it got its name, or None."""
        found = self._name_of(base)
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
        name = self._name_of(base)
        if name is not None:
            return name
        if isinstance(base, Inverse):
            inner = self._name_of(base.parts[0])
            return base if inner is None else algebra.power(inner, -ONE)
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
        found = self._name_of(core)
        return base if found is None else logarithm(found)

    def _name_of(self, base: Term) -> Combination | None:
        """What a sum is called: by its own name, or by that of the same sum at other places."""
        own = self._names.get(base)
        if own is not None or not base.wild:
            return own
        known = self._elsewhere.get(base)
        if known is None or known[0] != self.count:
            found = (self._moved(one, base) for one in self._alike.get(_likeness(base), ()))
            known = self.count, next((name for name in found if name is not None), None)
            self._elsewhere[base] = known
        return known[1]

    def _moved(self, named: Term, base: Term) -> Combination | None:
        """Return what a sum that is a named one at other places is called, else None."""
        axes = sorted(named.free, key=lambda axis: axis.number)
        places = [_places_for(axis, named, base) for axis in axes]
        if not axes or prod(map(len, places)) > MOST_PLACES:
            return None
        for chosen in choices(*places):
            mapping = dict(zip(axes, chosen, strict=True))
            if algebra.plain(replace(as_combination(named), mapping)) is base:
                return replace(self._names[named], mapping)
        return None


def _likeness(base: Term) -> Any:
    """What a sum has in common with itself at other places."""
    return type(base), frozenset(nodes_in(as_combination(base)))


def _places_for(axis: Axis, named: Term, base: Term) -> list[IndexExpression]:
    """The places at which a sum reads what a named one reads at an axis of it.

    A name has as many places as its axis: of ``Σ_j x[i, j]`` for i < 3, that at ``i = 3`` has none.
    """
    read = {(node, k) for node, k, index in _indices(named) if index is axis}
    found = dict.fromkeys(
        index
        for node, k, index in _indices(base)
        if (node, k) in read and (node.shape[k] == axis.extent or _lies_within(index, axis))
    )
    return [index for index in found if axes_in(index) <= base.free]


def _lies_within(index: IndexExpression, axis: Axis) -> bool:
    """Tell whether an index is proved to be a place of an axis."""
    if isinstance(index, Axis) and index.extent == axis.extent:
        return True
    low, high = ends(index)
    if not isinstance(axis.extent, int) or low is None or high is None:
        return False
    return low >= 0 and high < axis.extent


@remembered
def _indices(term: Term) -> tuple[tuple[Node, int, IndexExpression], ...]:
    elements = (part for part in parts_of(term) if isinstance(part, Element))
    return tuple((e.node, k, index) for e in elements for k, index in enumerate(e.indices))
