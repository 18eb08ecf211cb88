"""From JAX programs to graphs: ``from_jax`` traces a function and reads every equation.

``x * 2.0`` traces to ``mul a 2.0:f32[]`` and is read as ``multiply(x, 2.0)``. What has no
counterpart in the graph is carried through as an opaque call that holds the equation itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jax.extend.core import ClosedJaxpr

from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.jax.compatibility import Identity
from rewriter.jax.convention import Traced, is_array_or_number, trace
from rewriter.jax.reading.program import Reading, constant_node, input_node

_LARGE = 4096
"""Elements up to which a stable function takes a closed-over array as part of the program."""


def from_jax(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Graph:
    """Return the graph of a JAX function, traced for example arguments.

    Args:
        function: anything that ``jax.make_jaxpr`` traces; it may take and return pytrees.
        args: example arguments, or ``jax.ShapeDtypeStruct`` in place of arrays; only shape, dtype
            and weak type matter. Leaves that JAX does not trace (strings, functions) become part
            of the program.
        kwargs: example keyword arguments.

    Returns:
        A graph whose inputs are the array leaves in order and whose ``convention`` holds the
        pytrees; ``to_jax`` gives the function back. Arrays that the function closes over are
        constants; tracers that it closes over are inputs at the end, bound by ``to_jax``.

    Raises:
        TypeError, jax.errors.JAXTypeError: JAX cannot trace the function.
    """
    traced = trace(function, args, kwargs, is_array_or_number)
    graph, captured = read(traced, large=None)
    if not captured:
        return graph
    return with_captured(graph, captured)


def with_captured(graph: Graph, captured: Sequence[Any]) -> Graph:
    """Return the graph with values for the inputs over which its program closes."""
    held = tuple(Identity(value) for value in captured)
    convention: Any = graph.convention
    return Graph(graph.inputs, graph.outputs, replace(convention, captured=held))


def read(traced: Traced, large: int | None = _LARGE) -> tuple[Graph, list[Any]]:
    """Return the graph of a traced program, and the values of its last inputs.

    Args:
        traced: the program.
        large: closed-over arrays of more elements are inputs, not constants; None for no limit.
    """
    graph, captured, effects = read_closed(traced.program, traced.names, large)
    convention = replace(traced.convention, effects=effects)
    return Graph(graph.inputs, graph.outputs, convention), captured


def read_closed(
    program: ClosedJaxpr, names: Sequence[str] | None = None, large: int | None = _LARGE
) -> tuple[Graph, list[Any], int]:
    """Return the graph of a closed program, the values of its last inputs, and how many of its
    last outputs stand for effects.
    """  # fmt: skip
    variables = program.jaxpr.invars
    called = [f"operand_{k}" for k in range(len(variables))] if names is None else names
    inputs = [input_node(name, v.aval) for name, v in zip(called, variables, strict=True)]
    operands = list(inputs)
    constants: list[Node] = []
    captured: list[Any] = []
    for variable, value in zip(program.jaxpr.constvars, program.consts, strict=True):
        small = large is None or math.prod(variable.aval.shape) <= large
        node = constant_node(value) if small else None
        if node is None:
            node = input_node(_captured_name(len(captured), called), variable.aval)
            captured.append(value)
            inputs.append(node)
        constants.append(node)
    reading = Reading()
    outputs = reading.program(program.jaxpr, constants, operands)
    return Graph(inputs, [*outputs, *reading.effects]), captured, len(reading.effects)


def _captured_name(position: int, names: Sequence[str]) -> str:
    name = f"captured_{position}"
    while name in names:
        name += "_"
    return name
