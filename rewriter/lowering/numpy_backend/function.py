"""A graph as a function on NumPy arrays, made of generated source."""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from rewriter.errors import BackendError, DataTypeError, EvaluationError, ShapeError
from rewriter.graph import dimension as dim
from rewriter.graph.declared import declaration_of, definition_at, implementation
from rewriter.graph.dimension import Shape, shape_text
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import ACCUMULATED_IN_FLOAT32, array_type
from rewriter.lowering.numpy_backend.writer import Writer
from rewriter.lowering.signature import Array, Signature

_serial = itertools.count(1)


class NumpyFunction:
    """A graph as a function on NumPy arrays.

    Called with one argument for each input, it returns an array, or a tuple of arrays where the
    graph has several outputs. Each has exactly the shape and dtype that the graph says; IEEE
    arithmetic runs its course without warnings.

    Args:
        graph: the graph.

    Attributes:
        graph: the graph that it computes.
        source: the Python source that it runs.

    Raises:
        BackendError: the graph has a primitive or a dtype that NumPy cannot express.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._signature = Signature(graph)
        writer = Writer(graph, opaque_function)
        self.source = writer.source()
        self._name = name = f"<numpy source {next(_serial)}>"
        namespace = dict(writer.scope.namespace)
        constants = {key: namespace[key] for key in writer.scope.constants}
        exec(compile(self.source, name, "exec"), namespace)
        namespace.update(constants)
        linecache.cache[name] = (len(self.source), None, self.source.splitlines(True), name)
        weakref.finalize(self, linecache.cache.pop, name, None)
        self._function = namespace[writer.scope.function]

    def __call__(self, *arguments: Any) -> Any:
        """Return the outputs for these arguments.

        Raises:
            EvaluationError, ShapeError, DataTypeError: the arguments do not fit the inputs.
        """
        arrays, _ = self._signature.bind(arguments)
        try:
            results = self._function(*arrays)
        except IndexError as error:
            if self._raised(error):
                raise EvaluationError("an index is out of bounds", culprit=error) from error
            raise
        if len(self.graph.outputs) == 1:
            return np.asarray(results)
        return tuple(np.asarray(result) for result in results)

    def _raised(self, error: BaseException) -> bool:
        """Tell whether the generated code itself raised the error, not what it called."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        return trace is not None and trace.tb_frame.f_code.co_filename == self._name

    def __repr__(self) -> str:
        return f"<numpy function of {self.graph!r}>"


def opaque_function(node: Node) -> Any:
    """Return an opaque call as a function on arrays that returns what the node promises.

    The body, where the call has one, says what it means; else its own function is called.
    """
    if declaration_of(node.operator) is not None:
        return declared_function(node)
    body: Graph | None = node.attribute("body")
    function = node.attribute("function") if body is None else NumpyFunction(body)
    several = node.attribute("results")
    promised: tuple[tuple[Shape, str], ...] = several or ((node.shape, node.dtype),)
    name = node.attribute("name")

    def called(*operands: Any) -> Any:
        """Return the results, checked against what the node promises."""
        arrays = [np.asarray(operand) for operand in operands]
        results = function(*arrays)
        sizes = _sizes(node, arrays)
        parts = tuple(results) if several else (results,)
        if len(parts) != len(promised):
            raise ShapeError(f"opaque call {name!r} promises {len(promised)} results",
                             culprit=len(parts))  # fmt: skip
        checked = tuple(_checked(part, *promise, name, sizes)
                        for part, promise in zip(parts, promised, strict=True))  # fmt: skip
        return checked if several else checked[0]

    return called


def declared_function(node: Node) -> Callable[..., Array]:
    """Return the operator of a node as a function on arrays: the declared one, or its definition.

    What is narrower than float32 is computed in it, and rounded once.

    Raises:
        BackendError: there is neither.
    """
    given = implementation(node, "numpy")
    body = definition_at(node)
    if given is None and body is None:
        raise BackendError("no numpy function is declared, and no definition",
                           culprit=node.operator)  # fmt: skip
    if given is None:
        assert body is not None
        return NumpyFunction(body)
    narrow = node.dtype in ACCUMULATED_IN_FLOAT32
    name, dtype = node.operator.name, node.dtype

    def called(*operands: Array) -> Array:
        arrays = [np.asarray(x, np.float32) if narrow else np.asarray(x) for x in operands]
        return _checked(given(*arrays), node.shape, dtype, name, _sizes(node, arrays))

    return called


def _sizes(node: Node, arrays: list[Array]) -> dict[str, int]:
    pairs = zip(node.operands, arrays, strict=True)
    return {
        name: size
        for operand, array in pairs
        for name, size in zip(operand.shape, array.shape, strict=True)
        if isinstance(name, str)
    }


def _checked(result: Any, shape: Shape, dtype: str, name: str, sizes: dict[str, int]) -> Array:
    array = np.asarray(result)
    wanted = array_type(dtype)
    known = all(isinstance(d, int) or d in sizes for d in shape)
    expected = tuple(dim.evaluate(d, sizes) for d in shape) if known else array.shape
    if array.shape != expected:
        raise ShapeError(f"{name!r} promises shape {shape_text(expected)}",
                         culprit=shape_text(array.shape))  # fmt: skip
    if array.dtype == wanted:
        return array
    if array.dtype.kind != wanted.kind:
        raise DataTypeError(f"{name!r} promises {dtype}", culprit=array.dtype.name)
    return array.astype(wanted)
