"""Places at which a function of a rule is always read at one free index: they are not matched.

In ``Σ_j a[i,j]·x[j]``, with i bound nowhere, ``a`` is a function of j alone that may be any at each
i; ``a[j]`` is the same pattern, and one that has a most general unifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rewriter.authoring.pattern import BOUND_MAXIMUM, BOUND_SUM, UNKNOWN, unknown
from rewriter.authoring.rewriting import Rewrite
from rewriter.graph.node import Node, apply, topological
from rewriter.matching.variable import Applied, Function, Variable

Places = Mapping[Any, frozenset[int]]
"""Of each function, its places that are read at one free index."""


def without_fixed_places(body: Rewrite, indices: Sequence[Any]) -> tuple[Node, Node]:
    """Return the two sides with such places left out.

    Args:
        body: the sides and the conditions; a function that a condition speaks of stays as it is.
        indices: the rule's indices.
    """
    nodes = list(topological([body.left, body.right]))
    bound = {node.attribute("index") for node in nodes
             if node.operator in (BOUND_SUM, BOUND_MAXIMUM)}  # fmt: skip
    free = {index.axis for index in indices} - bound
    asked = {v for condition in body.conditions for v in condition.variables}
    places = {f: fixed for f, fixed in _fixed(nodes, free).items() if fixed and f not in asked}
    if not places:
        return body.left, body.right
    made: dict[Node, Node] = {}
    for node in nodes:
        made[node] = _without(node, [made[p] for p in node.operands], places)
    return made[body.left], made[body.right]


def _fixed(nodes: Iterable[Node], free: set[Any]) -> Places:
    read: dict[Any, list[tuple[Any, ...]]] = {}
    for node in nodes:
        variable = node.attribute("variable")
        if isinstance(variable, Applied) and type(variable.function) is Function:
            read.setdefault(variable.function, []).append(variable.arguments)
    return {
        function: frozenset(
            place for place in range(min(map(len, rows)))
            if rows[0][place] in free and all(row[place] is rows[0][place] for row in rows)
        )
        for function, rows in read.items()
    }  # fmt: skip


def _without(node: Node, operands: list[Node], places: Places) -> Node:
    variable = node.attribute("variable")
    if node.operator is UNKNOWN and isinstance(variable, Applied):
        left_out = places.get(variable.function, frozenset())
        kept = tuple(a for place, a in enumerate(variable.arguments) if place not in left_out)
        if not left_out:
            return node
        head = variable.function
        return unknown(head[kept] if kept else Variable(head.name))
    if all(a is b for a, b in zip(node.operands, operands, strict=True)):
        return node
    return apply(node.operator, operands, dict(node.attributes))
