"""The softmax family three times: as written, with care on NumPy, and with care in JAX.

The first is what the engine is given; the others are what people who know the trap write instead:
the maximum subtracted, the gradient derived by hand on NumPy, ``jax.nn`` and its autodiff in JAX.
All are functions of the same float32 arrays and come to the same values at moderate logits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.extend
import jax.numpy as jnp
import numpy as np
from jax import nn

Function = Callable[..., Any]
Arrays = tuple[Any, ...]


@dataclass(frozen=True)
class Form:
    """One function, three times.

    Attributes:
        name: what it is.
        written: by the plain mathematics, in JAX.
        numpy: with care, on NumPy.
        careful: with care, in JAX.
        arguments: from a number of rows and one of columns to arrays to call them with.
        gradient: whether it is a derivative.
    """

    name: str
    written: Function
    numpy: Function
    careful: Function
    arguments: Callable[[int, int], Arrays]
    gradient: bool = False

    def __str__(self) -> str:
        return self.name


def normal(seed: int, *shape: int) -> Any:
    """Float32 numbers of that shape, the same each time."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def logits(rows: int, columns: int) -> Arrays:
    """One array of logits; (rows, columns)."""
    return (normal(0, rows, columns),)


def logits_and_cotangent(rows: int, columns: int) -> Arrays:
    """Logits, and what is to be drawn back; each (rows, columns)."""
    return normal(0, rows, columns), normal(1, rows, columns)


def logits_and_labels(rows: int, columns: int) -> Arrays:
    """Logits of (rows, columns), and a column for each row."""
    labels = np.random.default_rng(2).integers(0, columns, size=rows, dtype=np.int32)
    return normal(0, rows, columns), labels


def logits_and_temperature(rows: int, columns: int) -> Arrays:
    """Logits of (rows, columns), and one positive number."""
    return normal(0, rows, columns), np.float32(0.7)


def queries_keys_values(rows: int, columns: int) -> Arrays:
    """Three arrays of (rows, columns / 16)."""
    return tuple(normal(seed, rows, columns // 16) for seed in (3, 4, 5))


def back(function: Function) -> Function:
    """The cotangent of the first argument, from that of the value."""
    return lambda x, cotangent: jax.vjp(function, x)[1](cotangent)[0]


# As written.


def softmax(x: Any) -> Any:
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=-1, keepdims=True)


def log_softmax(x: Any) -> Any:
    return jnp.log(softmax(x))


def logsumexp(x: Any) -> Any:
    return jnp.log(jnp.sum(jnp.exp(x), axis=-1))


def cross_entropy(x: Any, labels: Any) -> Any:
    return -jnp.mean(jnp.log(softmax(x))[jnp.arange(x.shape[0]), labels])


def warm_softmax(x: Any, temperature: Any) -> Any:
    return softmax(x / temperature)


def entropy(x: Any) -> Any:
    return -jnp.sum(softmax(x) * jnp.log(softmax(x)), axis=-1)


def divergence(x: Any, y: Any) -> Any:
    return jnp.mean(jnp.sum(softmax(y) * jnp.log(softmax(y) / softmax(x)), axis=-1))


def attention(q: Any, k: Any, v: Any) -> Any:
    e = jnp.exp(q @ k.T / np.sqrt(q.shape[-1])) * jnp.tri(q.shape[0], dtype=q.dtype)
    return e / jnp.sum(e, axis=-1, keepdims=True) @ v


def total(function: Function) -> Function:
    return lambda *arguments: jnp.sum(function(*arguments))


# With care in JAX.


def careful_cross_entropy(x: Any, labels: Any) -> Any:
    return -jnp.mean(nn.log_softmax(x)[jnp.arange(x.shape[0]), labels])


def careful_entropy(x: Any) -> Any:
    return -jnp.sum(nn.softmax(x) * nn.log_softmax(x), axis=-1)


def careful_divergence(x: Any, y: Any) -> Any:
    difference = nn.log_softmax(y) - nn.log_softmax(x)
    return jnp.mean(jnp.sum(nn.softmax(y) * difference, axis=-1))


def careful_attention(q: Any, k: Any, v: Any) -> Any:
    kept = jnp.tri(q.shape[0], dtype=bool)
    return nn.softmax(jnp.where(kept, q @ k.T / np.sqrt(q.shape[-1]), -jnp.inf)) @ v


# With care on NumPy.


def row_sum(x: Any) -> Any:
    return x.sum(axis=-1, keepdims=True)


def parts(x: Any) -> Any:
    """What is shifted, its exponentials, and their sums."""
    shifted = x - x.max(axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    return shifted, exponentials, row_sum(exponentials)


def numpy_softmax(x: Any) -> Any:
    _, e, sums = parts(x)
    return e / sums


def numpy_softmax_back(x: Any, cotangent: Any) -> Any:
    p = numpy_softmax(x)
    return p * (cotangent - row_sum(cotangent * p))


def numpy_log_softmax(x: Any) -> Any:
    shifted, _, sums = parts(x)
    return shifted - np.log(sums)


def numpy_log_softmax_back(x: Any, cotangent: Any) -> Any:
    return cotangent - numpy_softmax(x) * row_sum(cotangent)


def numpy_logsumexp(x: Any) -> Any:
    largest = x.max(axis=-1, keepdims=True)
    return np.log(np.exp(x - largest).sum(axis=-1)) + largest[:, 0]


def numpy_cross_entropy(x: Any, labels: Any) -> Any:
    return -np.mean(numpy_log_softmax(x)[np.arange(len(x)), labels])


def numpy_cross_entropy_gradient(x: Any, labels: Any) -> Any:
    p = numpy_softmax(x)
    p[np.arange(len(x)), labels] -= 1
    return p / np.float32(len(x))


def numpy_warm_softmax(x: Any, temperature: Any) -> Any:
    return numpy_softmax(x / temperature)


def numpy_warm_softmax_gradient(x: Any, temperature: Any) -> Any:
    p = numpy_softmax(x / temperature)
    return 2 * p * (p - row_sum(p * p)) / temperature


def numpy_entropy(x: Any) -> Any:
    shifted, e, sums = parts(x)
    return -(e / sums * (shifted - np.log(sums))).sum(axis=-1)


def numpy_entropy_gradient(x: Any) -> Any:
    shifted, e, sums = parts(x)
    p = e / sums
    return p * (row_sum(p * shifted) - shifted)


def numpy_divergence(x: Any, y: Any) -> Any:
    return np.mean((numpy_softmax(y) * (numpy_log_softmax(y) - numpy_log_softmax(x))).sum(axis=-1))


def numpy_divergence_gradient(x: Any, y: Any) -> Any:
    return (numpy_softmax(x) - numpy_softmax(y)) / np.float32(len(x))


def weights(q: Any, k: Any) -> Any:
    """The weights of attention, and the scale of its logits."""
    scale = np.float32(1 / np.sqrt(q.shape[-1]))
    kept = np.tri(len(q), dtype=bool)
    return numpy_softmax(np.where(kept, q @ k.T * scale, np.float32(-np.inf))), scale


def numpy_attention(q: Any, k: Any, v: Any) -> Any:
    return weights(q, k)[0] @ v


def numpy_attention_gradient(q: Any, k: Any, v: Any) -> Any:
    p, scale = weights(q, k)
    output = p @ v
    back_p = 2 * output @ v.T
    back_logits = p * (back_p - row_sum(back_p * p)) * scale
    return back_logits @ k, back_logits.T @ q, p.T @ (2 * output)


def squares(function: Function) -> Function:
    return lambda *arguments: jnp.sum(function(*arguments) ** 2)


def attention_gradient(function: Function) -> Function:
    return jax.grad(squares(function), argnums=(0, 1, 2))


FORMS = (
    Form("softmax", softmax, numpy_softmax, nn.softmax, logits),
    Form("log_softmax", log_softmax, numpy_log_softmax, nn.log_softmax, logits),
    Form("logsumexp", logsumexp, numpy_logsumexp, lambda x: nn.logsumexp(x, axis=-1), logits),
    Form(
        "cross entropy", cross_entropy, numpy_cross_entropy, careful_cross_entropy,
        logits_and_labels,
    ),
    Form(
        "softmax, temperature", warm_softmax, numpy_warm_softmax, lambda x, t: nn.softmax(x / t),
        logits_and_temperature,
    ),
    Form("entropy", entropy, numpy_entropy, careful_entropy, logits),
    Form(
        "divergence of two", divergence, numpy_divergence, careful_divergence, logits_and_cotangent
    ),
    Form("causal attention", attention, numpy_attention, careful_attention, queries_keys_values),
    Form(
        "softmax, gradient", back(softmax), numpy_softmax_back, back(nn.softmax),
        logits_and_cotangent, True,
    ),
    Form(
        "log_softmax, gradient", back(log_softmax), numpy_log_softmax_back, back(nn.log_softmax),
        logits_and_cotangent, True,
    ),
    Form(
        "logsumexp, gradient", jax.grad(total(logsumexp)), numpy_softmax,
        jax.grad(total(lambda x: nn.logsumexp(x, axis=-1))), logits, True,
    ),
    Form(
        "cross entropy, gradient", jax.grad(cross_entropy), numpy_cross_entropy_gradient,
        jax.grad(careful_cross_entropy), logits_and_labels, True,
    ),
    Form(
        "temperature, gradient", jax.grad(squares(warm_softmax)), numpy_warm_softmax_gradient,
        jax.grad(squares(lambda x, t: nn.softmax(x / t))), logits_and_temperature, True,
    ),
    Form(
        "entropy, gradient", jax.grad(total(entropy)), numpy_entropy_gradient,
        jax.grad(total(careful_entropy)), logits, True,
    ),
    Form(
        "divergence, gradient", jax.grad(divergence), numpy_divergence_gradient,
        jax.grad(careful_divergence), logits_and_cotangent, True,
    ),
    Form(
        "attention, gradient", attention_gradient(attention), numpy_attention_gradient,
        attention_gradient(careful_attention), queries_keys_values, True,
    ),
)  # fmt: skip
"""The functions that are compared, derivatives last."""

WRAPPERS = {
    "pjit", "jit", "closed_call", "core_call", "remat", "checkpoint", "custom_jvp_call",
    "custom_vjp_call", "custom_vjp_call_jaxpr",
}  # fmt: skip

FREE = {
    "broadcast_in_dim", "reshape", "squeeze", "transpose", "convert_element_type", "copy",
    "stop_gradient", "expand_dims",
}  # fmt: skip
"""Operations that move no data once compiled, or only rename it."""


def operations(function: Function, arguments: Arrays) -> int:
    """How many operations on data a JAX function has, inner programs and all."""
    return _count(jax.make_jaxpr(function)(*arguments).jaxpr)


def _count(jaxpr: Any) -> int:
    used: set[Any] = {v for v in jaxpr.outvars if not isinstance(v, jax.extend.core.Literal)}
    count = 0
    for equation in reversed(jaxpr.eqns):
        if not any(v in used for v in equation.outvars):
            continue  # what nobody reads is dropped before it runs
        used.update(v for v in equation.invars if not isinstance(v, jax.extend.core.Literal))
        inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
        if equation.primitive.name in WRAPPERS and inner is not None:
            count += _count(getattr(inner, "jaxpr", inner))
        else:
            count += equation.primitive.name not in FREE
    return count
