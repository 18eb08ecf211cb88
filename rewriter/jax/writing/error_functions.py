"""The scaled complementary error function, in the dtypes of JAX."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

_TERMS = {"float64": 50, "float32": 12}
"""Terms of the continued fraction that are enough from 2 on."""


@jax.custom_jvp
def erfcx(x: Any) -> Any:
    """``exp(x²)·erfc(x)``; from 2 on erfc's continued fraction.

    Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.14.
    """
    wide = x if x.dtype == jnp.float64 else x.astype(jnp.float32)
    near, far = jnp.clip(wide, -100, 2), jnp.maximum(wide, 2)
    fraction = far
    for k in range(_TERMS[str(wide.dtype)], 0, -1):
        fraction = far + k / 2 / fraction
    head = lax.reduce_precision(near, exponent_bits=8, mantissa_bits=7)
    square = jnp.exp(head * head) * jnp.exp((near - head) * (near + head))
    result = jnp.where(wide < 2, square * lax.erfc(near), 1 / math.sqrt(math.pi) / fraction)
    return jnp.where(jnp.isnan(wide), wide, result).astype(x.dtype)


@erfcx.defjvp
def _derivative(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
    (x,), (change,) = primals, tangents
    value = erfcx(x)
    return value, change * (2 * x * value - 2 / math.sqrt(math.pi))
