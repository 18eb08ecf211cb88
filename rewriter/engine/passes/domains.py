"""Domains: where an operation is a number, and so is its derivative."""

from __future__ import annotations

import math
from collections.abc import Callable

from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import LARGEST_EXPONENT, is_float
from rewriter.graph.node import Node

Safe = tuple[int, float]
"""The operand of an operation that may be outside of its domain, and a number inside of it."""


def _largest(node: Node) -> float:
    """The exponent from which on an exponential overflows."""
    return math.log(2.0) * LARGEST_EXPONENT.get(node.dtype, 128)


def _exponential(node: Node) -> Safe | None:
    return None if range_of(node.operands[0]).high < _largest(node) else (0, 0.0)


def _even(node: Node) -> Safe | None:
    bounds = range_of(node.operands[0])
    largest = _largest(node)
    return None if -largest < bounds.low and bounds.high < largest else (0, 0.0)


def _power(node: Node) -> Safe | None:
    base, exponent = (range_of(operand) for operand in node.operands)
    known = exponent.low == exponent.high
    whole = known and exponent.low.is_integer()
    defined = base.positive or (whole and (exponent.low >= 0 or base.nonzero))
    return None if defined else (0, 1.0)


def _positive(node: Node) -> Safe | None:
    return None if range_of(node.operands[0]).positive else (0, 1.0)


_DOMAINS: dict[object, Callable[[Node], Safe | None]] = {
    o.DIVIDE: lambda node: None if range_of(node.operands[1]).nonzero else (1, 1.0),
    o.LOG: _positive,
    o.LOG2: _positive,
    o.SQRT: _positive,
    o.RSQRT: _positive,
    o.LOG1P: lambda node: None if range_of(node.operands[0]).low > -1 else (0, 0.0),
    o.POWER: _power,
    o.EXP: _exponential,
    o.EXP2: _exponential,
    o.EXPM1: _exponential,
    o.SINH: _even,
    o.COSH: _even,
}
"""Where an operation, and its derivative, is no number: None where ranges exclude that."""


def out_of_domain(node: Node) -> Safe | None:
    """Return the operand with which an operation or its derivative may be no number.

    With it a number with which both are one; None where ranges exclude that.
    """
    rule = _DOMAINS.get(node.operator)
    return rule(node) if rule is not None and is_float(node.dtype) else None


def value_out_of_domain(node: Node) -> bool:
    """Tell whether a value itself may be no number: of a root at 0 the derivative alone is none."""
    if node.operator is o.SQRT or (
        node.operator is o.POWER and range_of(node.operands[1]).positive
    ):
        return not range_of(node.operands[0]).nonnegative and out_of_domain(node) is not None
    return out_of_domain(node) is not None
