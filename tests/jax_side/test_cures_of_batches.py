"""Batches, labels and attention: naive programs on matrices, with the gradient of every argument.

Expected values are those of ``jax.nn`` in float64, where the scores are exact enough.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import nn

import rewriter as rw

GENERATOR = np.random.default_rng(3)
SCORES = np.float32(np.round(GENERATOR.normal(size=(4, 3)) * 64) / 64)
LABELS = np.int32([0, 2, 1, 2])
POINTS = {
    "moderate": SCORES,
    "far above": SCORES + np.float32(1e4),
    "large": np.float32([[1, 2, 1000], [1e-18, 1e18, -1e18], [5e3, 5e3, -2], [-3e4, 2, 1]]),
    "masked": np.float32([[1, -np.inf, 2], [0, 1, 2], [-np.inf, 1, 0.5], [3, 3, 3]]),
}


def softmax(scores, axis=-1):
    exponentials = jnp.exp(scores)
    return exponentials / jnp.sum(exponentials, axis=axis, keepdims=True)


def close(got, wanted, scale=1.0):
    """Equal to a few roundings of float32 beside numbers of size scale."""
    got, wanted = jax.tree.leaves(got), jax.tree.leaves(wanted)
    for one, other in zip(got, wanted, strict=True):
        assert one.dtype == np.float32
        scale = max(scale, np.abs(other[np.isfinite(other)]).max(initial=0))
        np.testing.assert_allclose(one, other, rtol=4e-6, atol=1e-6 * scale)


@functools.cache
def cured(function, positions=0):
    """The value; the gradient, stabilize outside and inside; and both in one graph."""
    return (
        rw.stabilize(function),
        jax.jit(rw.stabilize(jax.grad(function, positions))),
        jax.grad(jax.jit(rw.stabilize(function)), positions),
        rw.stabilize(jax.jit(jax.value_and_grad(function, positions))),
    )


def derivatives(function, arguments, positions=0):
    """Value and gradient, stabilize outside and inside, and both in one graph."""
    alone, outside, inside, both = cured(function, positions)
    value = alone(*arguments)
    return (value, outside(*arguments)), (value, inside(*arguments)), both(*arguments)


@functools.cache
def true(function, positions):
    return jax.jit(jax.value_and_grad(function, positions))


def reference(function, arguments, positions=0):
    with jax.enable_x64(True):
        arguments = [np.asarray(a, np.float64) if a.dtype == np.float32 else a for a in arguments]
        return jax.tree.map(np.asarray, true(function, positions)(*arguments))


def loss_of_row(scores, label):
    return -jnp.log(jnp.exp(scores) / jnp.exp(scores).sum())[label]


ROWS = np.arange(4, dtype=np.int32)
LOSSES = {
    "take along axis": lambda s: -jnp.take_along_axis(jnp.log(softmax(s)), LABELS[:, None], 1),
    "index after the log": lambda s: -jnp.log(softmax(s))[ROWS, LABELS],
    "index before the log": lambda s: -jnp.log(softmax(s)[ROWS, LABELS]),
    "vmap": lambda s: jax.vmap(loss_of_row)(s, LABELS),
    "library": lambda s: -jnp.log(nn.softmax(s))[ROWS, LABELS],
}
DENSE_LOSSES = {
    "one-hot after the log": lambda s: -jnp.sum(nn.one_hot(LABELS, 3) * jnp.log(softmax(s)), 1),
    "one-hot before the log": lambda s: -jnp.log(jnp.sum(nn.one_hot(LABELS, 3) * softmax(s), 1)),
    "selection": lambda s: -jnp.where(nn.one_hot(LABELS, 3) == 1, jnp.log(softmax(s)), 0).sum(1),
}


def careful_loss(scores):
    return -jnp.mean(nn.log_softmax(scores)[ROWS, LABELS])


MEANS = {
    name: lambda scores, loss=loss: jnp.mean(loss(scores))
    for name, loss in (LOSSES | DENSE_LOSSES).items()
}
CASES = [(point, loss) for point in POINTS for loss in LOSSES]
CASES += [(point, loss) for point in POINTS if point != "masked" for loss in DENSE_LOSSES]
"""Where a score is −inf, a product with a one-hot vector has a term 0·log 0, without a meaning."""


@pytest.mark.parametrize(("point", "loss"), CASES)
def test_cross_entropy(point, loss):
    scores = POINTS[point]
    wanted = reference(careful_loss, [scores])
    for got in derivatives(MEANS[loss], [scores]):
        close(got, wanted)


def loss_of_labels(scores, labels):
    return -jnp.mean(jnp.take_along_axis(jnp.log(softmax(scores)), labels[:, None], 1))


@pytest.mark.parametrize("point", POINTS)
def test_labels_as_an_argument(point):
    wanted = reference(careful_loss, [POINTS[point]])
    for got in derivatives(loss_of_labels, [POINTS[point], LABELS]):
        close(got, wanted)


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1)])
def test_any_axis(axis):
    weights = np.float32(np.round(4 * GENERATOR.normal(size=(4, 3)))) / 4

    def written(scores):
        return jnp.sum(softmax(scores, axis) * weights)

    def careful(scores):
        return jnp.sum(nn.softmax(scores, axis) * weights)

    for scores in POINTS.values():
        wanted = reference(careful, [scores])
        for got in derivatives(written, [scores]):
            close(got, wanted, 4.0)


TRANSITIONS = np.float32([[0.5, 0.25], [1.5, 0.125], [0.75, 2]])


def step_forward(scores):
    """One step of a forward algorithm: log(exp(s) · T), of a product of matrices."""
    return jnp.sum(jnp.log(jnp.exp(scores) @ TRANSITIONS))


def careful_step(scores):
    logarithms = np.log(TRANSITIONS.astype(np.float64))
    return jnp.sum(nn.logsumexp(scores[:, :, None] + logarithms, axis=1))


@pytest.mark.parametrize("point", POINTS)
def test_scores_in_probability_space(point):
    wanted = reference(careful_step, [POINTS[point]])
    for got in derivatives(step_forward, [POINTS[point]]):
        close(got, wanted)


def log_softmax(s):
    return jnp.log(softmax(s))


TRANSFORMED = {
    "outside": (jax.jit(jax.vmap(rw.stabilize(jax.vmap(jax.jit(log_softmax))))), -1),
    "inside": (rw.stabilize(jax.vmap(jax.vmap(log_softmax, in_axes=1, out_axes=1))), 1),
    "both": (rw.stabilize(jax.jit(jax.vmap(jax.jit(rw.stabilize(log_softmax))))), -1),
}


@pytest.mark.parametrize("where", TRANSFORMED)
def test_vmap_and_jit(where):
    function, axis = TRANSFORMED[where]
    scores = np.stack([POINTS["far above"], POINTS["large"]])
    with jax.enable_x64(True):
        wanted = np.asarray(nn.log_softmax(scores.astype(np.float64), axis))
    np.testing.assert_allclose(function(scores), wanted, rtol=4e-6, atol=1e-6)


CAUSAL = np.tril(np.ones((4, 4), bool))
QUERIES, KEYS = (np.float32(np.round(8 * GENERATOR.normal(size=(4, 8))) / 8) for _ in "qk")
VALUES, COTANGENT = (np.float32(GENERATOR.normal(size=(4, 5))) for _ in "vg")
HALF = np.float32(0.5)


def minus_infinity(scores):
    return softmax(jnp.where(CAUSAL, scores, -jnp.inf))


def large_number(scores):
    return softmax(jnp.where(CAUSAL, scores, -1e30))


def added(scores):
    return softmax(scores + np.where(CAUSAL, 0, -np.inf).astype(np.float32))


def multiplied(scores):
    exponentials = jnp.exp(scores) * CAUSAL
    return exponentials / exponentials.sum(-1, keepdims=True)


def selected(scores):
    exponentials = jnp.where(CAUSAL, jnp.exp(scores), 0)
    return exponentials / exponentials.sum(-1, keepdims=True)


def library(scores):
    return nn.softmax(scores, where=CAUSAL)


MASKS = [minus_infinity, large_number, added, multiplied, selected, library]


def attention(weigh):
    def attend(queries, keys, values):
        weights = weigh(queries @ keys.T * HALF)
        return jnp.sum(weights @ values * COTANGENT.astype(values.dtype))

    return attend


def normalised_after(queries, keys, values):
    exponentials = jnp.exp(queries @ keys.T * HALF) * CAUSAL
    totals = exponentials.sum(-1, keepdims=True)
    return jnp.sum(exponentials @ values / totals * COTANGENT.astype(values.dtype))


def careful_weights(scores):
    return nn.softmax(jnp.where(CAUSAL, scores, -jnp.inf))


careful_attention = attention(careful_weights)


@pytest.mark.parametrize("scale", [1, 2.0**7, 2.0**30])
@pytest.mark.parametrize(
    "program",
    [*map(attention, MASKS), normalised_after],
    ids=[*(mask.__name__ for mask in MASKS), "normalised after"],
)
def test_causal_attention(program, scale):
    """The numbers are short, so that float32 adds their products without an error."""
    arguments = [QUERIES * np.float32(scale), KEYS, VALUES]
    wanted = reference(careful_attention, arguments, (0, 1, 2))
    for got in derivatives(program, arguments, (0, 1, 2)):
        (value, gradients), (truth, true_gradients) = got, wanted
        close(value, truth)
        for gradient, true_gradient, size in zip(
            gradients, true_gradients, (4.0, 4.0 * scale, 1.0), strict=True
        ):
            close(gradient, true_gradient, size)


def test_trained_weights_in_a_tree():
    """Parameters in a dictionary, a layer before the loss, and a step of descent."""
    parameters = {"weights": SCORES.T * 512, "bias": np.float32([0, 3000, -1e4, 2])}
    images = np.float32(np.round(8 * GENERATOR.normal(size=(6, 3))) * 16)
    labels = np.int32([0, 1, 2, 3, 1, 1])

    def loss(parameters, log_softmax):
        scores = images @ parameters["weights"] + parameters["bias"]
        return -jnp.mean(log_softmax(scores)[jnp.arange(6), labels])

    def written(parameters):
        return loss(parameters, lambda s: jnp.log(softmax(s)))

    assert not np.isfinite(jax.grad(written)(parameters)["bias"]).all()
    wanted = reference(
        lambda w, b: loss({"weights": w, "bias": b}, nn.log_softmax),
        [parameters["weights"], parameters["bias"]],
        (0, 1),
    )
    for got in derivatives(written, [parameters]):
        value, gradient = got
        close(value, wanted[0])
        close((gradient["weights"], gradient["bias"]), wanted[1])
