"""Tensors whose axes are labelled by indices, and how they combine: the bridge back to nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.contraction import LETTERS
from rewriter.graph.node import Node, apply
from rewriter.terms.index import Axis


@dataclass(frozen=True)
class Labelled:
    """A node, each axis labelled by the index that it runs over.

    Attributes:
        node: the tensor; no axis of it has a size that is not its label's extent.
        labels: distinct axes, one for each of the node's axes.
    """

    node: Node
    labels: tuple[Axis, ...]

    def at(self, order: Sequence[Axis]) -> Node:
        """Return the node with its axes in that order, size 1 where it has no such axis."""
        if tuple(order) == self.labels:
            return self.node
        present = [axis for axis in order if axis in self.labels]
        node = op.transpose(self.node, [self.labels.index(axis) for axis in present])
        leading = 0
        while leading < len(order) and order[leading] not in self.labels:
            leading += 1
        shape = [axis.extent if axis in self.labels else 1 for axis in order[leading:]]
        return keep_dimensions(node, tuple(shape))

    def full(self, order: Sequence[Axis]) -> Node:
        """Return the node with exactly these axes, broadcast where it has none."""
        return op.broadcast_to(self.at(order), tuple(axis.extent for axis in order))


def keep_dimensions(node: Node, shape: tuple[object, ...]) -> Node:
    """Reshape; a reduction whose axes come back as ones keeps them itself."""
    if node.operator in (o.SUM, o.MAX) and not node.attribute("keepdims"):
        (operand,) = node.operands
        attributes = {"axis": node.attribute("axis"), "keepdims": True}
        kept = apply(node.operator, [operand], attributes, node.origin)
        if kept.shape == shape:
            return kept
    if node.operator in (o.STOP_GRADIENT, o.LOG):
        inner = keep_dimensions(node.operands[0], shape)
        return apply(node.operator, [inner], {}, node.origin)
    if node.operator is o.MAXIMUM and not node.operands[1].shape:
        inner = keep_dimensions(node.operands[0], shape)
        return apply(node.operator, [inner, node.operands[1]], {}, node.origin)
    if node.operator is o.RESHAPE:
        node = node.operands[0]
    return op.reshape(node, shape)


def _joined(function: Callable[..., Node], node: Node, position: int) -> Node | None:
    """A reduction of a reduction of the same kind is one over both axes."""
    if function is op.max and node.operator is o.STOP_GRADIENT:
        node = node.operands[0]
    wanted = {op.sum: o.SUM, op.max: o.MAX}.get(function)
    if node.operator is not wanted or node.attribute("keepdims"):
        return None
    (operand,) = node.operands
    gone = node.attribute("axis")
    left = [a for a in range(operand.ndim) if a not in gone]
    return function(operand, axis=tuple(sorted((*gone, left[position]))))


class Frame:
    """The order of labels: the root's axes first, then bound ones as they come."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.order = {axis: position for position, axis in enumerate(axes)}

    def sorted(self, labels: Sequence[Axis]) -> tuple[Axis, ...]:
        """Return labels in layout order."""
        for label in labels:
            self.order.setdefault(label, len(self.order))
        return tuple(sorted(set(labels), key=self.order.__getitem__))

    def combine(self, function: Callable[..., Node], *parts: Labelled) -> Labelled:
        """Apply an elementwise operation to tensors aligned by their labels."""
        order = self.sorted([label for part in parts for label in part.labels])
        return Labelled(function(*[part.at(order) for part in parts]), order)

    def reduce(self, function: Callable[..., Node], part: Labelled, axis: Axis) -> Labelled:
        """Reduce one labelled axis."""
        position = part.labels.index(axis)
        rest = part.labels[:position] + part.labels[position + 1 :]
        joined = _joined(function, part.node, position)
        return Labelled(function(part.node, axis=position) if joined is None else joined, rest)

    def contract(self, parts: Sequence[Labelled], axis: Axis) -> Labelled:
        """``Σ_axis`` of a product: a contraction where the parts differ in their axes."""
        labels = self.sorted([label for part in parts for label in part.labels])
        same = all(set(part.labels) == set(labels) for part in parts)
        if same or len(parts) == 1:
            product = parts[0]
            for part in parts[1:]:
                product = self.combine(op.multiply, product, part)
            return self.reduce(op.sum, product, axis)
        letters = {label: LETTERS[k] for k, label in enumerate(labels)}
        texts = ["".join(letters[label] for label in part.labels) for part in parts]
        kept = tuple(label for label in labels if label is not axis)
        spec = f"{','.join(texts)}->{''.join(letters[label] for label in kept)}"
        return Labelled(op.einsum(spec, *[part.node for part in parts]), kept)
