"""How tensor terms join the matching library: their operators, operands, binders and residuals.

A product is ``times`` of its factors, a negative power an ``inverse``, an exponential ``exp`` of
its exponent, a bound sum a binder; so one goal matches them all modulo the theory.
"""

from __future__ import annotations

from typing import Any

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.matching import protocol
from rewriter.matching.dispatch import join
from rewriter.matching.protocol import Operator
from rewriter.terms import algebra, binding, maxima, reading
from rewriter.terms.algebra import as_combination
from rewriter.terms.extents import axis_in_instance
from rewriter.terms.index import Affine, Axis, Data, Fixed, axes_in
from rewriter.terms.index import replace as replace_index
from rewriter.terms.operators import (
    COMMUTATIVE,
    EVALUATED,
    EXP,
    EXTREMES,
    FALSEHOOD,
    INVERSE,
    MAXIMUM,
    OF_TWO_INDICES,
    PLUS,
    SUM,
    TIMES,
    TRUTH,
    UNBOUND,
    affine_in,
    application,
    comparison,
    data,
    element,
    power,
    term_of,
    view,
    within,
)
from rewriter.terms.rational import Rational, quotient
from rewriter.terms.term import (
    ONE,
    ZERO,
    Application,
    Atom,
    Binder,
    BoundMaximum,
    Cases,
    Combination,
    Element,
    Evaluated,
    Inverse,
    Product,
    Term,
    Truth,
    Within,
)  # fmt: skip


def _operands_of_extreme(term: Application) -> tuple[Any, ...]:
    """Return what a maximum or a minimum is of, and what those among it are of."""
    found: list[Any] = []
    stack: list[Term] = [term]
    while stack:
        inner = algebra.plain(stack.pop())
        if isinstance(inner, Application) and inner.operator is term.operator:
            stack += inner.arguments[::-1]
        else:
            found.append(view(inner))
    return tuple(found)


def _operands(product: Product) -> tuple[Any, ...]:
    parts: list[Any] = []
    if product.coefficient != 1:
        parts.append(Product.make(product.coefficient, (), ZERO))
    for base, q in product.factors:
        parts += _copies(base, q)
    if product.exponent.products:
        parts.append(Product.make(ONE, (), product.exponent))
    return tuple(parts)


def _copies(base: Term, q: Rational) -> list[Any]:
    if q.denominator != 1:
        return [Product.make(ONE, ((base, q),), ZERO)]
    one = view(base) if q > 0 else Product.make(ONE, ((base, -1),), ZERO)
    return [one] * abs(int(q))


@protocol.operator_of.register(Product)
def _(term: Product) -> Operator | None:
    parts = _operands(term)
    if len(parts) > 1:
        return TIMES
    if term.exponent.products:
        return EXP
    if not term.factors:
        return None
    q = term.factors[0][1]
    return INVERSE if q == -1 else power(q)


@protocol.operands_of.register(Product)
def _(term: Product) -> tuple[Any, ...]:
    parts = _operands(term)
    if len(parts) > 1:
        return parts
    if term.exponent.products:
        return (view(term.exponent),)
    return (view(term.factors[0][0]),) if term.factors else ()


@protocol.operator_of.register(Combination)
def _(term: Combination) -> Operator | None:
    return PLUS if len(term.products) > 1 else None


@protocol.operands_of.register(Combination)
def _(term: Combination) -> tuple[Any, ...]:
    return tuple(view(product) for product in term.products)


_COMPARISONS: dict[Primitive, tuple[Primitive, bool, bool]] = {
    o.LESS: (o.LESS, False, False), o.GREATER: (o.LESS, True, False),
    o.GREATER_EQUAL: (o.LESS, False, True), o.LESS_EQUAL: (o.LESS, True, True),
}  # fmt: skip
"""Each order as a strict one: with the operands turned round, and with the opposite answer."""


def _compared(term: Truth) -> tuple[Operator, tuple[Any, ...]]:
    """Return the operator and the operands of a comparison; ``y > x`` is ``x < y``."""
    asked: Any = term.element
    primitive, turned, opposite = _COMPARISONS.get(asked.operator, (asked.operator, False, False))
    operands = tuple(view(argument) for argument in asked.arguments)
    operator = comparison(primitive, term.negated != opposite)
    return operator, operands[::-1] if turned else operands


def _indicator_operator(term: Atom) -> Operator | None:
    if isinstance(term, Truth):
        if isinstance(term.element, Application):
            return _compared(term)[0]
        return FALSEHOOD if term.negated else TRUTH
    if type(term) in OF_TWO_INDICES:
        return OF_TWO_INDICES[type(term)]
    return within(*term.parts[1:]) if isinstance(term, Within) else None


@protocol.operator_of.register(Atom)
def _(term: Atom) -> Operator | None:
    if isinstance(term, Evaluated):
        return UNBOUND if term.axis is None else EVALUATED
    if isinstance(term, Binder):
        return MAXIMUM if isinstance(term, BoundMaximum) else SUM
    if isinstance(term, Application):
        return COMMUTATIVE.get(term.operator) or application(term.operator)
    if isinstance(term, Inverse):
        return INVERSE
    if isinstance(term, Element):
        return element(term.node)
    return _indicator_operator(term)


@protocol.operands_of.register(Atom)
def _(term: Atom) -> tuple[Any, ...]:
    if isinstance(term, BoundMaximum):
        return (view(term.body), view(term.support))
    if isinstance(term, Binder):
        return (view(as_combination(term.body)),)
    if isinstance(term, Application):
        if term.operator in EXTREMES:
            return _operands_of_extreme(term)
        return tuple(view(argument) for argument in term.arguments)
    if isinstance(term, Inverse):
        return (view(term.parts[0]),)
    if isinstance(term, Truth):
        asked = term.element
        return _compared(term)[1] if isinstance(asked, Application) else (asked,)
    if type(term) in OF_TWO_INDICES:
        return term.parts
    if isinstance(term, Within):
        return term.parts[:1]
    return term.indices if isinstance(term, Element) else ()


@protocol.open_binder.register(Binder)
def _(term: Binder, index: Any) -> tuple[Any, ...]:
    body = view(binding.open_body(term, index))
    if isinstance(term, BoundMaximum):
        return (body, view(binding.open_support(term, index)))
    return (body,)


@protocol.close_binder.register(Binder)
def _(term: Binder, index: Any, operands: tuple[Any, ...]) -> Any:
    body = term_of(operands[0])
    if isinstance(term, Evaluated):
        return view(binding.evaluated(index, body))
    if isinstance(term, BoundMaximum):
        return view(maxima.bound_maximum(index, body, term_of(operands[1])))
    return view(binding.bound_sum(index, body))


@protocol.fresh_index.register(Binder)
def _(term: Binder) -> Any:
    return term.axis.fresh()


@protocol.index_in_instance.register(Binder)
def _(term: Binder, substitution: Any) -> Any:
    return axis_in_instance(term, substitution)


@protocol.variables_of.register(Term)
def _(term: Term) -> frozenset[Any]:
    return term.variables


@protocol.free_indices.register(Term)
def _(term: Term) -> frozenset[Any]:
    return term.free


@protocol.order_key.register(Term)
def _(term: Term) -> tuple[int, str, int]:
    return term.order


@protocol.replace_indices.register(Term)
def _(term: Term, mapping: Any) -> Any:
    return view(binding.replace(as_combination(term), mapping))


protocol.operator_of.register(Affine)(lambda term: affine_in(term.step, term.offset))
protocol.operands_of.register(Affine)(lambda term: (term.base,))
protocol.operator_of.register(Data)(lambda term: data(term.node))
protocol.operands_of.register(Data)(lambda term: term.indices)
protocol.variables_of.register(Affine)(lambda term: term.variables)
protocol.variables_of.register(Data)(lambda term: term.variables)

for _kind in (Fixed, Affine, Data):
    protocol.is_index_expression.register(_kind)(lambda term: True)
    protocol.free_indices.register(_kind)(axes_in)
    protocol.replace_indices.register(_kind)(replace_index)


def _can_be_split(operator: Operator, term: Any) -> bool:
    """An exponential, or a number other than −1."""
    if operator is not TIMES or term.factors:
        return False
    return bool(term.exponent.products) or term.coefficient != -1


@protocol.residual.register(Product, _can_be_split)
def _residual(operator: Operator, subject_operand: Any, part: Any) -> Any:
    """``exp(a + b) = exp(a)·exp(b)``, and ``c = (−1)·(−c)``."""
    if operator is not TIMES or not isinstance(part, Product):
        return None
    whole, taken = subject_operand, part
    if whole.factors or taken.factors:
        return None
    if not whole.exponent.products:
        negated = taken.coefficient == -1 and not taken.exponent.products
        return Product.make(-whole.coefficient, (), ZERO) if negated else None
    if taken.coefficient != 1 or whole.coefficient != 1:
        return None
    amounts = {p.monomial: p.coefficient for p in whole.exponent.products}
    for p in taken.exponent.products:
        if not 0 < quotient(p.coefficient, amounts.get(p.monomial, -p.coefficient)) <= 1:
            return None
    left = algebra.add((whole.exponent, algebra.negate(taken.exponent)))
    return view(as_combination(Product.make(ONE, (), left)))


def normal_form(node: Node) -> Any:
    """Return the normal form of an expression, in its smallest form, as goals take it.

    Two expressions with one normal form are equal over the reals, wherever both are defined.
    """
    return view(reading.normal_form(node))


join(Term)

__all__ = ["EVALUATED", "EXP", "INVERSE", "MAXIMUM", "PLUS", "SUM", "TIMES", "Axis", "Cases",
           "application",
    "normal_form", "term_of", "view"]  # fmt: skip
