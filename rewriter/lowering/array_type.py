"""NumPy's types for the dtypes of a graph; bfloat16 and narrower floats come from ml_dtypes."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np

from rewriter.errors import BackendError

ACCUMULATED_IN_FLOAT32 = ("float16", "bfloat16")
"""Sums and products of these are accumulated in float32 and rounded once, as XLA does."""


@functools.cache
def array_type(name: str) -> np.dtype[Any]:
    """Return the NumPy dtype of that name.

    Raises:
        BackendError: NumPy has none, and ml_dtypes (which comes with JAX) is not installed or has
            none either.
    """
    try:
        found: np.dtype[Any] = np.dtype(name)
        return found
    except TypeError:
        pass
    try:
        extended = importlib.import_module("ml_dtypes")
    except ImportError:
        raise BackendError("arrays of this dtype need ml_dtypes, which comes with jax",
                           culprit=name) from None  # fmt: skip
    try:
        narrow: np.dtype[Any] = np.dtype(getattr(extended, name))
        return narrow
    except (AttributeError, TypeError):
        raise BackendError("NumPy holds no arrays of this dtype", culprit=name) from None
