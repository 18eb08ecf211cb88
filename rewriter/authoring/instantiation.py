"""Instances of pattern terms: each variable replaced by what it stands for, each binder over the
subject's own axis, which the functions applied to the bound index know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from unification.core import _reify, construction_sentinel

from rewriter.graph import operators as o
from rewriter.matching.protocol import order_key
from rewriter.matching.substitution import instantiate, substitute
from rewriter.matching.variable import Applied
from rewriter.terms import algebra, functions
from rewriter.terms.algebra import add, as_combination, multiply
from rewriter.terms.binding import bound_sum, evaluated, replace
from rewriter.terms.extents import axis_in_instance
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.term import (
    Application,
    Binder,
    BoundMaximum,
    Combination,
    Evaluated,
    Inverse,
    Pattern,
    Product,
    Term,
    Truth,
)  # fmt: skip
from rewriter.terms.views import term_of, view

Values = Mapping[Any, Any]


def instance(term: Combination, values: Values) -> Combination:
    """Return the instance of a pattern term under a substitution."""
    if not term.variables:
        return term
    return add(_product(product, values) for product in term.products)


def _product(product: Product, values: Values) -> Combination:
    exponent = instance(product.exponent, values)
    result = algebra.scale(algebra.exponential(exponent), product.coefficient)
    for base, q in product.factors:
        changed = _base(base, values)
        power = algebra.power(changed, q) if base.variables else algebra.single_power(base, q)
        result = multiply(result, power)
    return result


_LAWS: dict[Any, Callable[..., Combination]] = {
    o.STOP_GRADIENT: functions.stop_gradient, o.LOG: functions.logarithm,
    o.MAXIMUM: functions.maximum, functions.SUPPORTED: functions.supported,
    o.MINIMUM: functions.minimum, o.ABSOLUTE: functions.absolute, o.SIGN: functions.sign,
}  # fmt: skip
"""Functions of which an instance may be simpler than the pattern: ``log(x·rest)`` at no rest."""


def _base(base: Term, values: Values) -> Combination:
    if not base.variables:
        return as_combination(base)
    if isinstance(base, (Combination, Product)):
        return instance(as_combination(base), values)
    if isinstance(base, Pattern):
        (unknown,) = base.parts
        applied = isinstance(unknown, Applied)
        return term_of(instantiate(unknown, values) if applied else substitute(unknown, values))
    if isinstance(base, Inverse):
        return algebra.power(_base(base.parts[0], values), -1)
    if isinstance(base, Application):
        arguments = tuple(instance(a, values) for a in base.arguments)
        normalised = _LAWS.get(base.operator)
        if normalised is not None:
            return normalised(*arguments)
        return as_combination(Application.make(base.operator, arguments))
    if isinstance(base, Truth):
        asked: Any = base.element
        arguments = tuple(instance(a, values) for a in asked.arguments)
        return as_combination(Truth.make(Application.make(asked.operator, arguments), base.negated))
    assert isinstance(base, Binder)
    return _binder(base, values)


def _binder(base: Binder, values: Values) -> Combination:
    if base.axis is None:
        return evaluated(None, instance(base.body, values))
    axis = axis_in_instance(base, values)
    body = instance(replace(as_combination(base.body), {base.axis: axis}), values)
    if isinstance(base, BoundMaximum):
        support = instance(replace(base.support, {base.axis: axis}), values)
        return bound_maximum(axis, body, support)
    return evaluated(axis, body) if isinstance(base, Evaluated) else bound_sum(axis, body)


def _reified(term: Any, state: Values) -> Iterator[Any]:
    variables = sorted(term.variables, key=order_key)
    found: dict[Any, Any] = {}
    for variable in variables:
        found[variable] = yield _reify(variable, state)
    yield construction_sentinel
    known = {variable: value for variable, value in found.items() if value is not variable}
    yield view(instance(term_of(term), known)) if known else term


def _reify_term(term: Any, state: Values) -> Any:
    return _reified(term, state) if term.variables else term


_reify.add((Term, Mapping), _reify_term)
