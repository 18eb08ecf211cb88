"""Elementwise primitives: against JAX with broadcasting, against SymPy at many points."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import sympy
from derivative_reference import Case, assert_agrees, evaluate, label

import rewriter as rw
from rewriter.autodiff import grad

MATRIX = [[0.3, -1.2, 2.5], [1.1, 0.7, -0.4]]
ROW = [[1.9, -0.6, 0.8]]
VECTOR = [1.9, 0.6, -0.8]
POSITIVE = [[0.3, 1.2, 2.5], [1.1, 0.7, 0.4]]

TWO_OPERANDS = [
    Case("add", rw.add, jnp.add, (MATRIX, VECTOR)),
    Case("subtract", rw.subtract, jnp.subtract, (ROW, MATRIX)),
    Case("multiply", rw.multiply, jnp.multiply, (MATRIX, VECTOR)),
    Case("multiply by itself", lambda x: x * x, lambda x: x * x, (MATRIX,)),
    Case("divide", rw.divide, jnp.divide, (MATRIX, ROW)),
    Case("divide, scalar above", rw.divide, jnp.divide, (0.7, MATRIX)),
    Case("divide, both broadcast", rw.divide, jnp.divide, ([[0.4], [2.0]], ROW)),
    Case("power", rw.power, jnp.power, (POSITIVE, VECTOR)),
    Case("power of a number", lambda y: 2.0**y, lambda y: 2.0**y, (MATRIX,)),
    Case("maximum", rw.maximum, jnp.maximum, (MATRIX, ROW)),
    Case("minimum", rw.minimum, jnp.minimum, (MATRIX, ROW)),
    Case("maximum, tied", rw.maximum, jnp.maximum, ([1.0, 2.0, 3.0], [1.0, 3.0, 2.0])),
    Case("minimum, tied", rw.minimum, jnp.minimum, ([1.0, 2.0, 3.0], [1.0, 3.0, 2.0])),
    Case("remainder", rw.remainder, jnp.remainder, (MATRIX, ROW)),
    Case("logaddexp", rw.logaddexp, jnp.logaddexp, (MATRIX, ROW)),
    Case(
        "where, both branches",
        lambda x, y: rw.where(x > 0.5, x * y, y / x),
        lambda x, y: jnp.where(x > 0.5, x * y, y / x),
        (MATRIX, ROW),
    ),
    Case(
        "where, branches broadcast",
        lambda x, y: rw.where(np.array([[True, False, True], [False, False, True]]), x, y * y),
        lambda x, y: jnp.where(jnp.array([[True, False, True], [False, False, True]]), x, y * y),
        (0.3, ROW),
        named=False,
    ),
    Case("absolute", rw.absolute, jnp.abs, ([-1.5, 0.3, 2.0],)),
    Case("negative", rw.negative, jnp.negative, (MATRIX,)),
    Case(
        "floor and round and ceil stop, their factors do not",
        lambda x: x * rw.floor(x) * rw.round(x + 0.2) * rw.ceil(x) * rw.sign(x),
        lambda x: x * jnp.floor(x) * jnp.round(x + 0.2) * jnp.ceil(x) * jnp.sign(x),
        (MATRIX,),
    ),
    Case(
        "floor_divide",
        lambda x, y: x * rw.floor_divide(x, y),
        lambda x, y: x * jnp.floor_divide(x, y),
        (MATRIX, ROW),
    ),
    Case(
        "stop_gradient",
        lambda x: rw.stop_gradient(rw.exp(x)) * x,
        lambda x: jax.lax.stop_gradient(jnp.exp(x)) * x,
        (MATRIX,),
    ),
    Case(
        "comparisons and logic as factors",
        lambda x, y: x * rw.astype((x > y) & ~(x <= 0.4) | rw.isfinite(x), "float64"),
        lambda x, y: x * ((x > y) & ~(x <= 0.4) | jnp.isfinite(x)),
        (MATRIX, ROW),
    ),
    Case(
        "astype",
        lambda x: rw.sum(rw.astype(rw.astype(x, "float32") * 2, "float64") * x),
        lambda x: jnp.sum((x.astype("float32") * 2).astype("float64") * x),
        ([0.5, -1.25, 3.0],),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", TWO_OPERANDS, ids=label)
def test_elementwise_agrees_with_jax(case):
    assert_agrees(case)


X = sympy.Symbol("x", real=True)
EVERYWHERE = (-3.0, -0.7, -0.1, 0.2, 1.3, 2.9)
ABOVE_ZERO = (0.05, 0.4, 1.0, 2.5, 7.0)
FUNCTIONS = {
    rw.exp: (sympy.exp(X), EVERYWHERE),
    rw.exp2: (2**X, EVERYWHERE),
    rw.expm1: (sympy.exp(X) - 1, EVERYWHERE),
    rw.log: (sympy.log(X), ABOVE_ZERO),
    rw.log2: (sympy.log(X, 2), ABOVE_ZERO),
    rw.log1p: (sympy.log(1 + X), (-0.7, -0.1, 0.2, 2.9)),
    rw.logistic: (1 / (1 + sympy.exp(-X)), EVERYWHERE),
    rw.sqrt: (sympy.sqrt(X), ABOVE_ZERO),
    rw.rsqrt: (1 / sympy.sqrt(X), ABOVE_ZERO),
    rw.sin: (sympy.sin(X), EVERYWHERE),
    rw.cos: (sympy.cos(X), EVERYWHERE),
    rw.tan: (sympy.tan(X), EVERYWHERE),
    rw.arctan: (sympy.atan(X), EVERYWHERE),
    rw.sinh: (sympy.sinh(X), EVERYWHERE),
    rw.cosh: (sympy.cosh(X), EVERYWHERE),
    rw.tanh: (sympy.tanh(X), EVERYWHERE),
    rw.erf: (sympy.erf(X), EVERYWHERE),
    rw.erfc: (sympy.erfc(X), EVERYWHERE),
    rw.erfcx: (sympy.exp(X**2) * sympy.erfc(X), EVERYWHERE),
    rw.square: (X**2, EVERYWHERE),
    rw.reciprocal: (1 / X, EVERYWHERE),
    rw.sigmoid: (1 / (1 + sympy.exp(-X)), EVERYWHERE),
    rw.softplus: (sympy.log(1 + sympy.exp(X)), EVERYWHERE),
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_function_agrees_with_sympy_three_times(function):
    formula, points = FUNCTIONS[function]
    x = rw.input("x", ("n",), "float64")
    derivative, derivatives = function(x), []
    for _ in range(3):
        (derivative,) = grad(rw.sum(derivative), [x])
        derivatives.append(derivative)
    for order, values in enumerate(evaluate(derivatives, {x: np.array(points)}), start=1):
        with mpmath.workdps(40):
            exact = sympy.lambdify(X, sympy.diff(formula, X, order), "mpmath")
            truth = [float(exact(mpmath.mpf(point))) for point in points]
        np.testing.assert_allclose(values, truth, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("exponent", [-2, -1, 0, 1, 2, 3, 0.5, -1.5, 2.3, 0.1])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_power_with_a_number_as_exponent(exponent, dtype):
    points = np.array([0.4, 1.0, 2.5], dtype)
    x = rw.input("x", (3,), dtype)
    (first,) = grad(rw.sum(x**exponent), [x])
    (second,) = grad(rw.sum(first), [x])
    with mpmath.workdps(40):
        power = mpmath.mpf(float(np.asarray(exponent, dtype)))
        wide = [mpmath.mpf(float(point)) for point in points]
        truth = [[float(power * p ** (power - 1)) for p in wide]]
        truth += [[float(power * (power - 1) * p ** (power - 2)) for p in wide]]
    ulps = 20 * np.finfo(dtype).eps
    np.testing.assert_allclose(evaluate([first, second], {x: points}), truth, rtol=ulps)


def test_absolute_at_zero_has_the_middle_of_its_subgradients():
    x = rw.input("x", (3,), "float64")
    (dx,) = grad(rw.sum(abs(x)), [x])
    np.testing.assert_array_equal(evaluate([dx], {x: np.array([-2.0, 0.0, 3.0])}), [[-1, 0, 1]])


@pytest.mark.parametrize("exponent", [0, 1, 2, 3])
def test_whole_power_at_zero(exponent):
    x = rw.input("x", (), "float64")
    (first,) = grad(x**exponent, [x])
    (second,) = grad(first, [x])
    truth = {0: [0, 0], 1: [1, 0], 2: [0, 2], 3: [0, 0]}[exponent]
    assert evaluate([first, second], {x: 0.0}) == truth


def test_array_of_whole_exponents_at_zero():
    x = rw.input("x", (4,), "float64")
    (constant,) = grad(rw.sum(x ** np.array([0.0, 1.0, 2.0, 3.0])), [x])
    n = rw.input("n", (4,), "int32")
    (converted,) = grad(rw.sum(x ** rw.astype(n, "float64")), [x])
    values = {x: np.zeros(4), n: np.arange(4, dtype="int32")}
    np.testing.assert_array_equal(
        evaluate([constant, converted], values), [[0, 1, 0, 0], [0, 1, 0, 0]]
    )


def test_power_of_zero_by_its_exponent():
    x, y = rw.input("x", (3,), "float64"), rw.input("y", (3,), "float64")
    (by_exponent,) = grad(rw.sum(x**y), [y])
    values = evaluate([by_exponent], {x: np.array([0.0, 0.0, 2.0]), y: np.array([0.5, 2.0, 3.0])})
    np.testing.assert_allclose(values[0], [0, 0, 8 * np.log(2)], rtol=1e-15)


def test_mixed_derivative_of_power_at_exponent_zero():
    x, y = rw.input("x", (), "float64"), rw.input("y", (), "float64")
    (by_base,) = grad(x**y, [x])
    (mixed,) = grad(by_base, [y])
    np.testing.assert_allclose(evaluate([mixed], {x: 4.0, y: 0.0}), [0.25], rtol=1e-15)


def test_selected_away_branch_sends_no_nan():
    x = rw.input("x", (2,), "float64")
    (dx,) = grad(rw.sum(rw.where(x > 0, rw.log(rw.where(x > 0, x, 1)), 0)), [x])
    np.testing.assert_array_equal(evaluate([dx], {x: np.array([0.0, 2.0])}), [[0, 0.5]])


def test_quotient_by_a_number_whose_square_overflows():
    x, y = rw.input("x", (), "float16"), rw.input("y", (), "float16")
    (dy,) = grad(x / y, [y])
    truth = np.float16(-48000 / 320**2)
    assert evaluate([dy], {x: np.float16(48000), y: np.float16(320)}) == [truth]


def test_logaddexp_far_apart():
    x, y = rw.input("x", (4,), "float64"), rw.input("y", (4,), "float64")
    derivatives = grad(rw.sum(rw.logaddexp(x, y)), [x, y])
    values = {x: np.array([1e300, -5.0, -np.inf, 0.0]), y: np.array([0.0, 1e18, 1.0, np.inf])}
    np.testing.assert_array_equal(evaluate(derivatives, values), [[1, 0, 0, 0], [0, 1, 1, 1]])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_dtype_is_kept(dtype):
    x = rw.input("x", ("n", 3), dtype)
    everything = rw.exp(x) ** 2.5 * rw.erf(x) / (1 + rw.maximum(x, 0) + rw.log2(x)) + rw.exp2(x)
    for node in [*grad(rw.mean(everything), [x]), *grad(rw.max(rw.cumprod(x)), [x])]:
        assert (node.shape, node.dtype) == (x.shape, dtype)
