"""How far a bound index of a rule runs: as far as the subject's, which only a match tells.

A rule says ``Σ_j b[j]`` of any axis. Once ``b`` is known, as ``λk. x[k]``, the axis ``k`` has the
extent that ``j`` is to have in an instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rewriter.matching.variable import Abstraction, Applied
from rewriter.terms.algebra import as_combination
from rewriter.terms.index import Axis
from rewriter.terms.term import Application, Binder, Combination, Inverse, Pattern, Term, Truth

__all__ = ["axis_in_instance"]


def axis_in_instance(base: Binder, values: Mapping[Any, Any]) -> Axis:
    """Return a fresh axis to bind: that of which a function of the bound index is known to depend.

    Args:
        base: a bound sum, or another binder, with an axis.
        values: what variables stand for.
    """
    for applied in _applications(as_combination(base.body)):
        function = values.get(applied.function)
        if isinstance(function, Abstraction) and base.axis in applied.arguments:
            parameter = function.parameters[applied.arguments.index(base.axis)]
            if isinstance(parameter, Axis):
                return parameter.fresh()
    return base.axis.fresh()


def _applications(term: Combination) -> Iterator[Applied]:
    for product in term.products:
        if product.exponent.products:
            yield from _applications(product.exponent)
        for base, _ in product.factors:
            yield from _applications_in(base)


def _applications_in(base: Term) -> Iterator[Applied]:
    if isinstance(base, Pattern) and isinstance(base.parts[0], Applied):
        yield base.parts[0]
    elif isinstance(base, Combination):
        yield from _applications(base)
    elif isinstance(base, Application):
        for argument in base.arguments:
            yield from _applications(argument)
    elif isinstance(base, Binder):
        yield from _applications(as_combination(base.body))
    elif isinstance(base, (Inverse, Truth)):
        yield from _applications_in(base.parts[0])
