"""From graphs to JAX: each node becomes the primitive that it is, once.

What comes out is a function that JAX can trace: under ``jit``, ``grad``, ``vmap`` and the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp
import numpy as np

from rewriter.errors import BackendError
from rewriter.graph import operators as o
from rewriter.graph.declared import declaration_of
from rewriter.graph.graph import Graph, as_graph
from rewriter.graph.node import Node
from rewriter.graph.precision import in_precision
from rewriter.graph.primitive import Kind
from rewriter.jax.arguments import arrays_for, sizes_of
from rewriter.jax.compatibility import has_wide_floats, wide_floats, with_weak_type
from rewriter.jax.convention import Convention
from rewriter.jax.writing.declared import declared_step
from rewriter.jax.writing.step import Step, jax_dtype
from rewriter.jax.writing.table import WRITERS


def lower(graph: Graph) -> Callable[..., Any]:
    """Return a function that takes one array (or number, or nested list) for each input, in order.

    It returns an array, or a tuple where the graph has several outputs; JAX can trace it. Inputs
    and outputs of 64 bits are of 32 unless ``jax_enable_x64`` is set, as everywhere in JAX, and so
    is all between them; but what has none of 64 bits and computes in them inside does so.

    Raises:
        BackendError: JAX has no way to express a node.
    """
    compute, count = computation(graph), _returned(graph)

    def function(*arguments: Any) -> Any:
        results = finished(compute(*arrays_for(graph.inputs, arguments))[:count])
        return results[0] if count == 1 else tuple(results)

    return function


def to_jax(graph: Graph) -> Callable[..., Any]:
    """Return the graph as a JAX function.

    A graph that came from JAX takes and returns what its program took and returned, weak
    types included. Any other is called as ``lower`` says.

    Raises:
        BackendError: JAX has no way to express a node.
        GraphExpectedError: it is no graph.
    """
    convention = as_graph(graph).convention
    if not isinstance(convention, Convention):
        return lower(graph)
    compute, known = computation(graph), convention

    def function(*args: Any, **kwargs: Any) -> Any:
        captured = [held.thing for held in known.captured]
        return conventional(compute, known, known.arrays(args, kwargs), captured)

    return function


def _returned(graph: Graph) -> int:
    effects = graph.convention.effects if isinstance(graph.convention, Convention) else 0
    return len(graph.outputs) - effects


_DIFFERENTIATED: WeakKeyDictionary[Graph, Graph] = WeakKeyDictionary()


def differentiate_as(graph: Graph, other: Graph) -> None:
    """Let derivatives of a graph that computes in float64 be those of another, in float32."""
    _DIFFERENTIATED[graph] = other


def computation(graph: Graph) -> Callable[..., tuple[Any, ...]]:
    """Return a function on arrays, one for each input, to the values of all outputs.

    Effects happen in their order, and before whatever does not depend on them. What computes in
    float64 inside is differentiated as the graph in float32 is: what JAX makes of a derivative, it
    makes outside, where there may be no float64. So it is computed where a backend has none.
    """
    if jax_dtype("float64") == "float64" or not _is_wide_inside(graph):
        return _steps(graph)
    narrow = _steps(_DIFFERENTIATED.get(graph) or in_precision(graph, "float32"))
    if not has_wide_floats():
        return narrow
    with wide_floats():
        wide = _steps(graph)

    def compute(*arrays: Any) -> tuple[Any, ...]:
        with wide_floats():
            return wide(*arrays)

    with_derivative = jax.custom_jvp(compute)

    @with_derivative.defjvp
    def derivative(arrays: Any, tangents: Any) -> Any:
        return with_derivative(*arrays), jax.jvp(narrow, arrays, tangents)[1]

    return with_derivative


def _steps(graph: Graph) -> Callable[..., tuple[Any, ...]]:
    """Return a function that takes the steps of a graph one after the other."""
    count = _returned(graph)
    program = _ordered((*graph.outputs[count:], *graph.outputs[:count]))
    last_uses = _last_uses(program, graph)

    def compute(*arrays: Any) -> tuple[Any, ...]:
        """Return the values of the outputs; what is used no more is let go."""
        sizes = sizes_of(graph.inputs, [np.shape(array) for array in arrays])
        values: dict[Node, Any] = dict(zip(graph.inputs, map(_array, arrays), strict=True))
        for (node, step), done in zip(program, last_uses, strict=True):
            values[node] = step.compute(sizes, *[values[x] for x in step.operands])
            for spent in done:
                del values[spent]
        return tuple(values[node] for node in graph.outputs)

    return compute


def _is_wide_inside(graph: Graph) -> bool:
    """Tell whether a graph computes in float64, though it neither takes nor returns such."""
    ends = {node.dtype for node in (*graph.inputs, *graph.outputs)}
    foreign = any(node.operator.kind is Kind.OPAQUE for node in graph.ordered)
    wide = any(node.dtype == "float64" for node in graph.ordered)
    return wide and "float64" not in ends and not foreign


def conventional(
    compute: Callable[..., tuple[Any, ...]],
    convention: Convention,
    arrays: Sequence[Any],
    captured: Sequence[Any],
) -> Any:
    """Call a lowered graph and return the pytree that its program returns."""
    results = compute(*arrays, *captured)
    weak = convention.weak_types
    return convention.returned(finished(results[: len(weak)], weak))


def finished(results: Sequence[Any], weak: Sequence[bool] | None = None) -> list[Any]:
    """Return results as JAX arrays, with the weak types wanted."""
    arrays = [jnp.asarray(r) if isinstance(r, (np.ndarray, np.generic)) else r for r in results]
    if weak is None:
        return arrays
    return [with_weak_type(array, wanted) for array, wanted in zip(arrays, weak, strict=True)]


def _array(value: Any) -> Any:
    return value if hasattr(value, "shape") else jnp.asarray(value)


def step_of(node: Node) -> Step:
    """Return how one node is computed.

    Raises:
        BackendError: JAX has no way to express it.
    """
    writer = WRITERS.get(node.operator)
    if writer is None and declaration_of(node.operator) is not None:
        return declared_step(node)
    if writer is None:
        raise BackendError("JAX has no way to express it", culprit=node.operator)
    return writer(node)


def _ordered(roots: Sequence[Node]) -> list[tuple[Node, Step]]:
    """Return the steps that the roots need, operands first."""
    program: list[tuple[Node, Step]] = []
    seen: set[Node] = set()
    for root in roots:
        stack: list[tuple[Node, Step | None]] = [(root, None)]
        while stack:
            node, step = stack.pop()
            if step is not None:
                program.append((node, step))
            elif node not in seen and node.operator is not o.INPUT:
                seen.add(node)
                step = step_of(node)
                stack.append((node, step))
                stack.extend((operand, None) for operand in reversed(step.operands))
    return program


def _last_uses(program: Sequence[tuple[Node, Step]], graph: Graph) -> list[list[Node]]:
    """Return, for each step, the nodes whose values nothing needs after it."""
    kept = set(graph.outputs)
    spent: list[list[Node]] = []
    for node, step in reversed(program):
        done = [] if node in kept else [node]
        kept.add(node)
        for operand in step.operands:
            if operand not in kept:
                kept.add(operand)
                done.append(operand)
        spent.append(done)
    return spent[::-1]
