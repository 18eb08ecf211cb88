"""Forms × ways to differentiate × places of ``stabilize`` × points, in float32.

Every cell is held against a form written with care in float64 and its derivatives by JAX. The
error allowed is a few roundings of the largest element; of derivatives, beside the largest that
the form has at any of the points, for a small one is a difference of large ones.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cured_forms import FORMS, Form
from referee import compiled

import rewriter as rw

BASE = np.float32([0.125, -0.5, 0.75, 0.3125, -1.25])
MASKED = np.float32([1, -np.inf, 2, -np.inf, 0.5])
POINTS = {
    "moderate": BASE,
    "wide": 3 * BASE,
    "far above": BASE + np.float32(1e4),
    "far below": BASE - np.float32(1e4),
    "large": np.float32([1, 2, 1000, -3, 4]),
    "between": np.float32([60, -90, 30, -20, 88]),
    "mixed": np.float32([1e-18, 1e18, -1e18, 3, -2]),
    "ties": np.float32([5e3, 5e3, 5e3, -2, 1]),
    "all equal": np.float32([7e4, 7e4, 7e4, 7e4, 7e4]),
    "masked": MASKED,
}
COTANGENT = np.float32([0.25, -1.25, 2, 0.75, -0.5])
TANGENT = np.float32([1.25, 0.5, -0.75, 1, -1.75])


def scalar(function):
    """Weigh the elements of the result by COTANGENT and add them up."""

    def weighed(x):
        y = function(x)
        return jnp.sum(y * COTANGENT.astype(y.dtype)) if y.ndim else y

    return weighed


def pulled_back(function):
    def pull(x):
        y, pull_back = jax.vjp(function, x)
        return pull_back(COTANGENT.astype(y.dtype) if y.ndim else jnp.ones_like(y))[0]

    return pull


def pushed_forward(function):
    return lambda x: jax.jvp(function, (x,), (TANGENT.astype(x.dtype),))[1]


def value_too(function):
    """Value and gradient in one graph, that they share; of which the gradient is looked at."""
    return lambda x: jax.value_and_grad(scalar(function))(x)[1]


MODES = {
    "value": lambda function: function,
    "grad": lambda function: jax.grad(scalar(function)),
    "hessian": lambda function: jax.hessian(scalar(function)),
    "jacrev": jax.jacrev,
    "jvp": pushed_forward,
    "vjp": pulled_back,
    "jacfwd": jax.jacfwd,
    "value_and_grad": value_too,
}


def points_of(form):
    return {name: x for name, x in POINTS.items() if form.masked or np.isfinite(x).all()}


@functools.cache
def truth(form: Form):
    """Value, Jacobian and Hessian (of the weighed result) at each point, in float64."""

    def derivatives(x):
        jacobian = jax.jacfwd(form.careful)(x)
        return form.careful(x), jacobian, jax.jacfwd(jax.jacrev(scalar(form.careful)))(x)

    with jax.enable_x64(True):
        points = np.stack(list(points_of(form).values())).astype(np.float64)
        return [np.asarray(result) for result in compiled(jax.vmap(derivatives))(points)]


def expected(form, mode):
    value, jacobian, hessian = truth(form)
    match mode:
        case "value":
            return value
        case "hessian":
            return hessian
        case "jacrev" | "jacfwd":
            return jacobian
        case "jvp":
            return jacobian @ TANGENT
    return jacobian if jacobian.ndim == 2 else np.einsum("pij,i->pj", jacobian, COTANGENT)


def assert_close(got, wanted, scale, where):
    """Infinities where they are expected, and all else within a few roundings."""
    got = np.asarray(got)
    assert got.dtype == np.float32, where
    assert got.shape == wanted.shape, where
    infinite = np.isinf(wanted)
    np.testing.assert_array_equal(got[infinite], wanted[infinite], where)
    got, wanted = got[~infinite], wanted[~infinite]
    scale = np.abs(wanted).max(initial=scale)
    np.testing.assert_allclose(got, wanted, rtol=4e-6, atol=4e-6 * scale + 2e-7, err_msg=where)


def check(form, mode, place):
    differentiate = MODES[mode]
    if place == "outside":
        function = jax.jit(rw.stabilize(differentiate(form.written)))
    else:
        function = jax.jit(differentiate(rw.stabilize(form.written)))
    wanted = expected(form, mode)
    scale = 0.0 if mode == "value" else min(np.abs(wanted).max(), 8.0)
    for (name, x), value in zip(points_of(form).items(), wanted, strict=True):
        assert_close(function(x), value, scale, f"{form}: {mode}, stabilize {place}, {name}: {x}")


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_value(form):
    check(form, "value", "outside")


@pytest.mark.parametrize("place", ["outside", "inside"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_gradient(form, place):
    check(form, "grad", place)


@pytest.mark.parametrize("place", ["outside", "inside"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_hessian(form, place):
    check(form, "hessian", place)


BY_EVERY_MODE = [
    form
    for form in FORMS
    if form.name
    in {
        "e / Σe",
        "exp(x - log Σe)",
        "log p",
        "log(softmax)",
        "log Σe",
        "log Σe - x2",
        "1 - p",
        "-log p, at 2",
        "-Σ p·log p",
        "1 / (1 + 1/e)",
        "log(1 - sigmoid)",
        "(e - 1/e) / (e + 1/e)",
        "e where kept",
        "p(p)",
    }
]
OTHER_MODES = [mode for mode in MODES if mode not in ("value", "grad", "hessian")]


@pytest.mark.parametrize("mode", OTHER_MODES)
@pytest.mark.parametrize("place", ["outside", "inside"])
@pytest.mark.parametrize("form", BY_EVERY_MODE, ids=str)
def test_every_derivative(form, mode, place):
    check(form, mode, place)
