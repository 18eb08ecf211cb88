"""Bounded functions beside exponentials of other things: each stays one factor of its product.

``tanh u`` is a difference of exponentials, and cancels as such where it meets itself; beside others
it would double the summands. Expected values are the naive program's, in ball arithmetic.
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

Function = Callable[[Any], Any]
PAIR = np.random.default_rng(1).normal(size=(2, 3)).astype("float32")
POINTS = np.array([-1.0, 0.25, 0.5, 2.0, 3.5])


def share(x: Any) -> Any:
    return jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)


def transport(x: Any) -> Any:
    """Rows and columns of a kernel scaled to what they are to add up to, and the plan's cost."""
    kernel = jnp.exp(-jnp.abs(x))
    rows = jnp.array([0.6, 0.4]) / kernel.sum(1)
    columns = jnp.array([0.25, 0.25, 0.5]) / (kernel.T @ rows)
    return (rows[:, None] * kernel * columns * jnp.tanh(x)).sum()


def responsibilities(x: Any) -> Any:
    """Densities about bounded centres, ``d − 3·tanh x``, weighed and shared out."""
    joint = share(x[0]) * jnp.exp(-0.5 * (POINTS[:, None] - jnp.tanh(x[1]) * 3) ** 2)
    shares = joint / joint.sum(1, keepdims=True)
    return ((shares * POINTS[:, None]).sum(0) / shares.sum(0)).sum()


def small_complement(x: Any) -> Any:
    """What is logged vanishes where all functions in it are 1."""
    return jnp.log(1 - (share(x[0]) * jnp.tanh(x[1])).sum())


def opposite_signs(x: Any) -> Any:
    return jnp.log((share(x[0]) * jnp.tanh(x[1]) + share(x[0])).sum())


FORMS = {"transport": transport, "complement": small_complement, "opposite": opposite_signs}


@pytest.mark.parametrize("form", FORMS)
def test_gradients_beside_exponentials(form: str) -> None:
    gradient: Function = jax.grad(FORMS[form])
    regimes = regimes_of(PAIR)
    near = {name: regimes[name] for name in ("moderate", "spread", "ties")}
    assert_near(rw.from_jax(gradient, PAIR), near, 5e-6)


def test_a_gradient_through_bounded_centres_loses_no_more_than_as_written() -> None:
    gradient = jax.grad(responsibilities)
    regimes = regimes_of(PAIR)
    near = {name: regimes[name] for name in ("moderate", "offset", "negative offset")}
    assert_near(rw.from_jax(gradient, PAIR), near, 1e-6)


def test_what_is_summed_with_itself_still_cancels() -> None:
    """``Σ_i p[i]·(tanh u[i] − Σ_j p[j]·tanh u[j])`` is 0, exactly."""

    def program(x: Any) -> Any:
        average = (share(x[0]) * jnp.tanh(x[1])).sum()
        return (share(x[0]) * (jnp.tanh(x[1]) - average)).sum()

    cured = rw.compile(rw.optimize(rw.from_jax(program, PAIR)))
    assert float(cured(PAIR)) == 0.0


def overlaps(x: Any) -> Any:
    """How far two lengths overlap, of which one is an average over shares."""
    edge, wanted = share(x) @ jnp.arange(3.0), jnp.array([0.7, 1.3])
    return (1 - jnp.minimum(edge, wanted) / jnp.maximum(edge, wanted)).sum()


@pytest.mark.parametrize("derived", [lambda f: f, jax.grad], ids=["value", "gradient"])
def test_functions_of_quotients_under_a_sum(derived: Any) -> None:
    graph = rw.from_jax(derived(lambda x: overlaps(x) + x[0, 0]), PAIR)
    assert_near(graph, regimes_of(PAIR), 1e-6)
