"""What operations are of numbers of two words, by the primitive; None where they leave them.

A rule takes the operation and its operands: numbers of two words where they are made of data by
sums and products alone, nodes elsewhere. What is rounded by itself has no digits to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rewriter.engine.contracting import contracted, places_along
from rewriter.engine.double_word import number
from rewriter.engine.double_word.number import DIGITS, DoubleWord
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.constants import folded_constant, repeated_constant
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Primitive

Operand = DoubleWord | Node
Outcome = DoubleWord | Node | None
Rule = Callable[[Node, Sequence[Operand]], Outcome]

WORD = "float64"
"""What words are."""

LARGEST_CONTRACTION = 2**16
"""Elements of a product that is summed; a larger one is computed as it stands."""

_CONVERTED_DIGITS = {"float32": 24, "float16": 11, "bfloat16": 8, "bool": 1}
"""Bits of the significands of what is converted."""

_SIGNIFICANDS = (1, 8, 11, 24)


def data_of(node: Node) -> DoubleWord | None:
    """Return a tensor of words that is data, which are known exactly; None for all others."""
    if node.dtype != WORD or node.operator not in (o.INPUT, o.ASTYPE):
        return None
    (before,) = node.operands or (node,)
    return DoubleWord(node, None, _CONVERTED_DIGITS.get(before.dtype, DIGITS))


def number_of(operand: Operand) -> DoubleWord:
    """Return an operand as a number of two words, the second of which is 0 of a plain tensor."""
    if isinstance(operand, DoubleWord):
        return operand
    values = folded_constant(operand)
    return DoubleWord(operand, None, DIGITS if values is None else _digits_of(values))


def _digits_of(values: Any) -> int:
    """Bits of the longest significand of numbers."""
    fractions, _ = np.frexp(np.asarray(values, WORD))
    for count in _SIGNIFICANDS:
        scaled = fractions * 2.0**count
        if (scaled == np.round(scaled)).all():
            return count
    return DIGITS


def _of_numbers(function: Callable[..., Outcome]) -> Rule:
    return lambda node, operands: function(*map(number_of, operands))


def _are_exact(operands: Sequence[Operand]) -> bool:
    """Tell whether all are made of data, or constant."""
    return all(
        isinstance(operand, DoubleWord) or folded_constant(operand) is not None
        for operand in operands
    )


def _of_exact(function: Callable[..., DoubleWord]) -> Rule:
    """Of what is rounded the product is no better than rounded."""
    return lambda node, operands: (
        function(*map(number_of, operands)) if _are_exact(operands) else None
    )


def _square(node: Node, operands: Sequence[Operand]) -> Outcome:
    exponent = repeated_constant(node.operands[1])
    if exponent is None or exponent.size != 1 or float(exponent.ravel()[0]) != 2.0:
        return None
    base = number_of(operands[0])
    return number.product(base, base)


def _where(node: Node, operands: Sequence[Operand]) -> Outcome:
    condition, *cases = operands
    assert isinstance(condition, Node), "a condition is plain"
    return number.chosen(condition, *map(number_of, cases))


def _sum(node: Node, operands: Sequence[Operand]) -> Outcome:
    axes, kept = _axes(node), bool(node.attribute("keepdims"))
    count = places_along(node.operands[0], axes)
    return None if count is None else number.sum_over(number_of(operands[0]), axes, kept, count)


def _extreme(largest: bool) -> Rule:
    def rule(node: Node, operands: Sequence[Operand]) -> Outcome:
        kept = bool(node.attribute("keepdims"))
        return number.extreme(number_of(operands[0]), _axes(node), kept, largest)

    return rule


def _axes(node: Node) -> list[int]:
    return [a % node.operands[0].ndim for a in node.attribute("axis")]


def _running_sum(node: Node, operands: Sequence[Operand]) -> Outcome:
    a, reverse = node.attribute("axis") % node.ndim, bool(node.attribute("reverse"))
    count = places_along(node, [a])
    return None if count is None else number.running_sum(number_of(operands[0]), a, reverse, count)


class _Contracting:
    """What a contraction asks of numbers of two words."""

    product = staticmethod(number.product)
    moved = staticmethod(number.moved)

    def sum_over(self, x: DoubleWord, axes: Sequence[int], count: int) -> DoubleWord:
        """Return the sum over axes of so many places."""
        return number.sum_over(x, axes, False, count)


def _contraction(node: Node, operands: Sequence[Operand]) -> Outcome:
    if not _are_exact(operands):
        return None
    return contracted(node, list(map(number_of, operands)), _Contracting(), LARGEST_CONTRACTION)


def _moved(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Index maps move both words alike."""
    if not isinstance(operands[0], DoubleWord):
        return None
    rest, attributes = list(node.operands[1:]), dict(node.attributes)
    return number.moved(operands[0], lambda part: apply(node.operator, [part, *rest], attributes))


def _padded(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Pad with 0, which both words are there."""
    value = repeated_constant(node.operands[1])
    nothing = value is not None and float(value.ravel()[0]) == 0
    return _moved(node, operands) if nothing else None


def _concatenated(node: Node, operands: Sequence[Operand]) -> Outcome:
    return number.joined(list(map(number_of, operands)), node.attribute("axis"))


def _converted(node: Node, operands: Sequence[Operand]) -> Outcome:
    return operands[0] if node.dtype == WORD else None


def _or_equal(x: DoubleWord, y: DoubleWord) -> Node:
    return op.logical_or(number.less(x, y), number.equal(x, y))


RULES: Mapping[Primitive, Rule] = {
    o.ADD: _of_numbers(number.plus),
    o.SUBTRACT: _of_numbers(number.minus),
    o.MULTIPLY: _of_exact(number.product),
    o.DIVIDE: _of_exact(number.quotient),
    o.POWER: _square,
    o.NEGATIVE: _of_numbers(number.negated),
    o.ABSOLUTE: _of_numbers(number.magnitude),
    o.STOP_GRADIENT: lambda node, operands: operands[0],
    o.ASTYPE: _converted,
    o.WHERE: _where,
    o.MAXIMUM: _of_numbers(number.larger),
    o.MINIMUM: _of_numbers(number.smaller),
    o.SUM: _sum,
    o.MAX: _extreme(largest=True),
    o.MIN: _extreme(largest=False),
    o.CUMSUM: _running_sum,
    o.EINSUM: _contraction,
    o.PAD: _padded,
    o.CONCATENATE: _concatenated,
    **dict.fromkeys((o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER), _moved),
    o.LESS: _of_numbers(number.less),
    o.LESS_EQUAL: _of_numbers(_or_equal),
    o.GREATER: _of_numbers(lambda x, y: number.less(y, x)),
    o.GREATER_EQUAL: _of_numbers(lambda x, y: _or_equal(y, x)),
    o.EQUAL: _of_numbers(number.equal),
    o.NOT_EQUAL: _of_numbers(lambda x, y: op.logical_not(number.equal(x, y))),
}  # fmt: skip
"""What is followed of numbers of two words; all else takes them as plain tensors."""


def outcome(node: Node, operands: Sequence[Operand]) -> Outcome:
    """Return what an operation is of its operands, of which some are of two words.

    None where it is to be computed of plain operands.
    """
    rule = RULES.get(node.operator)
    known = any(isinstance(operand, DoubleWord) for operand in operands)
    return rule(node, operands) if rule is not None and known else None
