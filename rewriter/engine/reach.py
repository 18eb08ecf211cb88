"""Which operations a region starts at, and through which it reaches."""

from __future__ import annotations

from rewriter.engine.extended_range.number import EXTENDED_RANGE
from rewriter.engine.tails import ERROR_FUNCTIONS
from rewriter.facts.ranges import is_of_constants, range_of
from rewriter.graph import operators as o
from rewriter.graph.node import Node

PRODUCTS = frozenset((o.PROD, o.CUMPROD))

STARTERS = (
    frozenset((o.EXP, o.EXP2, o.EXPM1, o.LOGISTIC, o.LOGADDEXP, o.COSH, o.SINH, o.TANH))
    | PRODUCTS
    | ERROR_FUNCTIONS
)

LAYOUTS = frozenset((
    o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.PAD, o.SCATTER_ADD,
    o.CONCATENATE, o.NEGATIVE, o.ASTYPE, o.WHERE,
))  # fmt: skip
"""Operations that only rename indices, negate, or choose."""

ARITHMETIC = frozenset((
    o.ADD, o.SUBTRACT, o.MULTIPLY, o.DIVIDE, o.POWER, o.SQRT, o.RSQRT, o.SUM, o.EINSUM, o.CUMSUM,
    o.ABSOLUTE, o.SIGN, o.MAXIMUM, o.MINIMUM, o.MAX,
))  # fmt: skip
LOGARITHMS = frozenset((o.LOG, o.LOG1P, o.LOG2))

CARRIED = LAYOUTS | ARITHMETIC | LOGARITHMS
"""Operations through which a region extends."""


def starts(node: Node) -> bool:
    """Tell whether a node is an exponential.

    For constants a > 0, ``a ** x = exp(x·log a)``; and ``Π_j x[j]`` is ``exp(Σ_j log x[j])``. What
    is carried in an extended range is sound as it stands.
    """
    if node.origin.rule == EXTENDED_RANGE:
        return False
    if node.operator in STARTERS:
        return True
    if node.operator is not o.POWER or node.operands[1].operator is o.CONSTANT:
        return False
    base = node.operands[0]
    return range_of(base).positive and is_of_constants(base)


def is_linear(node: Node) -> bool:
    """Tell whether an operation adds, multiplies by a number, or renames."""
    if node.operator in (o.MULTIPLY, o.DIVIDE):
        numbers = node.operands if node.operator is o.MULTIPLY else node.operands[1:]
        return any(range_of(p).low == range_of(p).high for p in numbers)
    return node.operator in (o.ADD, o.SUBTRACT) or node.operator in LAYOUTS
