"""Integers that wrap round: what is known of a result that its dtype may not hold.

``x + 1`` of a uint8 up to 255 is 256 over the integers, and 0 as it is computed.
"""

from __future__ import annotations

import numpy as np

from rewriter.facts.interval import ANYTHING, NONNEGATIVE, Interval
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_integer
from rewriter.graph.node import Node

_MAY_WRAP = frozenset((
    o.ADD, o.SUBTRACT, o.MULTIPLY, o.POWER, o.NEGATIVE, o.ABSOLUTE, o.SUM, o.PROD, o.EINSUM,
    o.CUMSUM, o.ASTYPE,
))  # fmt: skip
"""Operations whose result may be an integer that its dtype does not hold."""


def fits(bounds: Interval, dtype: str) -> bool:
    """Tell whether integers within bounds are all of that dtype: none wraps round."""
    info = np.iinfo(dtype)
    return bounds.low >= float(info.min) and bounds.high <= float(info.max)


def unless_wrapped(node: Node, bounds: Interval) -> Interval:
    """Return the bounds of a result: of integers that may wrap round, what their dtype tells."""
    if not is_integer(node.dtype) or node.operator not in _MAY_WRAP or fits(bounds, node.dtype):
        return bounds
    if node.operator is o.ASTYPE:
        source = node.operands[0].dtype
        if not is_integer(source) or np.can_cast(source, node.dtype):
            return bounds
    return NONNEGATIVE if node.dtype.startswith("uint") else ANYTHING
