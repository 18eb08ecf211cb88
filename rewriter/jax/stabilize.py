"""``stabilize``: a function of JAX made stable, as a transformation among the others.

>>> import jax, jax.numpy as jnp
>>> @stabilize
... def softmax(x):
...     return jnp.exp(x) / jnp.sum(jnp.exp(x))
>>> softmax(jnp.array([1.0, 2.0, 1000.0]))
Array([0., 0., 1.], dtype=float32)
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from rewriter.errors import ImportedProgramError
from rewriter.graph.calls import cured_throughout
from rewriter.graph.graph import Graph
from rewriter.jax.convention import trace
from rewriter.jax.importing import read
from rewriter.jax.lowering import computation, conventional, differentiate_as

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Cure = Callable[[Graph], Graph]

_REMEMBERED = 64
"""Programs that a stable function keeps: one for each combination of shapes, dtypes and options."""


class Memory:
    """Cured graphs and what they lower to; the least recently used goes first.

    Args:
        cure: from a graph to a cured one, the same object where there is nothing to cure.
        limit: how many graphs are kept.
    """

    def __init__(self, cure: Cure, limit: int = _REMEMBERED) -> None:
        self.cure = cure
        self.limit = limit
        self._known: OrderedDict[Graph, tuple[Graph, Callable[..., Any] | None]] = OrderedDict()

    def lowered(self, graph: Graph) -> Callable[..., Any] | None:
        """Return the cured graph as a function on arrays; None where there is nothing to cure."""
        found = self._known.pop(graph, None)
        if found is None:
            cured = cured_throughout(graph, self.cure)
            found = (graph, None if cured is graph else computation(cured))
        self._known[graph] = found
        if len(self._known) > self.limit:
            self._known.popitem(last=False)
        return found[1]

    def __len__(self) -> int:
        return len(self._known)


def call_stably(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], memory: Memory
) -> Any:
    """Call a function on arguments, cured; where there is nothing to cure, call it itself."""
    traced = trace(function, args, kwargs)
    graph, captured = read(traced)
    compute = memory.lowered(graph)
    if compute is None:
        return function(*args, **kwargs)
    return conventional(compute, _convention(graph), traced.arrays, captured)


def _convention(graph: Graph) -> Any:
    return graph.convention


@overload
def stabilize(function: Callable[Parameters, Result], /) -> Callable[Parameters, Result]: ...


@overload
def stabilize(
    function: Callable[Parameters, Result],
    /,
    *,
    rules: Any = None,
    accuracy: str | None = None,
) -> Callable[Parameters, Result]: ...


@overload
def stabilize(
    *, rules: Any = None, accuracy: str | None = None
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]: ...


def stabilize(
    function: Callable[..., Any] | None = None,
    /,
    *,
    rules: Any = None,
    accuracy: str | None = None,
) -> Any:
    """Return a function that computes what ``function`` means, without its numerical hazards.

    A transformation: it composes with ``jit``, ``grad``, ``vmap`` and the others, inside and
    outside, and works as a decorator with and without arguments. At each call the function is
    traced for the shapes and dtypes of its arguments, its graph is optimised, and the result is
    run; graphs that were met before are not optimised again. Where there is nothing to cure, the
    function itself is called, so that every bit of its answer is its own. Under ``jit`` all this
    happens once for each compilation.

    What a condition does not choose, ``log(x)`` in ``where(x > 0, log(x), 0)``, is not computed
    outside of its domain: the values keep their bits, and derivatives of them are numbers.

    Args:
        function: anything that JAX can trace. Leaves of its arguments that are no arrays (Python
            numbers, strings, functions) are static: the function sees them as they are.
        rules: rules to use in place of the shipped ones, as for ``optimize``.
        accuracy: "normwise" (by default) or "componentwise", as for ``optimize``.

    Raises:
        ImportedProgramError: it is no function.
        jax.errors.JAXTypeError: the function branches on values that are only known when it runs.
    """
    if function is None:
        return functools.partial(stabilize, rules=rules, accuracy=accuracy)
    if not callable(function):
        raise ImportedProgramError("not a function that JAX can trace", culprit=repr(function))
    return stable_function(function, _cure(rules, accuracy))


def stable_function(function: Callable[..., Any], cure: Cure) -> Callable[..., Any]:
    """Return the function with its graph passed through ``cure`` at each call."""
    memory = Memory(cure)

    @functools.wraps(function)
    def stable(*args: Any, **kwargs: Any) -> Any:
        return call_stably(function, args, kwargs, memory)

    return stable


def _cure(rules: Any, accuracy: str | None) -> Cure:
    def cure(graph: Graph) -> Graph:
        """Return the graph that is run in a graph's place."""
        from rewriter.engine.optimizer import rewrite_graph
        from rewriter.engine.passes.chosen_first import choose_first

        result = rewrite_graph(graph, rules, accuracy or "normwise")
        cured = choose_first(result.after)
        if result.narrow is not None:
            differentiate_as(cured, choose_first(result.narrow))
        return cured

    return cure
