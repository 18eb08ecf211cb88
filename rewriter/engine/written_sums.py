"""Sums that a graph itself takes exponentials of: those need not be computed piece by piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from rewriter.graph.node import Node
from rewriter.terms.algebra import as_combination
from rewriter.terms.term import Combination
from rewriter.terms.traversal import nodes_in


class WrittenSums:
    """What a graph takes exponentials of.

    Args:
        nodes: these nodes.
        reads: reads a node as an exponent.
    """

    def __init__(self, nodes: Iterable[Node], reads: Callable[[Node], Combination]) -> None:
        self._nodes, self._reads = nodes, reads
        self._known: list[Counter[Node]] | None = None

    def have(self, term: Combination) -> bool:
        """Tell whether the graph takes an exponential of a sum that reads as much as this one."""
        if self._known is None:
            self._known = [_read_in(self._reads(one)) for one in self._nodes]
        wanted = _read_in(term)
        return any(wanted <= written for written in self._known)


def _read_in(term: Combination) -> Counter[Node]:
    """In how many summands each tensor is read."""
    return Counter(n for product in term.products for n in nodes_in(as_combination(product)))
