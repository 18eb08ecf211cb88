"""What a form is, and the points it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Form:
    """A naive program of one array.

    Attributes:
        family: what it belongs to.
        name: how a row of the table calls it.
        written: the program, naive.
        inputs: "logits" (any real numbers), "positive" or "signed" (ordinary, huge and tiny).
        shape: of the array.
        careful: the same program with a meaning where the naive one has none over the reals (at
            -inf); its exact value is then the truth.
    """

    family: str
    name: str
    written: Callable[[Any], Any]
    inputs: str = "logits"
    shape: tuple[int, ...] = (5,)
    careful: Callable[[Any], Any] | None = None


SCORES = np.array([0.125, -0.5, 0.75, 0.3125, -1.25, 0.5, -0.0625, 1.5, -0.875, 0.25, 1.0, -0.375])
EXTREME = np.array([1, 1e18, -1e18, 3, -2, 1e3, 40, -1e3, 1e18, -90, 7e4, 0.5])
SPREAD = np.array([1, 2, 1000, -3, 4, -1000, 500, 0.5, -20, 1000, 60, -90])
TIES = np.array([5e3, 5e3, 5e3, -2, 1, 5e3, -2, -2, 5e3, 5e3, 1, 1])

PEAKED = np.array([3.5, -9.25, 14, -1.75, -6, 0.5, -13, 2.25, -4.5, 8, -11, 1])


def peaked(form: Form, dtype: str = "float32") -> dict[str, np.ndarray[Any, Any]]:
    """Return the points at which tails count: one large element, others small but not lost."""
    if form.inputs != "logits":
        return {}
    count = int(np.prod(form.shape))
    chosen = {"peaked": PEAKED[:count], "peaked, offset": PEAKED[:count] + 96}
    return {name: np.asarray(x, dtype).reshape(form.shape) for name, x in chosen.items()}


def points(form: Form, dtype: str = "float32") -> dict[str, np.ndarray[Any, Any]]:
    """Return the points of a form by regime."""
    count = int(np.prod(form.shape))
    scores, extreme = np.resize(SCORES, count), np.resize(EXTREME, count)
    spread, ties = np.resize(SPREAD, count), np.resize(TIES, count)
    if form.inputs == "logits":
        offset, top = (1e4, 1e18) if dtype in ("float32", "float64") else (1e3, 1e4)
        chosen = {
            "moderate": scores,
            "spread": spread,
            "offset": scores + offset,
            "negative offset": scores - offset,
            "extreme": np.clip(extreme, -top, top),
            "ties": ties,
        }
    else:
        small, large = (1e-30, 1e30) if dtype in ("float32", "float64") else (1e-6, 1e4)
        sizes = np.abs(scores) + 0.5 if form.inputs == "positive" else scores
        chosen = {
            "moderate": sizes,
            "huge": sizes * large,
            "tiny": sizes * small,
            "mixed": sizes * np.resize([large, 1.0, small], count),
            "offset": sizes + 1e4,
        }
    return {name: np.asarray(x, dtype).reshape(form.shape) for name, x in chosen.items()}
