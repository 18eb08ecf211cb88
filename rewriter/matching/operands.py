"""What a pattern's operands stand for, as far as it is known."""

from __future__ import annotations

from typing import Any

from rewriter.matching.protocol import Operator, flatten, is_ground
from rewriter.matching.search import MISSING, Bindings, Search
from rewriter.matching.variable import Applied, Kind, Rest, RestFunction, kind_of

__all__ = ["Contradiction", "combine", "function_of", "known_operands", "takes_many"]


class Contradiction(Exception):
    """A pattern's operand stands for what it may not stand for."""


def combine(operator: Operator, elements: tuple[Any, ...], canonical: bool) -> Any:
    """Return the term of some operands: the unit for none, the operand for one.

    Args:
        operator: an associative operator.
        elements: the operands, none of which has the operator at its root.
        canonical: whether they are in canonical order.
    """
    if len(elements) == 1:
        return elements[0]
    if not elements:
        return operator.unit
    if canonical and operator.intern is not None:
        return operator.intern(operator, elements)
    return operator(*elements)


def function_of(operand: Any) -> Any:
    """Return the variable that an operand of a pattern binds."""
    return operand.function if type(operand) is Applied else operand


def takes_many(operand: Any) -> bool:
    """Whether an operand may stand for any number of operands."""
    kind = kind_of(operand)
    if kind is Kind.APPLIED:
        return isinstance(operand.function, Rest | RestFunction)
    return kind is Kind.MANY


def known_operands(
    operator: Operator, operand: Any, search: Search, bindings: Bindings
) -> tuple[Any, ...] | None:
    """Return the operands that a pattern's operand stands for, or None where it is not known yet.

    A function that is known is applied to its arguments and flattened; what comes out may still
    have index variables.

    Raises:
        Contradiction: where it stands for no operand or for several, but must stand for one.
    """
    kind = kind_of(operand)
    if kind is Kind.TERM:
        return (operand,) if is_ground(operand) else None
    if kind is not Kind.APPLIED:
        value = bindings.get(operand, MISSING)
        if value is MISSING:
            return None
        one = kind is Kind.ONE
    else:
        if operand.function not in bindings:
            return None
        value = search.instantiated(operand, bindings)
        one = not takes_many(operand) and search.is_miller(operand)
    if not operator.associative:
        return (value,)
    parts = flatten(operator, value)
    if one and len(parts) != 1:
        raise Contradiction
    return parts
