"""Cures that need no engine: what they do to a graph is plain to see."""

from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.calls import substitute
from rewriter.graph.dtype import is_float


def nothing(graph):
    return graph


def twice_negated(graph):
    """The same values by another graph: -(-x), exactly x."""
    return graph.with_outputs(
        [op.negative(op.negative(x)) if is_float(x.dtype) else x for x in graph.outputs]
    )


def shifted(graph):
    """exp(x) / sum(exp(x)), the sum perhaps reshaped: subtract the largest x first."""
    replaced = {}
    for node in graph.nodes():
        if node.operator is not o.DIVIDE or node.operands[0].operator is not o.EXP:
            continue
        exponential, total = node.operands[0], unspread(node.operands[1])
        x = exponential.operands[0]
        if total.operator is o.SUM and total.operands[0] is exponential and not subtracted(x):
            axis = total.attribute("axis")
            lowered = op.exp(x - op.stop_gradient(op.max(x, axis=axis, keepdims=True)))
            replaced[node] = lowered / op.sum(lowered, axis=axis, keepdims=True)
    return graph.with_outputs(substitute(graph.outputs, replaced)) if replaced else graph


def unspread(node):
    while node.operator in (o.RESHAPE, o.BROADCAST_TO):
        (node,) = node.operands
    return node


def subtracted(node):
    return node.operator is o.SUBTRACT
