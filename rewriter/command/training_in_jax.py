"""The demo's classifier in JAX: as the mathematics has it, under ``rw.stabilize``, and by optax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import optax

import rewriter as rw
from rewriter.command.training import Way

__all__ = ["WAYS", "naive_loss"]

Loss: TypeAlias = Callable[[Any, Any, Any, Any], Any]


def naive_loss(weights: Any, bias: Any, pixels: Any, targets: Any) -> Any:
    """Mean cross-entropy of softmax: exp over sum, log of it, one-hot product, mean.

    Shapes: (pixels, classes), (classes,), (images, pixels), (images, classes) to ().
    """
    exponentials = jnp.exp(pixels @ weights + bias)
    probabilities = exponentials / jnp.sum(exponentials, axis=-1, keepdims=True)
    return -jnp.mean(jnp.sum(targets * jnp.log(probabilities), axis=-1))


def optax_loss(weights: Any, bias: Any, pixels: Any, targets: Any) -> Any:
    """The same loss by the operator that optax offers for it."""
    return jnp.mean(optax.softmax_cross_entropy(pixels @ weights + bias, targets))


def way(loss: Loss, transform: Callable[[Any], Any] = lambda function: function) -> Way:
    """Loss and gradients by JAX, the two together under ``transform``, compiled."""

    def loss_and_gradients(*arrays: Any) -> tuple[Any, ...]:
        value, gradients = jax.value_and_grad(loss, argnums=(0, 1))(*arrays)
        return value, *gradients

    compiled: Way = jax.jit(transform(loss_and_gradients))
    return compiled


WAYS: dict[str, Callable[[str], Way]] = {
    "as written": lambda _: way(naive_loss),
    "rw.stabilize": lambda _: way(naive_loss, rw.stabilize),
    "optax": lambda _: way(optax_loss),
}
"""Each way of training in JAX, by its name."""
