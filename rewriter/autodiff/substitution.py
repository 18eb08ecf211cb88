"""Putting nodes in the place of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rewriter.graph.node import Node, topological, with_operands


def substituted(roots: Sequence[Node], bindings: Mapping[Node, Node]) -> list[Node]:
    """Return the roots with each bound node replaced by one of the same shape and dtype."""
    images = dict(bindings)
    for node in topological(roots):
        if node not in images:
            images[node] = with_operands(node, tuple(images[operand] for operand in node.operands))
    return [images[root] for root in roots]
