"""The examples that the project began with: what was nan is right, through ``rw.grad`` and again.

Expected values: closed forms where there are any, mpmath and ``rw.exact`` of the naive graph else.
"""

import mpmath
import numpy as np
import pytest

import rewriter as rw

SEED = [1.0, 2.0, 1000.0]
HUGE = [1e-18, 1e18, -1e18]
POINTS = {"[1, 2, 1000]": SEED, "[1e-18, 1e18, -1e18]": HUGE}
DTYPES = ["float32", "float64"]
WEIGHTS = np.array([0.5, -1.25, 2.0])


def softmax(x):
    return rw.exp(x) / rw.sum(rw.exp(x), axis=-1, keepdims=True)


def weighted(y):
    return rw.sum(y * rw.constant(WEIGHTS, y.dtype))


def derivative(form, order, dtype):
    """A naive graph: the form, or the gradient of a weighted sum of it, and so on."""
    x = rw.input("x", (3,), dtype)
    value = form(x)
    for _ in range(order):
        (value,) = rw.grad(weighted(value) if value.shape else value, [x])
    return rw.Graph([x], [value])


def naive_and_cured(graph, point):
    argument = np.array(point, graph.inputs[0].dtype)
    with np.errstate(all="ignore"):
        return rw.compile(graph)(argument), rw.compile(rw.optimize(graph))(argument)


def softmax_by_mpmath(point):
    with mpmath.workdps(60):
        exponentials = [mpmath.exp(mpmath.mpf(x)) for x in point]
        return [float(e / sum(exponentials)) for e in exponentials]


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_of_a_large_logit_is_one_hot(dtype):
    naive, cured = naive_and_cured(derivative(softmax, 0, dtype), SEED)
    assert np.isnan(naive).any()
    assert cured.tolist() == [0, 0, 1]
    assert softmax_by_mpmath(SEED) == [0, 0, 1]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_gradient_of_the_sum_is_exactly_zero(point, dtype):
    naive, cured = naive_and_cured(derivative(lambda x: rw.sum(softmax(x)), 1, dtype), point)
    assert np.isnan(naive).any()
    assert cured.tolist() == [0, 0, 0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradient_of_the_right_label_s_loss_is_zero(dtype):
    naive, cured = naive_and_cured(derivative(lambda x: -rw.log(softmax(x))[2], 1, dtype), SEED)
    assert np.isnan(naive).any()
    assert np.abs(cured).max() <= np.finfo(dtype).eps


def test_loss_of_the_wrong_label_is_the_margin():
    graph = derivative(lambda x: -rw.log(softmax(x))[0], 0, "float64")
    naive, cured = naive_and_cured(graph, SEED)
    assert naive == np.inf or np.isnan(naive)
    assert cured == 999.0
    _, gradient = naive_and_cured(rw.Graph(graph.inputs, rw.grad(graph.outputs[0], graph.inputs)),
                                  SEED)  # fmt: skip
    assert gradient.tolist() == [-1, 0, 1]


FORMS = {
    "softmax": softmax,
    "log of softmax": lambda x: rw.log(softmax(x)),
    "softmax of softmax": lambda x: softmax(softmax(x)),
    "log of softmax of softmax": lambda x: rw.log(softmax(softmax(x))),
    "softmax of log of softmax": lambda x: softmax(rw.log(softmax(x))),
    "negative log-likelihood": lambda x: -rw.log(softmax(x))[2],
    "exp of a difference from the log of the sum": lambda x: rw.exp(x - rw.log(rw.sum(rw.exp(x)))),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", FORMS)
def test_values_and_derivatives_at_the_seed_points(name, order, dtype):
    graph = derivative(FORMS[name], order, dtype)
    for label, point in POINTS.items():
        _, cured = naive_and_cured(graph, point)
        truth = rw.exact(graph, np.array(point, dtype), dtype="float64")
        assert np.isfinite(cured).all(), label
        assert cured.dtype == dtype
        size = max(1.0, np.abs(truth).max())
        allowed = 8 * np.finfo(dtype).eps * size
        np.testing.assert_allclose(cured, truth, rtol=0, atol=allowed, err_msg=label)


def test_the_reference_itself_against_mpmath():
    """log(softmax) and its Jacobian δ - p by mpmath, at both points, against ``rw.exact``."""
    for point in POINTS.values():
        p = softmax_by_mpmath(point)
        graph = derivative(lambda x: rw.log(softmax(x)), 1, "float64")
        np.testing.assert_allclose(
            rw.exact(graph, np.array(point)), WEIGHTS - np.array(p) * WEIGHTS.sum(), rtol=1e-15
        )


# The graph of y_g_opt, as aesara.dprint shows it -------------------------------------------------


def aesara_gradient(x):
    """Built node by node, from the leaves [id D], [id C], [id F], … up to [id A]."""
    c = rw.exp(x)
    f = rw.sum(c)
    e = rw.expand_dims(f, 0)
    b = rw.divide(c, e)
    minus_one = rw.constant(np.array([-1.0]), x.dtype)
    k = rw.multiply(minus_one, c)
    m = rw.multiply(e, e)
    j = rw.divide(k, m)
    i = rw.sum(j)
    h = rw.expand_dims(i, 0)
    g = rw.multiply(h, c)
    return rw.add(b, g)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_the_aesara_graph_is_recognised_and_gives_zeros(point, dtype):
    x = rw.input("x", (3,), dtype)
    graph = rw.Graph([x], [aesara_gradient(x)])
    naive, cured = naive_and_cured(graph, point)
    assert np.isnan(naive).any()
    assert cured.tolist() == [0, 0, 0]


def test_the_aesara_graph_over_a_named_dimension():
    x = rw.input("x", ("n",), "float64")
    graph = rw.Graph([x], [aesara_gradient(x)])
    _, cured = naive_and_cured(graph, [3.0, -1e18, 1e18, 0.0, 1e18])
    assert cured.tolist() == [0] * 5


def test_the_aesara_graph_is_the_normal_form_of_the_gradient():
    x = rw.input("x", (3,), "float64")
    (ours,) = rw.grad(rw.sum(softmax(x)), [x])
    assert rw.normal_form(aesara_gradient(x)) is rw.normal_form(ours)


def test_the_aesara_graph_keeps_its_value_where_the_cotangent_is_not_constant():
    """The same pattern with a weight in the sum is no longer zero: p·(g − Σ g·p)."""
    x = rw.input("x", (3,), "float64")
    c = rw.exp(x)
    e = rw.expand_dims(rw.sum(c), 0)
    g = rw.constant(WEIGHTS)
    below = rw.expand_dims(rw.sum(rw.multiply(-1.0 * g, c) / (e * e)), 0)
    graph = rw.Graph([x], [g * (c / e) + below * c])
    naive, cured = naive_and_cured(graph, [1.0, 1000.0, 1000.0])
    assert np.isnan(naive).any()
    np.testing.assert_allclose(cured, [0, -0.8125, 0.8125], rtol=1e-15)


# Shift invariance and temperature ----------------------------------------------------------------


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4, 2.0**60, -(2.0**60)])
def test_shift_invariance_is_exact_for_exact_shifts(offset):
    spaced = np.array([0.0, 1024.0, -2048.0, 1024.0])
    x = rw.input("x", (4,), "float64")
    cured = rw.compile(rw.optimize(rw.Graph([x], [softmax(x)])))
    assert cured(spaced + offset).tolist() == [0, 0.5, 0, 0.5]


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        (1e-30, [0, 0.5, 0, 0.5]),
        (1e-8, [0, 0.5, 0, 0.5]),
        (1e30, [0.25, 0.25, 0.25, 0.25]),
    ],
)
def test_temperature_goes_from_one_hot_to_uniform(temperature, expected):
    z, tau = rw.input("z", (4,), "float32"), rw.input("tau", (), "float32")
    cured = rw.compile(rw.optimize(rw.Graph([z, tau], [softmax(z / tau)])))
    values = np.array([1.0, 3.0, -2.0, 3.0], "float32")
    assert cured(values, np.float32(temperature)).tolist() == expected
