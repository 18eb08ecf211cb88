"""A softmax with a derivative of its own: the user's rule is the one that runs, and is right.

The forward pass is written naively; the backward pass is the explicit Jacobian
``diag(a) - a aᵀ``. JAX wants it returned as a tuple, one element an argument; without the tuple
JAX's own error comes through unchanged.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

CALLS: list[str] = []
"""What the user's backward rule was asked for, a line a call."""


def with_own_derivative(wrap: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """softmax with the Jacobian as its backward rule; ``wrap`` makes what the rule returns."""

    @jax.custom_vjp
    def softmax(x: Any) -> Any:
        exponentials = jnp.exp(x)
        return exponentials / jnp.sum(exponentials)

    def forward(x: Any) -> tuple[Any, Any]:
        a = softmax(x)
        return a, a

    def backward(a: Any, cotangent: Any) -> Any:
        CALLS.append("backward")
        jacobian = jnp.diag(a) - jnp.outer(a, a)
        return wrap(jnp.dot(cotangent, jacobian))

    softmax.defvjp(forward, backward)
    return softmax


def jacobians(x: np.ndarray) -> dict[str, np.ndarray]:
    """The Jacobian of softmax at x: as written, under ``stabilize`` both ways, and the truth."""
    softmax = with_own_derivative(lambda result: (result,))
    weights = np.exp(x.astype("float64") - np.max(x))
    a = weights / np.sum(weights)

    def by_vmap(function: Callable[[Any], Any]) -> Any:
        _, pull_back = jax.vjp(function, x)
        return jax.vmap(lambda basis: pull_back(basis)[0])(jnp.eye(len(x)))

    results = {
        "as written": jax.jacrev(softmax)(x),
        "stabilize(jacrev(f))": rw.stabilize(jax.jacrev(softmax))(x),
        "jacrev(stabilize(f))": jax.jacrev(rw.stabilize(softmax))(x),
        "vmap of a vjp": by_vmap(rw.stabilize(softmax)),
        "truth": np.diag(a) - np.outer(a, a),
    }
    return {name: np.asarray(value) for name, value in results.items()}


def error_without_the_tuple(transform: Callable[[Any], Any]) -> str:
    """What JAX says of a backward rule that returns no tuple."""
    softmax = with_own_derivative(lambda result: result)
    try:
        transform(jax.jacrev(softmax))(np.array([1, 2, 3], "float32"))
    except TypeError as error:
        return str(error)
    return "no error"


def main() -> None:
    for x in (np.array([1, 2, 3], "float32"), np.array([1, 2, 1000], "float32")):
        print(f"Jacobian at {x.tolist()}")
        for name, value in jacobians(x).items():
            print(f"  {name:<22}{np.round(value.astype('float64'), 6).tolist()}")
        print()
    print(f"The user's rule ran {len(CALLS)} times.\n")
    plain = error_without_the_tuple(lambda function: function)
    print(f"Without the tuple, JAX says:\n  {plain}\n")
    print(f"The same under rw.stabilize: {error_without_the_tuple(rw.stabilize) == plain}")


if __name__ == "__main__":
    main()
