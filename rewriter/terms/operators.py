"""Operators: what the matching library takes terms to be applications of.

``x · exp(y)`` is `TIMES` of x and of `EXP` of y; each operator also makes a term of its operands.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from functools import lru_cache, reduce
from typing import Any

from unification.variable import Var

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.matching.protocol import Operator
from rewriter.matching.variable import Applied
from rewriter.terms import algebra, as_written, binding, functions, indicators
from rewriter.terms.algebra import as_combination
from rewriter.terms.index import Data, affine
from rewriter.terms.rational import Rational
from rewriter.terms.term import (
    MINUS_INFINITY,
    UNIT_PRODUCT,
    ZERO,
    Application,
    AtMost,
    Combination,
    Delta,
    Distinct,
    Element,
    Pattern,
    Special,
    Term,
    Truth,
)  # fmt: skip


def term_of(value: Any) -> Combination:
    """Return what a match holds (a term, or a pattern variable) as a combination."""
    if isinstance(value, (Var, Applied)):
        return as_combination(Pattern.make(value))
    return as_combination(value)


def view(term: Term) -> Any:
    """Return a term in its smallest form, a sole pattern variable as the variable itself."""
    smallest = algebra.plain(term)
    return smallest.parts[0] if isinstance(smallest, Pattern) else smallest


def _product_of(operands: Iterable[Any]) -> Any:
    result = as_combination(UNIT_PRODUCT)
    for operand in operands:
        result = algebra.multiply(result, term_of(operand))
    return view(result)


def _sum_of(operands: Iterable[Any]) -> Any:
    return view(algebra.add(term_of(operand) for operand in operands))


TIMES = Operator("times", associative=True, commutative=True, unit=UNIT_PRODUCT,
                 constructor=_product_of)  # fmt: skip
PLUS = Operator("plus", associative=True, commutative=True, unit=ZERO, constructor=_sum_of)
INVERSE = Operator("inverse", constructor=lambda x: view(algebra.power(term_of(x[0]), -1)))
EXP = Operator("exp", constructor=lambda x: view(algebra.exponential(term_of(x[0]))))
SUM = Operator("sum", binder=True)
MAXIMUM = Operator("max", binder=True)
EVALUATED = Operator("evaluated", binder=True)
UNBOUND = Operator(
    "evaluated here", constructor=lambda x: view(binding.evaluated(None, term_of(x[0])))
)

_APPLICATIONS: dict[Primitive, Operator] = {}
_ELEMENTS: weakref.WeakKeyDictionary[Any, Operator] = weakref.WeakKeyDictionary()
_POWERS: dict[Rational, Operator] = {}


def _largest_of(operands: Iterable[Any]) -> Any:
    return view(functions.maximum(*map(term_of, operands)))


def _smallest_of(operands: Iterable[Any]) -> Any:
    return view(reduce(functions.minimum, map(term_of, operands)))


LARGEST = Operator("maximum", associative=True, commutative=True, constructor=_largest_of,
                   unit=algebra.plain(MINUS_INFINITY))  # fmt: skip
SMALLEST = Operator("minimum", associative=True, commutative=True, constructor=_smallest_of,
                    unit=Special.make("inf"))  # fmt: skip
EXTREMES = {o.MAXIMUM: LARGEST, o.MINIMUM: SMALLEST}
"""The primitives that are associative and commutative, whatever they are of."""


def _as_written(primitive: Primitive, unit: Any = None) -> Operator:
    """The operator of sums or products as they are written, which no law takes apart.

    Args:
        primitive: what stands in the term.
        unit: the sum or product of none; None where it is always of two.
    """

    def build(operands: Any) -> Any:
        """Return the view of terms joined as they are written."""
        terms = list(map(term_of, operands))
        if len(terms) < 2 and unit is not None:
            return view(terms[0]) if terms else unit
        return view(as_written.written(primitive, terms))

    if unit is None:
        return Operator(f"{primitive.name} of two", commutative=True, constructor=build)
    return Operator(f"{primitive.name} of several", associative=True, commutative=True, unit=unit,
                    constructor=build)  # fmt: skip


COMMUTATIVE = {
    **EXTREMES, o.ADD: _as_written(o.ADD), o.MULTIPLY: _as_written(o.MULTIPLY),
    as_written.SUM_OF_SEVERAL: _as_written(as_written.SUM_OF_SEVERAL, ZERO),
    as_written.PRODUCT_OF_SEVERAL: _as_written(as_written.PRODUCT_OF_SEVERAL, UNIT_PRODUCT),
}  # fmt: skip
"""The operators of applications whose operands have no order."""


def application(primitive: Primitive) -> Operator:
    """Return the operator of applications of a primitive."""
    found = _APPLICATIONS.get(primitive)
    if found is None:

        def build(x: Any) -> Any:
            return view(as_combination(Application.make(primitive, tuple(map(term_of, x)))))

        found = _APPLICATIONS[primitive] = Operator(primitive.name, constructor=build)
    return found


def power(q: Rational) -> Operator:
    """Return the operator that raises to a power."""
    found = _POWERS.get(q)
    if found is None:
        found = _POWERS[q] = Operator(
            f"power {q}", constructor=lambda x: view(algebra.power(term_of(x[0]), q))
        )
    return found


def element(node: Any) -> Operator:
    """Return the operator that reads a tensor at indices."""
    found = _ELEMENTS.get(node)
    if found is None:
        reference = weakref.ref(node)
        found = _ELEMENTS[node] = Operator(
            node.attribute("name") or node.operator.name,
            constructor=lambda x: Element.make(reference(), tuple(x)),
        )
    return found


TRUTH = Operator("holds", constructor=lambda x: Truth.make(x[0], False))
FALSEHOOD = Operator("does not hold", constructor=lambda x: Truth.make(x[0], True))
AT_MOST = Operator("at most", constructor=lambda x: view(indicators.at_most(x[0], x[1])))
DISTINCT = Operator("distinct", constructor=lambda x: view(indicators.distinct(x[0], x[1])))
DELTA = Operator("delta", constructor=lambda x: view(indicators.delta(x[0], x[1])))
OF_TWO_INDICES: dict[type, Operator] = {Delta: DELTA, Distinct: DISTINCT, AtMost: AT_MOST}
"""The operators of indicators whose parts are two index expressions."""


@lru_cache(maxsize=64)
def comparison(primitive: Primitive, negated: bool) -> Operator:
    """Return the operator of a comparison, or of its opposite."""

    def build(operands: Any) -> Any:
        return Truth.make(Application.make(primitive, tuple(map(term_of, operands))), negated)

    return Operator(f"{'not ' if negated else ''}{primitive.name}", constructor=build)


@lru_cache(maxsize=1024)
def within(low: Any, high: Any) -> Operator:
    """Return the operator that asks whether an index is in ``[low, high)``."""

    def build(operands: Any) -> Any:
        return view(indicators.within(operands[0], low, high))

    return Operator(f"within [{low}, {high})", constructor=build)


@lru_cache(maxsize=1024)
def affine_in(step: int, offset: Any) -> Operator:
    """Return the operator ``step·i + offset`` of index expressions."""

    def build(operands: Any) -> Any:
        return affine(operands[0], step, offset)

    return Operator(f"affine {step} {offset}", constructor=build)


@lru_cache(maxsize=1024)
def data(node: Node) -> Operator:
    """Return the operator that reads an index from a tensor."""
    return Operator("data", constructor=lambda x: Data(node, tuple(x)))
