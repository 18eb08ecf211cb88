"""Weights and masked data of which some are 0, infinite or nan, beside exponentials.

What a program gives where its weight is 0, or where its condition selects away what is no number,
is what it gives without those columns: that, in float64 and by NumPy's or JAX's own operations, is
what is compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

LOGITS = np.random.RandomState(3).randn(2, 5).astype("float32")
WEIGHTS = np.array([0, 1, 2, 0.5, 0], "float32")
KEPT = WEIGHTS > 0
TARGETS = np.array([[np.nan, 1, 2, np.inf, 0.5], [1, np.nan, 0.3, 0.2, -np.inf]], "float32")
KNOWN = np.isfinite(TARGETS)
ROWS = np.array([[False] * 5, [True, True, False, True, True]])

Function = Callable[[Any], Any]


def softmax(x: Any) -> Any:
    return jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)


def entropy_of(q: Any) -> Any:
    return -jnp.sum(jnp.where(q > 0, q * jnp.log(jnp.where(q > 0, q, 1)), 0))


def weighted_entropy(x: Any) -> Any:
    q = softmax(x) * WEIGHTS
    return entropy_of(q / q.sum(-1, keepdims=True))


def weighted_entropy_of_kept(x: Any) -> Any:
    q = softmax(x)[:, KEPT] * WEIGHTS[KEPT]
    q = q / q.sum(-1, keepdims=True)
    return -jnp.sum(q * jnp.log(q))


def renormalised_roots(x: Any) -> Any:
    root = jnp.where(KEPT, jnp.sqrt(jnp.where(KEPT, softmax(x) * WEIGHTS, 1)), 0)
    return jnp.sum(jnp.where(KEPT, root / root.sum(-1, keepdims=True), 0) * WEIGHTS)


def renormalised_roots_of_kept(x: Any) -> Any:
    root = jnp.sqrt(softmax(x)[:, KEPT] * WEIGHTS[KEPT])
    return jnp.sum(root / root.sum(-1, keepdims=True) * WEIGHTS[KEPT])


def safe(w: Any) -> Any:
    return jnp.where(KEPT, w, 1)


def kept(x: Any) -> Any:
    return softmax(x)[:, KEPT]


OVERLAPS: dict[str, tuple[Function, Function]] = {
    "overlap": (
        lambda x: jnp.sqrt(softmax(x) * WEIGHTS).sum(),
        lambda x: jnp.sqrt(kept(x) * WEIGHTS[KEPT]).sum(),
    ),
    "overlap, chosen": (
        lambda x: jnp.where(KEPT, jnp.sqrt(softmax(x) * safe(WEIGHTS)), 0.0).sum(),
        lambda x: jnp.sqrt(kept(x) * WEIGHTS[KEPT]).sum(),
    ),
    "distance": (
        lambda x: -jnp.log(jnp.sum(jnp.sqrt(softmax(x) * WEIGHTS), -1)).sum(),
        lambda x: -jnp.log(jnp.sum(jnp.sqrt(kept(x) * WEIGHTS[KEPT]), -1)).sum(),
    ),
    "power": (
        lambda x: jnp.where(KEPT, jnp.where(KEPT, softmax(x) * WEIGHTS, 1) ** 0.3, 0.0).sum(),
        lambda x: ((kept(x) * WEIGHTS[KEPT]) ** 0.3).sum(),
    ),
    "inverse root": (
        lambda x: jnp.where(KEPT, jax.lax.rsqrt(softmax(x) * safe(WEIGHTS)), 0.0).sum(),
        lambda x: ((kept(x) * WEIGHTS[KEPT]) ** -0.5).sum(),
    ),
    "entropy": (weighted_entropy, weighted_entropy_of_kept),
    "renormalised roots": (renormalised_roots, renormalised_roots_of_kept),
}


def values(function: Function, direction: Any) -> dict[str, Function]:
    """A value, a gradient and a product of the Hessian with a vector."""
    slope = jax.grad(function)
    return {
        "value": function,
        "gradient": slope,
        "product": lambda x: jax.jvp(slope, (x,), (direction.astype(x.dtype),))[1],
    }


@pytest.mark.parametrize("mode", ["value", "gradient", "product"])
@pytest.mark.parametrize("form", OVERLAPS)
def test_columns_of_weight_0_count_for_nothing(form: str, mode: str) -> None:
    written, without = OVERLAPS[form]
    direction = np.cos(LOGITS)
    outside = rw.stabilize(values(written, direction)[mode])
    inside = values(rw.stabilize(written), direction)[mode]
    exact, cured = jax.jit(values(without, direction)[mode]), (jax.jit(outside), jax.jit(inside))
    for offset in (0, 1e4):
        logits = LOGITS + np.float32(offset)
        with jax.enable_x64(True):
            truth = np.asarray(exact(logits.astype("float64") - offset))
        for found in cured:
            np.testing.assert_allclose(found(logits), truth, rtol=1e-5, atol=1e-5, err_msg=mode)


def share(x: Any) -> Any:
    above = jnp.where(KNOWN, TARGETS * jnp.exp(x), 0.0).sum(-1)
    return (above / jnp.where(KNOWN, jnp.exp(x), 0).sum(-1)).sum()


def evidence(x: Any) -> Any:
    return jnp.log(jnp.where(KNOWN, jnp.exp(x) * jnp.abs(TARGETS), 0.0).sum(-1)).sum()


def likelihood(x: Any) -> Any:
    return jnp.where(jnp.isfinite(TARGETS), -TARGETS * jnp.log(softmax(x)), 0.0).sum()


@pytest.mark.parametrize("program", [share, evidence, likelihood])
def test_data_that_is_no_number_may_be_selected_away(program: Function) -> None:
    with jax.enable_x64(True):
        truth = np.asarray(program(LOGITS.astype("float64")))
    np.testing.assert_allclose(rw.stabilize(program)(LOGITS), truth, rtol=1e-6)
    far = LOGITS + np.float32(1e4)
    with jax.enable_x64(True):
        near = far.astype("float64") - 1e4
        truth = np.asarray(program(near)) + (2e4 if program is evidence else 0)
    np.testing.assert_allclose(rw.stabilize(program)(far), truth, rtol=1e-6)


def test_what_a_row_of_nan_is_filled_with() -> None:
    def program(x: Any) -> Any:
        return entropy_of(jnp.nan_to_num(softmax(jnp.where(ROWS, x, -jnp.inf))))

    with jax.enable_x64(True):
        p = np.exp(LOGITS[1].astype("float64")) * ROWS[1]
        p = (p / p.sum())[ROWS[1]]
        truth = -np.sum(p * np.log(p))
    np.testing.assert_allclose(rw.stabilize(program)(LOGITS), truth, rtol=1e-6)
    np.testing.assert_allclose(rw.stabilize(program)(LOGITS + 1e4), truth, rtol=1e-3)
    slope = rw.stabilize(jax.grad(program))(LOGITS)
    np.testing.assert_allclose(slope, jax.grad(program)(LOGITS), rtol=1e-4, atol=1e-6)
