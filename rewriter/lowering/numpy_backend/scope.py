"""What the expressions of one generated function may refer to: helpers, types, sizes, constants."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from rewriter.errors import ShapeError
from rewriter.graph.dimension import Dimension, Shape
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import array_type
from rewriter.lowering.numpy_backend import runtime
from rewriter.lowering.numpy_backend.naming import Names
from rewriter.lowering.numpy_backend.phrase import ATOM, PRODUCT, SUM, Phrase, sequence

INLINE_SIZE = 16
"""Constant arrays of at most so many elements are written out in the source."""


class Scope:
    """The names that generated source uses, and what each stands for.

    Args:
        graph: the graph that is compiled.
        opaque: how the function of an opaque call becomes one on NumPy arrays.
    """

    def __init__(self, graph: Graph, opaque: Callable[[Node], Any]) -> None:
        self.names = Names(frozenset({"np", *runtime.HELPERS}))
        self.namespace: dict[str, Any] = {"np": np}
        self.helpers: set[str] = set()
        self.types: set[str] = set()
        self.constants: dict[str, str] = {}
        self.sizes: dict[str, str] = {}
        self.callees: dict[Hashable, str] = {}
        self._opaque = opaque
        self.function = self.names.fresh("evaluate")
        self.inputs = {node: self.names.fresh(node.attribute("name")) for node in graph.inputs}
        self._givers: dict[str, str] = {}
        for node, name in self.inputs.items():
            for axis, size in enumerate(node.shape):
                if isinstance(size, str):
                    self._givers.setdefault(size, f"{name}.shape[{axis}]")

    def helper(self, name: str) -> str:
        """Return the name of a function of the runtime, which the source then imports."""
        self.helpers.add(name)
        self.namespace[name] = runtime.HELPERS[name]
        return name

    def dtype(self, name: str) -> str:
        """Return how the source writes a dtype: ``np.float32``, ``bfloat16``."""
        kind = array_type(name)
        if kind.kind in "biufc" and kind.isbuiltin == 1:
            return f"np.{name}"
        self.types.add(name)
        self.namespace[name] = kind.type
        return name

    def size(self, dimension: Dimension) -> Phrase:
        """Return a dimension as an expression of the sizes of the inputs."""
        if isinstance(dimension, int):
            return Phrase(str(dimension))
        if isinstance(dimension, str):
            return Phrase(self._size_name(dimension))
        text = ""
        for names, factor in dimension.terms:
            product = " * ".join(map(self._size_name, names))
            amount = str(abs(factor)) if not names else f"{abs(factor)} * {product}"
            sign = (" - " if factor < 0 else " + ") if text else "-" if factor < 0 else ""
            text += sign + (product if names and abs(factor) == 1 else amount)
        return Phrase(text, SUM if len(dimension.terms) > 1 else PRODUCT)

    def _size_name(self, dimension: str) -> str:
        if dimension not in self._givers:
            raise ShapeError("a dimension that no input has", culprit=dimension)
        if dimension not in self.sizes:
            self.sizes[dimension] = self.names.fresh(dimension)
        return self.sizes[dimension]

    def size_lines(self) -> list[str]:
        """Return the statements that read the sizes of the inputs."""
        return [f"{name} = {self._givers[size]}" for size, name in self.sizes.items()]

    def shape(self, shape: Shape) -> str:
        """Return a shape as a tuple in source."""
        return sequence([self.size(dimension).code for dimension in shape]) if shape else "()"

    def array(self, node: Node) -> Phrase:
        """Return the variable that holds a constant array."""
        array = node.attribute("value").array.astype(array_type(node.dtype))
        name = self.names.for_node(node, None)
        self.namespace[name] = array
        if 0 < array.size <= INLINE_SIZE and array.dtype.kind in "biuf":
            with np.printoptions(floatmode="unique", linewidth=2**30):
                values = np.array2string(array, separator=", ", threshold=INLINE_SIZE)
            values = " ".join(values.split()).replace("nan", "np.nan").replace("inf", "np.inf")
            self.constants[name] = f"np.array({values}, {self.dtype(node.dtype)})"
        else:
            shape = ", ".join(map(str, array.shape))
            self.constants[name] = f"...  # {node.dtype}, {sequence([shape])}, given when compiled"
        return Phrase(name, ATOM)

    def callee(self, node: Node) -> str:
        """Return the name under which the function of an opaque call, or of an operator that a
        user declared, is called.
        """
        given = node.attribute("name")
        wanted = f"call_{given}" if given else node.operator.name
        known = self.callees.get((node.operator, node.attributes, _signature(node)))
        if known is None:
            known = self.names.fresh(wanted)
            self.namespace[known] = self._opaque(node)
            if not given:
                self.callees[node.operator, node.attributes, _signature(node)] = known
        return known


def _signature(node: Node) -> Hashable:
    return tuple((p.shape, p.dtype) for p in node.operands)
