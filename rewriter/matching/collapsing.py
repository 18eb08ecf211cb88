"""Terms that may lose their root: by units, x + 0 = x, or by idempotence, x ∪ x = x.

>>> from rewriter.matching import Operator, constants, rest
>>> (a, zero), x = constants("a zero"), rest("x")
>>> plus = Operator("plus", associative=True, commutative=True, unit=zero)
>>> union = Operator("union", associative=True, commutative=True, idempotent=True)
>>> list(ways_to_collapse(plus(a, x)))
[(a, ((x, zero),)), (x, ((a, zero),))]
>>> list(ways_to_collapse(union(a, x)))
[(a, ((x, a),))]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations
from typing import Any

from rewriter.matching.protocol import Operator, is_ground, operands_of, operator_of
from rewriter.matching.variable import Kind, Variable, kind_of

__all__ = ["apart", "collapses", "is_general", "may_vanish", "ways_to_collapse"]

Equation = tuple[Any, Any]


def collapses(operator: Operator | None) -> bool:
    """Whether terms of an operator may lose their root."""
    return operator is not None and (operator.unit is not None or operator.idempotent)


def ways_to_collapse(term: Any) -> Iterator[tuple[Any, tuple[Equation, ...]]]:
    """Yield what a term may become without its root, and what must be equal for that.

    Of an idempotent operator's operands some become equal and the others units, of another's all
    but one are units.
    """
    operator, operands = operator_of(term), operands_of(term)
    if operator is None or not collapses(operator):
        return
    all_places = range(len(operands))
    most = len(operands) if operator.idempotent else 1
    for size in range(1 if operator.unit is not None else most, most + 1):
        for kept in combinations(all_places, size):
            first = operands[kept[0]]
            if size == 1 and first in operands[: kept[0]]:
                continue
            equal = ((operands[at], first) for at in kept[1:])
            units = ((operands[at], operator.unit) for at in all_places if at not in kept)
            yield first, tuple(chain(equal, units))


def is_general(atom: Any) -> bool:
    """Whether an atom may stand for any number of operands."""
    return kind_of(atom) is Kind.MANY and isinstance(atom, Variable)


def may_vanish(atom: Any) -> bool:
    """Whether an atom may stand for a unit."""
    return is_general(atom) or collapses(operator_of(atom))


def apart(left: Any, right: Any) -> bool:
    """Whether two terms are seen at once not to unify."""
    if kind_of(left) is not Kind.TERM or kind_of(right) is not Kind.TERM:
        return False
    operator, other = operator_of(left), operator_of(right)
    if collapses(operator) or collapses(other):
        return False
    if operator is not other:
        return True
    return is_ground(left) and is_ground(right) and left != right
