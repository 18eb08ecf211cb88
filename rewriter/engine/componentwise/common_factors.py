"""Common factors: ``a·b − a·c`` as ``a·(b − c)``, where the difference is what may cancel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rewriter.engine.componentwise.limits import Limits, Terms
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node

Factor = tuple[Node, bool]
"""A node, and whether it multiplies, or divides."""


def with_common_factors(graph: Graph, sums: Mapping[Node, Terms], limits: Limits) -> Graph:
    """Return the graph with what the terms of sums share taken out of them.

    Args:
        graph: any graph.
        sums: the terms of each sum, with their signs.
        limits: which nodes have parts.
    """
    return graph.rebuilt(
        lambda node, made: _factored(node, sums[node], made) if node in sums else None
    )


def _factored(node: Node, written: Terms, made: Mapping[Node, Node]) -> Node | None:
    terms = _behind_reshape(written)
    factors = [_factors(sign, term) for sign, term in terms]
    common = factors[0][1]
    for _, one in factors[1:]:
        common = common & one
    if not common:
        return None
    total: Node | None = None
    for sign, one in factors:
        part = _product(one - common, made)
        if total is None:
            total = part if sign > 0 else -part
        else:
            total = total + part if sign > 0 else total - part
    assert total is not None
    found = _product(common, made) * total
    if terms is not written:
        found = op.reshape(op.broadcast_to(found, terms[0][1].shape), written[0][1].shape)
    return op.astype(op.broadcast_to(found, node.shape), node.dtype)


def _behind_reshape(terms: Terms) -> Terms:
    """The terms before they were reshaped, where all of them were, alike."""
    while True:
        behind, signs = [], []
        for sign, term in terms:
            if term.operator is o.NEGATIVE:
                sign, term = -sign, term.operands[0]
            behind.append(term)
            signs.append(sign)
        shapes = {term.operands[0].shape for term in behind if term.operator is o.RESHAPE}
        alike = all(term.operator is o.RESHAPE for term in behind) and len(shapes) == 1
        if not alike or len({term.shape for term in behind}) != 1:
            return terms
        terms = [(sign, term.operands[0]) for sign, term in zip(signs, behind, strict=True)]


def _factors(sign: int, term: Node) -> tuple[int, Counter[Factor]]:
    found: Counter[Factor] = Counter()
    stack = [(term, True)]
    while stack:
        node, above = stack.pop()
        if node.operator is o.NEGATIVE:
            sign = -sign
            stack.append((node.operands[0], above))
        elif node.operator is o.MULTIPLY:
            stack += [(p, above) for p in reversed(node.operands)]
        elif node.operator is o.DIVIDE:
            over, divisor = node.operands
            stack += [(divisor, not above), (over, above)]
        else:
            found[node, above] += 1
    return sign, found


def _product(factors: Counter[Factor], made: Mapping[Node, Node]) -> Node:
    total: Node | None = None
    for factor, above in sorted(factors.elements(), key=lambda one: not one[1]):
        if above:
            total = made[factor] if total is None else total * made[factor]
        else:
            total = (op.as_node(1.0, factor.dtype) if total is None else total) / made[factor]
    return op.as_node(1.0) if total is None else total
