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
from rewriter.terms.naming import weight_of
from rewriter.terms.reading import Reader, free_axes
from rewriter.terms.term import Combination

LARGEST_DERIVATION = 32
"""Rewrites at one node; a derivation that is longer is broken off and reported."""

SHOWN = 3
"""Of a derivation that does not end, so many rewrites are reported."""

LONGEST_TERM = 80
"""Characters of a term in such a report."""


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
    start = reader(node)
    matches = _derivation(start, rules, result, node)
    terms = [start, *(match.result for match in matches)]
    if len(matches) == LARGEST_DERIVATION or terms[-1] in terms[:-1]:
        result.notes.append(_loop(node, terms, matches))
        matches = matches[: min(range(len(terms)), key=lambda k: weight_of(terms[k]))]
    for match in matches:
        after = build(node, match.result, match.rule.name)
        result.steps.append(Step(node, after, "", [match], None))
        node = after
    return node


def _derivation(term: Combination, rules: Sequence[Any], result: Result, node: Node) -> list[Any]:
    """Return the matches by which a term is rewritten, until no rule fires or a term returns."""
    matches: list[Any] = []
    seen = {term}
    while len(matches) < LARGEST_DERIVATION:
        match = _first_proved(term, rules, result, node)
        if match is None or match.result is term:
            break
        matches.append(match)
        term = match.result
        if term in seen:
            break
        seen.add(term)
    return matches


def _loop(node: Node, terms: Sequence[Combination], matches: Sequence[Any]) -> str:
    """Say by which rules a derivation comes back to where it was, or goes on for ever."""
    begin = terms.index(terms[-1])
    returns = begin < len(terms) - 1
    shown = range(begin, len(terms) - 1) if returns else range(SHOWN)
    rules = ", ".join(dict.fromkeys(matches[k].rule.name for k in shown))
    chain = "".join(f"{_brief(terms[k])} → ({matches[k].rule.name}) " for k in shown)
    end = _brief(terms[-1]) if returns else "…"
    said = "comes back" if returns else f"does not end within {LARGEST_DERIVATION} rewrites"
    return (
        f"the rules loop ({rules}): what stands at {node.origin} {said}: {chain}{end}; "
        "of the terms on the way the smallest is kept"
    )


def _brief(term: Combination) -> str:
    text = str(term)
    return text if len(text) <= LONGEST_TERM else f"{text[:LONGEST_TERM]}…"


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
