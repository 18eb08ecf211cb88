"""JAX as a referee in float64, compiled with little effort: what it computes is compared with.

XLA's optimisations take most of the time of a reference that runs once, and change it by roundings
of float64 alone. What is tested is compiled as everybody compiles it, with all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

LITTLE_EFFORT = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}


def _options() -> dict[str, Any]:
    """The options that this XLA knows: none of them is promised to stay."""
    known = {}
    for name, value in LITTLE_EFFORT.items():
        try:
            jax.jit(lambda: 0.0, compiler_options={name: value}).lower().compile()
        except jax.errors.JaxRuntimeError:
            continue
        known[name] = value
    return known


OPTIONS = _options()


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function under jit, to be called where 64 bits are enabled."""
    return jax.jit(function, compiler_options=OPTIONS)
