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


gradients = jax.grad(loss, argnums=(0, 1, 2))
stable_attention, stable_gradients = rw.stabilize(attention), rw.stabilize(gradients)


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


def inputs(offset: float) -> list[np.ndarray]:
    """Random queries, keys and values; ``offset`` is added to the keys.

    It shifts all logits of a row alike, so that attention stays as it is and exp overflows.
    """
    random = np.random.default_rng(seed=7)
    queries, keys, values = random.standard_normal((3, LENGTH, WIDTH)).astype("float32")
    return [queries, keys + np.float32(offset), values]


def compute(offset: float) -> dict[str, list[np.ndarray]]:
    """Attention and its three gradients, in each way."""
    arrays = inputs(offset)
    return {
        "as written": [attention(*arrays), *gradients(*arrays)],
        "rw.stabilize": [stable_attention(*arrays), *stable_gradients(*arrays)],
        "truth": truth(*arrays),
    }


def main() -> None:
    parts = ("attention", "queries' gradient", "keys' gradient", "values' gradient")
    for offset in (0.0, 100.0, 1000.0):
        results = compute(offset)
        print(f"Keys plus {offset:g}: nan in the result, and error against the largest element")
        for name in ("as written", "rw.stabilize"):
            for part, value, true in zip(parts, results[name], results["truth"], strict=True):
                missing = int(np.isnan(np.asarray(value)).sum())
                error = np.max(np.abs(value - true)) / np.max(np.abs(true))
                print(f"  {name:<13}{part:<19}{missing:>3} of {true.size} nan   error {error:.1e}")
        print()


if __name__ == "__main__":
    main()
