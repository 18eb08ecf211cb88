"""Domains: where two graphs are to be equal, as far as a user assumes something of their inputs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from rewriter.engine.assumptions import Assumptions
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import array_type
from rewriter.lowering.compile import compile as lower

Array = np.ndarray[Any, Any]


class Domain:
    """The arguments for which some comparisons hold; all of them, where nothing is assumed.

    Args:
        inputs: the inputs of the graphs.
        assuming: comparisons of expressions of them.

    Raises:
        ConditionError: something is no comparison of expressions of these inputs.
    """

    def __init__(self, inputs: Sequence[Node], assuming: Any = ()) -> None:
        self.inputs = inputs
        given = Assumptions(Graph(inputs, list(inputs)), assuming)
        self.conditions = (*given.relations, *given.of_inputs)
        self.bounds = {node: given.inside[node].attribute("assumed") for node in given.inside}

    def moved_inside(self, arrays: Sequence[Array]) -> list[Array]:
        """Return arguments in which each number of a bounded input is within its bounds."""
        return [
            self._moved(node, array) if node in self.bounds else array
            for node, array in zip(self.inputs, arrays, strict=True)
        ]

    def _moved(self, node: Node, array: Array) -> Array:
        bounds = self.bounds[node]
        low, high = bounds.low, bounds.high
        if np.isfinite(low) and np.isfinite(high):
            size = np.abs(array)
            return np.asarray(low + (high - low) * (size / (1 + size)))
        end, inwards = (low, 1.0) if np.isfinite(low) else (high, -1.0)
        if not np.isfinite(end):
            return np.where(bounds.apart & (array == 0), 1.0, array)
        distance = np.abs(array - end)
        at_the_end = (bounds.low_open or bounds.high_open) & (distance == 0)
        return np.asarray(end + inwards * np.where(at_the_end, 1.0, distance))

    def holds(self, arrays: Sequence[Array]) -> bool:
        """Tell whether what is assumed holds of arguments."""
        if not self.conditions:
            return True
        given = [
            np.asarray(array).astype(array_type(node.dtype))
            for array, node in zip(arrays, self.inputs, strict=True)
        ]
        with np.errstate(all="ignore"):
            return all(bool(np.all(found)) for found in self._asked(*given))

    @cached_property
    def _asked(self) -> Any:
        run = lower(Graph(self.inputs, self.conditions))
        single = len(self.conditions) == 1
        return (lambda *arrays: (run(*arrays),)) if single else run
