"""Regimes of inputs that tests share, and how near the truth a cured program is in them."""

from __future__ import annotations

from typing import Any

import numpy as np

import rewriter as rw


def regimes_of(base: Any, extreme: bool = False) -> dict[str, Any]:
    """Return inputs like some moderate ones: spread, moved, tied, and among ±1e18 if asked."""
    large, places = np.float32(1e4), np.arange(base.size).reshape(base.shape)
    found = {
        "moderate": base,
        "spread": base * np.float32(500),
        "offset": base + large,
        "negative offset": base - large,
    }
    if extreme:
        huge = [places % 3 == 1, places % 3 == 2]
        found["extreme"] = np.select(huge, [1e18, -1e18], base)
    return {**found, "ties": np.where(base > 0, np.float32(5e3), base)}


def assert_near(graph: rw.Graph, regimes: dict[str, Any], error: float) -> None:
    """Compare a cured graph with ball arithmetic, beside the largest element, or 1 if that is less.

    Args:
        graph: as written.
        regimes: inputs by name.
        error: the largest there may be.
    """
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    for regime, x in regimes.items():
        truth = np.asarray(exact(np.float32(x)), float)
        value = np.asarray(cured(np.float32(x)), float)
        scale = max(np.abs(truth).max(), 1.0)
        assert np.abs(value - truth).max() <= error * scale, regime
