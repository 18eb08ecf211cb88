"""Graphs with what is made of data by sums and products carried in two words."""

from __future__ import annotations

from dataclasses import replace

from rewriter.engine.double_word.arithmetic import Operand, data_of, outcome
from rewriter.engine.double_word.number import DOUBLE_WORD, DoubleWord
from rewriter.engine.perturbing import Perturbation
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import Origin, origin_of

ROUNDED_IN_TWO = 2.0**-98
"""By how much an operation of two words is off: some roundings."""


def in_double_words(graph: Graph, errors: Perturbation | None = None) -> Graph:
    """Return a graph in float64 that carries sums and products of data in two words.

    Args:
        graph: what all of whose floats are float64, once its inputs are converted.
        errors: makes each operation a little wrong, where it is asked which digits are kept.
    """
    values: dict[Node, Operand] = {}
    plain: dict[Node, Node] = {}

    def as_plain(node: Node) -> Node:
        """The value of a node as a plain tensor, made once."""
        if node not in plain:
            value = values[node]
            plain[node] = _rounded(value, errors) if isinstance(value, DoubleWord) else value
        return plain[node]

    for node in graph.ordered:
        with origin_of(Origin(node.origin.file, node.origin.line, DOUBLE_WORD)):
            found = outcome(node, [values[p] for p in node.operands])
            if found is None:
                one = with_operands(node, tuple(as_plain(p) for p in node.operands))
                found = data_of(one) or (one if errors is None else errors.rounded(one))
            elif errors is not None:
                found = _off(found, errors)
            values[node] = found
    with origin_of(Origin(rule=DOUBLE_WORD)):
        return graph.with_outputs([as_plain(output) for output in graph.outputs])


def _rounded(x: DoubleWord, errors: Perturbation | None) -> Node:
    return x.high if x.low is None or errors is None else errors.off(x.high)


def _off(found: Operand, errors: Perturbation) -> Operand:
    if not isinstance(found, DoubleWord) or found.low is None:
        return found
    return replace(found, low=found.low + errors.share(found.high, ROUNDED_IN_TWO))
