"""Held: what the terms of a sum have in common as a factor, taken there as it is.

In ``g − Σ p·g`` the limit of p alone tells what cancels, whatever g is: where p is 1 it is
``g − g``. So g is not taken apart, which is cheaper, and right where its own limit is not exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rewriter.engine.componentwise.limits import DATA, LINEAR, MULTILINEAR, Has, Limits, Terms
from rewriter.engine.passes.powers import INDEX_MAPS, MULTIPLES
from rewriter.graph import inference
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply, with_operands
from rewriter.graph.primitive import Kind, Primitive

HELD = Primitive("held", Kind.ELEMENTWISE, inference.elementwise)
"""Marks what is taken as it is; it is its operand, and is left out of what is built."""


def with_held(graph: Graph, sums: Mapping[Node, Terms], limits: Limits) -> Graph:
    """Return the graph with what sums are to take as it is held.

    Args:
        graph: any graph.
        sums: the terms of each sum, with their signs.
        limits: which nodes have parts.
    """

    def change(node: Node, made: Mapping[Node, Node]) -> Node | None:
        """Return a sum whose part to hold is marked, None for any other node."""
        held, above = _held_in(node, sums[node], limits) if node in sums else (None, [])
        if held is None:
            return None
        here = {held: apply(HELD, [made[held]])}
        for one in (*above, node):
            here[one] = with_operands(one, tuple(here.get(p, made[p]) for p in one.operands))
        return here[node]

    return graph.rebuilt(change)


def _held_in(node: Node, terms: Terms, limits: Limits) -> tuple[Node | None, list[Node]]:
    """Return what a sum takes as it is, and the nodes between, operands first."""
    for _, term in terms:
        core = _core(term, limits)
        if limits.of(core) != Has(True, True):
            continue
        between = _between(node, core, limits)
        if between is not None and _cancel_still(terms, core, between, limits):
            return core, between
    return None, []


def _cancel_still(terms: Terms, core: Node, between: list[Node], limits: Limits) -> bool:
    """Tell whether all terms have what would be held, one of them times what has parts."""
    has = {core: DATA}

    def of(node: Node) -> Has:
        return has.get(node, limits.of(node))

    for one in between:
        has[one] = limits.found(one, of)
    found = [has.get(term) for _, term in terms]
    return None not in found and Has(True, True) in found


def _core(term: Node, limits: Limits) -> Node:
    """What a term is a multiple of, by what is not made of exponentials."""
    while True:
        if term.operator in INDEX_MAPS:
            term = term.operands[0]
            continue
        inside = [p for p in term.operands if p in limits.has]
        if term.operator not in MULTIPLES or len(inside) != 1 or inside[0] is not term.operands[0]:
            return term
        term = inside[0]


def _between(node: Node, below: Node, limits: Limits) -> list[Node] | None:
    """The nodes under a sum that are linear in another node, operands first.

    None if one is not, or adds up that node's elements with no weight that has parts: then it is
    not one of them that is nearly all.
    """
    weighted: dict[Node, bool | None] = {below: False}
    stack = [p for p in node.operands if p in limits.has]
    while stack:
        one = stack[-1]
        waiting = [p for p in one.operands if p in limits.has and p not in weighted]
        if one in weighted:
            stack.pop()
        elif waiting:
            stack += waiting
        else:
            found = [weighted.get(p) for p in one.operands]
            weighted[one] = _weighted(one, found, limits)
            if weighted[one] is None and found != [None] * len(found):
                return None
            stack.pop()
    return [one for one, made in weighted.items() if made is not None and one is not below]


def _weighted(node: Node, below: Sequence[bool | None], limits: Limits) -> bool | None:
    """Tell whether what is below is weighted by what has parts; None if a node is not linear."""
    made = [one for one in below if one is not None]
    if node.operator is o.DIVIDE:
        return None if below[1] is not None else below[0]
    if node.operator in MULTILINEAR and len(made) == 1:
        others = [p for p, one in zip(node.operands, below, strict=True) if one is None]
        found = made[0] or any(limits.of(other) == Has(True, True) for other in others)
        return found if found or node.operator is not o.EINSUM else None
    if node.operator not in LINEAR or not made or (node.operator is o.SUM and not all(made)):
        return None
    return all(made)
