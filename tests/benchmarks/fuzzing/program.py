"""A random program: lines of Python that make arrays of arrays, and how they are run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np

__all__ = ["Program", "example", "namespace"]

NAMES: dict[str, Any] = {
    "jax": jax,
    "jnp": jnp,
    "lax": jax.lax,
    "nn": jax.nn,
    "np": np,
    "bfloat16": ml_dtypes.bfloat16,
}
LABELS = (1, 0, 2, -1)
MASK = (True, False, True, True, False, True)


def namespace() -> dict[str, Any]:
    """What the lines of a program may name."""
    return dict(NAMES)


@dataclass(frozen=True)
class Program:
    """A program of ``x`` (floats), ``labels`` (integers) and ``mask`` (bools).

    Attributes:
        seed: what it was made from.
        lines: assignments, each to a name of its own.
        outputs: names of what it returns.
        shape: of ``x``; ``mask`` is like it, ``labels`` is a row of its last axis.
        dtype: of ``x``.
        mode: one of `fuzzing.modes.MODES`.
    """

    seed: int
    lines: tuple[str, ...]
    outputs: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    mode: str

    @property
    def text(self) -> str:
        """The program as a function in Python, to paste."""
        body = "".join(f"    {line}\n" for line in self.lines)
        return (
            f"def program(x, labels, mask):  # x: {self.dtype}{list(self.shape)}, {self.mode}\n"
            f"{body}    return [{', '.join(self.outputs)}]\n"
        )

    @property
    def function(self) -> Callable[..., list[Any]]:
        """The program as a function, which returns a list of arrays."""
        names = namespace()
        exec(self.text, names)
        function: Callable[..., list[Any]] = names["program"]
        return function

    @property
    def data(self) -> tuple[Any, Any]:
        """The labels and the mask that it is run with."""
        return example(self.shape)


def example(shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Labels and a mask for an input of a shape."""
    labels = np.resize(np.array(LABELS, np.int32), shape[-1:])
    return labels, np.resize(np.array(MASK), shape)
