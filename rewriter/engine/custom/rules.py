"""Rules and strategies of the user's own, and how what a rule gives is built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rewriter.engine.building.builder import Builder
from rewriter.engine.building.sharing import Shared
from rewriter.engine.result import Result
from rewriter.errors import RuleError
from rewriter.graph import operations as op
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.origin import Origin, origin_of
from rewriter.terms.reading import free_axes
from rewriter.terms.term import Combination


def apply_rules(graph: Graph, rules: Any, result: Result) -> Graph:
    """Return the graph with every redex of the rules rewritten, operands first; or by a strategy.

    Args:
        graph: any graph.
        rules: rules, or relations as rules, earlier ones first; or a strategy.
        result: takes the steps, and the matches that were blocked.

    Raises:
        RuleError: something among the rules is no rule.
    """
    from rewriter.engine.custom import strategies as s

    if isinstance(rules, s.Strategy):
        return s.applied(rules, graph, result)
    if not hasattr(rules, "matches") and not isinstance(rules, Iterable):
        raise RuleError("neither a rule nor several; write them with rw.rule", culprit=repr(rules))
    several: Sequence[Any] = [rules] if hasattr(rules, "matches") else list(rules)
    if not several:
        return graph
    for rule in several:
        if not hasattr(rule, "matches"):
            raise RuleError("not a rule; write it with rw.rule", culprit=repr(rule))
    return s.applied(s.unchecked(several), graph, result)


def build(node: Node, term: Combination, rule: str) -> Node:
    """Build a term in place of a node, with its shape and dtype."""
    axes = free_axes(node)
    builder = Builder(lambda one: one, axes, node.dtype, frozenset(), Shared())
    with origin_of(Origin(node.origin.file, node.origin.line, rule)):
        full = builder.combination(term).full(axes)
        return op.astype(op.reshape(full, node.shape), node.dtype)
