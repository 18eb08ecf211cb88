"""Gradients of gradients: every derivative is written anew by autodiff, and each is cured.

A cure that stands in the forward pass is lost in the spelling of the derivative, and the next
derivative spells it differently again. Here ``rw.grad`` is applied to its own output, and
``jax.hessian`` to a function under ``rw.stabilize`` and the other way round.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

POINT = np.array([1, 2, 1000], "float32")
LABEL = 1


def second_gradient() -> rw.Graph:
    """x and v to the Hessian of ``-log(softmax(x))[LABEL]`` times v, by ``rw.grad`` twice."""
    x, v = rw.input("x", (3,)), rw.input("v", (3,))
    exponentials = rw.exp(x)
    loss = -rw.log(exponentials / rw.sum(exponentials))[LABEL]
    (gradient,) = rw.grad(loss, [x])
    return rw.Graph([x, v], rw.grad(rw.sum(gradient * v), [x]))


def loss(x: Any) -> Any:
    """The same loss in JAX."""
    exponentials = jnp.exp(x)
    return -jnp.log(exponentials / jnp.sum(exponentials))[LABEL]


def truth(x: np.ndarray) -> np.ndarray:
    """diag(p) - p pᵀ in float64, p computed with the shift."""
    weights = np.exp(x.astype("float64") - np.max(x))
    p = weights / np.sum(weights)
    return np.diag(p) - np.outer(p, p)


def hessians(x: np.ndarray) -> dict[str, np.ndarray]:
    """The Hessian at x, in five ways."""
    graph = second_gradient()
    rows = np.eye(len(x), dtype="float32")

    def by_rows(compiled: Callable[..., Any]) -> np.ndarray:
        return np.array([compiled(x, row) for row in rows])

    return {
        "rw.grad twice": by_rows(rw.compile(graph, backend="numpy")),
        "the same, optimised": by_rows(rw.compile(rw.optimize(graph), backend="numpy")),
        "jax.hessian": np.asarray(jax.hessian(loss)(x)),
        "hessian(stabilize(loss))": np.asarray(jax.hessian(rw.stabilize(loss))(x)),
        "stabilize(hessian(loss))": np.asarray(rw.stabilize(jax.hessian(loss))(x)),
        "truth": truth(x),
    }


def main() -> None:
    for x in (POINT, np.array([0.5, -1, 2], "float32"), np.array([1e-18, 1e18, -1e18], "float32")):
        print(f"Hessian of -log(softmax(x))[{LABEL}] at {x.tolist()}")
        for name, value in hessians(x).items():
            rounded = np.round(value.astype("float64"), 6) + 0.0
            print(f"  {name:<26}{rounded.tolist()}")
        print()


if __name__ == "__main__":
    main()
