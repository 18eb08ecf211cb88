"""Attention with a causal mask, written as the mathematics has it, at logits that overflow exp.

The mask is a factor of 0 and 1 on the weights, ``where(allowed, exp(s), 0)``; nobody subtracts a
maximum. ``rw.stabilize`` reads the mask as an indicator: the maximum runs over what is allowed, and
the gradient takes nothing from what is not.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

LENGTH, WIDTH = 6, 4


def attention(queries: Any, keys: Any, values: Any) -> Any:
    """Each position's mean of the values up to it; (length, width) three times to the same."""
    scores = queries @ keys.T / np.sqrt(WIDTH)
    allowed = np.tril(np.ones((LENGTH, LENGTH), bool))
    weights = jnp.where(allowed, jnp.exp(scores), 0)
    return (weights / jnp.sum(weights, axis=-1, keepdims=True)) @ values


def loss(queries: Any, keys: Any, values: Any) -> Any:
    """A scalar to be differentiated."""
    return jnp.sum(attention(queries, keys, values) ** 2)


def truth(queries: Any, keys: Any, values: Any) -> list[np.ndarray]:
    """Attention and the loss's gradients in float64, by the textbook's formulas."""
    queries, keys, values = (np.asarray(part, "float64") for part in (queries, keys, values))
    scores = queries @ keys.T / np.sqrt(WIDTH)
    scores = np.where(np.tril(np.ones((LENGTH, LENGTH), bool)), scores, -np.inf)
    weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    result = weights @ values
    to_weights = 2 * result @ values.T
    inner = np.sum(to_weights * weights, axis=-1, keepdims=True)
    to_scores = weights * (to_weights - inner) / np.sqrt(WIDTH)
    return [result, to_scores @ keys, to_scores.T @ queries, weights.T @ (2 * result)]


def inputs(scale: float) -> list[np.ndarray]:
    """Random queries, keys and values; ``scale`` multiplies the queries."""
    random = np.random.default_rng(seed=7)
    queries, keys, values = random.standard_normal((3, LENGTH, WIDTH)).astype("float32")
    return [np.float32(scale) * queries, keys, values]


def compute(scale: float) -> dict[str, list[np.ndarray]]:
    """Attention and its three gradients, in each way."""
    arrays = inputs(scale)
    gradient = jax.grad(loss, argnums=(0, 1, 2))
    return {
        "as written": [attention(*arrays), *gradient(*arrays)],
        "rw.stabilize": [rw.stabilize(attention)(*arrays), *rw.stabilize(gradient)(*arrays)],
        "truth": truth(*arrays),
    }


def main() -> None:
    parts = ("attention", "queries' gradient", "keys' gradient", "values' gradient")
    for scale in (1.0, 1e3, 1e6):
        results = compute(scale)
        print(f"Queries times {scale:g}: nan in the result, and error against the largest element")
        for name in ("as written", "rw.stabilize"):
            for part, value, true in zip(parts, results[name], results["truth"], strict=True):
                missing = int(np.isnan(np.asarray(value)).sum())
                error = np.max(np.abs(value - true)) / np.max(np.abs(true))
                print(f"  {name:<13}{part:<19}{missing:>3} of {true.size} nan   error {error:.1e}")
        print()


if __name__ == "__main__":
    main()
