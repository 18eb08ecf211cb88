"""A graph as a function over the reals: precision is doubled until every element is tight.

The meaning of a graph is its value over the reals at the given floats, taken as exact; so nothing
is rounded but the answer, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import flint
import numpy as np
from flint import arb

from rewriter.errors import EvaluationError
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.array_type import array_type
from rewriter.lowering.exact_backend.element import Element, PrecisionNeeded, ball
from rewriter.lowering.exact_backend.evaluation import evaluate
from rewriter.lowering.exact_backend.rounding import (
    NEGLIGIBLE_EXPONENT,
    format_of,
    is_negligible,
    rounded,
)
from rewriter.lowering.exact_backend.tensor import Array, from_array, tensor
from rewriter.lowering.signature import Signature

FIRST_PRECISION = 128
LARGEST_PRECISION = 2**17
RELATIVE_BITS = 80
"""Balls are handed out when their radius is below ``2**-80`` of their middle, or negligible."""

Finish = Callable[[Array, Node], Any]


class ExactFunction:
    """A graph as a function over the reals.

    Args:
        graph: the graph.
        precision: bits to begin with.
        largest_precision: bits after which it gives up.
    """

    def __init__(
        self,
        graph: Graph,
        precision: int = FIRST_PRECISION,
        largest_precision: int = LARGEST_PRECISION,
    ) -> None:
        self.graph = graph
        self._signature = Signature(graph)
        self._precision = precision
        self._largest_precision = largest_precision

    def __call__(self, *arguments: Any, dtype: str | None = None) -> Any:
        """Return the outputs, each element rounded once to ``dtype`` or the output's own.

        Raises:
            EvaluationError: the arguments do not fit, or an element cannot be told at the largest
                precision.
            BackendError: an operation has no meaning over the reals here.
        """

        def finish(elements: Array, node: Node) -> Array:
            """Return an output as an array of floats, each element rounded once."""
            kind = dtype or node.dtype
            form = format_of(kind)
            values = _each(elements, lambda element: rounded(element, form))
            flat = np.array(values, np.float64).reshape(elements.shape)
            with np.errstate(all="ignore"):
                return flat.astype(array_type(kind))

        return self._results(arguments, finish, lambda array: array)

    def balls(self, *arguments: Any) -> Any:
        """Return the outputs as arrays of ``flint.arb``.

        A ball's radius is below ``2**-80`` of its middle, or the ball lies within ``2**-1100`` of
        0. Infinities and nan are such balls; integers and bools are exact.

        Raises:
            EvaluationError, BackendError: as for a call.
        """

        def finish(elements: Array, node: Node) -> Array:
            return tensor(_each(elements, tight_ball), elements.shape)

        return self._results(arguments, finish, _integer_balls)

    def _results(
        self, arguments: Sequence[Any], finish: Finish, pass_on: Callable[[Array], Array]
    ) -> Any:
        arrays, sizes = self._signature.bind(arguments)
        reason: PrecisionNeeded | None = None
        for precision in self._precisions():
            with flint.ctx.workprec(precision):
                try:
                    inputs = [
                        from_array(array) if is_float(node.dtype) else array
                        for array, node in zip(arrays, self.graph.inputs, strict=True)
                    ]
                    values = evaluate(self.graph, inputs, sizes)
                    results = tuple(
                        finish(value, node) if is_float(node.dtype) else pass_on(value)
                        for value, node in zip(values, self.graph.outputs, strict=True)
                    )
                except PrecisionNeeded as error:
                    reason = error
                    continue
            return results if len(results) != 1 else results[0]
        raise EvaluationError(
            f"not settled at {self._largest_precision} bits: {reason.reason if reason else ''}",
            culprit=reason.culprit if reason else None,
        )

    def _precisions(self) -> Iterator[int]:
        precision = self._precision
        while precision <= self._largest_precision:
            yield precision
            precision *= 2


def _each(elements: Array, function: Callable[[Element], Any]) -> list[Any]:
    return [function(element) for element in elements.ravel().tolist()]


def tight_ball(x: Element) -> arb:
    """Return the ball of an element.

    Raises:
        PrecisionNeeded: it is neither tight nor negligible.
    """
    found = ball(x)
    if isinstance(x, float) or found.rel_accuracy_bits() >= RELATIVE_BITS or is_negligible(found):
        return found
    raise PrecisionNeeded(
        f"an element is neither tight nor below 2**{NEGLIGIBLE_EXPONENT}", culprit=found
    )


def _integer_balls(array: Array) -> Array:
    return tensor([arb(int(value)) for value in array.ravel().tolist()], array.shape)
