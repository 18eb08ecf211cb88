"""Which laws parts were built by: what an explanation says of them."""

from __future__ import annotations

from typing import Any

from rewriter.engine.componentwise.limits import Limits
from rewriter.engine.componentwise.parts import LAWS, Building
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.reading import element, meaning
from rewriter.terms.term import Combination
from rewriter.terms.views import term_of

_MATCHED = frozenset(LAWS) - {o.EINSUM}
"""Operations that laws speak of as they are; a contraction is a sum of products."""


class UsedLaws:
    """The laws of parts, matched with what they were used on.

    Args:
        limits: which nodes have parts.
        building: their parts.
    """

    def __init__(self, limits: Limits, building: Building) -> None:
        from rules import componentwise as laws

        self.limits, self.building = limits, building
        self.by_operator = {
            operator: getattr(laws, name) for operator, name in LAWS.items() if operator in _MATCHED
        }
        self._known: dict[Node, Any] = {}

    def below(self, node: Node) -> list[Any]:
        """Return a match of each law that the parts of a node were built by."""
        found: dict[Any, Any] = {}
        stack, seen = [node], {node}
        while stack and len(found) < len(self.by_operator):
            one = stack.pop()
            match = self._match(one) if one.operator not in found else None
            if match is not None:
                found[one.operator] = match
            below = [p for p in one.operands if p in self.limits.has and p not in seen]
            seen.update(below)
            stack += below
        return [found[operator] for operator in self.by_operator if operator in found]

    def _match(self, node: Node) -> Any:
        if node not in self._known:
            law = self.by_operator.get(node.operator)
            term = None if law is None else self._term(node)
            matches = () if law is None or term is None else law.matches(term)
            fitting = (m for m in matches if m.proved and self._fits(m, node))
            self._known[node] = next(fitting, None)
        return self._known[node]

    def _fits(self, match: Any, node: Node) -> bool:
        """Tell whether the limits of operands are what the law calls a and c."""
        if node.operator in (o.EXP, o.LOGISTIC):
            return True
        found = {str(name): term_of(value) for name, value in match.substitution.items()}
        limits = [self.building.parts[operand].limit for operand in node.operands]
        pairs = zip(("a", "c"), limits, strict=False)
        return all(limit is None or found.get(name) is element(limit) for name, limit in pairs)

    def _term(self, node: Node) -> Combination | None:
        """A node as a law's left side has it; None where one of its parts is 0."""
        if node.operator in (o.EXP, o.LOGISTIC):
            terms = [element(self.building.values[p]) for p in node.operands]
            return meaning(node, terms) if node in self.building.parts else None
        sums = [self._sum(operand) for operand in node.operands]
        terms = [term for term in sums if term is not None]
        return meaning(node, terms) if len(terms) == len(sums) else None

    def _sum(self, node: Node) -> Combination | None:
        limit, beside = self.building.parts.get(node, (None, None))
        if limit is None or beside is None:
            return None
        return algebra.add((element(limit), element(beside)))
