"""Shelters: what a sum that is empty leaves undefined, and the choices that keep it from sight.

``where(m, e/s, 0)`` with ``s = Σ where(m, e, 0)`` is 0 where a row is masked as a whole, though
``e/s`` is 0/0 there: the plain program never looks. Its normal form ``[m]·e·s^-1`` does not say
who looks; so it is noted, node by node, whether an output sees such a quotient in it. What is
rebuilt for a node in which none is seen takes ``1/s`` as 0 where ``s`` is, and a logarithm that is
infinite there as 0 beside its mask: derivatives of it are then defined too. All else keeps its nan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rewriter.engine.entry import Entry
from rewriter.facts.domains import DOMAINS, Demand, holds
from rewriter.facts.interval import ANYTHING, point
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.terms.term import (
    INDICATORS,
    Application,
    Binder,
    Combination,
    Element,
    Product,
    Term,
)
from rewriter.terms.traversal import parts_of

Shelter = Callable[[Term], bool]
"""Tells whether a value may be undefined where nothing looks."""


def _is_finite_at_zero(operator: Primitive) -> bool:
    bounds = [ANYTHING, ANYTHING]
    bounds[DOMAINS[operator].place] = point(0.0)
    return holds(operator, bounds, Demand.FINITE, "float32")


_PARTIAL = {
    operator: d.place for operator, d in DOMAINS.items() if not _is_finite_at_zero(operator)
}
"""Operations that are no number of 0, and of which operand."""


class Shelters:
    """Which nodes may be undefined where a row is masked as a whole, and whether that is seen.

    Args:
        entries: the region's entries, which say what divisors are.
    """

    def __init__(self, entries: Mapping[Node, Entry]) -> None:
        self._entries = entries
        self._undefined: set[Node] = set()
        self._watched: set[Node] = set()
        self._seen: set[Node] = set()

    def look_from(self, outputs: Iterable[Node]) -> None:
        """Find what outputs see of it, and conditions: what nothing between selects away."""
        stack = [node for node in (*outputs, *self._watched) if node in self._undefined]
        while stack:
            node = stack.pop()
            if node not in self._seen:
                self._seen.add(node)
                stack.extend(operand for operand in node.operands if operand in self._undefined)

    def of(self, node: Node) -> Shelter | None:
        """Return what tells undefined values in a node; None where an output sees such."""
        return None if node in self._seen else self._is_undefined

    def _is_undefined(self, term: Term) -> bool:
        return any(
            part.node in self._undefined
            if isinstance(part, Element)
            else _is_logarithm_of_what_may_be_empty(part)
            for part in parts_of(term)
        )

    def add(self, node: Node) -> None:
        """Look at a node, after its operands."""
        seen = [operand in self._undefined for operand in node.operands]
        if any(seen) and not is_float(node.dtype):
            self._watched.update(node.operands)
        chosen = all(seen[1:]) if node.operator is o.WHERE else any(seen) and is_float(node.dtype)
        if chosen or self._is_of_what_may_be_empty(node):
            self._undefined.add(node)

    def _is_of_what_may_be_empty(self, node: Node) -> bool:
        if node.operator not in _PARTIAL:
            return False
        operand = node.operands[_PARTIAL[node.operator]]
        entry = self._entries.get(operand)
        if entry is None or entry.logarithmic or range_of(operand).positive:
            return False
        own = self._entries.get(node)
        return may_be_empty(entry.term) or (own is not None and _divides_by_empty(own.term))


def may_be_empty(term: Term) -> bool:
    """Tell whether a value is a sum of exponentials that masks may leave without summands."""
    if isinstance(term, Combination):
        return bool(term.products) and all(map(may_be_empty, term.products))
    if isinstance(term, Product):
        masked = any(isinstance(base, INDICATORS) for base, _ in term.factors)
        if masked and term.exponent.products:
            return True
        return any(may_be_empty(base) for base, q in term.factors if q > 0)
    return isinstance(term, Binder) and may_be_empty(term.body)


def _divides_by_empty(term: Term) -> bool:
    """Tell whether a value divides by a sum that may be empty, or takes its logarithm.

    What it is taken of may be a difference as it stands, ``1 − Σ [m]·p``, which is none any more.
    """
    parts = [part for part in parts_of(term) if isinstance(part, (Application, Product))]
    return any(
        any(q < 0 and may_be_empty(base) for base, q in part.factors)
        if isinstance(part, Product)
        else _is_logarithm_of_what_may_be_empty(part)
        for part in parts
    )


def _is_logarithm_of_what_may_be_empty(term: Term) -> bool:
    if not isinstance(term, Application) or term.operator is not o.LOG:
        return False
    return may_be_empty(term.arguments[0])
