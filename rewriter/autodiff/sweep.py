"""The reverse sweep: cotangents travel from the outputs to the inputs, each node visited once.

Only nodes that lie on a differentiable path from an input to an output are visited, consumers
first, in an order that depends on the graph alone. Nothing recurses but into the bodies of calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rewriter.autodiff.cotangents import Cotangents
from rewriter.autodiff.table import RULES, WITHOUT
from rewriter.errors import DerivativeError
from rewriter.graph import operators as o
from rewriter.graph.calls import substitute
from rewriter.graph.dtype import COMPLEX, FLOATS, OTHER_FLOATS
from rewriter.graph.graph import Graph, input
from rewriter.graph.node import Node, topological
from rewriter.graph.origin import origin_of

REAL = frozenset((*FLOATS, *OTHER_FLOATS))
"""The dtypes that derivatives are taken of and with respect to."""

_CONTINUOUS = REAL.union(COMPLEX)


def pullback(
    outputs: Sequence[Node], seeds: Sequence[Node], inputs: Iterable[Node]
) -> Mapping[Node, Node]:
    """Sweep from outputs that have these cotangents; return the cotangent of each node reached.

    Raises:
        DerivativeError: an opaque call without a body, a complex value, or a primitive that no
            table holds lies on a path.
    """
    order = list(topological(outputs))
    dependent = _dependent(order, frozenset(inputs))
    cotangents = Cotangents()
    for output, seed in zip(outputs, seeds, strict=True):
        cotangents.add(output, seed)
    for node in reversed(order):
        if node in dependent and node.operands and node.operator not in WITHOUT:
            with origin_of(node):
                _visit(node, dependent, cotangents)
    return cotangents.of


def _dependent(order: Iterable[Node], inputs: frozenset[Node]) -> set[Node]:
    """Return the nodes with a differentiable path from an input."""
    found: set[Node] = set()
    for node in order:
        if node in inputs or (_passes(node) and not found.isdisjoint(node.operands)):
            found.add(node)
    return found


def _passes(node: Node) -> bool:
    if node.operator in WITHOUT:
        return False
    return node.dtype in _CONTINUOUS or node.attribute("results") is not None


def _visit(node: Node, dependent: set[Node], cotangents: Cotangents) -> None:
    """Pass the cotangent of a node on to those of its operands that depend on an input."""
    positions = [place for place, operand in enumerate(node.operands) if operand in dependent]
    cotangent = cotangents.of.get(node)
    if node.operator is o.CALL:
        of_results = cotangents.of_results.get(node, {} if cotangent is None else {0: cotangent})
        for operand, contribution in _through_call(node, of_results, positions):
            cotangents.add(operand, contribution)
    elif cotangent is None:
        return
    elif node.operator is o.COMPONENT:
        cotangents.add_result(node.operands[0], node.attribute("index"), cotangent)
    else:
        for operand, contribution in _through_primitive(node, cotangent, positions):
            cotangents.add(operand, contribution)


Contributions = Iterator[tuple[Node, Node]]


def _through_primitive(node: Node, cotangent: Node, positions: Sequence[int]) -> Contributions:
    rule = RULES.get(node.operator)
    if rule is None:
        raise DerivativeError("no derivative rule for this operator", culprit=node.operator)
    if node.dtype in COMPLEX:
        raise DerivativeError("derivatives pass no complex values", culprit=repr(node))
    for position in positions:
        contribution = rule(node, cotangent, position)
        if contribution is not None:
            yield node.operands[position], contribution


def _through_call(
    call: Node, of_results: Mapping[int, Node], positions: Sequence[int]
) -> Contributions:
    """Differentiate the body of a call, as a graph of its own, and put the operands in."""
    if not of_results or not positions:
        return
    name, body = call.attribute("name"), call.attribute("body")
    if body is None:
        raise DerivativeError("an opaque call has no derivative that is known here", culprit=name)
    _check_operands(call, body)
    outputs = [body.outputs[index] for index in of_results]
    seeds = _seeds(body, outputs)
    found = pullback(outputs, seeds, [body.inputs[position] for position in positions])
    reached = [position for position in positions if body.inputs[position] in found]
    bindings = dict(zip(body.inputs, call.operands, strict=True))
    bindings.update(zip(seeds, of_results.values(), strict=True))
    inlined = substitute(tuple(found[body.inputs[position]] for position in reached), bindings)
    yield from zip((call.operands[position] for position in reached), inlined, strict=True)


def _check_operands(call: Node, body: Graph) -> None:
    given = [(node.shape, node.dtype) for node in call.operands]
    if given != [(node.shape, node.dtype) for node in body.inputs]:
        raise DerivativeError("the operands of a call are not those of its body",
                              culprit=call.attribute("name"))  # fmt: skip


def _seeds(body: Graph, outputs: Sequence[Node]) -> list[Node]:
    """Return inputs that stand for the outputs' cotangents, of names that the body does not use."""
    prefix = "cotangent"
    while any(str(node.attribute("name")).startswith(prefix) for node in body.inputs):
        prefix += "_"
    names = [f"{prefix}_{place}" for place in range(len(outputs))]
    return [input(name, node.shape, node.dtype) for name, node in zip(names, outputs, strict=True)]
