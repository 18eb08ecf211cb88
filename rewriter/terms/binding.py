"""Binders: bound sums, and the replacing of indices under them and under maxima.

A factor free of the bound index leaves the sum, ``Σ_i b[i]/a = (Σ_i b[i])/a``; sums distribute
over +; ``Σ_j δ(j, t)·f[j] = f[t]``; terms equal up to the name of a bound index are one object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from rewriter.graph import operators as o
from rewriter.matching.variable import Variable
from rewriter.terms import algebra, indicators
from rewriter.terms.algebra import add, as_combination, multiply, number, single_power
from rewriter.terms.index import Axis, Data, Fixed, IndexExpression, axes_in, opening, placeholder
from rewriter.terms.index import replace as replace_index
from rewriter.terms.interning import remembered
from rewriter.terms.occurrences import data_in
from rewriter.terms.rational import Rational, absolute, exact, quotient
from rewriter.terms.renaming import is_renaming, renamed
from rewriter.terms.sign import constant_at
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import (
    INDICATORS,
    ONE,
    UNIT_PRODUCT,
    ZERO,
    Application,
    Binder,
    BoundMaximum,
    BoundSum,
    Cases,
    Combination,
    Delta,
    Distinct,
    Element,
    Evaluated,
    Inverse,
    Pattern,
    Product,
    Size,
    Term,
    Truth,
)  # fmt: skip
from rewriter.terms.traversal import parts_of

IndexMap = Mapping[Any, IndexExpression]

LARGEST_COEFFICIENT = 2**16
"""Coefficients up to which a sum that is computed keeps its own; the largest of others is 1."""


def bound_sum(axis: Axis, body: Combination) -> Combination:
    """``Σ_axis body``."""
    return add(_sum_of_product(axis, product) for product in body.products)


def extent_term(axis: Axis) -> Combination:
    """The number of places that an axis runs over."""
    if isinstance(axis.extent, int):
        return number(axis.extent)
    if isinstance(axis.extent, Variable):
        return as_combination(Pattern.make(axis.extent))
    return as_combination(Size.make(str(axis.extent)))


def _sum_of_product(axis: Axis, product: Product) -> Combination:
    chosen = _chosen_place(axis, product)
    if chosen is not None:
        delta, place = chosen
        rest = Product.make(
            product.coefficient, tuple(f for f in product.factors if f[0] is not delta),
            product.exponent,
        )  # fmt: skip
        there = replace(Combination.make((rest,)), {axis: _as_read_by(rest, place)})
        return multiply(indicators.within(place, 0, axis.extent), there)
    outside, inside = outside_and_inside(axis, product)
    if inside is UNIT_PRODUCT:
        return multiply(Combination.make((outside,)), extent_term(axis))
    if inside.exponent is ZERO and all(_leaves_out(axis, base) for base, _ in inside.factors):
        return multiply(Combination.make((outside,)), _count(axis, inside))
    level = inside.level + 1
    bound = placeholder(level, axis.extent)
    body = _product_of(replace(Combination.make((inside,)), {axis: bound}))
    summed = as_combination(BoundSum.make(bound, body))
    return summed if outside is UNIT_PRODUCT else multiply(Combination.make((outside,)), summed)


def _leaves_out(axis: Axis, base: Term) -> bool:
    """Tell whether a factor is ``[j ≠ t]``, the t free of the axis j."""
    if not isinstance(base, Distinct) or axis not in base.parts:
        return False
    return sum(axis in axes_in(part) for part in base.parts) == 1


def _count(axis: Axis, places: Product) -> Combination:
    """``Σ_j [j ≠ t]·[j ≠ s]·… = n − [0 ≤ t < n] − …``, how many places are left."""
    (apart, _), *others = places.factors
    beside = Product.make(ONE, tuple(others), ZERO)
    (place,) = (part for part in apart.parts if part is not axis)
    there = replace(Combination.make((beside,)), {axis: place})
    gone = multiply(indicators.within(place, 0, axis.extent), there)
    return add((bound_sum(axis, Combination.make((beside,))), algebra.negate(gone)))


def _product_of(term: Combination) -> Product:
    if len(term.products) == 1:
        return term.products[0]
    return Product.make(ONE, ((term, ONE),), ZERO)


def _as_read_by(product: Product, place: IndexExpression) -> IndexExpression:
    """Return a place as a product reads it already: inside its axis, data is the same data."""
    if not isinstance(place, Data):
        return place
    filling = Data(place.node, place.indices, fills=True)
    elements = (part for part in parts_of(product) if isinstance(part, Element))
    return filling if any(filling in element.indices for element in elements) else place


def _chosen_place(axis: Axis, product: Product) -> tuple[Term, IndexExpression] | None:
    for base, _ in product.factors:
        if isinstance(base, Delta):
            left, right = base.parts
            for one, other in ((left, right), (right, left)):
                if one is axis and axis not in axes_in(other):
                    return base, other
    return None


def outside_and_inside(axis: Axis, product: Product) -> tuple[Product, Product]:
    """Return a product's factors free of an axis, and those that depend on it: two products."""
    inner = tuple(f for f in product.factors if axis in f[0].free)
    outer = tuple(f for f in product.factors if axis not in f[0].free)
    inner_exponent = [p for p in product.exponent.products if axis in p.free]
    outer_exponent = [p for p in product.exponent.products if axis not in p.free]
    outside = Product.make(product.coefficient, outer, Combination.make(tuple(outer_exponent)))
    return outside, Product.make(ONE, inner, Combination.make(tuple(inner_exponent)))


def evaluated(axis: Axis | None, body: Combination) -> Combination:
    """``Σ_axis body`` (``body`` itself where the axis is None), computed as it stands.

    Huge coefficients are taken out of a finite sum: no power of it overflows because of them.
    """
    if isinstance(axis, CaseAxis):
        return evaluated(None, add(axis.cases(body)))
    if axis is None:
        largest = max((absolute(product.coefficient) for product in body.products), default=ONE)
        size = largest if largest > LARGEST_COEFFICIENT else ONE
        whole = as_combination(Evaluated.make(None, algebra.scale(body, quotient(1, size))))
        return algebra.scale(whole, size)
    bound = placeholder(body.level + 1, axis.extent)
    return as_combination(Evaluated.make(bound, replace(body, {axis: bound})))


class CaseAxis(Axis):
    """An axis whose places are the summands of a finite sum."""

    __slots__ = ()

    def fresh(self) -> CaseAxis:
        """Return a new axis over as many cases."""
        return CaseAxis("k", self.extent, self.level)

    def cases(self, body: Combination) -> list[Combination]:
        """Return a body at each place."""
        assert isinstance(self.extent, int)
        return [replace(body, {self: Fixed(k)}) for k in range(self.extent)]


def family(term: Combination) -> BoundSum:
    """Return a finite sum as a bound sum over its summands, ``Σ_k (a, b)[k]·exp((u, v)[k])``."""
    axis = CaseAxis("k", len(term.products), term.level + 1)
    weights = [Product.make(p.coefficient, p.factors, ZERO) for p in term.products]
    chosen = _choice(axis, [Combination.make((w,)) for w in weights])
    exponent = _choice(axis, [p.exponent for p in term.products])
    body = multiply(chosen, sole_exponential(exponent))
    return BoundSum.make(axis, body.products[0])


def _choice(axis: Axis, cases: list[Combination]) -> Combination:
    same = all(case is cases[0] for case in cases)
    return cases[0] if same else as_combination(Cases.make(axis, tuple(cases)))


def axis_to_open(base: Binder, *beside: Term) -> Axis:
    """Return an axis to open a binder at: none that stands in it, or in what is beside it."""
    return opening(base.axis, base.free.union(*(term.free for term in beside)))


def open_support(term: BoundMaximum, axis: Axis) -> Combination:
    """Return the support of a maximum at another axis."""
    return replace(term.support, {term.axis: axis})


def open_body(term: Binder, axis: Axis) -> Combination:
    """Return the body of a binder at another axis."""
    return replace(as_combination(term.body), {term.axis: axis})


def replace(term: Combination, mapping: IndexMap) -> Combination:
    """Return a combination with free indices replaced; what that lets cancel is cancelled."""
    if not _touches(term, mapping):
        return term
    if is_renaming(term, mapping):
        return renamed(term, mapping)
    return _replaced(term, tuple(mapping.items()))


@remembered
def _replaced(term: Combination, places: tuple[tuple[Any, IndexExpression], ...]) -> Combination:
    mapping = dict(places)
    return add(_replace_product(product, mapping) for product in term.products)


def _touches(term: Term, mapping: IndexMap) -> bool:
    free, variables = term.free, term.variables
    for key in mapping:
        if key in free or key in variables:
            return True
        if isinstance(key, Data) and axes_in(key) <= free and key in data_in(term):
            return True
    return False


def _replace_product(product: Product, mapping: IndexMap) -> Combination:
    if not _touches(product, mapping):
        return Combination.make((product,))
    exponent = replace(product.exponent, mapping)
    parts = [algebra.scale(_exponential_of(exponent, product.exponent), product.coefficient)]
    for base, q in product.factors:
        changed = replace_base(base, mapping)
        parts.append(single_power(base, q) if changed is base else _power_of(changed, q))
    return algebra.multiply_all(parts)


def _exponential_of(exponent: Combination, before: Combination) -> Combination:
    """``exp(exponent)``: a logarithm is a factor again where its mask is known at the place."""
    masked = any(isinstance(base, INDICATORS) for p in before.products for base, _ in p.factors)
    return algebra.exponential(exponent) if masked else sole_exponential(exponent)


def _power_of(changed: Term, q: Rational) -> Combination:
    if isinstance(changed, (Combination, Product)):
        return algebra.power(as_combination(changed), q)
    return single_power(changed, q)


def replace_base(base: Term, mapping: IndexMap) -> Term:
    """Return an atom (or a factor that is a sum or a product) with free indices replaced."""
    if not _touches(base, mapping):
        return base
    if isinstance(base, (Combination, Product)):
        return replace(as_combination(base), mapping)
    changed: Term = _REPLACERS[type(base)](base, mapping)
    return changed


def _element(base: Any, mapping: IndexMap) -> Term:
    """An element at other places; that of a constant at a fixed place is a number."""
    moved = Element.make(base.node, tuple(replace_index(e, mapping) for e in base.indices))
    known = constant_at(moved)
    return moved if known is None else number(exact(known))


def _truth(base: Any, mapping: IndexMap) -> Term:
    asked = base.element
    if isinstance(asked, Application):
        return Truth.make(_application(asked, mapping), base.negated)
    return Truth.make(_element(asked, mapping), base.negated)


def _sum(base: Any, mapping: IndexMap) -> Term:
    free = _avoiding(base, mapping)
    body = replace(as_combination(base.body), {base.axis: free, **mapping})
    return algebra.plain(bound_sum(free, body))


def _maximum(base: Any, mapping: IndexMap) -> Term:
    from rewriter.terms.maxima import bound_maximum

    free = _avoiding(base, mapping)
    body = replace(as_combination(base.body), {base.axis: free, **mapping})
    support = replace(base.support, {base.axis: free, **mapping})
    return algebra.plain(bound_maximum(free, body, support))


def _avoiding(base: Binder, mapping: IndexMap) -> Axis:
    """Return an axis to open a binder at that stands neither in it nor in what is put in."""
    put_in = (axes_in(part) for places in mapping.items() for part in places)
    return opening(base.axis, base.free.union(*put_in))


def _evaluated(base: Any, mapping: IndexMap) -> Term:
    if base.axis is None:
        return Evaluated.make(None, replace(base.body, mapping))
    free = _avoiding(base, mapping)
    return algebra.plain(evaluated(free, replace(base.body, {base.axis: free, **mapping})))


def _cases(base: Any, mapping: IndexMap) -> Term:
    axis, cases = base.parts
    place = mapping.get(axis, axis)
    changed = tuple(replace(case, mapping) for case in cases)
    if isinstance(place, Fixed):
        assert isinstance(place.place, int)
        return algebra.plain(changed[place.place])
    return Cases.make(place, changed)


def _application(base: Any, mapping: IndexMap) -> Term:
    arguments = tuple(replace(a, mapping) for a in base.arguments)
    normal_form = _normal_forms().get(base.operator)
    if normal_form is not None:
        return algebra.plain(normal_form(*arguments))
    return Application.make(base.operator, arguments)


@cache
def _normal_forms() -> dict[Any, Callable[..., Combination]]:
    from rewriter.terms.functions import SUPPORTED, absolute, maximum, stop_gradient, supported

    forms: dict[Any, Callable[..., Combination]] = {SUPPORTED: supported}
    return forms | {o.ABSOLUTE: absolute, o.MAXIMUM: maximum, o.STOP_GRADIENT: stop_gradient}


def _inverse(base: Any, mapping: IndexMap) -> Term:
    inner = replace_base(base.parts[0], mapping)
    return algebra.plain(algebra.power(as_combination(inner), -1))


def _pattern(base: Any, mapping: IndexMap) -> Term:
    from rewriter.matching.protocol import replace_indices

    return Pattern.make(replace_indices(base.parts[0], mapping))


_REPLACERS: dict[type[Term], Any] = {
    Element: _element,
    Truth: _truth,
    BoundSum: _sum,
    BoundMaximum: _maximum,
    Evaluated: _evaluated,
    Cases: _cases,
    Application: _application,
    Inverse: _inverse,
    Pattern: _pattern,
    **indicators.REPLACERS,
}
