"""Norms and what is made of them, of numbers whose squares overflow or vanish.

The truth is ball arithmetic on the naive graph. An error is measured in ulps of the largest
element: a doubled answer is 2**10 ulps away, in float16.
"""

import numpy as np
import pytest

import rewriter as rw

PATTERN = np.array([0.5, -1.0, 2.0, 0.25, -1.5])
OTHER = np.array([1.0, -2.0, 0.5, 3.0, -1.5])
COTANGENT = np.array([0.75, 1.25, -2.0, 0.5, 1.0, -0.25, 1.75])
WEIGHTS = np.array([0.5, 2.0, 0.25, 1.0, 0.75])
ULPS = 16


def const(value, x):
    return rw.constant(value, x.dtype)


def norm(x, axis=None, keepdims=False):
    return rw.sqrt(rw.sum(x * x, axis=axis, keepdims=keepdims))


def cosine(x):
    y = const(OTHER, x) * x[0]
    return rw.sum(x * y) / (norm(x) * norm(y))


def standardised(x):
    centred = x - rw.mean(x)
    return centred / rw.sqrt(rw.mean(centred * centred))


FORMS = {
    "norm": norm,
    "norm by a contraction": lambda x: rw.sqrt(rw.einsum("i,i->", x, x)),
    "norm by powers": lambda x: rw.sum(x**2) ** 0.5,
    "normalised": lambda x: x / norm(x),
    "normalised by rsqrt": lambda x: x * rw.rsqrt(rw.sum(x * x)),
    "inverse of a norm": lambda x: 1 / norm(x),
    "weighted norm": lambda x: rw.sqrt(rw.sum(const(WEIGHTS, x) * x * x)),
    "norm of two axes": lambda x: norm(rw.outer(x, const(OTHER, x))),
    "rows normalised": lambda x: (lambda y: y / norm(y, 1, True))(rw.outer(x, const(OTHER, x)) + x),
    "root mean square": lambda x: x / rw.sqrt(rw.mean(x * x)),
    "standardised": standardised,
    "cosine": cosine,
    "distance": lambda x: norm(x - const(OTHER, x) * x[0]),
    "hypotenuse": lambda x: rw.sqrt(x[0] ** 2 + x[1] ** 2),
    "hypotenuse of three": lambda x: rw.sqrt(x[0] ** 2 + x[1] ** 2 + rw.square(x[2])),
    "norm beside a square": lambda x: rw.sqrt(rw.sum(x[1:] * x[1:]) + x[0] * x[0]),
    "cubes": lambda x: rw.sum(rw.absolute(x) ** 3) ** 0.25,
    "fourth powers": lambda x: rw.sum(x**4) ** 0.25,
    "projection": lambda x: rw.sum(x * const(OTHER, x)) / rw.sum(x * x) * x,
    "concentration": lambda x: rw.sum(x) ** 2 / rw.sum(x * x),
    "ratio of norms": lambda x: norm(x[1:]) / norm(x),
}
WITH_A_CONSTANT = {
    "root of x² + 1": lambda x: rw.sqrt(x * x + 1),
    "quotient by it": lambda x: x / rw.sqrt(1 + x * x),
    "inverse of it": lambda x: rw.rsqrt(rw.square(x) + 1),
}


def graph_of(form, order, dtype):
    """The form, or its gradient or Hessian, each element weighed by COTANGENT."""
    x = rw.input("x", (5,), dtype)
    value = form(x)
    for _ in range(order):
        weights = const(np.resize(COTANGENT, value.shape), x) if value.ndim else 1.0
        (value,) = rw.grad(rw.sum(value * weights), [x])
    return rw.Graph([x], [value])


def regimes(dtype):
    large = {"float16": 2.0**13, "float32": 1e30, "float64": 1e200}[dtype]
    small = {"float16": 2.0**-10, "float32": 1e-30, "float64": 1e-200}[dtype]
    sizes = {"moderate": 1.0, "huge": large, "tiny": small}
    return {name: (PATTERN * size).astype(dtype) for name, size in sizes.items()}


def assert_right(graph, points, ulps=ULPS):
    """At every point, the optimised graph is right wherever the truth is a number of its dtype."""
    cured = rw.optimize(graph)
    function, looked_at = rw.compile(cured), 0
    for name, point in points.items():
        kind = np.finfo(point.dtype)
        truth = rw.exact(graph, point, dtype="float64")
        sizes = np.abs(truth)
        if not sizes.size or not kind.tiny < sizes.max() < float(kind.max):
            continue
        looked_at += 1
        with np.errstate(all="ignore"):
            value = function(point).astype("float64")
        bound = ulps * float(kind.eps) * sizes.max()
        np.testing.assert_allclose(value, truth, rtol=0, atol=bound, err_msg=f"{name}\n{cured}")
    assert looked_at, "no truth to compare with"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", FORMS)
def test_values_are_right(name, dtype):
    assert_right(graph_of(FORMS[name], 0, dtype), regimes(dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FORMS)
def test_gradients_are_right(name, dtype):
    assert_right(graph_of(FORMS[name], 1, dtype), regimes(dtype))


SECOND = ["norm", "normalised", "cosine", "hypotenuse", "inverse of a norm"]


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_are_right(name):
    points = {"moderate": PATTERN, "huge": PATTERN * 1e80, "tiny": PATTERN * 1e-80}
    assert_right(graph_of(FORMS[name], 2, "float64"), points, ulps=64)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", WITH_A_CONSTANT)
def test_roots_with_a_constant_are_right_at_every_element(name, order):
    graph = graph_of(WITH_A_CONSTANT[name], order, "float32")
    for value in (-1e12 if order else 1e22, 3e4, -3.0, 1e-3):
        assert_right(graph, {f"{value:g}": np.full(5, value, "float32")})


@pytest.mark.parametrize("name", ["norm", "hypotenuse", "norm of two axes", "norm beside a square"])
def test_moderate_numbers_keep_their_bits(name):
    """The scale is a power of two, which rounds nothing."""
    graph = graph_of(FORMS[name], 0, "float32")
    before, after = rw.compile(graph), rw.compile(rw.optimize(graph))
    generator = np.random.default_rng(5)
    for _ in range(200):
        point = generator.normal(size=5).astype("float32") * np.float32(3)
        assert before(point).tobytes() == after(point).tobytes()


@pytest.mark.parametrize("name", [*FORMS, *WITH_A_CONSTANT])
def test_a_cure_is_not_cured_again(name):
    for order in (0, 1):
        once = rw.optimize(graph_of({**FORMS, **WITH_A_CONSTANT}[name], order, "float32"))
        assert rw.optimize(once) is once


# Conjugates --------------------------------------------------------------------------------------

CONJUGATES = {
    "inverse hyperbolic sine": lambda x: rw.log(x + rw.sqrt(x * x + 1)),
    "inverse hyperbolic cosine's derivative": lambda x: rw.rsqrt(x * x - 1),
}


@pytest.mark.parametrize("value", [1e19, -1e19, 3e4, -3e4, -3.0])
@pytest.mark.parametrize("order", [0, 1])
def test_a_sum_with_a_root_that_cancels_is_right(order, value):
    graph = graph_of(CONJUGATES["inverse hyperbolic sine"], order, "float32")
    assert_right(graph, {"": np.full(5, value, "float32")})


def test_the_derivative_of_the_inverse_hyperbolic_sine_reads_as_on_paper():
    graph = graph_of(CONJUGATES["inverse hyperbolic sine"], 0, "float32")
    (x,) = graph.inputs
    (derivative,) = rw.grad(rw.sum(graph.outputs[0]), [x])
    said = rw.pprint(rw.optimize(rw.Graph([x], [derivative])))
    assert said.startswith("1 / a / sqrt(")
    assert "x / a * (x / a)" in said


@pytest.mark.parametrize("value", [1e22, 1.5, 40.0])
def test_a_difference_under_a_root_is_scaled(value):
    graph = graph_of(CONJUGATES["inverse hyperbolic cosine's derivative"], 0, "float32")
    assert_right(graph, {"": np.full(5, value, "float32")})


# Singularities -----------------------------------------------------------------------------------

ZEROS = np.zeros(5, "float32")


def at(form, order, point):
    with np.errstate(all="ignore"):
        return rw.compile(rw.optimize(graph_of(form, order, "float32")))(point)


SQUARED = {
    "product": lambda x: norm(x) * norm(x),
    "power": lambda x: norm(x) ** 2,
    "bell": lambda x: rw.exp(-(norm(x) ** 2)),
    "half": lambda x: 0.5 * norm(x) ** 2 + rw.sum(x),
}


@pytest.mark.parametrize("name", SQUARED)
def test_the_gradient_of_a_squared_norm_is_filled_at_zero(name):
    """A removable singularity: √s·√s = s, which has a gradient."""
    graph = graph_of(SQUARED[name], 1, "float32")
    with np.errstate(all="ignore"):
        assert np.isnan(rw.compile(graph)(ZEROS)).all()
    expected = np.ones(5) if name == "half" else np.zeros(5)
    np.testing.assert_array_equal(at(SQUARED[name], 1, ZEROS), expected)


def test_real_singularities_stay():
    assert at(norm, 0, ZEROS) == 0
    assert np.isnan(at(norm, 1, ZEROS)).all()
    assert np.isnan(at(FORMS["normalised"], 0, ZEROS)).all()
    assert at(FORMS["inverse of a norm"], 0, ZEROS) == np.inf


def test_infinities_and_nan_stay():
    infinite = np.array([1, -np.inf, 2, 3, 4], "float32")
    assert at(norm, 0, infinite) == np.inf
    assert np.isnan(at(norm, 0, np.array([1, np.nan, np.inf, 3, 4], "float32")))


def test_numbers_that_are_masked_out_do_not_set_the_scale():
    x, keep = rw.input("x", (3,), "float32"), rw.input("keep", (3,), "bool")
    masked = rw.where(keep, x, 0.0)
    graph = rw.Graph([x, keep], [rw.sqrt(rw.sum(masked * masked))])
    value = rw.compile(rw.optimize(graph))(
        np.float32([3e-30, 1e30, 4e-30]), np.array([True, False, True])
    )
    np.testing.assert_allclose(value, 5e-30, rtol=1e-6)


# What is left alone ------------------------------------------------------------------------------

SOUND = {
    "x / (x² + 1)": lambda x: x / (x * x + 1),
    "x / √(Σx² + ε)": lambda x: x / rw.sqrt(rw.sum(x * x) + 1e-6),
    "√(Σsin² + 1)": lambda x: rw.sqrt(rw.sum(rw.square(rw.sin(x))) + 1),
    "√(sin² + 1)": lambda x: rw.sqrt(rw.square(rw.sin(x)) + 1),
    "√Σx": lambda x: rw.sqrt(rw.sum(x)),
    "Σx²": lambda x: rw.sum(x * x),
    "x / Σ|x|": lambda x: x / rw.sum(rw.absolute(x)),
    "scaled by hand": lambda x: (lambda m: m * rw.sqrt(rw.sum(rw.square(x / m))))(
        rw.max(rw.absolute(x))
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_the_identical_object(name):
    graph = graph_of(SOUND[name], 0, "float32")
    assert rw.optimize(graph) is graph


def test_an_explanation_names_the_law():
    said = str(rw.explain(graph_of(FORMS["norm"], 0, "float32")))
    assert "a root of a sum of powers that may overflow or vanish" in said
    assert "scale_by_the_largest: Σ_j w[j]·x[j]² = m²·Σ_j w[j]·(x[j]/m)²" in said
