"""Opening calls: a call that has a ``body`` is what its body says, applied to its operands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rewriter.errors import AttributeValueError
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, make_node, topological, with_operands


def substitute(roots: tuple[Node, ...], replacements: Mapping[Node, Node]) -> tuple[Node, ...]:
    """Return the roots with nodes replaced wherever they occur; shapes and dtypes stay."""
    done: dict[Node, Node] = dict(replacements)
    for node in topological(roots):
        if node not in done:
            done[node] = with_operands(node, tuple(done[operand] for operand in node.operands))
    return tuple(done[root] for root in roots)


def inline_call(node: Node) -> tuple[Node, ...]:
    """Return the results of a call as its body gives them: one node, or one for each component.

    Raises:
        AttributeValueError: the node is no call, or one without a body.
    """
    body: Graph | None = node.attribute("body") if node.operator is o.CALL else None
    if body is None:
        raise AttributeValueError("only a call that has a body can be opened", culprit=repr(node))
    return substitute(body.outputs, dict(zip(body.inputs, node.operands, strict=True)))


def with_function(call: Node, function: object) -> Node:
    """Return the call with another function of the same results."""
    pairs = tuple((key, function if key == "function" else value) for key, value in call.attributes)
    return make_node(o.CALL, call.operands, pairs, call.shape, call.dtype, call.origin)


def cured_throughout(graph: Graph, cure: Callable[[Graph], Graph]) -> Graph:
    """Cure a graph, and then the calls that it keeps, and what those keep in turn."""
    return cured_calls(cure(graph), lambda body: cured_throughout(body, cure))


def cured_calls(graph: Graph, cure: Callable[[Graph], Graph]) -> Graph:
    """Cure calls in place: those that stay calls, and whose bodies need it on their own.

    Args:
        graph: a graph with calls whose functions may have a method ``cured(cure)``.
        cure: from a graph to a cured one, the same object where there is nothing to cure.

    Returns:
        The graph with such calls replaced; the same object where there is none.
    """
    replaced: dict[Node, Node] = {}
    sound: dict[Graph, bool] = {}
    for node in graph.nodes():
        now = with_operands(node, tuple(replaced.get(x, x) for x in node.operands))
        body, function = node.attribute("body"), node.attribute("function")
        if body is not None and hasattr(function, "cured"):
            if body not in sound:
                sound[body] = cure(body) is body
            if not sound[body]:
                now = with_function(now, function.cured(cure))
        if now is not node:
            replaced[node] = now
    if not replaced:
        return graph
    return graph.with_outputs([replaced.get(node, node) for node in graph.outputs])
