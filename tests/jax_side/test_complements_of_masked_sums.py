"""What a condition, or a running sum of shares, leaves: ``1 − Σ_j [m]·p[j]`` is the rest of them.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw

Program = Callable[[Any], Any]
SCORES = np.random.default_rng(1).normal(size=4).astype("float32")
CHOSEN = jnp.array([0.3, -1.0, 2.0, -0.5])


def share(x: Any) -> Any:
    return jnp.exp(x) / jnp.exp(x).sum()


def by_a_condition(x: Any, chosen: Any = CHOSEN) -> Any:
    return jnp.log(1 - jnp.where(chosen > 0, share(x), 0.0).sum())


COMPLEMENTS: dict[str, Program] = {
    "a running sum": lambda x: jnp.log(1 - jnp.cumsum(share(x))[:-1]),
    "one of a running sum": lambda x: jnp.log(1 - jnp.cumsum(share(x))[1]),
    "by a triangle": lambda x: jnp.log(1 - share(x) @ jnp.triu(jnp.ones((4, 4)))[:, :3]),
    "of exponentials": lambda x: jnp.log(jnp.exp(x).sum() - jnp.cumsum(jnp.exp(x))[:3]),
    "by a condition": by_a_condition,
}


@pytest.mark.parametrize("form", COMPLEMENTS)
def test_complements(form: str) -> None:
    graph = rw.from_jax(COMPLEMENTS[form], SCORES)
    assert_near(graph, regimes_of(SCORES, extreme=True), 1e-6)


def test_gradient_of_what_a_condition_leaves() -> None:
    def of_both(x: Any) -> Any:
        return by_a_condition(x[0], x[1])

    pair = np.stack([SCORES, np.asarray(CHOSEN)])
    spread = pair * np.array([[500.0], [1.0]], "float32")
    ties = np.where(pair > 0.2, np.float32(40), pair)
    graph = rw.from_jax(jax.grad(of_both), pair)
    assert_near(graph, {"moderate": pair, "spread": spread, "ties": ties}, 1e-6)


@pytest.mark.parametrize("form", ["a running sum", "by a condition"])
def test_nothing_is_left(form: str) -> None:
    """The logarithm of 0 is minus infinity, though ``1 − Σ p`` is rarely 0 as floats add it up."""
    everything = {
        "a running sum": lambda x: jnp.log(1 - jnp.cumsum(share(x)))[-1],
        "by a condition": lambda x: by_a_condition(x, x),
    }
    x = np.abs(SCORES) + np.float32(0.5)
    assert rw.compile(rw.optimize(rw.from_jax(everything[form], x)))(x) == -np.inf
