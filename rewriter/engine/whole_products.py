"""Products along an axis, put together again where autodiff has taken them apart.

The derivative of ``Π_j x[j]`` is ``Π_{j≠i} x[j]``. JAX has neither as one operation where it
differentiates: it multiplies the first half of a tensor by the second, padded by ones, and that in
halves again; what comes back is sliced and padded by zeros at every step. Element by element such a
tree is a product of elements, and the two forms are told by that. Where a cure then has no use for
them, the graph keeps its own.

Source: the derivative rule of JAX's ``reduce_prod``; any tree of slices, paddings and products is
read, element by element.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rewriter.engine.curing import cure
from rewriter.engine.result import Result
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import origin_of
from rewriter.graph.primitive import Primitive
from rewriter.terms.digests import node_digest

MOST_ELEMENTS = 1024
LONGEST_PRODUCT = 64
"""Elements of a tensor, and factors of a product, up to which trees are read."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Monomial:
    """A product of elements.

    Attributes:
        places: the places of the tensor's elements, in row-major order.
        others: (node, place) of elements of other tensors.
    """

    places: tuple[int, ...] = ()
    others: tuple[tuple[Node, int], ...] = ()

    def times(self, other: Monomial) -> Monomial:
        """Return the product."""
        return Monomial(
            tuple(sorted(self.places + other.places)),
            tuple(sorted(self.others + other.others, key=_place_of)),
        )


def _place_of(element: tuple[Node, int]) -> tuple[int, int]:
    """What elements are sorted by, the same in every process."""
    node, place = element
    return node_digest(node), place


def _shape_of(node: Node) -> tuple[int, ...] | None:
    """The shape of a float tensor that is read; None of one with sizes unknown, or too large."""
    shape = tuple(n for n in node.shape if isinstance(n, int))
    known = is_float(node.dtype) and len(shape) == node.ndim
    return shape if known and math.prod(shape) <= MOST_ELEMENTS else None


ZERO, ONE = None, Monomial()


def cure_by_products(graph: Graph) -> Result:
    """Cure a graph, its products in parts, or put together where all is bounded then, and shorter.

    Where nothing is cured of the parts, they are products of plain numbers: those put together are
    exponentials of sums of logarithms, of which quotients cancel.
    """
    in_parts = cure(graph)
    products = whole_products(graph)
    if products.graph is graph:
        return in_parts
    whole = cure(products.graph)
    whole.after = products.taken_apart(whole.after)
    shorter = len(whole.after.ordered) < len(in_parts.after.ordered)
    better = not whole.unbounded and (shorter or in_parts.unbounded > 0)
    return whole if whole.steps and (better or not in_parts.steps) else in_parts


@dataclass
class WholeProducts:
    """A graph with products put together.

    Attributes:
        graph: that graph.
        parts: what each product was before.
    """

    graph: Graph
    parts: dict[Node, Node] = field(default_factory=dict)

    def taken_apart(self, graph: Graph) -> Graph:
        """Return a graph made of this one, with products that are still in it as they were."""
        left = {node: self.parts[node] for node in graph.ordered if node in self.parts}
        return _replaced(graph, left) if left else graph


def whole_products(graph: Graph) -> WholeProducts:
    """Put together the products that a graph has in parts."""
    found: dict[Node, Node] = {}
    for tensor in _halved(graph):
        found = _products_of(tensor, graph) | found
    if not found:
        return WholeProducts(graph)
    made: dict[Node, Node] = {}
    whole = _replaced(graph, found, made)
    return WholeProducts(whole, {made[node]: node for node in found if node in made})


def _replaced(
    graph: Graph, chosen: Mapping[Node, Node], made: dict[Node, Node] | None = None
) -> Graph:
    """Return a graph with other nodes in place of some; what these read is replaced as well."""
    made = {} if made is None else made
    stack = list(graph.outputs)
    while stack:
        node = stack[-1]
        if node in made:
            stack.pop()
            continue
        below = (chosen[node],) if node in chosen else node.operands
        waiting = [p for p in below if p not in made]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        operands = tuple(made[p] for p in below)
        made[node] = operands[0] if node in chosen else with_operands(node, operands)
    return graph.with_outputs([made[output] for output in graph.outputs])


def _halved(graph: Graph) -> Iterator[Node]:
    """The tensors of which several parts are sliced."""
    sliced: dict[Node, int] = {}
    for node in graph.ordered:
        if node.operator is o.SLICE:
            (source,) = node.operands
            sliced[source] = sliced.get(source, 0) + 1
    yield from (node for node, times in sliced.items() if times > 1 and _shape_of(node))


def _products_of(tensor: Node, graph: Graph) -> dict[Node, Node]:
    """Return the products of a tensor's elements: what is made of its parts is read as monomials.

    What is a product already is read no further.
    """
    own = _leaf(tensor, tensor)
    known: dict[Node, Array] = {} if own is None else {tensor: own}
    found: dict[Node, Node] = {}
    for node in graph.ordered:
        read = node is not tensor and any(p in known for p in node.operands)
        elements = _computed(node, known, tensor) if read else None
        product = None if elements is None else _product(node, elements, tensor)
        if product is not None:
            found[node] = product
        elif elements is not None:
            known[node] = elements
    return found


def _leaf(node: Node, tensor: Node) -> Array | None:
    """The elements of a tensor itself, or of another; None where these are not read."""
    shape = _shape_of(node)
    if shape is None:
        return None
    elements = np.empty(math.prod(shape), dtype=object)
    for place in range(elements.size):
        elements[place] = Monomial((place,)) if node is tensor else Monomial((), ((node, place),))
    return elements.reshape(shape)


def _computed(node: Node, known: Mapping[Node, Array], tensor: Node) -> Array | None:
    """The elements of an operation, None where they are no monomials."""
    shape, first = _shape_of(node), known.get(node.operands[0])
    if shape is None:
        return None
    if node.operator in (o.MULTIPLY, o.ADD):
        parts = [known[p] if p in known else _leaf(p, tensor) for p in node.operands]
        left, right = (None if p is None else np.broadcast_to(p, shape) for p in parts)
        return None if left is None or right is None else _combined(node.operator, left, right)
    if first is None:
        return None
    if node.operator is o.SLICE:
        bounds = zip(*(node.attribute(name) for name in ("start", "stop", "step")), strict=True)
        return first[tuple(slice(*bound) for bound in bounds)]
    if node.operator is o.RESHAPE:
        return first.reshape(shape)
    return _padded(node, first, shape) if node.operator is o.PAD else None


def _padded(node: Node, inner: Array, shape: tuple[int, ...]) -> Array | None:
    value = node.operands[1]
    if value.operator is not o.CONSTANT or any(node.attribute("interior")):
        return None
    number = float(value.attribute("value").array)
    low, high = node.attribute("low"), node.attribute("high")
    if number not in (0.0, 1.0) or min((*low, *high), default=0) < 0:
        return None
    elements = np.empty(shape, dtype=object)
    elements[...] = ONE if number else ZERO
    elements[tuple(slice(a, a + n) for a, n in zip(low, inner.shape, strict=True))] = inner
    return elements


def _combined(operator: Primitive, left: Array, right: Array) -> Array | None:
    """The products of elements, or their sums where one of two is 0."""
    elements = np.empty(left.size, dtype=object)
    for place, (one, other) in enumerate(zip(left.flat, right.flat, strict=True)):
        if operator is o.MULTIPLY:
            made = ZERO if one is None or other is None else one.times(other)
            if made is not None and len(made.places) > LONGEST_PRODUCT:
                return None
        elif one is None or other is None:
            made = other if one is None else one
        else:
            return None
        elements[place] = made
    return elements.reshape(left.shape)


def _product(node: Node, monomials: Array, tensor: Node) -> Node | None:
    """Return the product of all, or of all others, that a node is; None where it is neither."""
    read, shape = list(monomials.flat), _shape_of(tensor)
    if shape is None or not read or any(one is None or len(one.places) < 2 for one in read):
        return None
    for axis, length in enumerate(shape):
        places: Array = np.arange(math.prod(shape)).reshape(shape)
        lines = np.moveaxis(places, axis, -1).reshape(-1, length)
        with origin_of(node.origin):
            if [one.places for one in read] == list(map(tuple, lines.tolist())):
                alone = not any(one.others for one in read)
                return op.reshape(op.prod(tensor, axis), node.shape) if alone else None
            beside = _beside_others(monomials, lines, axis) if node.shape == shape else None
            if beside is not None:
                return _product_of_others(tensor, axis, beside)
    return None


def _beside_others(monomials: Array, lines: Array, axis: int) -> list[Node] | None:
    """What multiplies the product of all others along an axis, the same all along it; else None."""
    found = np.moveaxis(monomials, axis, -1).reshape(lines.shape)
    nodes = [node for node, _ in found[0, 0].others]
    for number, (own, line) in enumerate(zip(found, lines.tolist(), strict=True)):
        beside = tuple((node, number) for node in nodes)
        for place, one in zip(line, own, strict=True):
            if one != Monomial(tuple(p for p in line if p != place), beside):
                return None
    return nodes if all(_shape_of(node) is not None for node in nodes) else None


def _product_of_others(tensor: Node, axis: int, beside: list[Node]) -> Node:
    """``c·Π_{j≠i} x[j]``, the j along a new last axis."""
    length = tensor.shape[axis]
    apart = (*tensor.shape, length)
    moved = op.swapaxes(op.expand_dims(tensor, -1), axis, -1)
    places = op.arange(length, "int32")
    own = op.reshape(places, [length if a == axis else 1 for a in range(tensor.ndim + 1)])
    other = op.not_equal(own, places)
    product = op.prod(op.where(other, op.broadcast_to(moved, apart), 1.0), -1)
    shape = tuple(1 if a == axis else n for a, n in enumerate(tensor.shape))
    for node in beside:
        product = op.multiply(op.reshape(node, shape), product)
    return product
