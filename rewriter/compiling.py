"""From a graph to a function on arrays: lowered as it is, or optimised to a promise first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rewriter import lowering
from rewriter.graph.graph import Graph


def compile(
    graph: Graph, backend: str = "numpy", accuracy: str | None = None
) -> Callable[..., Any]:
    """Return a function on arrays that computes a graph.

    It takes one array (or number, or nested list) for each input, in their order, and returns an
    array, or a tuple of arrays where the graph has several outputs.

    Args:
        graph: the graph.
        backend: "numpy" (generated source, at ``.source``), "jax", or "exact" (ball arithmetic,
            each element rounded once from its value over the reals).
        accuracy: "normwise" or "componentwise", to optimise the graph first as `rewriter.optimize`
            does; None to compute it as it stands.

    Raises:
        AttributeValueError: an accuracy that does not exist.
        BackendError: no such backend, it is not installed, or it cannot express the graph.
        GraphExpectedError: it is no graph.
    """
    if accuracy is not None:
        from rewriter.engine import optimize

        graph = optimize(graph, accuracy=accuracy)
    return lowering.compile(graph, backend)
