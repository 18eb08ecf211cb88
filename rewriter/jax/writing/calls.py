"""Writers of opaque calls and their components."""

from __future__ import annotations

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.jax.writing.step import Step, Writer


def _call(node: Node) -> Step:
    function = node.attribute("function")
    return Step(node.operands, lambda sizes, *values: function(*values))


def _component(node: Node) -> Step:
    index = node.attribute("index")
    return Step(node.operands, lambda sizes, results: results[index])


WRITERS: dict[Primitive, Writer] = {o.CALL: _call, o.COMPONENT: _component}
