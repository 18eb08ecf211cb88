"""What the reports of libraries share: a program, where it failed, and the truth from mpmath."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

import rewriter as rw

DIGITS = 1200
"""Decimal digits of the truth: what a slope of 1e-304 leaves of a difference of values near 1."""
STEP = mpmath.mpf(10) ** -400
ALLOWED = 16
"""Units in the last place, of the largest element of the truth."""

Truth = Callable[[list[Any]], Any]
Program = Callable[[Any], Any]


def weights(x: Sequence[Any]) -> list[Any]:
    """Softmax in mpmath."""
    exponentials = [mpmath.exp(score) for score in x]
    return [e / mpmath.fsum(exponentials) for e in exponentials]


def logistic(score: Any) -> Any:
    """The logistic function in mpmath."""
    return 1 / (1 + mpmath.exp(-score))


def entropy_of(probabilities: Sequence[Any]) -> Any:
    """-Σ p·log p in mpmath."""
    return -mpmath.fsum(p * mpmath.log(p) for p in probabilities)


def alone(function: Callable[[Any], Any]) -> Truth:
    """A truth of the only element."""
    return lambda x: function(x[0])


def value_is_right(program: Program, point: Any, truth: Truth) -> None:
    """The stabilised program comes to the truth, called at once and under jit."""
    x = np.asarray(point)
    with jax.enable_x64(x.dtype == np.float64), mpmath.workdps(DIGITS):
        stable = rw.stabilize(program)
        for run in (stable, jax.jit(stable)):
            _agrees(run(x), [truth(_exact(x))])


def gradient_is_right(
    program: Program, point: Any, truth: Truth, inside: bool = True, order: int = 1
) -> None:
    """The derivative comes to the truth's, with the engine outside, under jit, and inside.

    Not inside where the function itself is sound: it comes back as it is, and its derivative is
    the one that the library states.
    """
    x = np.asarray(point)

    def differentiated(function: Program) -> Program:
        for _ in range(order):
            function = jax.grad(function)
        return function

    with jax.enable_x64(x.dtype == np.float64), mpmath.workdps(DIGITS):
        wanted = slopes(truth, _exact(x)) if order == 1 else [bend(truth, _exact(x)[0])]
        outside = rw.stabilize(differentiated(program))
        runs = [outside, jax.jit(outside)]
        if inside:
            runs.append(differentiated(rw.stabilize(program)))
        for run in runs:
            _agrees(run(x), wanted)


def both_are_right(program: Program, point: Any, truth: Truth) -> None:
    """Value and gradient, wherever the engine stands."""
    value_is_right(program, point, truth)
    gradient_is_right(program, point, truth)


def slopes(truth: Truth, x: list[Any]) -> list[Any]:
    """The partial derivatives, by central differences."""
    slopes = []
    for k, number in enumerate(x):
        step = STEP * max(1, abs(number))
        ahead, behind = list(x), list(x)
        ahead[k], behind[k] = number + step, number - step
        slopes.append((truth(ahead) - truth(behind)) / (2 * step))
    return slopes


def bend(truth: Truth, x: Any) -> Any:
    """The second derivative in the only element, by central differences."""
    return (truth([x + STEP]) - 2 * truth([x]) + truth([x - STEP])) / STEP**2


def _exact(x: Any) -> list[Any]:
    return [mpmath.mpf(float(number)) for number in x.ravel()]


def _agrees(got: Any, wanted: list[Any]) -> None:
    kind = jnp.finfo(got.dtype)
    expected = np.array([float(number) for number in wanted])
    assert got.size == expected.size
    assert np.isfinite(expected).all(), "of infinite size every error is small"
    largest = max(np.abs(expected).max(), float(kind.smallest_normal))
    ulp = 2.0 ** (np.floor(np.log2(largest)) - kind.nmant)
    error = np.abs(np.asarray(got, np.float64).ravel() - expected)
    allowed = ALLOWED * ulp + float(kind.smallest_normal)  # XLA has no denormal numbers
    assert (error <= allowed).all(), f"{got} for {expected}: {error.max() / ulp} ulps"
