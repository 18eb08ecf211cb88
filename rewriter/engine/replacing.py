"""Replacing: nodes that are built anew from terms, in a graph of which the rest stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rewriter.engine.building.builder import Builder
from rewriter.engine.building.sharing import Shared
from rewriter.engine.result import Result, Step
from rewriter.graph import operations as op
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import Origin, origin_of
from rewriter.terms.reading import free_axes
from rewriter.terms.term import Combination
from rewriter.terms.traversal import nodes_in


@dataclass
class Cure:
    """What a node is to be built from.

    Attributes:
        term: what it means, in a form that is computed as it stands.
        hazard: why its evaluation as it stood goes wrong.
        matches: the matches of the laws that gave the form.
        centred: what may be far from 0 is centred where a maximum is taken away.
        guarded: a maximum that is not finite is not taken away.
    """

    term: Combination
    hazard: str
    matches: Sequence[Any]
    centred: bool = False
    guarded: bool = False


def replaced(graph: Graph, cures: Mapping[Node, Cure], result: Result) -> Graph:
    """Return the graph with the cured nodes built anew where an output needs them.

    Args:
        graph: any graph.
        cures: by node; their terms read nodes of the graph.
        result: takes the steps.
    """
    made: dict[Node, Node] = {}
    shared: dict[tuple[str, bool], Shared] = {}
    reads = {node: nodes_in(cure.term) for node, cure in cures.items()}
    stack = list(graph.outputs)
    while stack:
        node = stack[-1]
        if node in made:
            stack.pop()
            continue
        waiting = [p for p in reads.get(node, node.operands) if p not in made]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        cure = cures.get(node)
        if cure is None:
            made[node] = with_operands(node, tuple(made[p] for p in node.operands))
            continue
        known = shared.setdefault((node.dtype, cure.guarded), Shared())
        made[node] = _built(node, cure, made, known)
        if made[node] is not node:
            result.steps.append(Step(node, made[node], cure.hazard, list(cure.matches), None))
    return graph.with_outputs([made[output] for output in graph.outputs])


def _built(node: Node, cure: Cure, made: dict[Node, Node], shared: Shared) -> Node:
    axes = free_axes(node)
    builder = Builder(made.__getitem__, axes, node.dtype, frozenset(), shared, cure.guarded,
                      is_written=lambda _: not cure.centred)  # fmt: skip
    law = cure.matches[0].rule.name if cure.matches else "cancellation"
    with origin_of(Origin(node.origin.file, node.origin.line, law)):
        full = builder.combination(cure.term).full(axes)
        return op.astype(op.reshape(full, node.shape), node.dtype)
