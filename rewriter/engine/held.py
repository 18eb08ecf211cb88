"""Held: what the terms of a sum have in common as a factor, taken there as it is.

In ``g − Σ p·g`` the limit of p alone tells what cancels, whatever g is: where p is 1 it is
``g − g``. So g is not taken apart, which is cheaper, and right where its own limit is not exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rewriter.engine.limits import DATA, LINEAR, MULTILINEAR, Has, Limits
from rewriter.graph import inference
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply, with_operands
from rewriter.graph.primitive import Kind, Primitive

Terms = Sequence[tuple[int, Node]]

HELD = Primitive("held", Kind.ELEMENTWISE, inference.elementwise)
"""Marks what is taken as it is; it is its operand, and is left out of what is built."""

_MAPS = frozenset((o.NEGATIVE, o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO))
_MULTIPLES = frozenset((o.MULTIPLY, o.DIVIDE))


def with_held(graph: Graph, sums: Mapping[Node, Terms], limits: Limits) -> Graph:
    """Return the graph with what sums are to take as it is held.

    Args:
        graph: any graph.
        sums: the terms of each sum, with their signs.
        limits: which nodes have parts.
    """
    made: dict[Node, Node] = {}
    for node in graph.ordered:
        held, above = _held_in(node, sums[node], limits) if node in sums else (None, [])
        here: dict[Node, Node] = {} if held is None else {held: apply(HELD, [made[held]])}
        for one in above:
            here[one] = with_operands(one, tuple(here.get(p, made[p]) for p in one.operands))
        made[node] = with_operands(node, tuple(here.get(p, made[p]) for p in node.operands))
    return graph.with_outputs([made[output] for output in graph.outputs])


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
        if term.operator in _MAPS:
            term = term.operands[0]
            continue
        inside = [p for p in term.operands if p in limits.has]
        if term.operator not in _MULTIPLES or len(inside) != 1 or inside[0] is not term.operands[0]:
            return term
        term = inside[0]


def _between(node: Node, below: Node, limits: Limits) -> list[Node] | None:
    """The nodes under a sum that are linear in another node, operands first; None if one is not."""
    made_of: dict[Node, bool] = {below: True}
    stack = [p for p in node.operands if p in limits.has]
    while stack:
        one = stack[-1]
        waiting = [p for p in one.operands if p in limits.has and p not in made_of]
        if one in made_of:
            stack.pop()
        elif waiting:
            stack += waiting
        else:
            places = [made_of.get(p, False) for p in one.operands]
            if any(places) and not _is_linear(one, places):
                return None
            made_of[one] = any(places)
            stack.pop()
    return [one for one, is_made in made_of.items() if is_made and one is not below]


def _is_linear(node: Node, places: Sequence[bool]) -> bool:
    if node.operator in MULTILINEAR:
        return sum(places) == 1
    if node.operator is o.DIVIDE:
        return not places[1]
    return node.operator in LINEAR
