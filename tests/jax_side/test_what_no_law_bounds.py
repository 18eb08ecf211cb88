"""Gradients of long recurrences in probability space, in which terms grow beyond what is followed.

Expected values are the naive program's, in ball arithmetic.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near

import rewriter as rw

SCORES = np.float32([0.1, -0.5, 0.75, 0.3, -1.25, 0.5, -0.1, 1.5, -0.9, 0.25, 1, -0.4])
REGIMES = {"moderate": SCORES, "far above": SCORES + 1e4, "far below": SCORES - 1e4}


def softmax(x: Any, axis: int = -1) -> Any:
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=axis, keepdims=True)


def hidden_chain(x: Any) -> Any:
    """A hidden Markov model with Gaussian emissions, unrolled; transitions that are learned."""
    means = jnp.array([-1.0, 0.0, 2.0])
    step = softmax(x[6:9][:, None] * jnp.array([0.1, 0.2, -0.1]) + jnp.eye(3))
    state = softmax(x[9:12]) * jnp.exp(-0.5 * (x[0] - means) ** 2)
    for k in range(1, 6):
        state = (state @ step) * jnp.exp(-0.5 * (x[k] - means) ** 2)
    return jnp.log(state.sum())


@pytest.fixture(scope="module")
def explained() -> Any:
    """What is done to the gradient."""
    return rw.explain(rw.from_jax(jax.grad(hidden_chain), SCORES))


@pytest.fixture(scope="module")
def gradients(explained: Any) -> tuple[Any, Any]:
    """The gradient under the engine, jitted, and over the reals."""
    result = explained.result
    exact = rw.compile(result.before, backend="exact")
    return jax.jit(rw.compile(result.after, backend="jax")), exact


@pytest.mark.parametrize("regime", REGIMES)
def test_the_gradient_of_a_hidden_chain(gradients: tuple[Any, Any], regime: str) -> None:
    stable, exact = gradients
    x = REGIMES[regime]
    truth = np.asarray(exact(x), "float64")
    np.testing.assert_allclose(stable(x), truth, rtol=0, atol=3e-6 * np.abs(truth).max())


def test_what_is_carried_is_the_same_graph_again(explained: Any) -> None:
    carried = explained.result.after
    assert any(node.origin.rule == "extended_range" for node in carried.ordered)
    assert rw.optimize(carried) is carried


def test_what_laws_bound_is_not_carried() -> None:
    def loss(x: Any) -> Any:
        return -jnp.log(softmax(x))[0] + (softmax(x) * x).sum()

    graph = rw.optimize(rw.from_jax(jax.grad(loss), SCORES))
    assert not any(node.origin.rule == "extended_range" for node in graph.ordered)


def test_an_explanation_says_that_it_is_carried(explained: Any) -> None:
    text = str(explained)
    assert "which no law bounds" in text
    assert "extended-range arithmetic" in text
    assert "lines more" in text
    assert len(text.splitlines()) < 200


def feature(x: Any) -> Any:
    return jnp.where(x > 0, x, jnp.exp(x) - 1.0) + 1.0


FEATURES = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
OFFSETS = {"moderate": 0, "far above": 1e4, "far below": -1e4}
OF_FEATURES = {
    "products": lambda x: jnp.log((feature(x[0]) * feature(x[1])).sum()),
    "running sums": lambda x: jnp.log((feature(x) * jnp.cumsum(feature(x), axis=0)).sum(1)),
    "weighed": lambda x: jnp.log(
        (jnp.exp(x[1]) * feature(x[0])).sum() + jnp.maximum(x[2], 0).sum()
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", OF_FEATURES)
def test_maxima_of_which_some_are_of_nothing(form: str) -> None:
    """Features of linear attention: where none is above 0, all that is left is exponentials."""
    graph = rw.from_jax(OF_FEATURES[form], FEATURES)
    assert_near(graph, {name: FEATURES + offset for name, offset in OFFSETS.items()}, 1e-6)
