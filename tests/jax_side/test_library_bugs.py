"""Reports of numerical bugs in public libraries, as programs: what was wrong there is right here.

The programs are the reporters', reduced; the truth is mpmath's, at the very floats. Each is wrong
or nan as written, in JAX or in the library of the report.
"""

from __future__ import annotations

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax import nn
from library_bugs import (
    alone,
    both_are_right,
    entropy_of,
    gradient_is_right,
    logistic,
    slopes,
    value_is_right,
)


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


# Tails of derivatives: what a library's rule subtracts from one.


def test_expm1_at_minus_forty():
    """The gradient is 0 for exp(-40): https://github.com/jax-ml/jax/issues/39794, and
    https://github.com/pytorch/pytorch/issues/192406.
    """
    gradient_is_right(jnp.expm1, np.float64(-40), alone(mpmath.expm1), inside=False)


def test_elu_at_minus_forty():
    """https://github.com/jax-ml/jax/issues/39795."""
    gradient_is_right(nn.elu, np.float64(-40), alone(mpmath.expm1), inside=False)


def test_selu_at_minus_seven_hundred():
    """https://github.com/jax-ml/jax/issues/39796."""

    def truth(x):
        scale = mpmath.mpf(1.0507009873554804934) * mpmath.mpf(1.6732632423543772848)
        return scale * mpmath.expm1(x[0])

    gradient_is_right(nn.selu, np.float64(-700), truth, inside=False)


@pytest.mark.parametrize("x", [np.float32(-9.010913848876953), np.float64(20)])
def test_tanh_where_it_is_nearly_one(x):
    """https://github.com/jax-ml/jax/issues/40388, https://github.com/jax-ml/jax/issues/40343 and
    https://github.com/tensorflow/tensorflow/pull/126747.
    """
    gradient_is_right(jnp.tanh, x, alone(mpmath.tanh), inside=False)


def test_one_minus_the_square_of_tanh():
    """The gradient of tanh as its rule has it: 0 for 1.7e-17 at 20, as in
    https://github.com/tensorflow/tensorflow/pull/126747.
    """
    both_are_right(
        lambda x: 1 - jnp.tanh(x) ** 2, np.float64(20), alone(lambda x: mpmath.sech(x) ** 2)
    )


@pytest.mark.parametrize("x", [40, 37.42994775023705])
def test_sigmoid_where_it_is_nearly_one(x):
    """https://github.com/jax-ml/jax/issues/40342, https://github.com/jax-ml/jax/issues/40385."""
    gradient_is_right(nn.sigmoid, np.float64(x), alone(logistic), inside=False)


def test_slope_of_a_sigmoid_written_out():
    """s·(1 − s) rounds to 0: https://github.com/pymc-devs/pytensor/pull/2041."""

    def slope(x):
        return nn.sigmoid(x) * (1 - nn.sigmoid(x))

    both_are_right(slope, np.float32(60), alone(lambda x: logistic(x) * logistic(-x)))


# Sigmoids and tanh by exponentials.


def test_sigmoid_by_hand():
    """Its gradient is nan from -89: https://github.com/jax-ml/jax/issues/777."""

    def truth(x):
        return mpmath.fsum(map(logistic, x))

    gradient_is_right(
        lambda x: jnp.sum(sigmoid(x)), np.linspace(-200, 0, 4, dtype="float32"), truth
    )


def test_sigmoid_backwards_in_candle():
    """https://github.com/huggingface/candle/pull/1722."""
    x = np.float32([-548.3162, -201.7132, -74.2032, -27.2899, 0, 201.7132, 548.3162])
    gradient_is_right(lambda x: jnp.sum(sigmoid(x)), x, lambda x: mpmath.fsum(map(logistic, x)))


def test_surrogate_of_a_spike():
    """https://github.com/jeshraghian/snntorch/issues/427."""

    def surrogate(x):
        return 25 * jnp.exp(-25 * x) / (jnp.exp(-25 * x) + 1) ** 2

    def truth(x):
        return 25 * logistic(25 * x[0]) * logistic(-25 * x[0])

    both_are_right(surrogate, np.float32(-5), truth)


def test_tanh_by_exponentials():
    """nan from 89 on: https://github.com/jax-ml/jax/issues/764."""

    def tanh(x):
        return jnp.sum((jnp.exp(x) - jnp.exp(-x)) / (jnp.exp(x) + jnp.exp(-x)))

    x = np.linspace(190, 200, 4, dtype="float32")
    both_are_right(tanh, x, lambda x: mpmath.fsum(map(mpmath.tanh, x)))


def test_logarithm_of_a_sigmoid():
    """https://github.com/pytorch/pytorch/issues/1835."""
    both_are_right(
        lambda x: jnp.log(sigmoid(x)), np.float32(-300), alone(lambda x: mpmath.log(logistic(x)))
    )


def test_preference_loss():
    """https://github.com/thinking-machines-lab/tinker-cookbook/pull/188."""

    def loss(x):
        return -jnp.log(nn.sigmoid((x[0] - x[1] - (x[2] - x[3])) / 8))

    def truth(x):
        return -mpmath.log(logistic((x[0] - x[1] - x[2] + x[3]) / 8))

    both_are_right(loss, np.float32([-4000, -10, -12, -15]), truth)


def test_odds_of_a_sigmoid():
    """s/(1 − s) is exp: https://github.com/pymc-devs/pytensor/pull/2322."""

    def odds(x):
        return nn.sigmoid(x) / (1 - nn.sigmoid(x))

    both_are_right(odds, np.float32(60), alone(mpmath.exp))
    both_are_right(lambda x: jnp.log(odds(x)), np.float32(60), alone(lambda x: x))


def test_bernoulli_of_probabilities():
    """log p and log(1 − p) of p = sigmoid(x): https://github.com/pyro-ppl/numpyro/pull/1108."""

    def log_probability(x):
        p = nn.sigmoid(x)
        return 0.25 * jnp.log(p) + 0.75 * jnp.log1p(-p)

    def truth(x):
        return mpmath.log(logistic(x[0])) / 4 + 3 * mpmath.log(logistic(-x[0])) / 4

    both_are_right(log_probability, np.float32(200), truth)
    both_are_right(log_probability, np.float32(-200), truth)


def test_divergence_of_bernoullis():
    """https://github.com/pytorch/pytorch/issues/15288."""

    def divergence(x):
        q = sigmoid(x)
        return jnp.sum(q * jnp.log(q / 0.5) + (1 - q) * jnp.log((1 - q) / 0.5))

    def truth(x):
        q = [logistic(score) for score in x]
        return mpmath.fsum(mpmath.log(2) - entropy_of([p, 1 - p]) for p in q)

    x = np.float32([10.3, -6, 30])
    value_is_right(divergence, x, truth)
    gradient_is_right(divergence, x, truth, inside=False)


def test_relaxed_bernoulli_at_a_low_temperature():
    """nan at samples that round to 0 or 1: https://github.com/pytorch/pytorch/issues/18254."""

    def log_density(x):
        s = sigmoid(x * 16)
        return jnp.log(s) + jnp.log(1 - s)

    def truth(x):
        return mpmath.log(logistic(16 * x[0])) + mpmath.log(logistic(-16 * x[0]))

    both_are_right(log_density, np.float32(-8), truth)


@pytest.mark.parametrize("x", [100, 1000])
@pytest.mark.parametrize(("gamma", "order"), [(0.0, 1), (0.0, 2), (0.5, 1), (0.5, 2), (1.5, 2)])
def test_focal_loss(gamma, order, x):
    """nan in the gradient below γ = 1 and in the second derivative below 2:
    https://github.com/google-deepmind/optax/issues/1267.
    """

    def focal(x):
        p = nn.sigmoid(x)
        return -nn.log_sigmoid(x) * (1 - p) ** gamma

    def truth(x):
        return mpmath.log1p(mpmath.exp(-x[0])) * logistic(-x[0]) ** mpmath.mpf(gamma)

    gradient_is_right(focal, np.float32(x), truth, order=order)


# Softplus, its inverse, and logarithms of differences.


def test_softplus_by_hand():
    """https://github.com/cvxpy/cvxpy/pull/229."""
    x = np.float32([-500, -10, 0, 10, 500, 2e6])
    both_are_right(
        lambda x: jnp.sum(jnp.log(1 + jnp.exp(x))),
        x,
        lambda x: mpmath.fsum(mpmath.log1p(mpmath.exp(score)) for score in x),
    )


def test_inverse_of_softplus():
    """log(exp(x) − 1) overflows: https://github.com/pytorch/pytorch/issues/72759, and
    https://github.com/sims1253/bayesfam/issues/31.
    """

    def inverse(x):
        return jnp.log(jnp.exp(x) - 1)

    both_are_right(inverse, np.float32(1000), alone(lambda x: mpmath.log(mpmath.expm1(x))))


@pytest.mark.parametrize("x", [[1000, 999], [-1000, -1001], [1, 1 - 2**-20]])
def test_logarithm_of_a_difference_of_exponentials(x):
    """https://github.com/aesara-devs/aesara/issues/1303, and
    https://github.com/pyro-ppl/numpyro/issues/1368.
    """

    def difference(x):
        return jnp.log(jnp.exp(x[0]) - jnp.exp(x[1]))

    both_are_right(
        difference, np.float32(x), lambda x: mpmath.log(mpmath.exp(x[0]) - mpmath.exp(x[1]))
    )


def test_softplus_of_a_logarithm():
    """https://github.com/pymc-devs/pytensor/issues/1451."""
    both_are_right(
        lambda x: jnp.log(1 + jnp.exp(jnp.log(x))), np.float32(1e-12), alone(mpmath.log1p)
    )


def test_complement_of_a_complement():
    """log(1 − exp(log(1 − exp x))) = x: https://github.com/pymc-devs/pytensor/pull/1831."""

    def twice(x):
        return jnp.log1p(-jnp.exp(jnp.log1p(-jnp.exp(x))))

    both_are_right(twice, np.float32(-40), alone(lambda x: x))


def test_truths_are_slopes():
    """The referee against a derivative in closed form: that of log at 3."""
    with mpmath.workdps(1200):
        assert (
            abs(slopes(alone(mpmath.log), [mpmath.mpf(3)])[0] - mpmath.mpf(1) / 3)
            < mpmath.mpf(10) ** -700
        )
