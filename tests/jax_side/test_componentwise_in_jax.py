"""accuracy="componentwise" in JAX, under jit: every element, where one probability is near 1."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

WEIGHTS = np.float32([0.25, -1.25, 2, 0.75, -0.5])
TARGETS = np.float32([0.125, 0.25, 0.25, 0.125, 0.25])
POINTS = {
    "one large": np.float32([3.5, -9.25, 14, -1.75, -6]),
    "far from 0": np.float32([99.5, 86.75, 110, 94.25, 90]),
    "spread": np.float32([1, 2, 1000, -3, 4]),
    "ties": np.float32([14, -9.25, 14, -1.75, -6]),
}


def softmax(x):
    return jnp.exp(x) / jnp.sum(jnp.exp(x), axis=-1, keepdims=True)


def logsumexp(x):
    return jnp.log(jnp.sum(jnp.exp(x)))


def cross_entropy(x):
    return -jnp.log(softmax(x))[2]


def variance(x):
    return softmax(x) @ WEIGHTS**2 - (softmax(x) @ WEIGHTS) ** 2


def off_by_one(x):
    return (jnp.exp(x) / (1 + jnp.sum(jnp.exp(x))))[2]


def unrolled(x):
    e = [jnp.exp(x[k]) for k in range(5)]
    return jnp.stack([one / (e[0] + e[1] + e[2] + e[3] + e[4]) for one in e])


FORMS = {
    "log_softmax": lambda x: jnp.log(softmax(x)),
    "gradient of softmax": jax.grad(lambda x: jnp.sum(WEIGHTS * softmax(x))),
    "cross entropy": cross_entropy,
    "gradient of cross entropy": jax.grad(cross_entropy),
    "Jacobian of softmax": jax.jacrev(softmax),
    "Hessian of logsumexp": jax.hessian(logsumexp),
    "entropy": lambda x: -jnp.sum(softmax(x) * jnp.log(softmax(x))),
    "gradient of a weighted mean": jax.grad(lambda x: softmax(x) @ WEIGHTS),
    "rows": jax.vmap(jax.grad(cross_entropy)),
    "Hessian of a weighted mean": jax.hessian(lambda x: softmax(x) @ WEIGHTS),
    "Hessian of cross entropy": jax.hessian(cross_entropy),
    "gradient of a sum of squares": jax.grad(lambda x: jnp.sum(softmax(x) ** 2)),
    "gradient of Brier's score": jax.grad(lambda x: jnp.sum((softmax(x) - TARGETS) ** 2)),
    "gradient of a variance": jax.grad(variance),
    "gradient of one element, off by one": jax.grad(off_by_one),
    "Jacobian, element by element": jax.jacfwd(unrolled),
    "Jacobian of roots": jax.jacrev(lambda x: jnp.sqrt(softmax(x))),
    "gradient of one of two": jax.grad(lambda x: jnp.exp(x[2]) / (jnp.exp(x[2]) + jnp.exp(x[3]))),
}


@functools.cache
def stable(form, accuracy):
    return jax.jit(rw.stabilize(FORMS[form], accuracy=accuracy))


def bits(form, x, accuracy):
    """The error of the worst element, in bits of its own."""
    x = np.stack([x, x[::-1]]) if form == "rows" else x
    truth = rw.balls(rw.from_jax(FORMS[form], x), x)
    return rw.bits_of_error(np.asarray(stable(form, accuracy)(x)), truth, "float32")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("form", FORMS)
def test_every_element_is_right_to_a_few_ulps(form, point):
    assert bits(form, POINTS[point], "componentwise") <= 5


WIDER = "Jacobian, element by element"
"""Written by its elements a softmax is of differences from the first, which 1e18 takes the digits
of: by default it is computed in a wider type, which small elements gain by as well."""


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("entropy", WIDER)])
def test_the_default_is_not_so_accurate_beside_a_large_element(form):
    assert bits(form, POINTS["one large"], "normwise") > 10


def test_the_default_in_a_wider_type_is_as_accurate():
    assert bits(WIDER, POINTS["one large"], "normwise") <= 5


def test_the_engine_inside_of_a_derivative():
    stable = rw.stabilize(cross_entropy, accuracy="componentwise")
    x = POINTS["one large"]
    truth = rw.balls(rw.from_jax(cross_entropy, x), x)
    assert rw.bits_of_error(np.asarray(stable(x)), truth, "float32") <= 5
    assert np.all(np.isfinite(jax.grad(stable)(x)))
