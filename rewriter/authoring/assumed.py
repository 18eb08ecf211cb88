"""What a user says holds of a graph: comparisons that conditions of rules may rest on.

What is said of an input alone is a fact about it (`rewriter.engine.assumptions`). The others,
``a <= b`` or ``x·y > 0``, are kept here: a condition follows from one if it compares the same term,
or a multiple of it, at any places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.matching.matching import match
from rewriter.matching.variable import IndexVariable
from rewriter.terms import algebra
from rewriter.terms.binding import replace
from rewriter.terms.rational import absolute, quotient
from rewriter.terms.reading import normal_form
from rewriter.terms.term import Combination
from rewriter.terms.views import view

__all__ = ["SIGNS", "follows", "in_force"]

SIGNS: dict[Primitive, str] = {
    o.GREATER: ">", o.GREATER_EQUAL: ">=", o.LESS: "<", o.LESS_EQUAL: "<=", o.NOT_EQUAL: "!=",
}  # fmt: skip

_IMPLIED = {
    ">": (">", ">=", "!="), ">=": (">=",), "<": ("<", "<=", "!="), "<=": ("<=",), "!=": ("!=",),
}  # fmt: skip
_OPPOSITE = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "!=": "!="}


@dataclass(frozen=True)
class Relation:
    """That a term compares so with 0.

    Attributes:
        said: as it was written.
        pattern: the term, with a leading coefficient of 1 or −1, and a variable for each index.
        sign: how it compares with 0.
    """

    said: str
    pattern: Any
    sign: str


_IN_FORCE: ContextVar[tuple[Relation, ...]] = ContextVar("relations", default=())


@contextmanager
def in_force(comparisons: Sequence[tuple[str, Node]]) -> Iterator[None]:
    """Take comparisons, each with its text, as true in the block."""
    token = _IN_FORCE.set(tuple(_relation(said, node) for said, node in comparisons))
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def _relation(said: str, node: Node) -> Relation:
    left, right = (normal_form(p) for p in node.operands)
    gap = _measured(algebra.add((left, algebra.negate(right))))
    places: dict[Any, Any] = {axis: IndexVariable(f"{axis}") for axis in gap.free}
    return Relation(said, view(replace(gap, places)), SIGNS[node.operator])


def _measured(gap: Combination) -> Combination:
    """A term by the size of its first coefficient."""
    if not gap.products:
        return gap
    return algebra.scale(gap, quotient(1, absolute(gap.products[0].coefficient)))


def follows(gap: Combination, sign: str) -> str | None:
    """Return the assumption from which it follows how a term compares with 0, or None."""
    for relation in _IN_FORCE.get():
        for turned in (False, True):
            wanted = _OPPOSITE[sign] if turned else sign
            term = _measured(algebra.negate(gap) if turned else gap)
            if wanted in _IMPLIED[relation.sign] and _is_instance(view(term), relation.pattern):
                return relation.said
    return None


def _is_instance(term: Any, pattern: Any) -> bool:
    if not getattr(pattern, "variables", ()):
        return term is pattern
    return next(iter(match(pattern, term)), None) is not None
