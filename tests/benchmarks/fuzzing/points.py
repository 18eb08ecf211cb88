"""The inputs that a program is run at: ordinary numbers, ties, and what is special to floats."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

__all__ = ["ORDINARY", "POINTS", "inputs"]

Draw = Callable[[np.random.RandomState, tuple[int, ...], str], np.ndarray]


def moderate(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Numbers between -2 and 2."""
    return source.uniform(-2, 2, shape)


def positive(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Numbers between 0.3 and 2."""
    return source.uniform(0.3, 2, shape)


def ties(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Few numbers, of which some are equal, and zeros of both signs."""
    return source.choice([-1.0, 0.0, 1.0, -0.0], shape)


def huge(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Numbers whose exponential is beyond the floats."""
    return source.uniform(-2, 2, shape) * (1e3 if dtype != "float16" else 30)


def offset(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Moderate numbers far from 0."""
    return source.uniform(-2, 2, shape) + (500 if dtype.endswith("16") else 1e4)


def one(special: float) -> Draw:
    """Moderate numbers, one of which is special."""

    def draw(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        x = source.uniform(-2, 2, shape)
        x.flat[source.randint(x.size)] = special
        return x

    return draw


def all_masked(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Nothing but -inf."""
    return np.full(shape, -np.inf)


def denormal(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Moderate numbers, one of which is below the normal ones."""
    return one(float(jnp.finfo(dtype).smallest_normal) / 4)(source, shape, dtype)


POINTS: dict[str, Draw] = {
    "moderate": moderate,
    "positive": positive,
    "ties": ties,
    "zero": one(0.0),
    "negative zero": one(-0.0),
    "huge": huge,
    "offset": offset,
    "denormal": denormal,
    "-inf": one(-np.inf),
    "all -inf": all_masked,
    "+inf": one(np.inf),
    "nan": one(np.nan),
}
ORDINARY = ("moderate", "positive", "ties", "zero", "negative zero", "huge", "offset", "denormal")
"""Points at finite numbers."""


def inputs(
    seed: int, shape: tuple[int, ...], dtype: str, names: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Return the points of some names for a program; a point is the same whichever others are."""
    found = {}
    for place, (name, draw) in enumerate(POINTS.items()):
        if name in names:
            source = np.random.RandomState((seed * len(POINTS) + place) % 2**32)
            found[name] = np.asarray(draw(source, shape, dtype)).astype(jnp.dtype(dtype))
    return found
