"""Norms, deviations and hyperbolic functions in JAX's own spelling, at huge and tiny numbers.

The truth is float64 at the same float32 inputs, where squares of 1e30 neither overflow nor vanish.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from referee import compiled

import rewriter as rw

PATTERN = np.float32([0.5, -1.0, 2.0, 0.25, 1.5])
OTHER = np.float32([1.5, 1.0, -0.5, 2.0, 0.75])
COTANGENT = np.float32([0.25, -1.25, 2, 0.75, -0.5])
SCALES = {"moderate": 1.0, "huge": 1e30, "tiny": 1e-30}

FORMS = {
    "jnp.linalg.norm": jnp.linalg.norm,
    "norm by dot": lambda x: jnp.sqrt(jnp.dot(x, x)),
    "norm by @": lambda x: jnp.sqrt(x @ x),
    "norm of order 3": lambda x: jnp.sum(jnp.abs(x) ** 3) ** (1 / 3),
    "normalised": lambda x: x / jnp.linalg.norm(x),
    "normalised rows": lambda x: jax.vmap(lambda r: r / jnp.sqrt(jnp.sum(r**2)))(
        jnp.stack([x, x[::-1] + x[0]])
    ),
    "RMS norm": lambda x: x * jax.lax.rsqrt(jnp.mean(x**2)),
    "jnp.std": jnp.std,
    "standardised": lambda x: (x - jnp.mean(x)) / jnp.std(x),
    "cosine": lambda x: jnp.dot(x, OTHER) / (jnp.linalg.norm(x) * jnp.linalg.norm(OTHER)),
    "distance": lambda x: jnp.linalg.norm(x - 2 * x[::-1]),
    "Frobenius norm": lambda x: jnp.linalg.norm(jnp.outer(x, OTHER)),
    "hypotenuse": lambda x: jnp.sqrt(x[0] ** 2 + x[1] ** 2),
    "sum of distances": lambda x: jnp.sum(jnp.sqrt(x[1:] ** 2 + x[:-1] ** 2)),
}


def scalar(function):
    def weighed(x):
        y = function(x)
        return jnp.sum(y * jnp.resize(COTANGENT.astype(y.dtype), y.shape))

    return weighed


def pushed_forward(function):
    return lambda x: jax.jvp(function, (x,), (OTHER.astype(x.dtype) * x[0],))[1]


def pulled_back(function):
    def pull(x):
        y, pull_back = jax.vjp(function, x)
        return pull_back(jnp.resize(COTANGENT.astype(y.dtype), y.shape))[0]

    return pull


MODES = {
    "value": lambda f: f,
    "grad": lambda f: jax.grad(scalar(f)),
    "vjp": pulled_back,
    "jvp": pushed_forward,
    "jacrev": jax.jacrev,
    "jacfwd": jax.jacfwd,
    "vmap": lambda f: lambda x: jax.vmap(jax.grad(scalar(f)))(jnp.stack([x, x[::-1]])),
}


@functools.cache
def truth(name, mode):
    """At each scale, in float64."""
    with jax.enable_x64(True):
        derivative = compiled(MODES[mode](FORMS[name]))
        points = {regime: (PATTERN * np.float32(s)) for regime, s in SCALES.items()}
        return {r: np.asarray(derivative(x.astype(np.float64))) for r, x in points.items()}


@pytest.mark.parametrize("place", ["outside", "inside"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FORMS)
def test_right_at_every_scale(name, mode, place):
    form = FORMS[name]
    cured = (
        rw.stabilize(MODES[mode](form)) if place == "outside" else MODES[mode](rw.stabilize(form))
    )
    function = jax.jit(cured)
    for regime, scale in SCALES.items():
        wanted = truth(name, mode)[regime]
        if np.abs(wanted).max() > 3e38:
            continue
        found = np.asarray(function(PATTERN * np.float32(scale)))
        assert found.dtype == np.float32
        bound = 6e-6 * np.abs(wanted).max()
        np.testing.assert_allclose(found, wanted, rtol=0, atol=bound, err_msg=regime)


@pytest.mark.parametrize("name", ["jnp.linalg.norm", "normalised", "hypotenuse"])
def test_second_derivatives_are_right(name):
    hessian = rw.stabilize(jax.hessian(scalar(FORMS[name])))
    with jax.enable_x64(True):
        wanted = {s: jax.hessian(scalar(FORMS[name]))(PATTERN * np.float64(s))
                  for s in (1.0, 1e12, 1e-12)}  # fmt: skip
    for scale, each in wanted.items():
        found = hessian(PATTERN * np.float32(scale))
        np.testing.assert_allclose(found, each, rtol=0, atol=1e-5 * float(np.abs(each).max()))


# Reports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [
    lambda x: jnp.linalg.norm(x) ** 2, lambda x: jnp.square(jnp.linalg.norm(x)),
    lambda x: jnp.exp(-(jnp.linalg.norm(x) ** 2)), lambda x: jnp.sqrt(jnp.sum(x**2)) ** 2.0,
])  # fmt: skip
@pytest.mark.parametrize("place", ["outside", "inside"])
def test_the_gradient_of_a_squared_norm_at_zero_is_zero(form, place):
    """JAX 4177 and 21723: nan, by 0·inf; over the reals √s·√s is s."""
    zeros = jnp.zeros(3)
    assert np.isnan(jax.grad(form)(zeros)).all()
    cured = rw.stabilize(jax.grad(form)) if place == "outside" else jax.grad(rw.stabilize(form))
    np.testing.assert_array_equal(cured(zeros), 0)


@pytest.mark.parametrize(("function", "points"), [
    (jnp.arcsinh, [1e22, -1e22, 3e19, 3.0, 0.0]), (jnp.arccosh, [1e22, 3e19, 3.0, 1.5]),
])  # fmt: skip
def test_derivatives_of_inverse_hyperbolic_functions_far_out(function, points):
    """JAX 40634: 0, by a square that overflows."""
    points = np.float32(points)
    derivative = jax.vmap(jax.grad(function))
    assert derivative(points)[0] == 0
    exact = points.astype(np.float64)
    wanted = 1 / np.sqrt(exact**2 + (1 if function is jnp.arcsinh else -1))
    np.testing.assert_allclose(rw.stabilize(derivative)(points), wanted, rtol=1e-6)


@pytest.mark.parametrize("place", ["outside", "inside"])
def test_the_inverse_hyperbolic_sine_by_logarithm(place):
    def form(x):
        return jnp.log(x + jnp.sqrt(x**2 + 1))

    points = np.float32([1e19, -1e19, -3e4, -3.0, 3.0, 0.0])
    value = rw.stabilize(form)(points)
    np.testing.assert_allclose(value, np.arcsinh(points.astype(np.float64)), rtol=1e-6)
    derivative = jax.vmap(jax.grad(rw.stabilize(form)))
    if place == "outside":
        derivative = rw.stabilize(jax.vmap(jax.grad(form)))
    wanted = 1 / np.sqrt(points.astype(np.float64) ** 2 + 1)
    np.testing.assert_allclose(derivative(points), wanted, rtol=2e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_floats(dtype):
    x = jnp.asarray([300.0, 400.0, 1200.0], dtype)
    found = jax.jit(rw.stabilize(jnp.linalg.norm))(x)
    assert found.dtype == x.dtype
    np.testing.assert_allclose(np.float64(found), 1300, rtol=float(jnp.finfo(dtype).eps))


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e5])
@pytest.mark.parametrize("place", ["outside", "inside"])
def test_variances_far_from_zero(place, offset):
    def form(x):
        return jnp.mean(x**2) - jnp.mean(x) ** 2

    x = PATTERN + np.float32(offset)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(rw.stabilize(form)(x), exact.var(), rtol=1e-6)
    gradient = rw.stabilize(jax.grad(form)) if place == "outside" else jax.grad(rw.stabilize(form))
    wanted = 2 / 5 * (exact - exact.mean())
    np.testing.assert_allclose(gradient(x), wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 1e30, 1e-30])
def test_gradients_of_products_that_were_cured(scale):
    x = np.abs(PATTERN) * np.float32(scale)
    logarithm = jax.grad(rw.stabilize(lambda x: jnp.log(jnp.prod(x))))
    np.testing.assert_allclose(logarithm(x), 1 / x.astype(np.float64), rtol=1e-6)
    mean = jax.grad(rw.stabilize(lambda x: jnp.prod(x) ** 0.2))
    wanted = np.exp(np.log(x.astype(np.float64)).mean()) / 5 / x.astype(np.float64)
    np.testing.assert_allclose(mean(x), wanted, rtol=2e-5)
