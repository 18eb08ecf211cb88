"""The examples that the project grew from: each claim about JAX, run on naive code made stable.

Expected values are closed forms of NumPy in float64, shifted by hand.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

LARGE = np.float32([1, 2, 1000])
MIXED = np.float32([1e-18, 1e18, -1e18])
SHIFTED = np.float32([1e4 + 1, 1e4 + 2.5, 1e4 - 1])
MODERATE = np.float32([0.3, -1.25, 2.0])
TIES = np.float32([5e3, -2, 5e3])
POINTS = pytest.mark.parametrize(
    "x",
    [LARGE, MIXED, SHIFTED, MODERATE, TIES],
    ids=["large", "mixed", "shifted", "moderate", "ties"],
)


def softmax_unstable(x):
    return jnp.exp(x) / jnp.sum(jnp.exp(x))


def softmax_stable(x):
    x = x - jnp.max(x)
    return jnp.exp(x) / jnp.sum(jnp.exp(x))


def softmax_stop_gradient(x):
    x = x - jax.lax.stop_gradient(jnp.max(x))
    return jnp.exp(x) / jnp.sum(jnp.exp(x))


SOFTMAXES = pytest.mark.parametrize(
    "softmax",
    [softmax_unstable, softmax_stable, softmax_stop_gradient, jax.nn.softmax],
    ids=["unstable", "stable", "stop_gradient", "library"],
)


def probabilities(x):
    """Softmax over the last axis, in float64."""
    x = np.asarray(x, np.float64)
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def jacobian(x):
    """Derivative of softmax: diag(a) − a aᵀ, its diagonal the sum of the others, a_i·Σ_j≠i a_j."""
    a = probabilities(x)
    off = -np.outer(a, a)
    np.fill_diagonal(off, 0)
    return off - np.diag(off.sum(axis=1))


def loss_gradient(x, label):
    """Derivative of −log softmax(x)[label]: softmax(x) less the one-hot vector."""
    a = probabilities(x)
    a[label] = -(a.sum() - a[label])
    return a


def agree(got, expected, scale=1.0):
    """Same dtype, shape, and value: an error of a few roundings beside numbers of size scale."""
    assert got.dtype == jnp.float32
    assert got.shape == np.shape(expected)
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=3e-7 * scale)


@SOFTMAXES
@POINTS
def test_softmax_is_right(softmax, x):
    agree(rw.stabilize(softmax)(x), probabilities(x))


def test_naive_softmax_needs_a_cure():
    assert np.isnan(softmax_unstable(LARGE)[2])
    np.testing.assert_array_equal(rw.stabilize(softmax_unstable)(LARGE), [0, 0, 1])
    np.testing.assert_array_equal(rw.stabilize(softmax_unstable)(MIXED), [0, 1, 0])


@SOFTMAXES
@POINTS
def test_gradient_of_the_loss(softmax, x):
    def loss(x):
        return -jnp.log(softmax(x))[2]

    expected = loss_gradient(x, 2)
    agree(rw.stabilize(jax.grad(loss))(x), expected)
    agree(jax.grad(rw.stabilize(loss))(x), expected)


@SOFTMAXES
@POINTS
def test_gradient_of_the_loss_of_softmax_twice(softmax, x):
    def loss(x):
        return -jnp.log(softmax(softmax(x)))[2]

    expected = loss_gradient(probabilities(x), 2) @ jacobian(x)
    agree(rw.stabilize(jax.grad(loss))(x), expected)
    agree(jax.grad(rw.stabilize(loss))(x), expected)


@SOFTMAXES
def test_hundred_numbers(softmax):
    x = np.asarray(jax.random.normal(jax.random.PRNGKey(123), (100,)))
    agree(rw.stabilize(softmax)(x), probabilities(x))
    gradient = rw.stabilize(jax.grad(lambda x: -jnp.log(softmax(x))[2]))
    agree(gradient(x), loss_gradient(x, 2))


@POINTS
def test_second_derivative_of_the_loss(x):
    def loss(x):
        return -jnp.log(softmax_unstable(x))[2]

    agree(rw.stabilize(jax.hessian(loss))(x), jacobian(x))
    agree(jax.hessian(rw.stabilize(loss))(x), jacobian(x))


def test_gradient_of_the_sum_is_zero():
    """The graph of the gradient holds no rounding noise: Σ_j N_j / Σ_j N_j = 1."""
    gradient = jax.grad(lambda x: softmax_unstable(x).sum())
    assert np.isnan(gradient(MIXED)).all()
    for x in (LARGE, MIXED, SHIFTED, MODERATE):
        np.testing.assert_array_equal(rw.stabilize(gradient)(x), [0, 0, 0])


@POINTS
def test_jacobian_by_two_ways(x):
    def rows(function):
        """Pull the unit vectors back, all at once."""

        def jacobian_at(x):
            _, pull = jax.vjp(function, x)
            return jax.vmap(lambda cotangent: pull(cotangent)[0])(jnp.eye(3, dtype=jnp.float32))

        return jacobian_at

    for way in (jax.jacrev, rows):
        agree(rw.stabilize(way(softmax_unstable))(x), jacobian(x))
        agree(way(rw.stabilize(softmax_unstable))(x), jacobian(x))


def softmax_with_a_rule(scale=1.0, as_tuple=True):
    """A softmax that is naive forward; backward an explicit Jacobian, scaled so that it shows."""

    @jax.custom_vjp
    def softmax(x):
        exponentials = jnp.exp(x)
        return exponentials / jnp.sum(exponentials)

    def forward(x):
        value = softmax(x)
        return value, value

    def backward(value, cotangent):
        matrix = jnp.diag(value) - jnp.outer(value, value)
        product = scale * jnp.dot(cotangent, matrix)
        return (product,) if as_tuple else product

    softmax.defvjp(forward, backward)
    return softmax


@POINTS
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_a_rule_of_the_users_own_is_the_one_that_runs(x, scale):
    softmax = softmax_with_a_rule(scale)
    stable = rw.stabilize(softmax)
    cotangent = np.float32([0.5, -1.5, 2.0])
    expected = scale * jacobian(x)
    agree(stable(x), probabilities(x))
    value, pull = jax.vjp(stable, x)
    agree(value, probabilities(x))
    agree(pull(cotangent)[0], cotangent @ expected, scale)
    agree(jax.jacrev(stable)(x), expected, scale)
    agree(rw.stabilize(jax.jacrev(softmax))(x), expected, scale)
    outside = rw.stabilize(lambda x: jax.vjp(softmax, x)[1](cotangent)[0])
    agree(outside(x), cotangent @ expected, scale)
    agree(jax.jit(jax.jacrev(stable))(x), expected, scale)


@pytest.mark.parametrize("derivative", [jax.jacrev, jax.grad], ids=["jacrev", "grad"])
def test_a_wrong_rule_gets_the_error_of_jax(derivative):
    softmax = softmax_with_a_rule(as_tuple=False)

    def first(function):
        return lambda x: function(x)[0] if derivative is jax.grad else function(x)

    with pytest.raises(TypeError) as of_jax:
        derivative(first(softmax))(MODERATE)
    with pytest.raises(TypeError) as outside:
        rw.stabilize(derivative(first(softmax)))(MODERATE)
    with pytest.raises(TypeError) as inside:
        derivative(rw.stabilize(first(softmax)))(MODERATE)
    assert "must produce a tuple" in str(of_jax.value)
    assert str(outside.value) == str(of_jax.value)
    assert str(inside.value) == str(of_jax.value)


VECTORS = [MODERATE, LARGE, TIES, np.float32([7, 7, 7, 7, -1])]


@pytest.mark.parametrize("shift", [-1e6, -40.0, 0.0, 512.0, 1e6])
def test_softmax_does_not_see_a_shift(shift):
    """softmax(z + c) = softmax(z); the numbers are chosen so that z + c is exact."""
    z = np.float32([0.25, -1.5, 2.0, 3.75])
    agree(rw.stabilize(lambda z, c: softmax_unstable(z + c))(z, shift), probabilities(z))


@pytest.mark.parametrize("z", VECTORS, ids=str)
def test_high_temperature_is_uniform(z):
    expected = np.full(z.shape, 1 / z.size)
    stable = jax.jit(rw.stabilize(lambda z, tau: softmax_unstable(z / tau)))
    for tau in np.float32([1e12, 1e20, 1e30]):
        agree(stable(z, tau), expected)


@pytest.mark.parametrize("tau", [1e-30, 1e-10, 1e-2, 0.5, 1.0, 30.0, 1e10, 1e30])
def test_temperature_as_a_constant(tau):
    z = np.float32([0.25, -1.5, 2.0, 2.0, 1.75])
    expected = probabilities((z.astype(np.float64) - 2) / np.float64(np.float32(tau)))
    agree(rw.stabilize(lambda z: softmax_unstable(z / tau))(z), expected)


@POINTS
def test_softmax_by_logsumexp(x):
    def softmax(z):
        return jnp.exp(z - jnp.log(jnp.sum(jnp.exp(z))))

    agree(rw.stabilize(softmax)(x), probabilities(x))
    agree(rw.stabilize(jax.jacrev(softmax))(x), jacobian(x))
    agree(jax.jacrev(rw.stabilize(softmax))(x), jacobian(x))


@pytest.mark.parametrize(
    "logits",
    [np.float32([1.0, -0.5, 0.25, 1.0]), np.float32([40, 1000, -30, 999.5])],
    ids=["moderate", "large"],
)
def test_gumbel_softmax(logits):
    """softmax((z + Gumbel noise)/τ) at τ = 0.01, and its gradient J/τ."""
    noise = np.asarray(jax.random.gumbel(jax.random.key(5), (4,)))
    weights = np.float32([1.0, -2.0, 3.0, 0.5])
    noisy = (logits + noise).astype(np.float64)  # in float32, as the function adds them
    expected = probabilities(noisy / np.float64(np.float32(0.01)))

    def sample(z):
        return softmax_unstable((z + noise) / 0.01)

    def loss(z):
        return weights @ sample(z)

    gradient = weights @ jacobian(noisy / np.float64(np.float32(0.01))) / 0.01
    np.testing.assert_allclose(rw.stabilize(sample)(logits), expected, rtol=1e-4, atol=1e-6)
    for derivative in (rw.stabilize(jax.grad(loss)), jax.grad(rw.stabilize(loss))):
        got = derivative(logits)
        assert np.isfinite(got).all()
        np.testing.assert_allclose(got, gradient, rtol=2e-4, atol=1e-4)
