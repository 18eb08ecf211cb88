"""SymPy expressions as terms; loaded when the first of them is met.

Sums and products are terms of `Add` and `Mul`, associative and commutative with units 0 and 1; the
connectives of logic, `Max`, `Min`, unions and intersections have their laws too; all else is a free
operator. Pattern variables may stand in SymPy expressions.

>>> import sympy
>>> from rewriter.matching import match, rest, variables
>>> (x,), r = variables("x"), rest("r")
>>> a, b = sympy.symbols("a b")
>>> for found in match(sympy.Mul(sympy.sin(x), r), 3 * a * sympy.sin(b)):
...     print(found)
{r: 3*a, x: b}
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from sympy import (
    Add,
    And,
    AtomicExpr,
    Basic,
    Intersection,
    Max,
    Min,
    Mul,
    Or,
    S,
    Union,
    default_sort_key,
)
from sympy.core.sympify import converter
from sympy.logic.boolalg import Boolean
from unification.variable import Var

from rewriter.matching.digest import digest_of_text
from rewriter.matching.dispatch import join
from rewriter.matching.protocol import (
    EMPTY,
    Operator,
    operands_of,
    operator_of,
    order_key,
    variables_of,
)

__all__ = ["ADD", "MUL", "Placeholder"]


class Placeholder(AtomicExpr, Boolean):  # type: ignore[misc]
    """A pattern variable inside a SymPy expression.

    Args:
        variable: a variable, or a function variable applied to indices.
    """

    __slots__ = ("variable",)
    is_commutative = True

    def __new__(cls, variable: Any) -> Any:
        """Return the placeholder of a variable."""
        found = AtomicExpr.__new__(cls)
        found.variable = variable
        return found

    def _hashable_content(self) -> tuple[Any, ...]:
        return order_key(self.variable)

    def _sympystr(self, printer: Any) -> str:
        return str(self.variable)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Placeholder, (self.variable,))


converter[Var] = Placeholder

ADD = Operator(
    "Add", associative=True, commutative=True, unit=S.Zero, constructor=lambda x: Add(*x)
)
MUL = Operator("Mul", associative=True, commutative=True, unit=S.One, constructor=lambda x: Mul(*x))
ORDERED_MUL = Operator("Mul", associative=True, unit=S.One, constructor=lambda x: Mul(*x))


def _lawful(function: Any, **laws: Any) -> Operator:
    return Operator(function.__name__, associative=True, constructor=lambda x: function(*x), **laws)


LAWFUL = {
    And: _lawful(And, commutative=True, idempotent=True, unit=S.true),
    Or: _lawful(Or, commutative=True, idempotent=True, unit=S.false),
    Max: _lawful(Max, commutative=True, idempotent=True),
    Min: _lawful(Min, commutative=True, idempotent=True),
    Union: _lawful(Union, commutative=True, idempotent=True, unit=S.EmptySet),
    Intersection: _lawful(Intersection, commutative=True, idempotent=True, unit=S.UniversalSet),
}
"""Operators of other classes that have laws."""


@cache
def _operator_of_class(function: Any) -> Operator:
    return Operator(function.__name__, constructor=lambda operands: function(*operands))


@operator_of.register(Basic)
def _(term: Basic) -> Operator | None:
    if not term.args:
        return None
    if term.func is Add:
        return ADD
    if term.func is Mul:
        return MUL if term.is_commutative else ORDERED_MUL
    return LAWFUL.get(term.func) or _operator_of_class(term.func)


@operands_of.register(Basic)
def _(term: Basic) -> tuple[Any, ...]:
    return tuple([each.variable if type(each) is Placeholder else each for each in term.args])


@variables_of.register(Basic)
@lru_cache(maxsize=65536)
def _(term: Basic) -> frozenset[Any]:
    placeholders: set[Any] = term.atoms(Placeholder)
    return EMPTY.union(*(variables_of(each.variable) for each in placeholders))


@order_key.register(Basic)
@lru_cache(maxsize=65536)
def _(term: Basic) -> tuple[int, str, int]:
    return (6, str(default_sort_key(term)), digest_of_text(str(term)))


join(Basic)
