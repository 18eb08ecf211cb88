"""Strong zeros: beside an indicator, what it indicates holds, ``[m]·f([m]) = [m]·f(1)``.

Where the indicator is 0 the product is 0, whatever stands beside it; so a logarithm or a quotient
of what a mask has emptied, ``[m]·log([m]·x)``, is looked at only where the mask holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from rewriter.graph import operators as o
from rewriter.graph.node import worked_out
from rewriter.terms import algebra, functions
from rewriter.terms.algebra import add, as_combination, multiply, single_power
from rewriter.terms.binding import bound_sum, evaluated, open_body, open_support
from rewriter.terms.indicators import opposite_of, places_of
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.term import (
    INDICATORS,
    ONE,
    UNIT,
    ZERO,
    Application,
    Binder,
    BoundMaximum,
    Cases,
    Combination,
    Evaluated,
    Inverse,
    Product,
    Term,
)  # fmt: skip
from rewriter.terms.traversal import parts_of

Facts = Mapping[Term, Combination]


def indicators_in(term: Term) -> frozenset[Term]:
    """Return the indicators anywhere in a term; computed once for each term.

    Those that say what takes part in a shift stay: it is one for all that it shifts.
    """
    return worked_out(term, _INDICATORS, _indicators_at, _looked_at)


_INDICATORS: WeakKeyDictionary[Term, frozenset[Term]] = WeakKeyDictionary()


def _indicators_at(term: Term) -> frozenset[Term]:
    own = frozenset((term,)) if isinstance(term, INDICATORS) else frozenset()
    return own.union(*(_INDICATORS[one] for one in _looked_at(term)))


def _looked_at(term: Term) -> Iterator[Term]:
    """The terms among a term's parts, tuples of them opened; they may lie deep."""
    supported = isinstance(term, Application) and functions.has_supports(term)
    parts = [] if supported else list(term.parts)
    while parts:
        part = parts.pop()
        if isinstance(part, Term):
            yield part
        elif isinstance(part, tuple):
            parts += part


def has_empty_logarithm(term: Combination) -> bool:
    """Tell whether a summand is ``log([m]·x)``: minus infinity where the mask is 0."""
    return any(
        isinstance(base, Application) and base.operator is o.LOG and _is_masked(base.arguments[0])
        for product in term.products
        for base, _ in product.factors
    )


def divides_by_mask(term: Combination) -> bool:
    """Tell whether a summand is divided by an indicator: infinite where the mask is 0."""
    factors = (factor for product in term.products for factor in product.factors)
    return any(
        (q < 0 and isinstance(base, INDICATORS))
        or (isinstance(base, Inverse) and isinstance(base.parts[0], INDICATORS))
        for base, q in factors
    )


def _is_masked(term: Combination) -> bool:
    if len(term.products) != 1:
        return False
    return any(isinstance(base, INDICATORS) for base, _ in term.products[0].factors)


def facts_of(mask: Term) -> dict[Term, Combination]:
    """What an indicator that holds says of itself and of its opposite."""
    facts = {mask: UNIT}
    opposite = opposite_of(mask)
    if opposite is not None:
        facts[opposite] = ZERO
    return facts


def _told_places(mask: Term, others: Iterable[Term]) -> dict[Term, Combination]:
    """What an indicator of places says of others on the same index: all, or none, of them hold."""
    told: dict[Term, Combination] = {}
    known = places_of(mask)
    for other in others if known is not None else ():
        found = places_of(other)
        if known is None or found is None or found[0] != known[0]:
            continue
        if found[1] <= known[1] and known[2] <= found[2]:
            told[other] = UNIT
        elif found[2] <= known[1] or known[2] <= found[1]:
            told[other] = ZERO
    return told


def under_masks(product: Product) -> Combination | None:
    """Return a product in which its indicators are used everywhere else, or None as it stands."""
    for mask, _ in product.factors:
        if not isinstance(mask, INDICATORS):
            continue
        rest = tuple(f for f in product.factors if f[0] is not mask)
        others = Product.make(product.coefficient, rest, product.exponent)
        facts = facts_of(mask) | _told_places(mask, indicators_in(others))
        if indicators_in(others).isdisjoint(facts):
            continue
        return multiply(as_combination(mask), assuming(Combination.make((others,)), facts))
    return None


def assuming(term: Combination, facts: Facts) -> Combination:
    """Return a term with indicators, and functions, replaced by what they are known to be."""
    if not _is_told(term, facts):
        return term
    return add(_product(product, facts) for product in term.products)


def _is_told(term: Term, facts: Facts) -> bool:
    """Tell whether facts are about anything in a term."""
    if not indicators_in(term).isdisjoint(facts):
        return True
    functions_told = any(isinstance(key, Application) for key in facts)
    return functions_told and any(part in facts for part in parts_of(term))


def _product(product: Product, facts: Facts) -> Combination:
    exponent = assuming(product.exponent, facts)
    parts = [algebra.scale(algebra.exponential(exponent), product.coefficient)]
    for base, q in product.factors:
        told = _is_told(base, facts)
        parts.append(algebra.power(_base(base, facts), q) if told else single_power(base, q))
    return algebra.multiply_all(parts)


def _base(base: Any, facts: Facts) -> Combination:
    if base in facts:
        return facts[base]
    if isinstance(base, (Combination, Product)):
        return assuming(as_combination(base), facts)
    if isinstance(base, Inverse):
        return algebra.power(assuming(as_combination(base.parts[0]), facts), -ONE)
    if isinstance(base, Binder):
        return _binder(base, facts)
    if isinstance(base, Application):
        return applied(base.operator, *(assuming(argument, facts) for argument in base.arguments))
    if isinstance(base, Cases):
        axis, cases = base.parts
        return as_combination(Cases.make(axis, tuple(assuming(case, facts) for case in cases)))
    return as_combination(base)


def applied(operator: Any, *arguments: Combination) -> Combination:
    """Return an operator applied to terms, by the laws that the theory has for it."""
    function = _FUNCTIONS.get(operator)
    return function(*arguments) if function else functions.apply(operator, *arguments)


_FUNCTIONS: dict[Any, Any] = {
    o.ABSOLUTE: functions.absolute,
    o.LOG: functions.logarithm,
    o.MAXIMUM: functions.maximum,
    o.STOP_GRADIENT: functions.stop_gradient,
}


def _binder(base: Binder, facts: Facts) -> Combination:
    if base.axis is None:
        return evaluated(None, assuming(as_combination(base.body), facts))
    fresh = base.axis.fresh()
    body = assuming(open_body(base, fresh), facts)
    if isinstance(base, BoundMaximum):
        return bound_maximum(fresh, body, assuming(open_support(base, fresh), facts))
    return evaluated(fresh, body) if isinstance(base, Evaluated) else bound_sum(fresh, body)
