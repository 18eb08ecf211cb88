"""Shrinking: from a point that refutes to the smallest one of its neighbourhood."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rewriter.checking.points import Values

Array = np.ndarray[Any, Any]
SIMPLE = (0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5)
LARGEST_EFFORT = 60
"""Rounds of shrinking."""

Refutes = Callable[[dict[str, int], Values], bool]


def shrunk(sizes: dict[str, int], values: Values, places: dict[str, tuple[str, ...]],
           refutes: Refutes) -> tuple[dict[str, int], Values]:  # fmt: skip
    """Return a point that refutes still, with fewer places and simpler numbers.

    Args:
        sizes: the sizes.
        values: the point, each array with a leading axis of 1.
        places: the size names of each variable's axes.
        refutes: tells of a point whether it refutes.
    """
    for _ in range(LARGEST_EFFORT):
        for candidate_sizes, candidate in _simpler(sizes, values, places):
            if refutes(candidate_sizes, candidate):
                sizes, values = candidate_sizes, candidate
                break
        else:
            break
    return sizes, values


def _simpler(
    sizes: dict[str, int], values: Values, places: dict[str, tuple[str, ...]]
) -> Iterator[tuple[dict[str, int], Values]]:
    for name, size in sizes.items():
        for gone in range(size):
            yield _without(sizes, values, places, name, gone)
    for name, array in values.items():
        for place, value in enumerate(array.ravel().tolist()):
            for simple in _below(value):
                changed = array.copy()
                changed.reshape(-1)[place] = simple
                yield sizes, {**values, name: changed}


def _without(
    sizes: dict[str, int], values: Values, places: dict[str, tuple[str, ...]], name: str, gone: int
) -> tuple[dict[str, int], Values]:
    fewer = {**sizes, name: sizes[name] - 1}
    kept = dict(values)
    for key, axes in places.items():
        for axis, size_name in enumerate(axes):
            if size_name == name:
                kept[key] = np.delete(kept[key], gone, axis=axis + 1)
    return fewer, kept


def rank(value: float) -> tuple[int, float]:
    """Return what numbers are ordered by: whole small ones first, then short ones."""
    if value in SIMPLE:
        return (0, SIMPLE.index(value))
    if value == int(value) and abs(value) < 1e4:
        return (1, abs(value))
    return (2 + len(repr(value)), abs(value))


def _below(value: float) -> Iterator[float]:
    candidates = list(SIMPLE)
    if math.isfinite(value) and value:
        exponent = math.floor(math.log10(abs(value)))
        sign = math.copysign(1.0, value)
        candidates += [float(round(value))] if abs(value) < 1e4 else []
        candidates += [sign * float(f"1e{exponent}")]
        candidates += [float(f"{value:.{digits}g}") for digits in (1, 2, 3)]
    own = rank(value)
    for candidate in sorted(set(candidates), key=rank):
        if rank(candidate) < own and math.isfinite(candidate):
            yield candidate
