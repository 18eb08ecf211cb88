"""Choices made first: ``where(x > 0, log(x), 0)`` as ``where(x > 0, log(where(x > 0, x, 1)), 0)``.

Autodiff's derivative of the first is 0 beside 1/x where x is not positive, of the second it is 0:
of what is selected nothing changes, not even its bits. It is for programs that are differentiated
later; derivatives that are written already have `choices`.

Source: JAX's FAQ, "Gradients contain NaN where using ``where``".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rewriter.engine.building.rebuilding import CANCELLATION
from rewriter.engine.extended_range.number import EXTENDED_RANGE
from rewriter.errors import ShapeError
from rewriter.facts.domains import DOMAINS, Demand, Domain
from rewriter.facts.ranges import lies_within
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.inference import broadcast_shapes
from rewriter.graph.node import Node, with_operands
from rewriter.graph.primitive import Kind

LARGEST_BRANCH = 48
"""Operations of a branch that are looked through."""

LAYOUTS = frozenset((o.BROADCAST_TO, o.RESHAPE))


def choose_first(graph: Graph) -> Graph:
    """Return the graph with choices made before what may be undefined where they are not taken.

    Its values are those of the graph, bit for bit; derivatives of it are numbers. What the laws of
    scaling have built is within its domains, and so is what is carried in the extended range.
    """
    from rules import SHIFT

    built = frozenset((CANCELLATION, EXTENDED_RANGE, *(rule.name for rule in SHIFT)))

    def change(node: Node, made: Mapping[Node, Node]) -> Node | None:
        """Return a choice between branches that know of it, None for any other node."""
        if node.operator is not o.WHERE or not is_float(node.dtype):
            return None
        if node.origin.rule == EXTENDED_RANGE:
            return None
        condition, first, second = (made[p] for p in node.operands)
        taken = _Branch(condition, True, built).of(first)
        other = _Branch(condition, False, built).of(second)
        return with_operands(node, (condition, taken, other))

    return graph.rebuilt(change)


class _Branch:
    """What a condition chooses.

    Args:
        condition: the condition.
        taken: whether the branch is chosen where that holds.
        built: the names of what has built nodes that stay in their domains.
    """

    def __init__(self, condition: Node, taken: bool, built: frozenset[str]) -> None:
        self.condition = condition
        self.taken = taken
        self.built = built

    def of(self, branch: Node) -> Node:
        """Return a branch with its operations in their domains where it is not taken."""
        conditions = self._below(branch)
        unsafe = {node: self._unsafe(node) for node in conditions}
        if not any(unsafe.values()):
            return branch
        made: dict[Node, Node] = {}
        for node in conditions:
            operands = [made.get(p, p) for p in node.operands]
            domain = unsafe[node]
            if domain is not None:
                place = domain.place
                there = _at(node.operands[place], node, conditions[node])
                if there is not None:
                    operands[place] = self._chosen(there, operands[place], domain.inside)
            made[node] = with_operands(node, tuple(operands))
        return made[branch]

    def _unsafe(self, node: Node) -> Domain | None:
        """The domain outside of which an operation may lie, or its derivative be no number."""
        if node.origin.rule in self.built or not is_float(node.dtype):
            return None
        return None if lies_within(node, Demand.SMOOTH) else DOMAINS[node.operator]

    def _below(self, branch: Node) -> dict[Node, Node]:
        """The operations that a branch is made of, element by element, and the condition at each.

        Each stands after what it is made of.
        """
        found: dict[Node, Node] = {}
        at = {branch: self.condition}
        stack = [branch]
        while stack:
            node = stack[-1]
            waiting = [] if node in found else list(self._waiting(node, at))
            if waiting and len(at) < LARGEST_BRANCH:
                stack.extend(waiting)
            else:
                found.setdefault(node, at[node])
                stack.pop()
        return found

    @staticmethod
    def _waiting(node: Node, at: dict[Node, Node]) -> Iterator[Node]:
        """The operands of an operation that were not met yet; their conditions are noted."""
        if node.operator.kind is not Kind.ELEMENTWISE and node.operator not in LAYOUTS:
            return
        for operand in node.operands:
            if is_float(operand.dtype) and operand.operands and operand not in at:
                there = _at(operand, node, at[node])
                if there is not None:
                    at[operand] = there
                    yield operand

    def _chosen(self, condition: Node, operand: Node, number: float) -> Node:
        other = op.as_node(number, operand.dtype)
        pair = (operand, other) if self.taken else (other, operand)
        return op.where(condition, *pair)


def _at(operand: Node, node: Node, condition: Node) -> Node | None:
    """Return the condition for an operand, which may be of fewer elements; None where it varies."""
    if node.operator is o.RESHAPE:
        return op.reshape(condition, operand.shape) if condition.shape == node.shape else None
    while condition.operator is o.BROADCAST_TO and condition.shape != operand.shape:
        (condition,) = condition.operands
    try:
        fits = broadcast_shapes([condition.shape, operand.shape]) == operand.shape
    except ShapeError:
        return None
    return condition if fits else None
