"""Operators that users declare, in JAX: their function, or their definition; their derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from rewriter.errors import BackendError
from rewriter.graph.declared import declaration_of, definition_at, implementation
from rewriter.graph.graph import Graph, input
from rewriter.graph.node import Node
from rewriter.jax.writing.step import Sizes, Step, jax_dtype


def declared_step(node: Node) -> Step:
    """Return how the node of a declared operator is computed.

    Raises:
        BackendError: neither a function of JAX nor a definition is declared.
    """
    given, body = implementation(node, "jax"), definition_at(node)
    if given is None:
        if body is None:
            raise BackendError("no jax function is declared, and no definition",
                               culprit=node.operator)  # fmt: skip
        return Step(node.operands, lambda sizes, *values: _computed(body, values)[0])
    function = _with_derivative(node, given)
    dtype = jax_dtype(node.dtype)

    def compute(sizes: Sizes, *values: Any) -> Any:
        return jnp.asarray(function(*values), dtype)

    return Step(node.operands, compute)


def _with_derivative(node: Node, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with the derivative that is declared; its own where none is."""
    declaration = declaration_of(node.operator)
    assert declaration is not None
    if declaration.derivatives is None:
        return function
    inputs = [input(f"x{k}", p.shape, p.dtype) for k, p in enumerate(node.operands)]
    partials = declaration.derivatives(*inputs)
    places = [k for k, partial in enumerate(partials) if partial is not None]
    graph = Graph(inputs, [partial for partial in partials if partial is not None])
    wrapped = jax.custom_jvp(function)

    def derivative(primals: Any, tangents: Any) -> Any:
        """Return the value, and its tangent by the declared partial derivatives."""
        value = wrapped(*primals)
        total = jnp.zeros_like(value)
        for place, partial in zip(places, _computed(graph, primals), strict=True):
            total = total + partial * tangents[place]
        return value, total.astype(value.dtype)

    wrapped.defjvp(derivative)
    called: Callable[..., Any] = wrapped
    return called


def _computed(graph: Graph, values: Any) -> tuple[Any, ...]:
    from rewriter.jax.lowering import computation

    return computation(graph)(*values)
