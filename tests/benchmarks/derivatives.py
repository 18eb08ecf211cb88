"""The derivatives of a program that the accuracy benchmarks take, by JAX's autodiff and by rw.grad.

A mode says which derivative is taken and where the engine stands: ``stabilize(grad(f))``, outside,
or ``grad(stabilize(f))``, inside. In the modes of ``rw.grad`` the graph of f is differentiated by
the package's own autodiff, and ``optimize`` has the graph of the derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

__all__ = ["DERIVATIVES", "MODES", "Mode", "patterned", "scalar"]

Program = Callable[[Any], Any]

PATTERN = np.array([0.25, -1.25, 2, 0.75, -0.5, 1.5, -0.25, 1, -2, 0.5, 1.25, -0.75])
TANGENT = np.array([1.25, 0.5, -0.75, 1, -1.75, 0.25, -0.5, 2, 0.75, -1.25, 1.5, -0.25])


def patterned(numbers: Any, like: Any) -> Any:
    """Numbers of the shape and dtype of an array."""
    return jnp.asarray(np.resize(numbers, like.shape), like.dtype)


def scalar(function: Program) -> Program:
    """Weigh the elements of the result and add them up."""
    return lambda x: (lambda y: jnp.sum(y * patterned(PATTERN, y)))(function(x))


def pulled_back(function: Program) -> Program:
    """The vector-Jacobian product with a fixed cotangent."""

    def pull(x):
        y, pull_back = jax.vjp(function, x)
        return pull_back(patterned(PATTERN, y))[0]

    return pull


def pushed_forward(function: Program) -> Program:
    """The Jacobian-vector product with a fixed tangent."""
    return lambda x: jax.jvp(function, (x,), (patterned(TANGENT, x),))[1]


def hessian_vector(function: Program) -> Program:
    """The Hessian of the weighed result times a tangent, forward over reverse."""
    gradient = jax.grad(scalar(function))
    return lambda x: jax.jvp(gradient, (x,), (patterned(TANGENT, x),))[1]


def of_norm(function: Program) -> Program:
    """The gradient of the gradient's squared norm."""
    gradient = jax.grad(scalar(function))
    return jax.grad(lambda x: jnp.sum(gradient(x) ** 2))


def batched(function: Program) -> Program:
    """The gradient under vmap, of two rows."""
    return lambda x: jax.vmap(jax.grad(scalar(function)))(jnp.stack([x, x[::-1]]))


DERIVATIVES: dict[str, Callable[[Program], Program]] = {
    "value": lambda f: f,
    "grad": lambda f: jax.grad(scalar(f)),
    "vjp": pulled_back,
    "jvp": pushed_forward,
    "jacrev": jax.jacrev,
    "jacfwd": jax.jacfwd,
    "hessian": lambda f: jax.hessian(scalar(f)),
    "hvp": hessian_vector,
    "value_and_grad": lambda f: lambda x: jax.value_and_grad(scalar(f))(x)[1],
    "of norm": of_norm,
    "vmap": batched,
    "checkpoint": lambda f: jax.grad(jax.checkpoint(scalar(f))),
}


def own_gradient(function: Program, example: Any) -> rw.Graph:
    """The gradient of the weighed result, by rw.grad."""
    graph = rw.from_jax(scalar(function), example)
    return rw.Graph(graph.inputs, rw.grad(graph.outputs[0], graph.inputs))


def own_hessian_vector(function: Program, example: Any) -> rw.Graph:
    """The gradient of the gradient times a tangent, by rw.grad twice."""
    gradient = own_gradient(function, example)
    slope = rw.sum(gradient.outputs[0] * rw.constant(np.asarray(patterned(TANGENT, example))))
    return rw.Graph(gradient.inputs, rw.grad(slope, gradient.inputs))


@dataclass(frozen=True)
class Mode:
    """A derivative of a program, as written and stabilised.

    Attributes:
        name: as the tables have it.
        truth: the name of the derivative in `DERIVATIVES` whose exact value is the truth.
        written: from a program and an example of its input to its derivative.
        stabilized: the same with the engine in it, of an accuracy.
    """

    name: str
    truth: str
    written: Callable[[Program, Any], Program]
    stabilized: Callable[[str], Callable[[Program, Any], Program]]


def _outside(name: str) -> Mode:
    take = DERIVATIVES[name]
    return Mode(
        name,
        name,
        lambda f, x: take(f),
        lambda accuracy: lambda f, x: rw.stabilize(take(f), accuracy=accuracy),
    )


def _inside(name: str) -> Mode:
    take = DERIVATIVES[name]
    return Mode(
        f"{name}, inside",
        name,
        lambda f, x: take(f),
        lambda accuracy: lambda f, x: take(rw.stabilize(f, accuracy=accuracy)),
    )


def _own(name: str, truth: str, take: Callable[[Program, Any], rw.Graph]) -> Mode:
    return Mode(
        name,
        truth,
        lambda f, x: rw.to_jax(take(f, x)),
        lambda accuracy: lambda f, x: rw.to_jax(rw.optimize(take(f, x), accuracy=accuracy)),
    )


MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        *map(_outside, DERIVATIVES),
        _inside("grad"),
        _inside("hessian"),
        _own("rw.grad", "grad", own_gradient),
        _own("rw.grad twice", "hvp", own_hessian_vector),
    )
}
