"""How far a float result is from the truth, in bits: ``log2(1 + ulps)``.

0 bits is the nearest float, 1 bit is one unit in the last place away, 53 bits is nothing right.
The truth is an array of balls, as ``rewriter.lowering.balls`` gives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rewriter.errors import ShapeError
from rewriter.graph.dimension import shape_text
from rewriter.graph.dtype import dtype_name

Array = np.ndarray[Any, Any]


def bits_of_error(value: Any, reference: Any, dtype: str | None = None) -> float:
    """Return the bits of error of the worst element; 0 for an array without elements.

    Args:
        value: what was computed, of the reference's shape.
        reference: balls of the true values.
        dtype: the dtype whose ulps are counted; that of ``value`` by default.

    Raises:
        ShapeError: the shapes differ.
        BackendError: the dtype is none of the four floats.
    """
    return float(elementwise_bits(value, reference, dtype).max(initial=0.0))


def elementwise_bits(value: Any, reference: Any, dtype: str | None = None) -> Array:
    """Return ``log2(1 + ulps)`` of each element, the ulp being that of the rounded true value.

    It is 0 where both are nan, or the value is what the truth rounds to; infinite where one is nan
    or infinite and the other is not. Arguments and errors as for ``bits_of_error``.
    """
    return _bits(value, reference, dtype, False)


def normwise_bits(value: Any, reference: Any, dtype: str | None = None) -> float:
    """Return the worst ``log2(1 + ulps)``, the ulp being that of the largest true value.

    Arguments and errors as for ``bits_of_error``.
    """
    return float(_bits(value, reference, dtype, True).max(initial=0.0))


def _bits(value: Any, reference: Any, dtype: str | None, normwise: bool) -> Array:
    from rewriter.lowering.exact_backend.distance import ulp_exponent, ulps

    array, balls = np.asarray(value), np.asarray(reference, dtype=object)
    if array.shape != balls.shape:
        raise ShapeError(f"the true values have shape {shape_text(balls.shape)}",
                         culprit=shape_text(array.shape))  # fmt: skip
    kind = dtype_name(array.dtype) if dtype is None else dtype
    truths = balls.ravel().tolist()
    floats = array.astype(np.float64).ravel().tolist()
    shared = (
        max((ulp_exponent(truth, kind) for truth in truths), default=None) if normwise else None
    )
    bits = [
        math.log2(1 + ulps(one, truth, kind, shared))
        for one, truth in zip(floats, truths, strict=True)
    ]
    return np.array(bits, np.float64).reshape(array.shape)
