"""A logit of minus infinity, given as data, is a mask: what is left comes out as if it were alone.

The truth is that of the program without the masked logits, in mpmath; derivatives by the masked
ones are 0.
"""

import functools

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax import nn
from library_bugs import DIGITS, STEP, entropy_of, weights

import rewriter as rw

MASKED = np.float32([1, -np.inf, 2, 0.5])
KEPT = [0, 2, 3]


def naive(x):
    e = jnp.exp(x)
    return e / jnp.sum(e)


def entropy_of_naive(x):
    p = naive(x)
    return -jnp.sum(p * jnp.log(p))


def entropy_by_log_softmax(x):
    """As reported to trl (7221) and SkyRL (2259)."""
    return -jnp.sum(nn.softmax(x) * nn.log_softmax(x))


def entropy_of_exponential(x):
    logarithm = nn.log_softmax(x)
    return -jnp.sum(jnp.exp(logarithm) * logarithm)


def divergence(x):
    return jnp.sum(nn.softmax(x) * (nn.log_softmax(x) - nn.log_softmax(0.5 * x)))


def halfway(x):
    p, q = naive(x), naive(0.5 * x)
    middle = 0.5 * (p + q)
    return jnp.sum(p * jnp.log(p / middle)) + jnp.sum(q * jnp.log(q / middle))


def halves(x):
    return weights(x), weights([score / 2 for score in x])


def true_divergence(x):
    return mpmath.fsum(p * mpmath.log(p / q) for p, q in zip(*halves(x), strict=True))


def true_halfway(x):
    pairs = list(zip(*halves(x), strict=True))
    return mpmath.fsum(w * mpmath.log(2 * w / (p + q)) for p, q in pairs for w in (p, q))


PROGRAMS = {
    "entropy by hand": (entropy_of_naive, lambda x: entropy_of(weights(x))),
    "entropy by log_softmax": (entropy_by_log_softmax, lambda x: entropy_of(weights(x))),
    "entropy of exp(l)·l": (entropy_of_exponential, lambda x: entropy_of(weights(x))),
    "divergence": (divergence, true_divergence),
    "divergence from the middle": (halfway, true_halfway),
}


@functools.cache
def truth(name):
    """Value, gradient and Hessian by differences at so many digits that nothing is lost."""
    _, function = PROGRAMS[name]
    with mpmath.workdps(DIGITS):
        point = [mpmath.mpf(float(score)) for score in MASKED[KEPT]]
        step = [[STEP * (i == j) for i in range(len(point))] for j in range(len(point))]

        def at(*steps):
            return function([mpmath.fsum(parts) for parts in zip(point, *steps, strict=True)])

        value = at()
        gradient = [(at(s) - value) / STEP for s in step]
        hessian = [[(at(s, t) - at(s) - at(t) + value) / STEP**2 for t in step] for s in step]
        return float(value), np.array(gradient, float), np.array(hessian, float)


@pytest.mark.parametrize("place", ["inside", "outside"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_masked_is_as_if_it_were_not_there(name, place):
    program, _ = PROGRAMS[name]
    value, gradient, _ = truth(name)
    np.testing.assert_allclose(rw.stabilize(program)(MASKED), value, rtol=1e-5)
    check(derived(jax.grad, program, place)(MASKED), gradient)


@pytest.mark.parametrize("place", ["inside", "outside"])
@pytest.mark.parametrize("name", [name for name in PROGRAMS if "middle" not in name])
def test_so_do_second_derivatives(name, place):
    program, _ = PROGRAMS[name]
    check(jax.jit(derived(jax.hessian, program, place))(MASKED), truth(name)[2])


def derived(derivative, program, place):
    if place == "inside":
        return derivative(rw.stabilize(program))
    return rw.stabilize(derivative(program))


def check(got, expected):
    whole = np.zeros(np.shape(got))
    whole[np.ix_(*[KEPT] * np.ndim(got))] = expected
    np.testing.assert_allclose(got, whole, atol=4e-7)


def test_float16_logits_as_far_apart_as_they_can_be():
    """60000 and 59999 are one number in float16, and 60000 - (-60000) is infinite."""
    x = np.float16([60000, -60000, 59999, 0.5])
    for program in (entropy_of_naive, entropy_by_log_softmax, entropy_of_exponential):
        np.testing.assert_allclose(rw.stabilize(program)(x), np.log(2), rtol=1e-3)
        np.testing.assert_array_equal(rw.stabilize(jax.grad(program))(x), 0)


def test_finite_logits_keep_their_bits():
    x = np.float32([1, -3, 2, 0.5])
    logarithm = nn.log_softmax(x)
    expected = -jnp.sum(jnp.exp(logarithm) * logarithm)
    np.testing.assert_allclose(rw.stabilize(entropy_of_exponential)(x), expected, rtol=2e-7)
