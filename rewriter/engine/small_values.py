"""Small values: what is divided by, or logged, though it may be 0 with an exponential in it.

``log(log(1 + exp(x)))`` of a large negative x is x. In a term that divides by ``log(1 + exp(x))``
or by ``1 − exp(−exp(x))``, or takes the logarithm of such, they are read as ``exp(λ)·r``: the
exponential cancels or is shifted as any other, and r is of moderate size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.algebra import add, as_combination, multiply, negate
from rewriter.terms.assuming import applied
from rewriter.terms.binding import axis_to_open, bound_sum, evaluated, open_body
from rewriter.terms.factors import bare
from rewriter.terms.functions import logarithm, maximum, stop_gradient, unsupported
from rewriter.terms.instances import maximum_times_constant
from rewriter.terms.near import (
    Difference,
    Meaning,
    Softplus,
    differences,
    is_sum_of_positives,
    softpluses,
    sum_of_differences,
)
from rewriter.terms.pairing import pair
from rewriter.terms.rational import Rational
from rewriter.terms.relative import LEAST_SHARE, relative
from rewriter.terms.sign import interval_of
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import (
    ONE,
    UNIT,
    ZERO,
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Evaluated,
    Inverse,
    Product,
    Term,
)  # fmt: skip
from rewriter.terms.traversal import parts_of

if TYPE_CHECKING:
    from rewriter.engine.one_pass import OnePass


_LOGARITHMS = frozenset((o.LOG, o.LOG1P, o.LOG2))
_LOGGING = _LOGARITHMS | {o.POWER, o.RSQRT, o.PROD, o.CUMPROD}
"""What a value that may vanish makes infinite, beside divisions."""

CARRYING = frozenset((
    o.ADD, o.SUBTRACT, o.MULTIPLY, o.DIVIDE, o.SUM, o.CUMSUM, o.EINSUM, o.SQRT, o.RESHAPE,
    o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.PAD, o.CONCATENATE, o.NEGATIVE,
    o.ASTYPE, o.WHERE,
))  # fmt: skip
"""What may vanish with its operands."""


def divided_or_logged(node: Node) -> tuple[Node, ...]:
    """Return what a node divides by, or takes the logarithm of: infinite where this is 0."""
    if node.operator in _LOGGING:
        return node.operands[:1]
    return node.operands[1:] if node.operator is o.DIVIDE else ()


def divides_by_small(nodes: Iterable[Node]) -> bool:
    """Tell whether a graph divides by logarithms that may vanish, or takes logarithms of them.

    Args:
        nodes: all its nodes, operands first.
    """
    small: set[Node] = set()
    for node in nodes:
        if not small.isdisjoint(divided_or_logged(node)):
            return True
        first = node.operator in _LOGARITHMS or node.operator is o.LOGADDEXP
        carries = node.operator in CARRYING and not small.isdisjoint(node.operands)
        if first or carries:
            bounds = range_of(node)
            one_sign = bounds.nonnegative or bounds.nonpositive
            if bounds.low <= 0.0 <= bounds.high and (carries or one_sign):
                small.add(node)
    return False


@dataclass(frozen=True)
class Exponential:
    """``share · exp(exponent)``.

    Attributes:
        exponent: λ.
        share: of moderate size.
        least: the smaller of λ and 0.
    """

    exponent: Combination
    share: Combination
    least: Combination


class SmallValues:
    """Reads small values as exponentials times what is of moderate size.

    Args:
        scaling: scales what they are near, and themselves.

    Attributes:
        meaning: what elements stand for that hold exponentials, of other elements None.
    """

    def __init__(self, scaling: OnePass) -> None:
        self.scaling = scaling
        self.meaning: Meaning = lambda element: None
        self._apart: dict[Term, Combination | None] = {}

    def taken_apart(self, term: Combination) -> Combination | None:
        """Return a term that divides by small values, or logs them, with all read so; else None."""
        if not self._divides(term):
            return None
        if len(term.products) > 1:
            content, base = algebra.split_content(term)
            inner = self._of(base) if self._divides(as_combination(content)) else None
            if inner is not None:
                return multiply(self._product(content), inner)
        products = ((p, as_combination(p)) for p in term.products)
        return add(self._product(p) if self._divides(one) else one for p, one in products)

    def read(self, term: Combination) -> Combination:
        """Return a term with the small values among its factors and summands read so."""
        whole = self._of(term)
        return add(map(self._product, term.products)) if whole is None else whole

    def _product(self, product: Product) -> Combination:
        exponent = product.exponent
        if self._divides(exponent):
            exponent = self.read(exponent)
        first = as_combination(Product.make(product.coefficient, (), ZERO))
        result = multiply(first, algebra.exponential(exponent))
        for base, q in product.factors:
            changed = self._base(base)
            if changed is None:
                factor = Combination.make((Product.make(ONE, ((base, q),), ZERO),))
            else:
                factor = algebra.power(changed, q)
            result = multiply(result, factor)
        return result

    def _base(self, base: Term) -> Combination | None:
        """Return a factor read so, None where it stays."""
        if isinstance(base, Inverse):
            inner = self._base(base.parts[0])
            return None if inner is None else algebra.power(inner, -ONE)
        whole = self._of(base)
        if whole is not None:
            return whole
        if isinstance(base, Application) and base.operator is o.LOG:
            inside = base.arguments[0]
            read = self.read(inside)
            return None if read is inside else logarithm(read)
        if type(base) is BoundSum:
            axis = axis_to_open(base)
            body = open_body(base, axis)
            read = self.read(body)
            return None if read is body else bound_sum(axis, read)
        if isinstance(base, Combination):
            read = self.read(base)
            return None if read is base else read
        return None

    def _divides(self, term: Combination) -> bool:
        """Tell whether a term divides by a small value, or logs it."""
        return any(
            self._is_divided(base, q) for product in term.products for base, q in product.factors
        ) or any(self._divides(p.exponent) for p in term.products if p.exponent.products)

    def _is_divided(self, base: Term, q: Rational) -> bool:
        inner = bare(base)
        if (isinstance(base, Inverse) or q < 0) and self.holds(inner):
            return True
        if isinstance(inner, Application) and inner.operator is o.LOG:
            return self.holds(inner.arguments[0]) or self._divides(inner.arguments[0])
        if isinstance(inner, BoundSum) and not isinstance(inner, Evaluated):
            return self._divides(as_combination(inner.body))
        return isinstance(inner, Combination) and self._divides(inner)

    def are_logged(self, term: Combination) -> bool:
        """Tell whether a term takes the logarithm of a small value, which may be infinite."""
        return any(
            isinstance(part, Application)
            and part.operator is o.LOG
            and self.holds(bare(part.arguments[0]))
            for part in parts_of(term)
        )

    def is_one(self, term: Combination) -> bool:
        """Tell whether a term is a small value."""
        return self._of(term) is not None

    def holds(self, base: Term) -> bool:
        """Tell whether a small value is a factor or a summand."""
        if self._of(base) is not None:
            return True
        if isinstance(base, Combination):
            return any(self.holds(bare(b)) for p in base.products for b, _ in p.factors)
        if type(base) is BoundSum:
            return any(self.holds(bare(b)) for b, _ in base.body.factors)
        return False

    def _of(self, base: Term) -> Combination | None:
        """Return a small value as an exponential times what is of moderate size, else None."""
        if base not in self._apart:
            self._apart[base] = None  # while it is looked at
            self._apart[base] = self._found(base)
        return self._apart[base]

    def _found(self, base: Term) -> Combination | None:
        term = as_combination(base)
        summed = self._softpluses(term)
        if summed is not None:
            return summed
        opposite = self._softpluses(negate(term))
        if opposite is not None:
            return negate(opposite)
        summed_up = sum_of_differences(term)
        if summed_up is not None:
            axis, term, coefficient = summed_up
            inside = self._of(term)
            return None if inside is None else algebra.scale(bound_sum(axis, inside), coefficient)
        return self._added(map(self._difference, differences(term, self.meaning)))

    def _added(self, parts: Iterable[Combination | None]) -> Combination | None:
        """Return a sum of what was read, None where there is nothing, or some was not."""
        found = list(parts)
        known = [part for part in found if part is not None]
        return add(known) if known and len(known) == len(found) else None

    def _softpluses(self, term: Combination) -> Combination | None:
        found, rest = softpluses(term)
        if not found or not is_sum_of_positives(rest):
            return None
        summed = self._added(map(self._softplus, found))
        return None if summed is None else add((summed, self.read(rest)))

    def _softplus(self, one: Softplus) -> Combination | None:
        """``log(1 + exp(λ)·s) = logaddexp(0, λ + log s)``, relative to the exponential."""
        argument = self._as_exponential(one.argument)
        if argument is None:
            return None
        above = applied(o.LOGADDEXP, ZERO, add((argument.exponent, logarithm(argument.share))))
        value = relative(above, argument.least, argument.share)
        return one.of(multiply(sole_exponential(argument.least), value))

    def _difference(self, one: Difference) -> Combination | None:
        """``1 − exp(−t)`` relative to the exponential in t; logarithms in t are scaled."""
        argument = self._as_exponential(one.argument)
        if argument is None:
            return None
        gap = self.scaling.by_one_pass(one.gap).term
        value = evaluated(None, add((UNIT, negate(sole_exponential(negate(gap))))))
        apart = relative(value, argument.least, argument.share)
        return multiply(one.outside, multiply(sole_exponential(argument.least), apart))

    def _as_exponential(self, argument: Combination) -> Exponential | None:
        """Return what a value is near as an exponential times what is of moderate size.

        None where the exponential is proved to be a number that floats have.
        """
        joined = self.scaling.joined_by_largest(self.read(argument))
        if len(joined.products) != 1 or not joined.products[0].exponent.products:
            return None
        (product,) = joined.products
        share = as_combination(Product.make(product.coefficient, product.factors, ZERO))
        if interval_of(share).low < LEAST_SHARE:
            return None
        exponent = product.exponent
        if interval_of(exponent).low >= -2 * self.scaling.limit:
            return None
        if _is_at_most_zero(exponent):
            return Exponential(exponent, share, exponent)
        return Exponential(exponent, share, _smaller_than_zero(exponent))


def _is_at_most_zero(exponent: Combination) -> bool:
    """Tell whether an exponent is proved not to be positive, or all that it is the largest of."""
    if pair(exponent).bounded_above(0.0):
        return True
    product = exponent.products[0]
    found = maximum_times_constant(product) if len(exponent.products) == 1 else None
    if found is None or product.coefficient < 0:
        return False
    _, largest, _ = found
    values = [largest.body] if isinstance(largest, BoundMaximum) else largest.arguments
    return all(_is_at_most_zero(unsupported(as_combination(value))[0]) for value in values)


def _smaller_than_zero(exponent: Combination) -> Combination:
    """The smaller of an exponent and 0, by the maximum that bounds ``1 + exp`` of it as well."""
    above = add((UNIT, sole_exponential(exponent)))
    if algebra.split_content(above)[1] is above:
        return add((exponent, negate(stop_gradient(maximum(ZERO, exponent)))))
    return negate(maximum(ZERO, negate(exponent)))
