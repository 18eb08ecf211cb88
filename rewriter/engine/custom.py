"""Rules of the user's own: applied wherever they match and their conditions are proved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rewriter.engine.building import Builder
from rewriter.engine.result import Result, Step
from rewriter.engine.sharing import Shared
from rewriter.errors import RuleError
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import Origin, origin_of
from rewriter.terms.reading import Reader, free_axes
from rewriter.terms.term import Combination

LARGEST_DERIVATION = 32
"""Rewrites at one node; a derivation that is longer is broken off and reported."""


def apply_rules(graph: Graph, rules: Sequence[Any], result: Result) -> Graph:
    """Return the graph with every redex of the rules rewritten, operands first.

    Args:
        graph: any graph.
        rules: rules, or relations as rules; earlier ones first.
        result: takes the steps, and the matches that were blocked.

    Raises:
        RuleError: something among the rules is no rule.
    """
    for rule in rules:
        if not hasattr(rule, "matches"):
            raise RuleError("not a rule; write it with rw.rule", culprit=repr(rule))
    reader = Reader(lambda _: True)
    made: dict[Node, Node] = {}
    for node in graph.nodes():
        now = with_operands(node, tuple(made[p] for p in node.operands))
        made[node] = _normalised(now, rules, reader, result) if is_float(now.dtype) else now
    return graph.with_outputs([made[output] for output in graph.outputs])


def _normalised(node: Node, rules: Sequence[Any], reader: Reader, result: Result) -> Node:
    if node.operator in (o.INPUT, o.CONSTANT):
        return node
    term = reader(node)
    seen = {term}
    first = node
    for _ in range(LARGEST_DERIVATION):
        match = _first_proved(term, rules, result, first)
        if match is None or match.result in seen:
            break
        term = match.result
        seen.add(term)
        after = build(node, term, match.rule.name)
        result.steps.append(Step(node, after, "", [match], None))
        node = after
    else:
        result.notes.append(
            f"a derivation of more than {LARGEST_DERIVATION} steps was broken off at {first!r}"
        )
    return node


def _first_proved(term: Combination, rules: Sequence[Any], result: Result, node: Node) -> Any:
    for rule in rules:
        for match in rule.matches(term):
            if match.proved:
                return match
            result.blocked.append((node, match))
    return None


def build(node: Node, term: Combination, rule: str) -> Node:
    """Build a term in place of a node, with its shape and dtype."""
    axes = free_axes(node)
    builder = Builder(lambda one: one, axes, node.dtype, frozenset(), Shared())
    with origin_of(Origin(node.origin.file, node.origin.line, rule)):
        full = builder.combination(term).full(axes)
        return op.astype(op.reshape(full, node.shape), node.dtype)
