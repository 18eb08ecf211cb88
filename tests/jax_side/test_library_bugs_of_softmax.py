"""Reports of numerical bugs of softmax and its kin in public libraries, right here.

As in `test_library_bugs`: the reporters' programs, reduced, and mpmath's truth.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax import lax, nn
from library_bugs import (
    both_are_right,
    entropy_of,
    gradient_is_right,
    logistic,
    value_is_right,
    weights,
)

import rewriter as rw


def softmax(x, axis=-1):
    return jnp.exp(x) / jnp.sum(jnp.exp(x), axis=axis, keepdims=True)


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


# Softmax, cross entropy, mixtures.


def test_cross_entropy_of_unbounded_activations():
    """https://github.com/Theano/Theano/issues/3162."""
    both_are_right(
        lambda x: -jnp.log(softmax(x))[1],
        np.exp(np.float32([9.5, 3, 7.2, 0.5])),
        lambda x: -mpmath.log(weights(x)[1]),
    )


def test_cross_entropy_in_flux():
    """https://github.com/FluxML/NNlib.jl/issues/68, its first example."""
    both_are_right(
        lambda x: -jnp.sum(np.float32([1, 0, 0]) * jnp.log(softmax(x))),
        np.float32([-431, 279, 427]),
        lambda x: -mpmath.log(weights(x)[0]),
    )


def test_sum_of_probabilities_in_flux():
    """https://github.com/FluxML/NNlib.jl/issues/68, its second: the gradient is 0."""
    both_are_right(
        lambda x: jnp.sum(softmax(x)),
        np.float32([-1047, -981, 1891]),
        lambda x: mpmath.fsum(weights(x)),
    )


def test_columns_of_log_softmax_in_flux():
    """1 and -1, not 0 and 0: https://github.com/FluxML/NNlib.jl/pull/126."""
    both_are_right(
        lambda x: jnp.sum(jnp.log(softmax(x, axis=0))),
        np.float32([[1, 2, 3], [1000, 2000, 3000]]),
        lambda x: mpmath.fsum(
            mpmath.log(p) for k in range(3) for p in weights([x[k], x[k + 3]])
        ),
    )  # fmt: skip


def test_logarithm_of_softmax():
    """https://github.com/pytorch/pytorch/issues/1620, its program."""
    both_are_right(
        lambda x: -jnp.log(nn.softmax(x))[1],
        np.float32([0, -150, 50]),
        lambda x: -mpmath.log(weights(x)[1]),
    )


@pytest.mark.parametrize("scale", [1, 100])
def test_pointer_network(scale):
    """log of a gated mixture of two softmaxes: https://github.com/pytorch/pytorch/issues/1620."""

    def loss(x):
        gate = sigmoid(x[0])
        return -jnp.log(gate * softmax(x[1:4]) + (1 - gate) * softmax(x[4:]))[1]

    def truth(x):
        gate = logistic(x[0])
        return -mpmath.log(gate * weights(x[1:4])[1] + (1 - gate) * weights(x[4:])[1])

    both_are_right(loss, np.float32([2, 0, -1.5, 0.5, 1, 2, -3]) * np.float32(scale), truth)


def test_cross_entropy_after_a_relu():
    """https://github.com/marian-nmt/marian-dev/issues/14."""
    both_are_right(
        lambda x: -jnp.log(softmax(jnp.maximum(x, 0)))[0],
        np.float32([-5, 400, 3]),
        lambda x: -mpmath.log(weights([max(score, 0) for score in x])[0]),
    )


def test_logsumexp_of_small_terms():
    """-inf for -800: https://github.com/pymc-devs/pytensor/issues/2288."""
    both_are_right(
        lambda x: jnp.log(jnp.sum(jnp.exp(x))),
        np.float64([-800, -805]),
        lambda x: mpmath.log(mpmath.fsum(map(mpmath.exp, x))),
    )


def test_cumulative_logsumexp():
    """The report's operation, https://github.com/tinygrad/tinygrad/pull/17853, at large scores."""
    both_are_right(
        lambda x: jnp.sum(jnp.log(jnp.cumsum(jnp.exp(x)))),
        np.float32([300, 1000, 2]),
        lambda x: mpmath.fsum(
            mpmath.log(mpmath.fsum(map(mpmath.exp, x[: k + 1]))) for k in range(3)
        ),
    )  # fmt: skip


# Masks.

KEPT = np.array([True, True, False, True])


def kept_entropy(x):
    """Entropy in bits of the softmax over what is kept, plus one."""
    return 1 + entropy_of(weights([x[0], x[1], x[3]])) / mpmath.log(2)


@pytest.mark.parametrize("x", [[0.3, -1.2, 0.5, 2], [300, -1.2, 1e4, 302]])
def test_entropy_of_a_masked_renormalised_softmax(x):
    """https://github.com/jax-ml/jax/issues/17070, by JAX's own softmax and by hand."""

    def entropy(attention):
        attention = attention * jnp.sum(attention) ** -1
        return jnp.sum(attention * -jnp.log2(attention), where=KEPT, initial=1.0)

    def by_hand(x):
        e = jnp.where(KEPT, jnp.exp(x), 0)
        return entropy(e / e.sum())

    def by_library(x):
        return entropy(nn.softmax(x, axis=0, where=KEPT))

    for program in (by_hand, by_library):
        value_is_right(program, np.float32(x), kept_entropy)
        gradient_is_right(program, np.float32(x), kept_entropy, inside=False)


def test_softmax_where():
    """Large scores that are masked out: https://github.com/jax-ml/jax/issues/17117."""
    kept = np.array([True, True, False])
    values = np.float32([1, 2, 3])

    def mean(x):
        e = jnp.exp(x - jnp.max(x, where=kept, initial=-jnp.inf))
        return jnp.sum(jnp.where(kept, e / jnp.sum(e, where=kept), 0) * values)

    def log_mean(x):
        x = x - lax.stop_gradient(jnp.max(x, where=kept, initial=-jnp.inf))
        return jnp.sum(jnp.where(kept, x - jnp.log(jnp.sum(jnp.exp(x), where=kept)), 0) * values)

    x = np.float32([1, 1.5, 100])
    gradient_is_right(mean, x, lambda x: weights(x[:2])[0] + 2 * weights(x[:2])[1])
    gradient_is_right(
        log_mean, x, lambda x: sum(k * mpmath.log(p) for k, p in enumerate(weights(x[:2]), 1))
    )


def test_log_softmax_of_seventy_thousand_float16_scores():
    """-inf for numbers near 1: https://github.com/jax-ml/jax/issues/40409."""

    def by_hand(x):
        return jnp.sum(jnp.log(jnp.exp(x) / jnp.sum(jnp.exp(x))))

    def by_library(x):
        return jnp.sum(nn.log_softmax(x))

    x = np.repeat(np.float16([2.7, 0.5]), 35_000)
    weight = np.exp(x.astype(np.float64))
    truth = 1 - len(x) * weight / weight.sum()
    stable = [jax.grad(rw.stabilize(f)) for f in (by_hand, by_library)]
    for gradient in (*stable, rw.stabilize(jax.grad(by_hand))):
        np.testing.assert_allclose(gradient(x), truth, rtol=0, atol=4e-3)
