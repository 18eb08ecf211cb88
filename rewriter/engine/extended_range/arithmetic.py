"""What operations are of numbers of the extended range, by the primitive; None where they leave it.

A rule takes the operation and its operands: numbers where they are of that range, nodes elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from rewriter.engine.contracting import contracted, places_along
from rewriter.engine.extended_range import number
from rewriter.engine.extended_range.number import ExtendedNumber
from rewriter.facts.ranges import range_of
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.constants import repeated_constant, repeats
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Primitive

Operand = ExtendedNumber | Node
Outcome = ExtendedNumber | Node | None
Rule = Callable[[Node, Sequence[Operand]], Outcome]

LARGEST_CONTRACTION = 2**20
"""Elements of a product that is summed; a larger one is computed as it stands."""

LONGEST_PRODUCT = 60
"""Factors of a product that a principal part has room for; places of a running sum."""

LARGEST_DENOMINATOR = 8
LARGEST_POWER = 16
"""Of exponents that are taken of indices as well."""

SMALL = 2.0**-60
"""Of numbers x less than this ``log(1 + x)`` and ``exp(x) − 1`` have the digits of x."""

BOUNDED = 40.0
"""Exponents up to this have exponentials that floats have, and their products mostly."""


def number_of(operand: Operand) -> ExtendedNumber:
    """Return an operand as a number of the extended range."""
    return operand if isinstance(operand, ExtendedNumber) else number.of_plain(operand)


def _exponential(node: Node, operands: Sequence[Operand]) -> Outcome:
    argument = _node(operands[0])
    bounds = range_of(node.operands[0])
    if bounds.low >= -BOUNDED and bounds.high <= BOUNDED:
        return None
    return number.exponential(argument)


def _node(operand: Operand) -> Node:
    assert isinstance(operand, Node), "what an exponential is taken of is plain"
    return operand


def _less_one(node: Node, operands: Sequence[Operand]) -> Outcome:
    """``exp(u) − 1``, by its primitive where it does not overflow."""
    argument = _node(operands[0])
    if range_of(node.operands[0]).high <= BOUNDED:
        return None
    near = number.of_plain(op.expm1(op.minimum(argument, 1)))
    far = number.total([number.exponential(argument), number.constant(-1, argument)])
    return number.chosen(op.less(argument, 1), near, far)


def _logistic(node: Node, operands: Sequence[Operand]) -> Outcome:
    """``exp(min(u, 0))/(1 + exp(−|u|))``."""
    argument = _node(operands[0])
    if range_of(node.operands[0]).low >= -BOUNDED:
        return None
    rest = op.logistic(op.absolute(argument))
    return number.product(number.exponential(op.minimum(argument, 0)), number.of_plain(rest))


def _softplus(node: Node, operands: Sequence[Operand]) -> Outcome:
    """``log(1 + exp(u))``, which is as small as ``exp(u)``."""
    zero, argument = operands if repeats(node.operands[0], 0.0) else reversed(operands)
    if not any(repeats(operand, 0.0) for operand in node.operands):
        return None
    u = op.broadcast_to(_node(argument), node.shape)
    near = number.of_plain(op.logaddexp(_node(zero), op.maximum(u, -BOUNDED)))
    return number.chosen(op.less(u, -BOUNDED), number.exponential(u), near)


def _hyperbolic(sign: int) -> Rule:
    def rule(node: Node, operands: Sequence[Operand]) -> Outcome:
        """``(exp(u) ± exp(−u))/2``, by its primitive near 0."""
        argument = _node(operands[0])
        other = number.exponential(-argument)
        both = [number.exponential(argument), other if sign > 0 else number.negated(other)]
        near = number.of_plain(apply(node.operator, [number.within(argument, 1)]))
        far = number.product(number.constant(0.5, argument), number.total(both))
        return number.chosen(op.less(op.absolute(argument), 1), near, far)

    return rule


def _binary_exponential(node: Node, operands: Sequence[Operand]) -> Outcome:
    return number.binary_exponential(_node(operands[0]))


def _power_of_data(node: Node, operands: Sequence[Operand]) -> Outcome:
    """``x^y``, where y is no constant."""
    if repeated_constant(node.operands[1]) is not None:
        return None
    return _exponential_of_logarithm(node, operands)


def _exponential_of_logarithm(node: Node, operands: Sequence[Operand]) -> Outcome:
    """``x^y = exp(y·log x)``, which is 1 where y is 0; None where x may be negative."""
    if not range_of(node.operands[0]).nonnegative:
        return None
    base, exponent = operands
    logarithm = op.log(base) if isinstance(base, Node) else number.logarithm(base)
    y = op.broadcast_to(_plain(exponent, node.operands[1]), node.shape)
    raised = number.exponential(y * op.astype(logarithm, y.dtype))
    return number.chosen(op.equal(y, 0), number.constant(1, raised.principal), raised)


def _plain(operand: Operand, written: Node) -> Node:
    """Return an operand as a plain tensor of the dtype that is written."""
    return number.plain(operand, written.dtype) if isinstance(operand, ExtendedNumber) else operand


STARTS: Mapping[Primitive, Rule] = {
    o.EXP: _exponential, o.EXPM1: _less_one, o.LOGISTIC: _logistic, o.LOGADDEXP: _softplus,
    o.COSH: _hyperbolic(1), o.SINH: _hyperbolic(-1), o.EXP2: _binary_exponential,
    o.POWER: _power_of_data,
}  # fmt: skip
"""What may overflow or vanish of plain operands."""


def _of_numbers(function: Callable[..., ExtendedNumber]) -> Rule:
    return lambda node, operands: function(*map(number_of, operands))


def _sum_of_two(node: Node, operands: Sequence[Operand]) -> Outcome:
    return number.total([*map(number_of, operands)], _are_positive(node.operands))


def _are_positive(nodes: Sequence[Node]) -> bool:
    """Tell whether nothing of what is added up, or multiplied and added up, is negative."""
    return all(range_of(node).nonnegative for node in nodes)


def _power(node: Node, operands: Sequence[Operand]) -> Outcome:
    exponent = repeated_constant(node.operands[1])
    if exponent is None or exponent.size != 1:
        return _exponential_of_logarithm(node, operands)
    raised = _raised(operands[0], Fraction(float(exponent.ravel()[0])))
    return _exponential_of_logarithm(node, operands) if raised is None else raised


def _raised(base: Operand, exponent: Fraction) -> Outcome:
    if exponent.denominator > LARGEST_DENOMINATOR or abs(exponent) > LARGEST_POWER:
        return None
    return number.power(number_of(base), exponent)


def _to_the(exponent: Fraction) -> Rule:
    return lambda node, operands: _raised(operands[0], exponent)


def _where(node: Node, operands: Sequence[Operand]) -> Outcome:
    condition, x, y = operands
    assert isinstance(condition, Node), "a condition is plain"
    return number.chosen(condition, number_of(x), number_of(y))


def _compared(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Compare by the sign of the difference; where that is nan, nothing holds but ``!=``."""
    x, y = map(number_of, operands)
    difference = number.total([x, number.negated(y)]).principal
    return apply(node.operator, [difference, op.constant(0, difference.dtype)])


def _extreme(largest: bool) -> Rule:
    def rule(node: Node, operands: Sequence[Operand]) -> Outcome:
        """The one that is ahead by the sign of the difference; nan where either is."""
        x, y = map(number_of, operands)
        first, second = (x, y) if largest else (y, x)
        difference = number.total([first, number.negated(second)]).principal
        ahead = op.logical_or(op.greater_equal(difference, 0), op.isnan(x.principal))
        return number.chosen(ahead, x, y)

    return rule


def _largest_along(extreme: Callable[..., ExtendedNumber]) -> Rule:
    def rule(node: Node, operands: Sequence[Operand]) -> Outcome:
        """The one along axes, where none is negative."""
        if not _are_positive(node.operands):
            return None
        axes, kept = node.attribute("axis"), bool(node.attribute("keepdims"))
        return extreme(number_of(operands[0]), axes, kept)

    return rule


def _sum(node: Node, operands: Sequence[Operand]) -> Outcome:
    axes, kept = node.attribute("axis"), bool(node.attribute("keepdims"))
    return number.sum_over(number_of(operands[0]), axes, kept, _are_positive(node.operands))


def _product(node: Node, operands: Sequence[Operand]) -> Outcome:
    axes, kept = node.attribute("axis"), bool(node.attribute("keepdims"))
    count = _count(node.operands[0], axes)
    return None if count is None else number.product_over(number_of(operands[0]), axes, kept, count)


def _running_product(node: Node, operands: Sequence[Operand]) -> Outcome:
    a, reverse = node.attribute("axis") % node.ndim, bool(node.attribute("reverse"))
    count = _count(node, [a])
    return (
        None if count is None else number.running_product(number_of(operands[0]), a, reverse, count)
    )


def _count(node: Node, axes: Sequence[int]) -> int | None:
    """How many places axes have, where a product of so many has room; else None."""
    count = places_along(node, axes)
    return count if count is not None and count <= LONGEST_PRODUCT else None


def _running_sum(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Each place sums up to it by itself: the others may be far larger."""
    x, a = number_of(operands[0]), node.attribute("axis") % node.ndim
    count = _count(node, [a])
    if count is None:
        return None
    to = op.arange(count)
    come = op.expand_dims(to, 1)
    counted = op.greater_equal(to, come) if node.attribute("reverse") else op.less_equal(to, come)
    counted = op.reshape(counted, (count, count) + (1,) * (node.ndim - a - 1))
    shape = (*node.shape[:a], count, *node.shape[a:])
    spread = number.moved(x, lambda part: op.broadcast_to(op.expand_dims(part, a), shape))
    nothing = number.zeros(shape, x.principal.dtype)
    kept = number.chosen(op.broadcast_to(counted, shape), spread, nothing)
    return number.sum_over(kept, [a + 1], False, _are_positive(node.operands))


@dataclass(frozen=True)
class _Contracting:
    """What a contraction asks of numbers of the extended range."""

    positive: bool

    def product(self, x: ExtendedNumber, y: ExtendedNumber) -> ExtendedNumber:
        """``x · y``."""
        return number.product(x, y)

    def moved(self, x: ExtendedNumber, change: Callable[[Node], Node]) -> ExtendedNumber:
        """Change principal parts and indices alike."""
        return number.moved(x, change)

    def sum_over(self, x: ExtendedNumber, axes: Sequence[int], count: int) -> ExtendedNumber:
        """Return the sum over axes."""
        return number.sum_over(x, axes, False, self.positive)


def _contraction(node: Node, operands: Sequence[Operand]) -> Outcome:
    arithmetic = _Contracting(_are_positive(node.operands))
    return contracted(node, list(map(number_of, operands)), arithmetic, LARGEST_CONTRACTION)


def _moved(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Index maps move principal parts and indices alike."""
    x, rest = number_of(operands[0]), list(node.operands[1:])
    attributes = dict(node.attributes)
    return number.moved(x, lambda part: apply(node.operator, [part, *rest], attributes))


def _padded(node: Node, operands: Sequence[Operand]) -> Outcome:
    value = repeated_constant(node.operands[1])
    if value is None or float(value.ravel()[0]) not in (0.0, 1.0):
        return None
    x, attributes = number_of(operands[0]), dict(node.attributes)
    around = op.constant(float(value.ravel()[0]), x.principal.dtype)
    principal = apply(o.PAD, [x.principal, around], attributes)
    index = apply(o.PAD, [x.index, op.constant(0, x.index.dtype)], attributes)
    return replace(x, principal=principal, index=index)


def _concatenated(node: Node, operands: Sequence[Operand]) -> Outcome:
    parts, axis = list(map(number_of, operands)), node.attribute("axis")
    principal = op.concatenate([one.principal for one in parts], axis)
    index = op.concatenate([one.index for one in parts], axis)
    spread, reach = (max(getattr(one, name) for one in parts) for name in ("spread", "reach"))
    return ExtendedNumber(principal, index, spread, reach)


def _principal(function: Callable[[Node], Node]) -> Rule:
    def rule(node: Node, operands: Sequence[Operand]) -> Outcome:
        """Change the principal part alone."""
        x = number_of(operands[0])
        return replace(x, principal=function(x.principal))

    return rule


def _converted(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Other floats hold as much; integers do not."""
    return number_of(operands[0]) if is_float(node.dtype) else None


def _logarithm(node: Node, operands: Sequence[Operand]) -> Outcome:
    return op.astype(number.logarithm(number_of(operands[0])), node.dtype)


def _binary_logarithm(node: Node, operands: Sequence[Operand]) -> Outcome:
    return op.astype(number.binary_logarithm(number_of(operands[0])), node.dtype)


def _logarithm_beside_one(node: Node, operands: Sequence[Operand]) -> Outcome:
    """``log(1 + v)``: by its primitive where v is no larger than floats are."""
    v = number_of(operands[0])
    near = number.plain(v, v.principal.dtype)
    large = op.greater(near, 2.0**BOUNDED)
    value = op.where(large, number.logarithm(v), op.log1p(op.where(large, 0, near)))
    return _small_as_it_is(v, near, number.of_plain(value))


def _less_one_of_number(node: Node, operands: Sequence[Operand]) -> Outcome:
    """``exp(u) − 1``, which is as small as u."""
    u = number_of(operands[0])
    near = number.plain(u, u.principal.dtype)
    far = _less_one(node, [near])
    return _small_as_it_is(u, near, number.of_plain(op.expm1(near)) if far is None else far)


def _small_as_it_is(x: ExtendedNumber, near: Node, function: Operand) -> Outcome:
    """Return a function of x, or x where it is so small that no digit tells them apart."""
    return number.chosen(op.less(op.absolute(near), SMALL), x, number_of(function))


def _sign(node: Node, operands: Sequence[Operand]) -> Outcome:
    return op.astype(op.sign(number_of(operands[0]).principal), node.dtype)


RULES: Mapping[Primitive, Rule] = {
    o.MULTIPLY: _of_numbers(number.product),
    o.DIVIDE: _of_numbers(number.quotient),
    o.ADD: _sum_of_two,
    o.SUBTRACT: _of_numbers(lambda x, y: number.total([x, number.negated(y)])),
    o.NEGATIVE: _of_numbers(number.negated),
    o.POWER: _power,
    o.SQRT: _to_the(Fraction(1, 2)),
    o.RSQRT: _to_the(Fraction(-1, 2)),
    o.ABSOLUTE: _principal(op.absolute),
    o.STOP_GRADIENT: _principal(op.stop_gradient),
    o.ASTYPE: _converted,
    o.SIGN: _sign,
    o.WHERE: _where,
    o.MAXIMUM: _extreme(largest=True),
    o.MINIMUM: _extreme(largest=False),
    o.MAX: _largest_along(number.largest_of),
    o.MIN: _largest_along(number.least_of),
    o.SUM: _sum,
    o.PROD: _product,
    o.CUMSUM: _running_sum,
    o.CUMPROD: _running_product,
    o.EINSUM: _contraction,
    o.PAD: _padded,
    o.CONCATENATE: _concatenated,
    **dict.fromkeys((o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER), _moved),
    **dict.fromkeys((o.EQUAL, o.NOT_EQUAL, o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL),
                    _compared),
    o.LOG: _logarithm,
    o.LOG2: _binary_logarithm,
    o.LOG1P: _logarithm_beside_one,
    o.EXPM1: _less_one_of_number,
}  # fmt: skip
"""What is followed of numbers of the extended range; all else takes them as plain tensors."""


def outcome(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Return what an operation is of its operands, some of which may be of the extended range.

    None where it is to be computed of plain operands.
    """
    if any(isinstance(operand, ExtendedNumber) for operand in operands):
        if node.operator in RULES:
            return RULES[node.operator](node, operands)
        operands = [_plain(*pair) for pair in zip(operands, node.operands, strict=True)]
    rule = STARTS.get(node.operator)
    return None if rule is None else rule(node, operands)
