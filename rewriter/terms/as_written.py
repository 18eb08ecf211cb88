"""Terms as they are written: operations are symbols that no law takes apart.

The theory reads ``√(x·y)`` of positive values as ``√x·√y``, and a rule about either is then no
longer seen. Here every operation on floats is an application of its primitive, sums and products
too, modulo no more than associativity and commutativity; index notation stays what it is. What
such a term means to the theory is `meant`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any

from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import input
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Kind, Primitive
from rewriter.terms import algebra, functions
from rewriter.terms.algebra import add, as_combination
from rewriter.terms.binding import axis_to_open, bound_sum, evaluated, open_body, open_support
from rewriter.terms.indexing import aligned
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.meaning import MEANINGS, contraction
from rewriter.terms.reading import Reader, element, meaning
from rewriter.terms.term import (
    ONE,
    ZERO,
    Application,
    Binder,
    BoundMaximum,
    BoundSum,
    Combination,
    Evaluated,
    Inverse,
    Product,
    Term,
    Truth,
)  # fmt: skip
from rewriter.terms.traversal import parts_of

__all__ = [
    "PRODUCT_OF_SEVERAL",
    "SUM_OF_SEVERAL",
    "FlatReader",
    "WrittenReader",
    "as_contractions",
    "is_written",
    "meant",
    "written",
]


def _of_several(operands: Sequence[Any], attributes: Mapping[str, Any]) -> tuple[Any, str]:
    return operands[0].shape, operands[0].dtype


SUM_OF_SEVERAL = Primitive("add", Kind.ELEMENTWISE, _of_several)
PRODUCT_OF_SEVERAL = Primitive("multiply", Kind.ELEMENTWISE, _of_several)
"""Sums and products without the brackets in them."""

_OF_TWO = {SUM_OF_SEVERAL: o.ADD, PRODUCT_OF_SEVERAL: o.MULTIPLY}
_OF_SEVERAL = {two: several for several, two in _OF_TWO.items()}
_SUMS = (o.ADD, SUM_OF_SEVERAL)
_PRODUCTS = (o.MULTIPLY, PRODUCT_OF_SEVERAL)

_READ_BY_THE_THEORY = frozenset((o.WHERE, o.ASTYPE, o.STOP_GRADIENT, o.MAXIMUM, o.MINIMUM))
"""Elementwise operations on floats that have no other form as a term."""

_WHOLE = frozenset((o.PROD, o.CUMSUM, o.CUMPROD))
"""Operations that the theory has only by way of others."""


class WrittenReader(Reader):
    """Reads nodes as they are written; arguments as for `rewriter.terms.reading.Reader`.

    A sum of two, one of them a sum, stays one of two: what a variable stands for may be a sum.
    """

    def combined(self, operator: Primitive, terms: Sequence[Combination]) -> Combination:
        """Return a sum or a product of terms."""
        return reduce(lambda one, other: written(operator, (one, other)), terms)

    def product(self, terms: Sequence[Combination]) -> Combination:
        """Return a product of terms."""
        return self.combined(o.MULTIPLY, terms)

    def meaning(self, node: Node) -> Combination:
        """Return what a node is, in terms of its operands as they are written."""
        operands = [self(p) for p in node.operands]
        if node.operator in _WHOLE:
            return element(node)
        if node.operator is o.EINSUM and is_float(node.dtype):
            return contraction(node, operands, self.product)
        if not _is_symbol(node):
            return meaning(node, operands, self.compares)
        several = [aligned(node, place, term) for place, term in enumerate(operands)]
        if node.operator in _OF_SEVERAL:
            return self.combined(node.operator, several)
        return functions.apply(node.operator, *several)


def _is_symbol(node: Node) -> bool:
    operator = node.operator
    elementwise = operator.kind is Kind.ELEMENTWISE and operator not in _READ_BY_THE_THEORY
    return elementwise and is_float(node.dtype) and bool(node.operands) and all(
        is_float(operand.dtype) for operand in node.operands
    )  # fmt: skip


class FlatReader(WrittenReader):
    """Reads nodes as they are written, but for brackets in sums of sums, products of products."""

    def combined(self, operator: Primitive, terms: Sequence[Combination]) -> Combination:
        """Return a sum or a product of terms, and of what those are sums or products of."""
        operator = _OF_SEVERAL[operator]
        flat: list[Combination] = []
        for term in terms:
            inner = algebra.plain(term)
            if isinstance(inner, Application) and inner.operator is operator:
                flat += inner.arguments
            else:
                flat.append(term)
        return written(operator, flat)


def written(operator: Primitive, terms: Iterable[Combination]) -> Combination:
    """Return a sum or a product of several terms as it is written, its operands in order."""
    return functions.apply(operator, *sorted(terms, key=lambda term: term.order))


# What is written, to the theory -------------------------------------------------------------------


def is_written(term: Term) -> bool:
    """Tell whether a term holds an operation as a symbol that the theory would read."""
    found = term.__dict__.get("written")
    if found is None:
        found = term.__dict__["written"] = any(
            isinstance(part, Application) and _is_opened(part) for part in parts_of(term)
        )
    return bool(found)


def _is_opened(term: Application) -> bool:
    if term.operator is o.POWER:
        return algebra.is_number(term.arguments[1])
    return term.operator in _OPENED


_OPENED = frozenset((
    *_SUMS, *_PRODUCTS, o.SUBTRACT, o.DIVIDE, o.NEGATIVE, o.EXP, o.EXP2, o.EXPM1, o.LOG1P, o.LOG2,
    o.LOGADDEXP, o.LOGISTIC, o.TANH, o.SINH, o.COSH, o.SQRT, o.RSQRT,
))  # fmt: skip
"""Operations that the theory reads as others."""


def meant(term: Combination) -> Combination:
    """Return the normal form of a term that is as it is written."""
    return add(map(_product, term.products)) if is_written(term) else term


def _product(product: Product) -> Combination:
    exponent = algebra.exponential(meant(product.exponent))
    parts = [algebra.scale(exponent, product.coefficient)]
    parts += [algebra.power(_base(base), q) for base, q in product.factors]
    return algebra.multiply_all(parts)


def _base(base: Term) -> Combination:
    if not is_written(base):
        return as_combination(base)
    if isinstance(base, (Combination, Product)):
        return meant(as_combination(base))
    if isinstance(base, Inverse):
        return algebra.power(_base(base.parts[0]), -1)
    if isinstance(base, Application):
        return _applied(base.operator, list(map(meant, base.arguments)))
    if isinstance(base, Truth):
        asked: Any = base.element
        arguments = tuple(map(meant, asked.arguments))
        return as_combination(Truth.make(Application.make(asked.operator, arguments), base.negated))
    return _bound(base) if isinstance(base, Binder) else as_combination(base)


def _applied(operator: Any, terms: list[Combination]) -> Combination:
    if operator in _SUMS:
        return add(terms)
    if operator in _PRODUCTS:
        return reduce(algebra.multiply, terms)
    rule = MEANINGS.get(operator)
    found = None if rule is None else rule(_scalar(operator, len(terms)), terms)
    return functions.apply(operator, *terms) if found is None else found


@lru_cache(maxsize=256)
def _scalar(operator: Primitive, count: int) -> Node:
    return apply(operator, [input("x", (), "float64")] * count)


def _bound(base: Binder) -> Combination:
    if base.axis is None:
        return evaluated(None, meant(base.body))
    axis = axis_to_open(base)
    body = meant(open_body(base, axis))
    if isinstance(base, BoundMaximum):
        return bound_maximum(axis, body, meant(open_support(base, axis)))
    return evaluated(axis, body) if isinstance(base, Evaluated) else bound_sum(axis, body)


# What is built ------------------------------------------------------------------------------------


def as_contractions(term: Combination) -> Combination:
    """Return a term as it is built: of two operands at a time, sums of products as contractions.

    A contraction holds no product of tensors.
    """
    made: dict[Term, Term] = {}
    stack: list[Term] = [term]
    while stack:
        current = stack[-1]
        waiting = [p for p in _below(current) if p not in made]
        if waiting:
            stack += waiting
            continue
        made[current] = _remade(current, made)
        stack.pop()
    return as_combination(made[term])


def _below(term: Term) -> list[Term]:
    stack, found = list(term.parts), []
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack += part
        elif isinstance(part, Term):
            found.append(part)
    return found


def _remade(term: Term, made: dict[Term, Term]) -> Term:
    def changed(part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(map(changed, part))
        return made[part] if isinstance(part, Term) else part

    parts = tuple(map(changed, term.parts))
    if type(term) is BoundSum:
        return BoundSum.make(parts[0], _factors_of(parts[1]))
    if isinstance(term, Application) and term.operator in _OF_TWO:
        operator = _OF_TWO[term.operator]
        folded = reduce(lambda one, other: functions.apply(operator, one, other), parts[1])
        return algebra.plain(folded)
    return term if parts == term.parts else type(term).make(*parts)


def _factors_of(body: Product) -> Product:
    """Return a body that is one product, as it is written, as a product of its factors."""
    if body.coefficient != 1 or len(body.factors) != 1 or body.exponent.products:
        return body
    factors: dict[Term, Any] = {}
    stack: list[Any] = [body.factors[0][0]]
    while stack:
        inner = stack.pop()
        if isinstance(inner, Application) and inner.operator in _PRODUCTS:
            stack += map(algebra.plain, inner.arguments[::-1])
        elif isinstance(inner, Product):
            return body
        else:
            factors[inner] = factors.get(inner, 0) + 1
    return Product.make(ONE, algebra.sort_factors(factors), ZERO)
