"""Rules as they are written: where the theory hides a left side, it is found as it stands.

``√(x·y) = √x·√y`` is one term to the theory where x and y are positive, and where a denominator is
taken out of a sum the sum is no longer seen. A person who wrote the rule means what is written.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from rewriter.authoring.counts import Counts
from rewriter.authoring.instantiation import instance
from rewriter.authoring.loops import constants, parts
from rewriter.authoring.pattern import BOUND_MAXIMUM, BOUND_SUM, EVALUATED
from rewriter.authoring.sides import Sides
from rewriter.errors import PatternError
from rewriter.graph import operators as o
from rewriter.graph.node import Node, topological
from rewriter.graph.primitive import Kind, Primitive
from rewriter.matching.protocol import variables_of
from rewriter.matching.variable import IndexVariable
from rewriter.terms.as_written import FlatReader, WrittenReader
from rewriter.terms.binding import replace
from rewriter.terms.views import term_of, view

__all__ = ["READERS", "WrittenRule", "written_rule"]

_ROOTS: dict[Any, frozenset[Primitive]] = {
    BOUND_SUM: frozenset((o.SUM, o.EINSUM)), BOUND_MAXIMUM: frozenset((o.MAX,)),
}  # fmt: skip
"""What a graph has in the place of a rule's reductions."""


class WrittenRule:
    """The sides of a rule as they are written, with all brackets and with those that count.

    Args:
        rule: the rule.
        written: its sides, without places that are not matched.
        free: what stands for its free indices.

    Attributes:
        sides: the sides, by what reads the subject.
    """

    def __init__(self, rule: Any, written: tuple[Node, Node], free: dict[Any, Any]) -> None:
        self.rule = rule
        self.sides = {kind: _sides(kind, rule, written, free) for kind in READERS}
        self.roots = _ROOTS.get(written[0].operator, frozenset((written[0].operator,)))

    def may_be(self, node: Node) -> bool:
        """Tell whether a node is made by the operation that the left side is made by."""
        return node.operator in self.roots

    def binds_all(self) -> bool:
        """Tell whether the left side says what each variable of the right side stands for."""
        return all(
            variables_of(sides.right) <= variables_of(sides.left) | sides.counts.told
            for sides in self.sides.values()
        )

    def goes_on(self) -> bool:
        """Tell whether the right side holds the left side again."""
        values = constants(self.rule)
        for sides in self.sides.values():
            for part in parts(instance(term_of(sides.right), values)):
                for _ in sides.substitutions(view(part)):
                    return True
        return False


READERS: tuple[type[WrittenReader], ...] = (WrittenReader, FlatReader)
"""What reads subjects as they are written: first with all brackets, then without some."""


def _sides(kind: type[WrittenReader], rule: Any, written: tuple[Node, Node], free: Any) -> Sides:
    reader = kind(lambda _: True)
    left, right = (view(replace(reader(side), free)) for side in written)
    spoken = (variables_of(right), *(c.variables for c in rule.conditions))
    return Sides(left, right, Counts(written, left, spoken))


def written_rule(rule: Any, written: tuple[Node, Node], free: dict[Any, IndexVariable]) -> Any:
    """Return a rule as it is written; None where that says nothing else, or would not end.

    Args:
        rule: the rule.
        written: its sides.
        free: what stands for its free indices.
    """
    if any(node.operator is EVALUATED for node in topological(written)):
        return None
    if written[0].operator.kind is Kind.LEAF:
        return None
    with suppress(PatternError):
        made = WrittenRule(rule, written, free)
        if made.binds_all() and not made.goes_on():
            return made
    return None
