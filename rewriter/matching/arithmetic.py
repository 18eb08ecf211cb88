"""Arithmetic of pattern variables: among themselves and with numbers they make SymPy expressions.

>>> import sympy
>>> from rewriter.matching import match, rest, variables
>>> (x,), r = variables("x"), rest("r")
>>> a, b = sympy.symbols("a b")
>>> [str(found) for found in match(sympy.log(x * r), sympy.log(a * b))]
['{r: b, x: a}', '{r: a, x: b}']
>>> [str(found) for found in match(x**2 + 2 * r, b**2 + 2 * a)]
['{r: a, x: b}']
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Number
from typing import Any

__all__ = ["Arithmetic"]


def _binary(operation: Callable[[Any, Any], Any], reflected: bool = False) -> Callable[..., Any]:
    def method(left: Any, right: Any) -> Any:
        """Return the operation of both sides as SymPy's."""
        if not isinstance(right, Arithmetic | Number):
            return NotImplemented  # SymPy's own expressions take a variable, others refuse it
        from sympy import sympify

        sides = (right, left) if reflected else (left, right)
        return operation(*map(sympify, sides))

    return method


class Arithmetic:
    """What has SymPy's arithmetic: variables, and function variables applied to indices."""

    __slots__ = ()

    __add__ = _binary(operator.add)
    __radd__ = _binary(operator.add, reflected=True)
    __sub__ = _binary(operator.sub)
    __rsub__ = _binary(operator.sub, reflected=True)
    __mul__ = _binary(operator.mul)
    __rmul__ = _binary(operator.mul, reflected=True)
    __truediv__ = _binary(operator.truediv)
    __rtruediv__ = _binary(operator.truediv, reflected=True)
    __pow__ = _binary(operator.pow)
    __rpow__ = _binary(operator.pow, reflected=True)

    def __neg__(self) -> Any:
        return -1 * self
