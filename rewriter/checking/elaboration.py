"""Laws as graphs: each variable an input, each index an axis, at given sizes.

``Σ_j b[j]/a = (Σ_j b[j])/a`` at size 2 is ``sum(b / a)`` and ``sum(b) / a`` over inputs ``a`` (a
number) and ``b`` (two numbers). A leading axis of points lets many be evaluated at once. The index
of a sum and the index of a function applied to it run over the same places; all the places that
one function is applied to have one size.

A weight that a maximum is taken under has a strong zero: what it multiplies counts for nothing
where it is 0, whatever that is, as the engine builds it.

The first place of a size may stand for many equal ones, which every sum then counts: so a law is
tried at sizes of any length, ``Σ_j 1`` a number like another.

The maximum of no places at all has no value: a left side that needs it is not defined there, and
on a right side it may be any number, since the engine then shifts by none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rewriter.authoring import pattern
from rewriter.authoring.counts import leaders
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply, topological
from rewriter.matching.variable import Applied

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Input:
    """A variable of a law.

    Attributes:
        name: what it is called.
        places: the name of the size of each of its axes.
        positive: the annotation says that it is positive.
    """

    name: str
    places: tuple[str, ...]
    positive: bool


class Law:
    """The two sides and the conditions of a rule, to be written out as graphs at any sizes.

    Args:
        left, right: scalar expressions of pattern variables.
        conditions: what must hold.

    Attributes:
        axes: the indices, in the order of their first use.
        size_names: the names of the sizes that they run over.
        inputs: the variables.
        constants: the finite numbers that are written in it, and their opposites.
    """

    def __init__(self, left: Node, right: Node, conditions: Sequence[Any]) -> None:
        self.left, self.right, self.conditions = left, right, tuple(conditions)
        written = [c.expression for c in conditions if c.expression is not None]
        nodes = list(topological([left, right, *written]))
        self.constants = _constants(nodes)
        self.axes = _axes(nodes)
        self._size_of = _sizes(nodes, self.axes)
        self.size_names = tuple(dict.fromkeys(self._size_of.values()))
        self._names: dict[Any, str] = {}
        self.inputs = self._collect(nodes)
        self.maximum_on_the_left, self.maximum_on_the_right = (
            any(node.operator is pattern.BOUND_MAXIMUM for node in topological([side]))
            for side in (left, right)
        )

    def _collect(self, nodes: Sequence[Node]) -> tuple[Input, ...]:
        found: dict[Any, Input] = {}
        for node in nodes:
            if node.operator is not pattern.UNKNOWN:
                continue
            variable = node.attribute("variable")
            head = variable.function if isinstance(variable, Applied) else variable
            if head in found:
                continue
            arguments = variable.arguments if isinstance(variable, Applied) else ()
            places = tuple(self._size_of[axis] for axis in arguments)
            taken = {known.name for known in found.values()}
            name = head.name if head.name not in taken else f"{head.name}_applied"
            self._names[head] = name
            found[head] = Input(name, places, getattr(head, "accepts", None) is not None)
        return tuple(found.values())

    @property
    def variables(self) -> tuple[Any, ...]:
        """The pattern variables behind the inputs, in their order."""
        return tuple(self._names)

    def graphs(
        self, sizes: Sizes, points: int | None = None, nothing: float = 0.0, copies: int = 1
    ) -> Sides:
        """Write the law out.

        Args:
            sizes: how many places each size name stands for.
            points: length of the leading axis of points; none where None.
            nothing: what the maximum of no places is taken for, on the right side.
            copies: how many equal places the first one of every size stands for.
        """
        writer = _Writer(self, sizes, points, nothing, copies)
        left, support = writer.write(self.left)
        right, _ = writer.write(self.right)
        conditions = [writer.condition(c) for c in self.conditions]
        inputs = writer.input_nodes()
        return Sides(inputs, left, right, tuple(conditions), tuple(support))

    def shape(self, one: Input, sizes: Sizes) -> tuple[int, ...]:
        """Return the shape of a variable at given sizes."""
        return tuple(sizes[name] for name in one.places)


@dataclass(frozen=True)
class Sides:
    """A law written out: graphs over the same inputs.

    Attributes:
        inputs: one node for each variable.
        left, right: the two sides.
        conditions: a boolean node for each condition, None for one that is no expression.
        supports: boolean nodes that say where the maxima of the left side have a value.
    """

    inputs: tuple[Node, ...]
    left: Node
    right: Node
    conditions: tuple[Node | None, ...]
    supports: tuple[Node, ...]

    def graph(self, *outputs: Node) -> Graph:
        """Return a graph of these inputs and the given outputs."""
        return Graph(self.inputs, outputs)


def _constants(nodes: Iterable[Node]) -> tuple[float, ...]:
    numbers = {
        float(node.attribute("value").array)
        for node in nodes
        if node.operator is o.CONSTANT and is_float(node.dtype) and node.ndim == 0
    }
    return tuple(sorted({s * n for n in numbers for s in (1.0, -1.0) if math.isfinite(n)}))


def _axes(nodes: Iterable[Node]) -> tuple[Any, ...]:
    found: dict[Any, None] = {}
    for node in nodes:
        variable = node.attribute("variable")
        if node.operator is pattern.UNKNOWN and isinstance(variable, Applied):
            found.update(dict.fromkeys(variable.arguments))
        if node.operator in (pattern.BOUND_SUM, pattern.BOUND_MAXIMUM):
            found[node.attribute("index")] = None
    return tuple(found)


def _sizes(nodes: Sequence[Node], axes: Sequence[Any]) -> dict[Any, str]:
    """Name the size of each axis; axes that one function is applied to, in one place, share it."""
    leader = leaders(nodes)
    return {axis: f"n_{leader[axis].name}" for axis in axes}


class _Writer:
    """Writes pattern nodes as tensor nodes with one axis for each index (1 where it is not)."""

    def __init__(
        self, law: Law, sizes: Sizes, points: int | None, nothing: float, copies: int
    ) -> None:
        self.law, self.sizes, self.points, self.nothing = law, sizes, points, nothing
        self.copies = copies
        self.lead = () if points is None else (points,)
        self.position = {axis: k + len(self.lead) for k, axis in enumerate(law.axes)}
        self.rank = len(law.axes) + len(self.lead)
        self.inputs = {
            one.name: op.input(one.name, (*self.lead, *law.shape(one, sizes)), "float64")
            for one in law.inputs
        }
        self.known: dict[Node, Node] = {}
        self.supports: list[Node] = []
        self.weights = {
            node.operands[1]
            for node in topological([law.left, law.right])
            if node.operator is pattern.BOUND_MAXIMUM
            and node.operands[1].operator is not o.CONSTANT
        }

    def input_nodes(self) -> tuple[Node, ...]:
        """Return the inputs that stand for the variables met so far."""
        return tuple(self.inputs.values())

    def write(self, root: Node) -> tuple[Node, list[Node]]:
        """Return a side as a tensor node, and the conditions under which its maxima exist."""
        self.supports = []
        for node in topological([root]):
            if node not in self.known:
                operands = [self.known[p] for p in node.operands]
                self.known[node] = self._node(node, operands)
            elif node.operator is pattern.BOUND_MAXIMUM:
                self._note_support(node)
        return self.known[root], self.supports

    def _node(self, node: Node, operands: list[Node]) -> Node:
        if node.operator is pattern.UNKNOWN:
            return self._unknown(node.attribute("variable"))
        if node.operator is pattern.BOUND_SUM:
            return self._sum(self._along(operands[0], node.attribute("index")),
                             self.position[node.attribute("index")])  # fmt: skip
        if node.operator is pattern.BOUND_MAXIMUM:
            return self._maximum(node, operands)
        if node.operator is pattern.EVALUATED:
            return operands[0]
        if not operands:
            return node
        made = apply(node.operator, operands, dict(node.attributes))
        if node.operator is o.MULTIPLY:
            for weight, operand in zip(node.operands, operands, strict=True):
                if weight in self.weights:
                    return op.where(op.not_equal(operand, 0.0), made, 0.0)
        return made

    def _unknown(self, variable: Any) -> Node:
        if not isinstance(variable, Applied):
            given = self.inputs[self.law._names[variable]]
            return op.reshape(given, (*self.lead, *[1] * (self.rank - len(self.lead))))
        given = self.inputs[self.law._names[variable.function]]
        letters = [chr(ord("b") + self.law.axes.index(axis)) for axis in variable.arguments]
        kept = sorted(set(letters))
        lead = "a" if self.lead else ""
        spec = f"{lead}{''.join(letters)}->{lead}{''.join(kept)}"
        if letters != kept:
            given = op.einsum(spec, given)
        shape = list(self.lead) + [1] * (self.rank - len(self.lead))
        for axis in variable.arguments:
            shape[self.position[axis]] = self._size(axis)
        return op.reshape(given, tuple(shape))

    def _size(self, axis: Any) -> int:
        return self.sizes[self.law._size_of[axis]]

    def _along(self, node: Node, axis: Any) -> Node:
        """Return a node that has all the places of an axis."""
        shape = list(node.shape) if node.ndim else [1] * self.rank
        shape[self.position[axis]] = self._size(axis)
        return node if tuple(shape) == node.shape else op.broadcast_to(node, tuple(shape))

    def _sum(self, body: Node, place: int) -> Node:
        size = body.shape[place]
        if self.copies > 1 and size:
            counts = np.array([self.copies, *[1] * (int(str(size)) - 1)], np.float64)
            counts = counts.reshape([-1 if k == place else 1 for k in range(self.rank)])
            body = op.multiply(body, op.constant(counts, "float64"))
        return op.sum(body, axis=place, keepdims=True)

    def _weights(self, node: Node, weight: Node) -> Node | None:
        given = node.operands[1]
        if given.operator is o.CONSTANT and given.attribute("value").array != 0:
            return None
        return op.not_equal(self._along(weight, node.attribute("index")), 0.0)

    def _maximum(self, node: Node, operands: list[Node]) -> Node:
        axis = node.attribute("index")
        place = self.position[axis]
        body = self._along(operands[0], axis)
        chosen = self._weights(node, operands[1])
        if chosen is None:
            if not self._size(axis):
                return op.add(op.sum(body, axis=place, keepdims=True), self.nothing)
            return op.max(body, axis=place, keepdims=True)
        support = op.any(chosen, axis=place, keepdims=True)
        self.supports.append(support)
        if not self._size(axis):
            return op.add(op.sum(body, axis=place, keepdims=True), self.nothing)
        largest = op.max(op.where(chosen, body, -float("inf")), axis=place, keepdims=True)
        return op.where(support, largest, self.nothing)

    def _note_support(self, node: Node) -> None:
        chosen = self._weights(node, self.known[node.operands[1]])
        if chosen is not None:
            place = self.position[node.attribute("index")]
            self.supports.append(op.any(chosen, axis=place, keepdims=True))

    def condition(self, condition: Any) -> Node | None:
        """Return a condition as a boolean node, None where it is a function of the user's own."""
        if condition.expression is None:
            return None
        written, _ = self.write(condition.expression)
        if condition.index is None:
            return written
        place = self.position.get(condition.index.axis)
        if place is None or written.ndim <= place or not written.shape[place]:
            return op.equal(op.constant(0.0), 0.0)
        largest = op.max(written, axis=place, keepdims=True)
        return op.equal(largest, op.min(written, axis=place, keepdims=True))
