"""Sides of a law at many points at once, over the reals, in ball arithmetic.

The meaning of a side at given floats is its value over the reals, extended by the infinities as
IEEE arithmetic has them: ``log(0)`` is -inf, ``0/0`` is none. A value that the balls do not settle
is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flint
import numpy as np

from rewriter.errors import EvaluationError
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.lowering.exact_backend.element import Element, PrecisionNeeded, Unresolved, ball
from rewriter.lowering.exact_backend.evaluation import evaluate
from rewriter.lowering.exact_backend.tensor import from_array, tensor

Array = np.ndarray[Any, Any]
PRECISIONS = (192, 1024)
"""Bits of the balls; the second where the first leaves something open."""


def balls_at(
    graph: Graph,
    arguments: Sequence[Array],
    bits: int = PRECISIONS[0],
    sizes: Mapping[str, int] | None = None,
) -> list[Array]:
    """Return the outputs of a graph as arrays of ``flint.arb`` (None where not settled) or bools.

    Raises:
        PrecisionNeeded: a comparison is not settled.
        BackendError: an operation has no meaning over the reals.
    """
    with flint.ctx.workprec(bits):
        given = [
            from_array(array) if is_float(node.dtype) else array
            for array, node in zip(arguments, graph.inputs, strict=True)
        ]
        values = evaluate(graph, given, sizes or {})
        return [
            _settled(value) if is_float(node.dtype) else value
            for value, node in zip(values, graph.outputs, strict=True)
        ]


def _settled(values: Array) -> Array:
    return tensor([_ball(x) for x in values.ravel().tolist()], values.shape)


def _ball(x: Element) -> Any:
    return None if isinstance(x, Unresolved) else ball(x)


def at_each_point(
    graph: Graph,
    arguments: Sequence[Array],
    sizes: Mapping[str, int] | None = None,
    first: int = PRECISIONS[0],
) -> list[Array] | None:
    """Return the outputs for one point, with more bits where they are needed; None for no answer.

    Args:
        graph: the graph.
        arguments: one array for each input.
        sizes: the size of each named dimension.
        first: bits of the balls at first.

    Raises:
        BackendError: an operation has no meaning over the reals.
    """
    for bits in (first, max(PRECISIONS[1], 2 * first)):
        try:
            found = balls_at(graph, arguments, bits, sizes)
        except (PrecisionNeeded, EvaluationError, OverflowError):
            continue
        if all(_is_settled(array) for array in found):
            return found
    return None


def _is_settled(array: Array) -> bool:
    return array.dtype != object or all(x is not None and is_tight(x) for x in array.ravel())


def is_tight(x: Any) -> bool:
    """Tell whether a ball says which number it is, to some 50 bits (or which infinity, or none)."""
    if not x.is_finite():
        return bool(x.is_nan() or x.is_exact())
    return bool(x.is_exact() or x.rel_accuracy_bits() > 50 or x.abs_upper() < _NEGLIGIBLE)


_NEGLIGIBLE = flint.arb((1, -1100))


def kind_of(x: Any) -> str:
    """Return "number", "infinite" or "none" for what a ball stands for."""
    if x.is_finite():
        return "number"
    return "none" if x.is_nan() or not x.is_exact() else "infinite"


def text_of(x: Any) -> str:
    """Return a ball as text, to about 17 digits."""
    if x.is_nan():
        return "nan"
    if not x.is_finite():
        return "inf" if x > 0 else "-inf"
    text = x.mid().str(17, radius=False)
    value = float(x.mid())
    return repr(value) if value and abs(value) < 1e300 else text
