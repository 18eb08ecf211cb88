"""Renaming: where indices become other indices, no two the same, nothing can cancel.

A normal form stays one, up to the order of operands, so it is not normalised again; that is most
of the replacing there is, since every binder is opened and closed by it. Terms whose normal form
depends on the names of indices are left to `rewriter.terms.binding.replace`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rewriter.terms.factors import sort_factors
from rewriter.terms.index import Axis, IndexExpression
from rewriter.terms.index import replace as replace_index
from rewriter.terms.term import (
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Element,
    Evaluated,
    Inverse,
    Pattern,
    Product,
    Size,
    Special,
    Term,
)  # fmt: skip

Names = Mapping[Any, IndexExpression]


def is_renaming(term: Combination, mapping: Names) -> bool:
    """Tell whether a mapping only renames free axes of a term, and its normal form allows that."""
    if not _is_neutral(term):
        return False
    taken = {one for one in term.free if one not in mapping}
    for key, image in mapping.items():
        if type(key) is not Axis or type(image) is not Axis or image in taken:
            return False
        if 0 < image.level <= term.level:
            return False
        taken.add(image)
    return True


def renamed(term: Combination, mapping: Names) -> Combination:
    """Return a term with axes renamed (see `is_renaming`)."""
    if term.free.isdisjoint(mapping):
        return term
    products = [_product(product, mapping) for product in term.products]
    if len(products) > 1:
        products.sort(key=lambda product: product.place)
    return Combination.make(tuple(products))


def _product(product: Product, mapping: Names) -> Product:
    if product.free.isdisjoint(mapping):
        return product
    factors = {_atom(base, mapping): q for base, q in product.factors}
    exponent = renamed(product.exponent, mapping)
    return Product.make(product.coefficient, sort_factors(factors), exponent)


def _atom(base: Term, mapping: Names) -> Term:
    if base.free.isdisjoint(mapping):
        return base
    changed: Term = _RENAMERS[type(base)](base, mapping)
    return changed


def _element(base: Any, mapping: Names) -> Term:
    return Element.make(base.node, tuple(replace_index(e, mapping) for e in base.indices))


def _bound_sum(base: Any, mapping: Names) -> Term:
    return BoundSum.make(base.axis, _product(base.body, mapping))


def _bound_maximum(base: Any, mapping: Names) -> Term:
    parts = (renamed(base.body, mapping), renamed(base.support, mapping))
    return BoundMaximum.make(base.axis, *parts)


def _evaluated(base: Any, mapping: Names) -> Term:
    return Evaluated.make(base.axis, renamed(base.body, mapping))


def _application(base: Any, mapping: Names) -> Term:
    return Application.make(base.operator, tuple(renamed(a, mapping) for a in base.arguments))


def _inverse(base: Any, mapping: Names) -> Term:
    return Inverse.make(_atom(base.parts[0], mapping))


def _pattern(base: Any, mapping: Names) -> Term:
    from rewriter.matching.protocol import replace_indices

    return Pattern.make(replace_indices(base.parts[0], mapping))


_RENAMERS: dict[type[Term], Callable[[Any, Names], Term]] = {
    Product: _product,
    Element: _element,
    BoundSum: _bound_sum,
    BoundMaximum: _bound_maximum,
    Evaluated: _evaluated,
    Application: _application,
    Inverse: _inverse,
    Pattern: _pattern,
}


def _is_neutral(term: Term) -> bool:
    """Tell whether a normal form is one under other names too; computed once for each term.

    Of sums as factors, of sums of exponentials and of what a maximum is taken of, the order of
    summands decides which is the first, that a coefficient is taken from; indicators tell which of
    two indices replaces the other.
    """
    cache = term.__dict__
    found = cache.get("neutral")
    if found is None:
        found = cache["neutral"] = _neutral(term)
    return bool(found)


def _neutral(term: Any) -> bool:
    if isinstance(term, Combination):
        lone = len(term.products) < 2 or not term.wild
        return lone and all(map(_is_neutral, term.products))
    if isinstance(term, Product):
        bases = (base for base, _ in term.factors)
        return all(not isinstance(b, Combination) and _is_neutral(b) for b in bases) and (
            _is_neutral(term.exponent)
        )
    if isinstance(term, BoundSum):
        if term.axis is not None and type(term.axis) is not Axis:
            return False
        parts = term.parts[1:]
        lone = not isinstance(term, BoundMaximum) or len(term.body.products) == 1
        return lone and all(map(_is_neutral, parts))
    if isinstance(term, Application):
        return all(map(_is_neutral, term.arguments))
    if isinstance(term, Inverse):
        inner = term.parts[0]
        return not isinstance(inner, (Combination, Product)) and _is_neutral(inner)
    return isinstance(term, (Element, Size, Special, Pattern))
