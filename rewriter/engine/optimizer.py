"""optimize: find hazards, scale what has one, rebuild just that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rewriter.engine.building import Builder
from rewriter.engine.labelled import keep_dimensions
from rewriter.engine.region import HIGH, Entry, Region
from rewriter.engine.result import Result, Step
from rewriter.engine.scaling import Scaling
from rewriter.engine.sharing import Shared
from rewriter.errors import AttributeValueError
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import LARGEST_EXPONENT
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import Origin, origin_of
from rewriter.terms.algebra import plain
from rewriter.terms.functions import maximum_in
from rewriter.terms.interning import terms_kept
from rewriter.terms.naming import definition_of
from rewriter.terms.pairing import pair
from rewriter.terms.reading import free_axes
from rewriter.terms.term import Application, Combination, Element, Term


def optimize(graph: Graph, rules: Sequence[Any] | None = None, accuracy: str = "normwise") -> Graph:
    """Return a graph of the same meaning whose floats are finite wherever the mathematics is.

    Args:
        graph: any graph.
        rules: rules of one's own, applied wherever they match and their conditions are proved,
            before the shipped laws.
        accuracy: "normwise".

    Returns:
        The same object where nothing is to be done.

    Raises:
        AttributeValueError: an accuracy that does not exist.
    """
    return rewrite_graph(graph, rules, accuracy).after


def rewrite_graph(
    graph: Graph, rules: Sequence[Any] | None = None, accuracy: str = "normwise"
) -> Result:
    """Optimize, and return what was done and why; arguments as for `optimize`."""
    if accuracy != "normwise":
        raise AttributeValueError("accuracy is 'normwise'", culprit=accuracy)
    from rewriter.engine.calls import open_calls
    from rewriter.engine.custom import apply_rules

    result = Result(graph, graph)
    with terms_kept():
        changed = apply_rules(graph, rules, result) if rules else graph
        cured = cure(open_calls(changed))
    result.after = cured.after if cured.steps else changed
    result.steps += cured.steps
    result.left, result.blocked = cured.left, result.blocked + cured.blocked
    return result


def survey(graph: Graph) -> Region:
    """Return the region of a graph: one pass over its nodes."""
    from rules import PRIMITIVE_FORMS, SHIFT

    limit = 0.5 * math.log(2.0) * LARGEST_EXPONENT["float16"]
    region = Region(Scaling(SHIFT, limit, PRIMITIVE_FORMS))
    for node in graph.nodes():
        region.add(node)
    return region


def cure(graph: Graph) -> Result:
    """Rebuild every node that has a hazard and is needed."""
    region = survey(graph)
    result = Result(graph, graph)
    wanted = wanted_entries(graph, region)
    result.left = [
        e for e in wanted.values() if e.hazard and (e.scaled is None or e.scaled.evidence.blocked)
    ]
    for entry in result.left:
        if entry.scaled is not None:
            result.blocked += [(entry.node, match) for match in entry.scaled.evidence.blocked]
    if not any(entry.replaced for entry in wanted.values()):
        return result
    rebuilder = _Rebuilder(region, wanted, result)
    outputs = [rebuilder.node(output) for output in graph.outputs]
    result.after = graph.with_outputs(outputs)
    if result.after is graph:
        result.steps = []
    return result


def wanted_entries(graph: Graph, region: Region) -> dict[Node, Entry]:
    """The entries that outputs need: from the outputs down, through what rebuilt terms read."""
    found: dict[Node, Entry] = {}
    seen: set[Node] = set()
    stack = list(graph.outputs)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        meant = definition_of(node)
        entry = region.entries.get(node)
        if meant is not None:
            stack.extend(nodes_in(meant))
        if entry is None:
            stack.extend(node.operands)
            continue
        found[node] = entry
        if entry.scaled is None and entry.hazard and entry.magnitude is HIGH:
            entry.scaled = region.scaling.scale(entry.term)
        if entry.scaled is None:
            stack.extend(node.operands)
        else:
            stack.extend(nodes_in(entry.scaled.term))
    return found


def nodes_in(term: Term) -> list[Node]:
    """Return the nodes that a term reads."""
    found: dict[Node, None] = {}
    stack: list[Any] = [term]
    visited: set[int] = set()
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, Node):
            found[part] = None
        elif hasattr(part, "__dataclass_fields__"):
            stack.extend(getattr(part, name) for name in part.__dataclass_fields__)
        elif isinstance(part, Term) and id(part) not in visited:
            visited.add(id(part))
            stack.extend(part.parts)
    return list(found)


class _Rebuilder:
    """Makes new nodes, operands first, without recursing over the graph's depth."""

    def __init__(self, region: Region, wanted: dict[Node, Entry], result: Result) -> None:
        self.region, self.wanted, self.result = region, wanted, result
        self.made: dict[Node, Node] = {}
        self.shared: dict[str, Shared] = {}
        self.guarded = _lone_maxima([e.scaled.term for e in wanted.values() if e.scaled])

    def node(self, root: Node) -> Node:
        """Return what a node becomes."""
        stack = [root]
        while stack:
            node = stack[-1]
            if node in self.made:
                stack.pop()
                continue
            entry = self.wanted.get(node)
            meant = definition_of(node)
            if meant is None and entry is not None and entry.scaled is not None:
                meant = entry.scaled.term
            below = node.operands if meant is None else nodes_in(meant)
            waiting = [p for p in below if p not in self.made and p is not node]
            if waiting:
                stack.extend(waiting)
                continue
            if meant is None:
                self.made[node] = self._same_operation(node)
            elif entry is None:
                self.made[node] = self._piece(node, meant)
            else:
                self.made[node] = self._build(node, entry, meant)
            stack.pop()
        return self.made[root]

    def _same_operation(self, node: Node) -> Node:
        operands = tuple(self.made[p] for p in node.operands)
        if node.operator is o.RESHAPE and operands != node.operands:
            return keep_dimensions(operands[0], node.shape)
        return with_operands(node, operands)

    def _piece(self, node: Node, meant: Combination) -> Node:
        """Build what a named piece stands for."""
        axes = free_axes(node)
        shared = self.shared.setdefault(node.dtype, Shared())
        builder = Builder(self.made.__getitem__, axes, node.dtype, self.guarded, shared)
        return op.reshape(builder.combination(meant).full(axes), node.shape)

    def _build(self, node: Node, entry: Entry, term: Combination) -> Node:
        axes = free_axes(node)
        shared = self.shared.setdefault(entry.dtype, Shared())
        builder = Builder(self.made.__getitem__, axes, entry.dtype, self.guarded, shared)
        name = (
            entry.scaled.evidence.matches[0].rule.name
            if entry.scaled and entry.scaled.evidence.matches
            else "cancellation"
        )
        with origin_of(Origin(node.origin.file, node.origin.line, name)):
            built = builder.combination(term)
            full = built.full(axes)
            after = op.astype(op.reshape(full, node.shape), node.dtype)
        if after is not node:
            matches = list(entry.scaled.evidence.matches) if entry.scaled else []
            self.result.steps.append(Step(node, after, entry.hazard, matches, entry))
        return after


def _lone_maxima(terms: list[Combination]) -> frozenset[Term]:
    """The shifts that stand alone in some term: where -inf, they must not be subtracted."""
    found: set[Term] = set()
    for term in terms:
        for product in pair(term).rest.products:
            for base, _ in product.factors:
                if isinstance(base, (Application, Element)) and maximum_in(base) is not None:
                    meant = definition_of(base.node) if isinstance(base, Element) else None
                    found.add(base if meant is None else plain(meant))
    return frozenset(found)
