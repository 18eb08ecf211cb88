"""Differences of near numbers: operations that lose their digits, rewritten where they stand.

They need no scaling: what cures them is looked for at the operation itself, after the regions of
exponentials are rebuilt.
"""

from __future__ import annotations

from typing import Any

from rewriter.engine.custom.rules import build
from rewriter.engine.result import Result, Step
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, rewritten
from rewriter.terms.reading import Reader

SUBTRAHENDS = frozenset((o.EXP, o.SQRT))
"""Operations of which one has a difference with 1, or with another of its kind."""

MOST_SUMS = 8
"""Sums within a sum that are looked through for a 1."""

HAZARD = "a difference that cancels"


def cure_differences(graph: Graph, result: Result) -> Graph:
    """Return the graph with differences rewritten by laws.

    Args:
        graph: any graph.
        result: takes the steps.
    """
    from rules import DIFFERENCES

    def change(node: Node) -> Node:
        return _cured(node, DIFFERENCES, result) if _is_difference(node) else node

    return graph.with_outputs(rewritten(graph.outputs, change))


def _is_difference(node: Node) -> bool:
    """Tell from the operation and its operands alone."""
    if node.operator is o.LOG:
        return any(_has_constant(sum_node) for sum_node in _sums(node.operands[0]))
    if node.operator not in (o.SUBTRACT, o.ADD) or not is_float(node.dtype):
        return False
    kinds = {operand.operator for operand in node.operands}
    if node.operator is o.SUBTRACT and kinds == {o.SQRT}:
        return True
    return _has_constant(node) and not kinds.isdisjoint(SUBTRAHENDS)


def _sums(node: Node) -> list[Node]:
    """The node and the sums that it adds up, where it is a sum, a few deep."""
    found = [node] if node.operator in (o.ADD, o.SUBTRACT) else []
    for one in found:
        found += [p for p in one.operands if p.operator in (o.ADD, o.SUBTRACT)]
        if len(found) > MOST_SUMS:
            break
    return found


def _has_constant(node: Node) -> bool:
    return any(operand.operator is o.CONSTANT for operand in node.operands)


def _cured(node: Node, rules: tuple[Any, ...], result: Result) -> Node:
    under = [q for p in node.operands if p.operator is o.SQRT for q in p.operands]
    looked_into = {node, *node.operands, *under, *(one for p in node.operands for one in _sums(p))}
    return _rewritten(node, looked_into, rules, result)


def _rewritten(node: Node, looked_into: set[Node], rules: tuple[Any, ...], result: Result) -> Node:
    term = Reader(lambda one: one in looked_into or one.operator is o.CONSTANT)(node)
    for rule in rules:
        for match in rule.matches(term):
            if match.proved:
                after = build(node, match.result, rule.name)
                result.steps.append(Step(node, after, HAZARD, [match], None))
                return after
    return node


def cure_conjugates(graph: Graph, result: Result) -> Graph:
    """Return the graph with ``log(x + √(x² + 1))`` by its conjugate.

    Args:
        graph: any graph.
        result: takes the steps.
    """
    from rules import CONJUGATES

    def change(node: Node) -> Node:
        if not _is_conjugate(node):
            return node
        return _rewritten(node, _under_the_root(node), CONJUGATES, result)

    return graph.with_outputs(rewritten(graph.outputs, change))


def _is_conjugate(node: Node) -> bool:
    if node.operator is not o.LOG or node.operands[0].operator is not o.ADD:
        return False
    return any(p.operator is o.SQRT for p in node.operands[0].operands)


def _under_the_root(node: Node) -> set[Node]:
    """The logarithm, its sum, the root, and the square and the sum below that."""
    (total,) = node.operands
    roots = [p for p in total.operands if p.operator is o.SQRT]
    sums = [p.operands[0] for p in roots]
    squares = [q for p in sums for q in p.operands if q.operator in (o.MULTIPLY, o.POWER)]
    return {node, total, *roots, *sums, *squares}
