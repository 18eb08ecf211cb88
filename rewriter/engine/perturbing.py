"""Operations that are each wrong by a little: what they all come to shows which digits are kept.

Source: J. Vignes' random arithmetic (CESTAC), Mathematics and Computers in Simulation 35, 1993,
with numbers that are no matter of chance.
"""

from __future__ import annotations

from itertools import count

import numpy as np

from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.elementwise import constant
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply, rewritten

ROUNDED = 2.0**-50
"""By how much each operation in float64 is off: some roundings."""

_EXACT = frozenset((
    o.INPUT, o.CONSTANT, o.IOTA, o.NEGATIVE, o.ABSOLUTE, o.SIGN, o.BINADE, o.MAXIMUM, o.MINIMUM,
    o.FLOOR, o.CEIL, o.ROUND, o.WHERE, o.STOP_GRADIENT, o.ASTYPE, o.MAX, o.MIN, o.RESHAPE,
    o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.PAD, o.CONCATENATE,
))  # fmt: skip
"""Operations on floats that do not round."""


class Perturbation:
    """Makes results a little wrong, elements of one by different amounts."""

    def __init__(self) -> None:
        self._seeds = count()

    def rounded(self, node: Node) -> Node:
        """Return the result of an operation with an error of some roundings, where it rounds."""
        if not is_float(node.dtype) or node.operator in _EXACT:
            return node
        return self.off(node)

    def off(self, node: Node) -> Node:
        """Return a tensor with errors of some roundings."""
        return apply(o.MULTIPLY, (node, constant(1 + ROUNDED * self._waves(node), node.dtype)))

    def share(self, node: Node, size: float) -> Node:
        """Return small parts of a tensor, no larger than such a share of each element."""
        return apply(o.MULTIPLY, (node, constant(size * self._waves(node), node.dtype)))

    def _waves(self, node: Node) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        shape = tuple(n if isinstance(n, int) else 1 for n in node.shape)
        waves = np.cos(1.7 * np.arange(int(np.prod(shape))) + next(self._seeds))
        return np.asarray(waves.reshape(shape))


def perturbed(graph: Graph) -> Graph:
    """Return a graph whose operations are each wrong by a little."""
    return graph.with_outputs(rewritten(graph.outputs, Perturbation().rounded))
