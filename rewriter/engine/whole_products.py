"""Products along an axis, put together again where autodiff has taken them apart.

The derivative of ``Π_j x[j]`` is ``Π_{j≠i} x[j]``. JAX has neither as one operation where it
differentiates: it multiplies the first half of a tensor by the second, padded by ones, and that in
halves again; what comes back is sliced and padded by zeros at every step. Element by element such a
tree is a product of elements, and a derivative in a direction a sum of such; the forms are told by
that. Where a cure then has no use for them, the graph keeps its own.

Source: the derivative rule of JAX's ``reduce_prod``; any tree of slices, paddings, sums and
products is read, element by element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rewriter.engine.curing import cure
from rewriter.engine.left_out import written
from rewriter.engine.multilinear import LAYOUTS, FormReader, shape_of
from rewriter.engine.reach import PRODUCTS, STARTERS
from rewriter.engine.result import Result
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological, with_operands


def cure_by_products(graph: Graph) -> Result:
    """Cure a graph, its products in parts, or put together where more is bounded, or it is shorter.

    Products of exponentials in parts may cancel as they stand: those of numbers are better whole.
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
    better = whole.at_risk < in_parts.at_risk or (
        shorter and (products.of_numbers or not whole.unbounded)
    )
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

    @property
    def of_numbers(self) -> bool:
        """Whether no exponential is among what is multiplied."""
        return not any(node.operator in STARTERS - PRODUCTS for node in topological(self.parts))

    def taken_apart(self, graph: Graph) -> Graph:
        """Return a graph made of this one, with products that are still in it as they were."""
        left = {node: self.parts[node] for node in graph.ordered if node in self.parts}
        return _replaced(graph, left) if left else graph


def whole_products(graph: Graph) -> WholeProducts:
    """Put together the products that a graph has in parts."""
    found: dict[Node, Node] = {}
    for tensor in _multiplied(graph):
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


def _multiplied(graph: Graph) -> Iterator[Node]:
    """The tensors of which several parts are sliced, or running products taken of parts."""
    sliced: dict[Node, int] = {}
    for node in graph.ordered:
        if node.operator is o.SLICE:
            (source,) = node.operands
            sliced[source] = sliced.get(source, 0) + 1
        elif node.operator is o.CUMPROD:
            source = node.operands[0]
            while source.operator in LAYOUTS:
                source = source.operands[0]
            sliced[source] = sliced.get(source, 0) + 2
    yield from (node for node, times in sliced.items() if times > 1 and shape_of(node))


def _products_of(tensor: Node, graph: Graph) -> dict[Node, Node]:
    """Return the products of a tensor's elements: what is made of its parts is read as forms.

    What is a product already is read no further.
    """
    reader = FormReader(tensor)
    found: dict[Node, Node] = {}
    for node in graph.ordered:
        forms = None if node is tensor else reader.read(node)
        product = None if forms is None else written(node, forms, tensor)
        if product is not None:
            found[node] = product
        elif forms is not None:
            reader.known[node] = forms
    return found
