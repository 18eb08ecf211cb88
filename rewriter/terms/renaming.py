"""Renaming: where indices become other indices, no two the same, nothing can cancel.

A normal form stays one, up to the order of operands, so it is not normalised again; that is most
of the replacing there is, since every binder is opened and closed by it. Terms whose normal form
depends on the names of indices are left to `rewriter.terms.binding.replace`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rewriter.terms.factors import sort_factors
from rewriter.terms.index import Axis, IndexExpression
from rewriter.terms.index import replace as replace_index
from rewriter.terms.term import (
    Application,
    Binder,
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
Part = Callable[[Term], Any]
"""From a part of a term to that part, renamed."""


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
    made: dict[Term, Any] = {}
    stack: list[Term] = [term]
    while stack:
        current = stack[-1]
        waiting = [p for p in _inside(current) if p not in made and not p.free.isdisjoint(mapping)]
        if waiting:
            stack += waiting
            continue
        made[current] = _RENAMERS[type(current)](current, mapping, lambda one: made.get(one, one))
        stack.pop()
    found: Combination = made[term]
    return found


def _inside(term: Any) -> Sequence[Term]:
    """The terms that a term is made of."""
    if isinstance(term, Combination):
        return term.products
    if isinstance(term, Product):
        return [*(base for base, _ in term.factors), term.exponent]
    if isinstance(term, Binder):
        return term.parts[1:]
    if isinstance(term, Application):
        return term.arguments
    return term.parts if isinstance(term, Inverse) else ()


def _combination(term: Any, mapping: Names, part: Part) -> Term:
    products = [part(product) for product in term.products]
    if len(products) > 1:
        products.sort(key=lambda product: product.place)
    return Combination.make(tuple(products))


def _product(term: Any, mapping: Names, part: Part) -> Term:
    factors = {part(base): q for base, q in term.factors}
    return Product.make(term.coefficient, sort_factors(factors), part(term.exponent))


def _element(base: Any, mapping: Names, part: Part) -> Term:
    return Element.make(base.node, tuple(replace_index(e, mapping) for e in base.indices))


def _binder(base: Any, mapping: Names, part: Part) -> Term:
    made: Term = type(base).make(base.axis, *map(part, base.parts[1:]))
    return made


def _application(base: Any, mapping: Names, part: Part) -> Term:
    return Application.make(base.operator, tuple(map(part, base.arguments)))


def _inverse(base: Any, mapping: Names, part: Part) -> Term:
    return Inverse.make(part(base.parts[0]))


def _pattern(base: Any, mapping: Names, part: Part) -> Term:
    from rewriter.matching.protocol import replace_indices

    return Pattern.make(replace_indices(base.parts[0], mapping))


_RENAMERS: dict[type[Term], Callable[[Any, Names, Part], Term]] = {
    Combination: _combination,
    Product: _product,
    Element: _element,
    BoundSum: _binder,
    BoundMaximum: _binder,
    Evaluated: _binder,
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
    stack = [term]
    while stack:
        current = stack[-1]
        inside = _inside(current) if _may_be_neutral(current) else ()
        waiting = [part for part in inside if "neutral" not in part.__dict__]
        if waiting:
            stack += waiting
            continue
        current.__dict__["neutral"] = _may_be_neutral(current) and all(
            part.__dict__["neutral"] for part in inside
        )
        stack.pop()
    return bool(term.__dict__["neutral"])


def _may_be_neutral(term: Any) -> bool:
    """Tell whether nothing in a term itself, its parts left aside, depends on names."""
    if isinstance(term, Combination):
        return len(term.products) < 2 or not term.wild
    if isinstance(term, Product):
        return not any(isinstance(base, Combination) for base, _ in term.factors)
    if isinstance(term, Binder):
        named = term.axis is None or type(term.axis) is Axis
        return named and (not isinstance(term, BoundMaximum) or len(term.body.products) == 1)
    if isinstance(term, Inverse):
        return not isinstance(term.parts[0], (Combination, Product))
    return isinstance(term, (Application, Element, Size, Special, Pattern))
