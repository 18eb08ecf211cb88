"""Every element accurate: what is right beside the largest element, rewritten where it stands.

A pass over a graph that is stable already, under ``accuracy="componentwise"`` alone. It looks for
sums and differences in which limits (`rewriter.engine.componentwise.limits`) may cancel, and for
logarithms of sums of exponentials; those are built from their parts, by the laws of
`rules.componentwise`.

>>> import rewriter as rw
>>> x = rw.input("x", (3,))
>>> graph = rw.Graph([x], [rw.log(rw.sum(rw.exp(x)))])
>>> run = rw.compile(rw.optimize(graph, accuracy="componentwise"))
>>> float(run([0.0, -50.0, -50.0]))
3.857499786707477e-22
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.componentwise.common_factors import with_common_factors
from rewriter.engine.componentwise.held import with_held
from rewriter.engine.componentwise.limits import Has, Limits
from rewriter.engine.componentwise.parts import Building
from rewriter.engine.componentwise.used_laws import UsedLaws
from rewriter.engine.result import Result, Step
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node

HAZARD = "digits that the largest element drowns"

MOST_TERMS = 64
"""Summands of a sum that are looked at."""

SIGNED = {o.ADD: (1, 1), o.SUBTRACT: (1, -1), o.NEGATIVE: (-1,)}
"""The signs with which sums take their operands."""


def cure_elements(graph: Graph, result: Result) -> Graph:
    """Return the graph with what the largest elements drown computed without them.

    Args:
        graph: any graph.
        result: takes the steps.

    Returns:
        The same object where there is none.
    """
    limits = Limits(graph)
    hazards = _Hazards(graph, limits)
    if not hazards.found:
        return graph
    prepared = graph
    for prepare in (with_common_factors, with_held):
        after = prepare(prepared, hazards.terms, limits)
        if after is not prepared:
            prepared, limits = after, Limits(after)
            hazards = _Hazards(prepared, limits)
    building = Building(limits, hazards.found)
    outputs = building(prepared.outputs)
    used = UsedLaws(limits, building)
    for node in prepared.ordered:
        built = building.values.get(node)
        if node in hazards.found and built is not None and built is not node:
            result.steps.append(Step(node, built, HAZARD, used.below(node), None))
    return graph.with_outputs(outputs)


class _Hazards:
    """Where limits may cancel.

    Attributes:
        found: the nodes.
        terms: the terms of each sum among them that is in no other, with their signs.
    """

    def __init__(self, graph: Graph, limits: Limits) -> None:
        self.limits = limits
        self.found: set[Node] = set()
        self.terms: dict[Node, list[tuple[int, Node]]] = {}
        for node in graph.ordered:
            if node.operator is o.LOG and self._is_beside_a_limit(node.operands[0]):
                self.found.add(node)
            exponent = node in limits.shifted.inside
            if node.operator in SIGNED and node in limits.has and not exponent:
                terms = self._terms_of(node)
                if self._may_cancel(terms):
                    self.found.add(node)
                    self.terms[node] = terms
        for node in list(self.terms):
            for one in self._interior(node):
                self.terms.pop(one, None)

    def _terms_of(self, node: Node) -> list[tuple[int, Node]]:
        terms: list[tuple[int, Node]] = []
        stack = [(1, node)]
        while stack:
            sign, one = stack.pop()
            if one.operator in SIGNED and one in self.limits.has and len(terms) < MOST_TERMS:
                signs = SIGNED[one.operator]
                stack += [(sign * s, p) for s, p in zip(signs, one.operands, strict=True)][::-1]
            else:
                terms.append((sign, one))
        return terms

    def _interior(self, node: Node) -> Iterator[Node]:
        """The sums that a sum is made of."""
        stack = list(node.operands)
        while stack:
            one = stack.pop()
            if one.operator in SIGNED and one in self.limits.has:
                yield one
                stack += one.operands

    def _is_beside_a_limit(self, node: Node) -> bool:
        if self.limits.has.get(node) != Has(True, True):
            return False
        return not any(term in self.limits.places for _, term in self._terms_of(node))

    def _may_cancel(self, terms: list[tuple[int, Node]]) -> bool:
        has = [self.limits.of(term) for _, term in terms]
        if sum(one.limit for one in has) < 2 or not any(one.limit and one.beside for one in has):
            return False
        if any(term in self.limits.places for _, term in terms):
            return False
        signs = {_sign_of(sign, term) for sign, term in terms}
        return signs not in ({1}, {-1})


def _sign_of(sign: int, node: Node) -> int:
    known = range_of(node)
    return sign if known.nonnegative else -sign if known.nonpositive else 0
