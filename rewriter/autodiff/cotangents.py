"""The cotangents that a sweep has gathered so far."""

from __future__ import annotations

from rewriter.autodiff.broadcasting import total
from rewriter.graph.node import Node


class Cotangents:
    """Sums of contributions, in the order in which they came.

    Attributes:
        of: the cotangent of each node that got one.
        of_results: for an opaque call, the cotangent of each of its results that got one.
    """

    def __init__(self) -> None:
        self.of: dict[Node, Node] = {}
        self.of_results: dict[Node, dict[int, Node]] = {}

    def add(self, node: Node, contribution: Node) -> None:
        """Add a contribution to the cotangent of a node."""
        known = self.of.get(node)
        self.of[node] = contribution if known is None else total(known, contribution)

    def add_result(self, call: Node, index: int, contribution: Node) -> None:
        """Add a contribution to the cotangent of one result of an opaque call."""
        results = self.of_results.setdefault(call, {})
        known = results.get(index)
        results[index] = contribution if known is None else total(known, contribution)
