"""The one door to the backends: ``compile(graph, backend="numpy")``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rewriter.errors import BackendError, needing
from rewriter.graph.graph import Graph, as_graph


def _numpy(graph: Graph) -> Callable[..., Any]:
    from rewriter.lowering.numpy_backend import NumpyFunction

    return NumpyFunction(graph)


def _exact(graph: Graph) -> Callable[..., Any]:
    return _exact_backend().ExactFunction(graph)  # type: ignore[no-any-return]


def _jax(graph: Graph) -> Callable[..., Any]:
    from rewriter.jax.lowering import lower

    return lower(graph)


def _exact_backend() -> Any:
    with needing("exact evaluation"):
        from rewriter.lowering import exact_backend

    return exact_backend


BACKENDS: dict[str, Callable[[Graph], Callable[..., Any]]] = {
    "numpy": _numpy, "jax": _jax, "exact": _exact,
}  # fmt: skip


def compile(graph: Graph, backend: str = "numpy") -> Callable[..., Any]:
    """Return a function on arrays that computes a graph.

    It takes one array (or number, or nested list) for each input, in their order, and returns an
    array, or a tuple of arrays where the graph has several outputs.

    Args:
        graph: the graph.
        backend: "numpy" (generated source, at ``.source``), "jax", or "exact" (ball arithmetic,
            each element rounded once from its value over the reals).

    Raises:
        BackendError: no such backend, it is not installed, or it cannot express the graph.
        GraphExpectedError: it is no graph.
    """
    lower = BACKENDS.get(backend) if isinstance(backend, str) else None
    if lower is None:
        known = ", ".join(BACKENDS)
        raise BackendError(f"no such backend; there are {known}", culprit=repr(backend))
    return lower(as_graph(graph))


def source(graph: Graph) -> str:
    """Return the Python source that the numpy backend makes of a graph.

    Raises:
        BackendError: the graph has a primitive or a dtype that NumPy cannot express.
        GraphExpectedError: it is no graph.
    """
    from rewriter.lowering.numpy_backend import NumpyFunction

    return NumpyFunction(as_graph(graph)).source


def exact(graph: Graph, *arguments: Any, dtype: str | None = None) -> Any:
    """Return the value of a graph over the reals, each element rounded once.

    Args:
        graph: the graph.
        arguments: one array for each input, taken as exact numbers.
        dtype: what to round float outputs to; each output's own dtype by default.

    Raises:
        BackendError: python-flint is missing, or the graph has an operation without a real meaning.
        EvaluationError: the arguments do not fit, or an element cannot be made tight.
        GraphExpectedError: it is no graph.
    """
    return _exact_backend().ExactFunction(as_graph(graph))(*arguments, dtype=dtype)


def balls(graph: Graph, *arguments: Any) -> Any:
    """Return the value of a graph over the reals as arrays of ``flint.arb`` balls.

    Arguments and errors as for ``exact``. Infinities and nan are balls too; integer and bool
    outputs are exact balls.
    """
    return _exact_backend().ExactFunction(as_graph(graph)).balls(*arguments)
