"""Functions that generated source calls where NumPy has no single one for a primitive.

Those that only move elements also serve arrays of objects, as the exact backend has them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rewriter.errors import EvaluationError
from rewriter.graph.dtype import largest_binade
from rewriter.lowering.array_type import ACCUMULATED_IN_FLOAT32, array_type

Array = np.ndarray[Any, Any]


def _narrow(array: Array) -> bool:
    return array.dtype.name in ACCUMULATED_IN_FLOAT32


def logistic(x: Array) -> Array:
    """``1 / (1 + exp(-x))``, by ``exp(-|x|)``, which cannot overflow.

    Measured within 2.2 ulps of the true value in float64 and 3.1 in float32 (of which NumPy's
    float32 exponential has 2.5), down into the subnormal numbers.
    """
    wide = x.astype(np.float32) if _narrow(x) else x
    small = np.exp(-np.abs(wide))
    result = np.where(wide >= 0, 1, small) / (1 + small)
    return np.asarray(result).astype(x.dtype, copy=False)


def _by_libm(function: Any, x: Array) -> Array:
    values = np.asarray(x).astype(np.float64)
    results = [function(value) for value in values.ravel().tolist()]
    return np.array(results, np.float64).reshape(values.shape).astype(x.dtype)


def erf(x: Array) -> Array:
    """The error function, element by element by the C library's.

    Measured within 1 ulp in float64 (glibc), and correctly rounded in the narrower dtypes.
    """
    return _by_libm(math.erf, x)


def erfc(x: Array) -> Array:
    """``1 - erf(x)``, element by element by the C library's.

    Measured within 3 ulps in float64 (glibc), and correctly rounded in the narrower dtypes.
    """
    return _by_libm(math.erfc, x)


_SCALED_FROM = 2.0
"""From here on erfcx is computed by its continued fraction, with so many terms in float64."""
_SCALED_TERMS = 50


def erfcx(x: Array) -> Array:
    """``exp(x²)·erfc(x)``; from 2 on erfc's continued fraction.

    Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.14.
    """
    wide = np.asarray(x).astype(np.float64)
    near, far = np.clip(wide, -100.0, _SCALED_FROM), np.maximum(wide, _SCALED_FROM)
    fraction = far
    for k in range(_SCALED_TERMS, 0, -1):
        fraction = far + k / 2 / fraction
    head = near.astype(np.float32).astype(np.float64)
    with np.errstate(over="ignore"):
        square = np.exp(head * head) * np.exp((near - head) * (near + head))
        result = np.where(
            wide < _SCALED_FROM, square * erfc(near), 1 / math.sqrt(math.pi) / fraction
        )
        return np.asarray(np.where(np.isnan(wide), wide, result)).astype(x.dtype)


def binade(x: Array) -> Array:
    """The power of two nearest to ``|x|`` of those that have an inverse; nan for nan."""
    largest = largest_binade(x.dtype.name)
    wide = np.abs(x.astype(np.float64))
    fraction, exponent = np.frexp(np.clip(wide, 2.0**-largest, 2.0**largest))
    nearest = np.ldexp(np.where(np.isnan(wide), np.nan, 1.0), exponent - (fraction < 0.75))
    return np.asarray(np.minimum(nearest, 2.0**largest)).astype(x.dtype)


def iota(shape: Sequence[int], axis: int, dtype: Any) -> Array:
    """Each element is its own index along ``axis``."""
    around = [1] * len(shape)
    around[axis] = shape[axis]
    return np.broadcast_to(np.arange(shape[axis]).astype(dtype).reshape(around), shape)


def pad(
    x: Array, value: Any, low: Sequence[int], high: Sequence[int], interior: Sequence[int]
) -> Array:
    """Surround with ``value``, and put ``interior`` copies of it between neighbours."""
    inner = [size + max(size - 1, 0) * gap for size, gap in zip(x.shape, interior, strict=True)]
    shape = [a + n + b for a, n, b in zip(low, inner, high, strict=True)]
    result = np.full(shape, value, dtype=x.dtype)
    places = zip(low, inner, interior, strict=True)
    result[tuple(slice(a, a + n, gap + 1) for a, n, gap in places)] = x
    return result


def _places(
    x: Array, indices: Sequence[Array], axes: Sequence[int], mode: str
) -> tuple[tuple[Array, ...], Array | None]:
    """Indices within bounds, and, in mode "fill", which of them were."""
    if mode == "promise":
        for index, axis in zip(indices, axes, strict=True):
            size = x.shape[axis]
            if index.size and not (-size <= index.min() and index.max() < size):
                wrong = index.max() if index.max() >= size else index.min()
                raise EvaluationError(f"an index is out of bounds for size {size}", culprit=wrong)
        return tuple(indices), None
    limits = [x.shape[axis] - 1 for axis in axes]
    within = [(index >= 0) & (index <= n) for index, n in zip(indices, limits, strict=True)]
    held = tuple(np.clip(index, 0, max(n, 0)) for index, n in zip(indices, limits, strict=True))
    if mode == "clip":
        return held, None
    return held, np.logical_and.reduce(np.broadcast_arrays(*within))


def _in_front(x: Array, axes: Sequence[int]) -> Array:
    return x.transpose([*axes, *(a for a in range(x.ndim) if a not in axes)])


def gather(
    x: Array, indices: Sequence[Array], axes: Sequence[int], mode: str, missing: Any = None
) -> Array:
    """Pick elements of ``x`` where ``axes`` have the indices; their axes come first.

    Mode "clip" takes the nearest element for an index out of bounds, "fill" takes ``missing`` (by
    default nan, 0 for integers), "promise" raises EvaluationError.
    """
    held, within = _places(x, [np.asarray(i) for i in indices], axes, mode)
    front = _in_front(x, axes)
    key: Any = (*held, ...)
    if within is None:
        return np.asarray(front[key])
    if missing is None:
        missing = np.nan if x.dtype.kind in "fcVO" else 0
    rest = front.shape[len(axes) :]
    if not all(front.shape[: len(axes)]):
        return np.full((*within.shape, *rest), missing, x.dtype)
    absent = ~within.reshape(within.shape + (1,) * len(rest))
    result = np.array(front[key])
    result[np.broadcast_to(absent, result.shape)] = missing
    return result


def scatter_add(
    x: Array,
    updates: Array,
    indices: Sequence[Array],
    axes: Sequence[int],
    mode: str,
    add: Any = None,
) -> Array:
    """Add updates at the places that ``gather`` with the same indices would read.

    Mode "fill" drops updates out of bounds. float16 and bfloat16 are added up in float32. Objects
    are added by ``add``.
    """
    held, within = _places(x, [np.asarray(i) for i in indices], axes, mode)
    result = np.array(x, np.float32) if _narrow(x) else np.array(x)
    if within is not None:
        if not within.any():
            return np.array(x)
        held = tuple(np.broadcast_to(index, within.shape)[within] for index in held)
        updates = updates[within]
    front = _in_front(result, axes)
    if add is None:
        np.add.at(front, held, updates.astype(result.dtype, copy=False))
    else:
        _add_one_by_one(front, held, updates, add)
    return result.astype(x.dtype, copy=False)


def _add_one_by_one(front: Array, places: tuple[Array, ...], updates: Array, add: Any) -> None:
    shape = np.broadcast_shapes(*(index.shape for index in places))
    rest = front.shape[len(places) :]
    wide = [np.broadcast_to(index, shape).reshape(shape + (1,) * len(rest)) for index in places]
    inner = np.indices(rest, sparse=True)
    every = np.broadcast_arrays(*wide, *inner, np.empty(shape + rest))[:-1]
    for *place, update in zip(*(index.ravel().tolist() for index in every),
                              updates.ravel().tolist(), strict=True):  # fmt: skip
        front[tuple(place)] = add(front[tuple(place)], update)


def contract(spec: str, *operands: Array, dtype: Any = None) -> Array:
    """``einsum``, by matrix products where that is faster; narrow floats accumulate in float32."""
    from rewriter.lowering.numpy_backend.contraction import contracted

    wanted = np.dtype(dtype) if dtype is not None else operands[0].dtype
    working = np.dtype(np.float32) if wanted.name in ACCUMULATED_IN_FLOAT32 else wanted
    wide = [np.asarray(operand).astype(working, copy=False) for operand in operands]
    return np.asarray(contracted(spec, wide)).astype(wanted, copy=False)


def cumulate(ufunc: Any, x: Array, axis: int, reverse: bool) -> Array:
    """Running sum, product or maximum along ``axis``, from the end where ``reverse``."""
    wide = x.astype(np.float32) if _narrow(x) else x
    turned = np.flip(wide, axis) if reverse else wide
    result = ufunc.accumulate(turned, axis=axis, dtype=wide.dtype)
    return np.asarray(np.flip(result, axis) if reverse else result).astype(x.dtype, copy=False)


HELPERS = {
    function.__name__: function
    for function in (
        logistic,
        erf,
        erfc,
        erfcx,
        binade,
        iota,
        pad,
        gather,
        scatter_add,
        contract,
        cumulate,
    )
}
"""What generated source may call by name."""

__all__ = [*HELPERS, "HELPERS", "array_type"]
