"""Shelters: what a sum that is empty leaves undefined, and the choices that keep it from sight.

``where(m, e/s, 0)`` with ``s = Σ where(m, e, 0)`` is 0 where a row is masked as a whole, though
``e/s`` is 0/0 there: the plain program never looks. Its normal form ``[m]·e·s^-1`` does not say
who looks; so it is noted, node by node, whether such a quotient is in sight, and what is rebuilt
for a node in which none is takes ``1/s`` as 0 where ``s`` is. All else keeps its nan.
"""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.engine.entry import Entry
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.terms.sign import interval_of
from rewriter.terms.term import BoundSum, Combination, Product, Term


class Shelters:
    """The nodes whose value is defined though something below them is not.

    Args:
        entries: the region's entries, which say what divisors are.
    """

    def __init__(self, entries: Mapping[Node, Entry]) -> None:
        self._entries = entries
        self._undefined: set[Node] = set()
        self._sheltered: set[Node] = set()

    def __contains__(self, node: Node) -> bool:
        return node in self._sheltered

    def add(self, node: Node) -> None:
        """Look at a node, after its operands."""
        if self._divides_by_what_may_be_empty(node):
            self._undefined.add(node)
            return
        if not self._undefined:
            return
        below = [operand in self._undefined for operand in node.operands]
        chosen = below[1:] if node.operator is o.WHERE else below
        seen = all(chosen) if node.operator is o.WHERE else any(chosen)
        if seen and is_float(node.dtype):
            self._undefined.add(node)
        elif any(below) or not self._sheltered.isdisjoint(node.operands):
            self._sheltered.add(node)

    def _divides_by_what_may_be_empty(self, node: Node) -> bool:
        if node.operator is not o.DIVIDE:
            return False
        divisor = self._entries.get(node.operands[1])
        if divisor is None or divisor.logarithmic:
            return False
        return may_be_empty(divisor.term)


def may_be_empty(term: Term) -> bool:
    """Tell whether a value that is never below 0 may be 0: a sum is if all its summands may be."""
    if isinstance(term, Combination):
        return all(map(may_be_empty, term.products))
    if isinstance(term, Product):
        return any(may_be_empty(base) for base, q in term.factors if q > 0)
    if isinstance(term, BoundSum):
        return may_be_empty(term.body)
    bounds = interval_of(term)
    return bounds.nonnegative and not bounds.positive
