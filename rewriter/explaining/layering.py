"""Layered drawings of graphs: operands above what uses them, edges short, every box in place.

Sugiyama's method in its simplest form: a layer for each node by its longest path from an input,
then a few sweeps in which each node moves towards the mean of its neighbours (K. Sugiyama,
S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", 1981).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rewriter.graph import operators as o
from rewriter.graph.node import Node

SWEEPS = 4
"""Passes down and up; more hardly change a drawing."""

Neighbours = dict[Node, list[Node]]


@dataclass(frozen=True)
class Layout:
    """Where each box stands, in boxes from the left and in layers from the top.

    Attributes:
        places: node to (column, layer).
        edges: (operand, user) pairs between boxes.
        columns, layers: how many there are of each.
    """

    places: dict[Node, tuple[float, int]]
    edges: list[tuple[Node, Node]]
    columns: float
    layers: int


def is_drawn(node: Node) -> bool:
    """Tell whether a node gets a box; scalar numbers stand in the boxes that use them."""
    return not (node.operator is o.CONSTANT and node.shape == ())


def layout_of(nodes: Sequence[Node]) -> Layout:
    """Return the layout of nodes, which come operands first; edges to others are left out."""
    boxes = [node for node in nodes if is_drawn(node)]
    known = set(boxes)
    edges = [(p, n) for n in boxes for p in dict.fromkeys(n.operands) if p in known]
    above: Neighbours = {node: [] for node in boxes}
    below: Neighbours = {node: [] for node in boxes}
    for operand, user in edges:
        above[user].append(operand)
        below[operand].append(user)
    layer: dict[Node, int] = {}
    for node in boxes:
        layer[node] = 1 + max((layer[p] for p in above[node]), default=-1)
    fixed: set[Node] = set()
    for node in boxes:
        if any(p in fixed or p.operator is o.INPUT for p in above[node]):
            fixed.add(node)
    for node in reversed(boxes):
        if node not in fixed and below[node]:
            layer[node] = min(layer[user] for user in below[node]) - 1
    return _placed(layer, above, below, edges)


def _placed(
    layer: dict[Node, int], above: Neighbours, below: Neighbours, edges: list[tuple[Node, Node]]
) -> Layout:
    rows: defaultdict[int, list[Node]] = defaultdict(list)
    for node, number in layer.items():
        rows[number].append(node)
    column = {node: float(k) for row in rows.values() for k, node in enumerate(row)}
    for _ in range(SWEEPS):
        for number in sorted(rows):
            _settle(rows[number], column, above.__getitem__)
        for number in sorted(rows, reverse=True):
            _settle(rows[number], column, below.__getitem__)
    left = min(column.values(), default=0.0)
    places = {node: (column[node] - left, layer[node]) for node in layer}
    columns = max((c for c, _ in places.values()), default=0.0) + 1
    return Layout(places, edges, columns, len(rows))


def _settle(
    row: list[Node], column: dict[Node, float], neighbours: Callable[[Node], list[Node]]
) -> None:
    """Move each box of a row towards its neighbours' mean, and apart from one another."""
    wish = {}
    for node in row:
        near = [column[one] for one in neighbours(node)]
        wish[node] = sum(near) / len(near) if near else column[node]
    row.sort(key=lambda node: (wish[node], column[node]))
    place = float("-inf")
    for node in row:
        place = column[node] = max(wish[node], place + 1)
    shift = sum(wish[node] - column[node] for node in row) / len(row)
    for node in row:
        column[node] += shift
