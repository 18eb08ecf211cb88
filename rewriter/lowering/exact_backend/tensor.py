"""Tensors of the exact backend: arrays of elements for floats, plain NumPy arrays for the rest."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rewriter.lowering.exact_backend.element import Element, lifted

Array = np.ndarray[Any, Any]


def tensor(elements: Sequence[Any], shape: Sequence[int]) -> Array:
    """Return an array of objects."""
    result = np.empty(len(elements), dtype=object)
    result[:] = elements
    return result.reshape(tuple(shape))


def from_array(array: Array) -> Array:
    """Return the elements of an array of numbers, exactly."""
    wide = array if array.dtype.kind in "biu" else array.astype(np.float64)
    known: dict[Any, Element] = {}
    elements = []
    for bits, value in zip(_keys(wide), wide.ravel().tolist(), strict=True):
        if bits not in known:
            known[bits] = lifted(value)
        elements.append(known[bits])
    return tensor(elements, array.shape)


def _keys(wide: Array) -> list[Any]:
    """Numbers that differ where elements do, zeros by their sign too."""
    flat = np.ascontiguousarray(wide).ravel()
    return (flat.view(np.int64) if wide.dtype.kind == "f" else flat).tolist()


def mapped(function: Callable[..., Any], dtype: Any = object) -> Callable[..., Array]:
    """Return a function of elements as one of arrays, which broadcast.

    Equal operands (the same objects) give the same object, which is computed once.
    """

    def of(*operands: Array) -> Array:
        """Return the function of each element; of the same operands it is taken once."""
        arrays = np.broadcast_arrays(*operands) if len(operands) > 1 else operands
        columns = [array.ravel().tolist() for array in arrays]
        known: dict[tuple[int, ...], Any] = {}
        results = []
        for row in zip(*columns, strict=True):
            key = tuple(map(id, row))
            result = known.get(key, known)
            if result is known:
                result = known[key] = function(*row)
            results.append(result)
        if dtype is object:
            return tensor(results, arrays[0].shape)
        return np.array(results, dtype).reshape(arrays[0].shape)

    return of


def reduced(function: Callable[[Sequence[Any]], Any], dtype: Any = object) -> Callable[..., Array]:
    """Return a function of a row of elements as a reduction over axes of an array."""

    def of(x: Array, axes: Sequence[int], keepdims: bool) -> Array:
        """Return the function of each row of elements along the axes."""
        kept = [axis for axis in range(x.ndim) if axis not in axes]
        shape = [x.shape[axis] for axis in kept]
        size = int(np.prod([x.shape[axis] for axis in axes], dtype=np.int64))
        rows = x.transpose([*kept, *axes]).reshape(int(np.prod(shape, dtype=np.int64)), size)
        results = [function(row) for row in rows.tolist()]
        if keepdims:
            shape = [1 if axis in axes else x.shape[axis] for axis in range(x.ndim)]
        if dtype is object:
            return tensor(results, shape)
        return np.array(results, dtype).reshape(shape)

    return of


def folded(
    function: Callable[[Element, Element], Element], empty: Element
) -> Callable[[Sequence[Element]], Element]:
    """Return a function of two elements as one of a row; ``empty`` for none."""

    def of(row: Sequence[Element]) -> Element:
        return functools.reduce(function, row) if row else empty

    return of


def cumulated(function: Callable[[Element, Element], Element]) -> Callable[..., Array]:
    """Return a function of two elements as a running reduction along one axis."""
    step = mapped(function)

    def of(x: Array, axis: int, reverse: bool) -> Array:
        """Return the running reduction along an axis, from its end if reversed."""
        result = np.array(np.flip(x, axis) if reverse else x)
        moved = np.moveaxis(result, axis, 0)
        for place in range(1, len(moved)):
            moved[place, ...] = step(moved[place - 1, ...], moved[place, ...])
        return np.flip(result, axis) if reverse else result

    return of
