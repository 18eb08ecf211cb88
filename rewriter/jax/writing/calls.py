"""Writers of opaque calls and their components."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.jax.writing.step import Sizes, Step, Writer


def _call(node: Node) -> Step:
    function = node.attribute("function")
    several = node.attribute("results") is not None

    def compute(sizes: Sizes, *values: Any) -> Any:
        found = function(*values)
        return found if several or hasattr(found, "shape") else jnp.asarray(found)

    return Step(node.operands, compute)


def _component(node: Node) -> Step:
    index = node.attribute("index")
    return Step(node.operands, lambda sizes, results: results[index])


WRITERS: dict[Primitive, Writer] = {o.CALL: _call, o.COMPONENT: _component}
