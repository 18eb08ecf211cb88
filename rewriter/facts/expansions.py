"""What a node is as a series in one other node: ``g·(exp(u) − 1)/u`` is g times one in u.

And what floats lose of it: the terms of ``exp(u) − 1 − u`` are of order 0, and so are their errors,
though it is of order 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from rewriter.facts import series as s
from rewriter.facts.ranges import range_of
from rewriter.facts.series import Series
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.constants import repeated_constant
from rewriter.graph.dimension import Shape
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node, with_operands
from rewriter.terms.rational import Rational, absolute, exact, quotient

LAYOUTS = frozenset((o.BROADCAST_TO, o.RESHAPE, o.TRANSPOSE, o.SLICE, o.REVERSE))
"""What only moves elements, or repeats them."""

EXPANSION = "expansion"
"""The rule in the origin of nodes that choose between a series and what was written."""

EXACT = 1000
"""The order of the error of what has none."""

NO_CENTRES: Mapping[Node, Rational] = {}

LARGEST_POWER = 8
"""Powers up to which a function is followed."""


class Expansion(NamedTuple):
    """A product of other nodes' powers with a series in what one node is beside its centre.

    Attributes:
        outside: the powers.
        base: the node of u, None where the series is a number.
        series: in u.
        error: the order of what floats make of it less what it is.
        beside: the same, where its value at the centre is taken from it: by ``expm1`` and
            ``log1p``, which laws see to.
    """

    outside: Mapping[Node, int]
    base: Node | None
    series: Series
    error: int
    beside: int

    def cancels(self, everywhere: bool) -> bool:
        """Tell whether errors are larger than what it is, and grow where u is small, or need not.

        Args:
            everywhere: whether errors are to be small beside every element.
        """
        return self.error < (self.series.order if everywhere else min(self.series.order, 0))

    def in_terms_of(self, base: Node) -> Expansion | None:
        """Return it as a series in a node, where it is one."""
        if self.base not in (None, base):
            return None
        outside = dict(self.outside)
        power = outside.pop(base, 0)
        error, beside = self.error + power, self.beside + power
        return Expansion(outside, base, self.series.shifted(power), error, beside)


class Expansions:
    """The expansions of nodes, each asked for after those of its operands.

    Args:
        terms: the coefficients that are known of each series.
        centres: what is taken from a node to have u: 1, where ``log(x)/(x − 1)`` is expanded.
    """

    def __init__(self, terms: int, centres: Mapping[Node, Rational] = NO_CENTRES) -> None:
        self._terms = terms
        self._centres = centres
        self._known: dict[Node, Expansion] = {}

    def of(self, node: Node) -> Expansion:
        """Return the expansion of a node; itself, where nothing is known of it."""
        found = self._known.get(node)
        if found is None:
            found = self._found(node) or self._itself(node)
            self._known[node] = found
        return found

    def _itself(self, node: Node) -> Expansion:
        """A node of which nothing is known: itself, or its centre and u."""
        one = self._number(1)
        centre = self._centres.get(node)
        around = None if centre is None else s.add(self._number(centre), one.shifted(1))
        return Expansion({node: 1} if around is None else {}, None if around is None else node,
                         around or one, EXACT, EXACT)  # fmt: skip

    def zero_of(self, node: Node) -> tuple[Node, Rational] | None:
        """Return where a linear function of a node vanishes, as (node, value), if not at 0."""
        one = self.of(node)
        if one.base is None or one.outside or one.series.order:
            return None
        value, slope, *others = one.series.coefficients
        return None if any(others) or not slope else (one.base, -quotient(value, slope))

    def shows_in(self, node: Node, user: Node) -> bool:
        """Tell whether what is lost in a node is lost in what uses it: it is no such series."""
        result = self.of(user)
        follows = result.base is not None and node is not result.base
        return not follows or node in result.outside

    def _number(self, value: Rational) -> Series:
        return s.constant(value, self._terms)

    def _found(self, node: Node) -> Expansion | None:
        if not is_float(node.dtype):
            return None
        value = _number_in(node)
        if value is not None:
            return Expansion({}, None, self._number(value), EXACT, EXACT) if value else None
        if node.operator in LAYOUTS:
            return self._laid_out(node)
        if any(p.dtype != node.dtype for p in node.operands):
            return None
        if node.operator is o.POWER:
            return self._power(self.of(node.operands[0]), _number_in(node.operands[1]))
        rule = _RULES.get(node.operator)
        return None if rule is None else rule(self, *map(self.of, node.operands))

    def _laid_out(self, node: Node) -> Expansion:
        """A layout of a product with a series: that of its nodes."""
        one = self.of(node.operands[0])
        outside = {_like(node, part): power for part, power in one.outside.items()}
        base = None if one.base is None else _like(node, one.base)
        return one._replace(outside=outside, base=base)

    # Arithmetic ----------------------------------------------------------------------------------

    def add(self, left: Expansion, right: Expansion) -> Expansion | None:
        """A sum, of what differs by a series in one node."""
        base = left.base if left.base is not None else right.base
        if base is None:
            base = _between(left.outside, right.outside)
        if base is None:
            return None
        both = left.in_terms_of(base), right.in_terms_of(base)
        if both[0] is None or both[1] is None or both[0].outside != both[1].outside:
            return None
        total = s.add(both[0].series, both[1].series)
        if total is None:
            return None
        error = min(both[0].error, both[1].error, total.order)
        numbers = [one.base is None and not one.outside for one in (left, right)]
        if not any(numbers):
            return Expansion(both[0].outside, base, total, error, error)
        beside = right.beside if numbers[0] else left.beside
        error = min(beside, total.order) if total.order > 0 else error
        return Expansion(both[0].outside, base, total, error, beside)

    def subtract(self, left: Expansion, right: Expansion) -> Expansion | None:
        """A difference."""
        return self.add(left, self.negative(right))

    def negative(self, one: Expansion) -> Expansion:
        """The opposite."""
        return one._replace(series=s.multiply(one.series, self._number(-1)))

    def multiply(self, left: Expansion, right: Expansion) -> Expansion | None:
        """A product, of which one may have a power of another node."""
        outside = dict(left.outside)
        for node, power in right.outside.items():
            outside[node] = outside.get(node, 0) + power
        base = left.base if left.base is not None else right.base
        if right.base not in (None, base):
            return None
        product = s.multiply(left.series, right.series)
        errors = left.error + right.series.order, right.error + left.series.order
        error = min(*errors, product.order)
        both = Expansion(outside, base, product, error, error)
        both = both if base is None else both.in_terms_of(base) or both
        outside = {node: power for node, power in both.outside.items() if power}
        return both._replace(outside=outside)

    def divide(self, left: Expansion, right: Expansion) -> Expansion | None:
        """A quotient."""
        inverse = self._power(right, -1)
        return None if inverse is None else self.multiply(left, inverse)

    def _power(self, one: Expansion, exponent: Rational | None) -> Expansion | None:
        if exponent is None or not exponent or absolute(exponent) > LARGEST_POWER:
            return None
        if exponent.denominator != 1 and one.outside:
            return None
        raised = s.power(one.series, exponent)
        outside = {node: power * int(exponent) for node, power in one.outside.items()}
        if raised is None:
            return None
        error = min(raised.order, one.error - one.series.order + raised.order)
        return Expansion(outside, one.base, raised, error, error)

    def root(self, one: Expansion) -> Expansion | None:
        """A square root."""
        return self._power(one, Fraction(1, 2))

    def inverse_root(self, one: Expansion) -> Expansion | None:
        """The inverse of a square root."""
        return self._power(one, Fraction(-1, 2))

    # Functions -----------------------------------------------------------------------------------

    def exponential(self, one: Expansion) -> Expansion | None:
        """``exp`` of what is 0 at the centre."""
        known = _alone(one)
        found = None if known is None else _function(known, s.exponential(known.series))
        if known is None or found is None:
            return None
        return found._replace(beside=min(known.error, known.series.order))

    def exponential_less_one(self, one: Expansion) -> Expansion | None:
        """``expm1``."""
        known = _alone(one)
        raised = None if known is None else s.exponential(known.series)
        if known is None or raised is None:
            return None
        return _function(known, s.add(raised, self._number(-1)))

    def logarithm(self, one: Expansion) -> Expansion | None:
        """``log`` of what is 1 at the centre."""
        known = _alone(one)
        found = None if known is None else s.logarithm(known.series)
        if known is None or found is None:
            return None
        error = min(known.beside, found.order)
        return Expansion({}, known.base, found, error, error)

    def logarithm_of_one_more(self, one: Expansion) -> Expansion | None:
        """``log1p`` of what is 0 at the centre."""
        known = _alone(one)
        more = None if known is None else s.add(known.series, self._number(1))
        return None if known is None or more is None else _function(known, s.logarithm(more))

    def tangent(self, one: Expansion) -> Expansion | None:
        """``tanh(u) = (exp(2u) − 1)/(exp(2u) + 1)``."""
        known = _alone(one)
        double = None if known is None else s.exponential(_multiple(known.series, 2))
        if known is None or double is None:
            return None
        above, below = (s.add(double, self._number(sign)) for sign in (-1, 1))
        inverse = None if below is None else s.power(below, -1)
        if above is None or inverse is None:
            return None
        return _function(known, s.multiply(above, inverse))

    def sigmoid(self, one: Expansion) -> Expansion | None:
        """``1/(1 + exp(−u))``."""
        known = _alone(one)
        opposite = None if known is None else s.exponential(_multiple(known.series, -1))
        below = None if opposite is None else s.add(opposite, self._number(1))
        if known is None or below is None:
            return None
        return _function(known, s.power(below, -1))


def _function(one: Expansion, series: Series | None) -> Expansion | None:
    """A function whose derivative is a number: errors are those of its argument, and its own."""
    if series is None:
        return None
    error = min(one.error, series.order)
    return Expansion({}, one.base, series, error, error)


def _multiple(series: Series, factor: int) -> Series:
    return s.multiply(s.constant(factor, len(series.coefficients)), series)


def _like(node: Node, part: Node) -> Node:
    """Return a part of an operand as it is part of the operand's layout.

    Parts are broadcast where they meet: axes of one place are put where they belong, or left out.
    """
    operand = node.operands[0]
    if node.operator is o.BROADCAST_TO:
        return part
    moved = _moved_axes(operand.shape, node.shape) if node.operator is o.RESHAPE else None
    if moved is None:
        return with_operands(node, (op.broadcast_to(part, operand.shape),))
    inner = part
    while inner.operator is o.RESHAPE:
        inner = inner.operands[0]
    own = (*[1] * (operand.ndim - part.ndim), *part.shape)
    shape: list[Any] = [1] * node.ndim
    for before, after in moved:
        shape[after] = own[before]
    while shape and shape[0] == 1:
        shape.pop(0)
    return inner if inner.shape == tuple(shape) else op.reshape(inner, tuple(shape))


def _moved_axes(before: Shape, after: Shape) -> list[tuple[int, int]] | None:
    """Return (place before, place after) of axes, where only axes of one place come or go."""
    places = [[k for k, extent in enumerate(shape) if extent != 1] for shape in (before, after)]
    if [before[k] for k in places[0]] != [after[k] for k in places[1]]:
        return None
    return list(zip(*places, strict=True))


def _alone(one: Expansion) -> Expansion | None:
    """Return what is a series in one node, and nothing beside, as such."""
    if one.base is not None:
        return None if one.outside else one
    if len(one.outside) != 1:
        return None
    ((node, power),) = one.outside.items()
    return one.in_terms_of(node) if power > 0 else None


def _between(left: Mapping[Node, int], right: Mapping[Node, int]) -> Node | None:
    """Return the node in whose power alone two products differ."""
    differ = [n for n in {**left, **right} if left.get(n, 0) != right.get(n, 0)]
    return differ[0] if len(differ) == 1 else None


def _number_in(node: Node) -> Rational | None:
    """Return the number that all elements of a constant are, else None."""
    if repeated_constant(node) is None:
        return None
    bounds = range_of(node)
    return exact(bounds.low) if bounds.low == bounds.high and abs(bounds.low) < _HUGE else None


_HUGE = 2.0**100

_Rule = Callable[..., Expansion | None]

_RULES: dict[object, _Rule] = {
    o.ADD: Expansions.add,
    o.SUBTRACT: Expansions.subtract,
    o.NEGATIVE: Expansions.negative,
    o.MULTIPLY: Expansions.multiply,
    o.DIVIDE: Expansions.divide,
    o.SQRT: Expansions.root,
    o.RSQRT: Expansions.inverse_root,
    o.EXP: Expansions.exponential,
    o.EXPM1: Expansions.exponential_less_one,
    o.LOG: Expansions.logarithm,
    o.LOG1P: Expansions.logarithm_of_one_more,
    o.TANH: Expansions.tangent,
    o.LOGISTIC: Expansions.sigmoid,
}


def least_size(user: Node, node: Node, u: Node) -> float:
    """Return r where a node is used only for ``|u| >= r``: ``where(|u| < r, …, node)``; else 0."""
    if user.operator is not o.WHERE or user.operands[2] is not node or node in user.operands[:2]:
        return 0.0
    condition = user.operands[0]
    if condition.operator is not o.LESS or condition.operands[0].operator is not o.ABSOLUTE:
        return 0.0
    (size,), bound = condition.operands[0].operands, range_of(condition.operands[1])
    return bound.low if size is u else 0.0


def beside(base: Node, centres: Mapping[Node, Rational]) -> Node:
    """Return the node of u: what a node is beside its centre."""
    centre = centres.get(base, 0)
    return op.subtract(base, float(centre)) if centre else base


def divided_by(node: Node) -> Node | None:
    """Return what a quotient, or a negative power, divides by."""
    if node.operator is o.DIVIDE:
        return node.operands[1]
    if node.operator is not o.POWER:
        return None
    exponent = _number_in(node.operands[1])
    return node.operands[0] if exponent is not None and exponent < 0 else None
