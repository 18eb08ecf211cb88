"""What a node is as a series in one other node: ``g·(exp(u) − 1)/u`` is g times one in u.

And what floats lose of it: the terms of ``exp(u) − 1 − u`` are of order 0, and so are their errors,
though it is of order 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

from rewriter.facts import series as s
from rewriter.facts.ranges import range_of
from rewriter.facts.series import Series
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.terms.rational import Rational, absolute, exact

LARGEST_POWER = 8
"""Powers up to which a function is followed."""


class Expansion(NamedTuple):
    """A product of other nodes' powers with a series in one node.

    Attributes:
        outside: the powers.
        base: u, None where the series is a number.
        series: in u.
        lost: by how many orders of u the errors of floats are larger than those of what it is.
        kept: how many of them other laws keep: one by ``expm1`` and ``log1p``, and where divisors
            are multiplied out; none of a root.
    """

    outside: Mapping[Node, int]
    base: Node | None
    series: Series
    lost: int
    kept: int = 1

    @property
    def cancels(self) -> bool:
        """Tell whether more is lost than other laws keep."""
        return self.lost > self.kept

    def in_terms_of(self, base: Node) -> Expansion | None:
        """Return it as a series in a node, where it is one."""
        if self.base not in (None, base):
            return None
        outside = dict(self.outside)
        series = self.series.shifted(outside.pop(base, 0))
        return Expansion(outside, base, series, self.lost, self.kept)


class Expansions:
    """The expansions of nodes, each asked for after those of its operands.

    Args:
        terms: the coefficients that are known of each series.
    """

    def __init__(self, terms: int) -> None:
        self._terms = terms
        self._known: dict[Node, Expansion] = {}

    def of(self, node: Node) -> Expansion:
        """Return the expansion of a node; itself, where nothing is known of it."""
        found = self._known.get(node)
        if found is None:
            found = self._found(node) or Expansion({node: 1}, None, self._number(1), 0)
            self._known[node] = found
        return found

    def shows_in(self, node: Node, user: Node) -> bool:
        """Tell whether what is lost in a node is lost in what uses it, of which less is."""
        series, result = self.of(node), self.of(user)
        follows = result.base is not None and node is not result.base
        if not follows or node in result.outside:
            return True
        return not result.cancels and result.lost >= series.lost

    def _number(self, value: Rational) -> Series:
        return s.constant(value, self._terms)

    def _found(self, node: Node) -> Expansion | None:
        if not is_float(node.dtype):
            return None
        value = _number_in(node)
        if value is not None:
            return Expansion({}, None, self._number(value), 0) if value else None
        if any(p.dtype != node.dtype for p in node.operands):
            return None
        if node.operator is o.POWER:
            return self._power(self.of(node.operands[0]), _number_in(node.operands[1]))
        rule = _RULES.get(node.operator)
        return None if rule is None else rule(self, *map(self.of, node.operands))

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
        least = min(one.series.order - one.lost for one in both if one is not None)
        kept = min(left.kept, right.kept)
        return Expansion(both[0].outside, base, total, total.order - least, kept)

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
        product = product if base is None else product.shifted(outside.pop(base, 0))
        outside = {node: power for node, power in outside.items() if power}
        lost, kept = max(left.lost, right.lost), min(left.kept, right.kept)
        return Expansion(outside, base, product, lost, kept)

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
        kept = one.kept if exponent.denominator == 1 else 0
        return one._replace(outside=outside, series=raised, kept=kept)

    def root(self, one: Expansion) -> Expansion | None:
        """A square root."""
        return self._power(one, Fraction(1, 2))

    def inverse_root(self, one: Expansion) -> Expansion | None:
        """The inverse of a square root."""
        return self._power(one, Fraction(-1, 2))

    # Functions -----------------------------------------------------------------------------------

    def exponential(self, one: Expansion) -> Expansion | None:
        """``exp``, of what is 0 with its argument; errors are of its size, or of a larger one."""
        known = _alone(one)
        raised = None if known is None else s.exponential(known.series)
        if known is None or raised is None:
            return None
        lost = max(0, known.lost - known.series.order)
        return Expansion({}, known.base, raised, lost, known.kept)

    def exponential_less_one(self, one: Expansion) -> Expansion | None:
        """``expm1``, whose errors are small beside it."""
        raised = self.exponential(one)
        less = None if raised is None else s.add(raised.series, self._number(-1))
        return (
            None if raised is None or less is None else Expansion({}, raised.base, less, one.lost)
        )

    def logarithm(self, one: Expansion) -> Expansion | None:
        """``log`` of what is 1 at 0."""
        known = _alone(one)
        found = None if known is None else s.logarithm(known.series)
        if known is None or found is None:
            return None
        return Expansion({}, known.base, found, found.order + known.lost, known.kept)

    def logarithm_of_one_more(self, one: Expansion) -> Expansion | None:
        """``log1p``."""
        known = _alone(one)
        if known is None or known.series.order < 1:
            return None
        raised = s.add(known.series, self._number(1))
        found = None if raised is None else s.logarithm(raised)
        return None if found is None else Expansion({}, known.base, found, known.lost, known.kept)

    def tangent(self, one: Expansion) -> Expansion | None:
        """``tanh(u) = (exp(2u) − 1)/(exp(2u) + 1)``, whose errors are small beside it."""
        known = _alone(one)
        double = None if known is None else s.exponential(_doubled(known.series, 2))
        if known is None or double is None:
            return None
        above, below = (s.add(double, self._number(sign)) for sign in (-1, 1))
        inverse = None if below is None else s.power(below, -1)
        if above is None or inverse is None:
            return None
        return Expansion({}, known.base, s.multiply(above, inverse), known.lost, known.kept)

    def sigmoid(self, one: Expansion) -> Expansion | None:
        """``1/(1 + exp(−u))``."""
        known = _alone(one)
        opposite = None if known is None else s.exponential(_doubled(known.series, -1))
        below = None if opposite is None else s.add(opposite, self._number(1))
        found = None if below is None else s.power(below, -1)
        if known is None or found is None:
            return None
        return Expansion({}, known.base, found, max(0, known.lost - known.series.order), known.kept)


def _doubled(series: Series, factor: int) -> Series:
    return s.multiply(s.constant(factor, len(series.coefficients)), series)


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
    inner = node
    while inner.operator in (o.BROADCAST_TO, o.RESHAPE):
        inner = inner.operands[0]
    if inner.operator is not o.CONSTANT:
        return None
    bounds = range_of(inner)
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


def least_size(user: Node, node: Node, base: Node) -> float:
    """Return r where a node is used only for ``|u| >= r``: ``where(|u| < r, …, node)``; else 0."""
    if user.operator is not o.WHERE or user.operands[2] is not node or node in user.operands[:2]:
        return 0.0
    condition = user.operands[0]
    if condition.operator is not o.LESS or condition.operands[0].operator is not o.ABSOLUTE:
        return 0.0
    (size,), bound = condition.operands[0].operands, range_of(condition.operands[1])
    return bound.low if size is base else 0.0
