"""Products along an axis as JAX differentiates them: trees of slices, paddings and products.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.engine.whole_products import whole_products
from rewriter.graph import operators as o

MAGNITUDES = {
    "moderate": np.float32([0.3, -1.2, 2.5, 0.7, -0.4]),
    "huge": np.float32([1e18, 3e20, -2e19, 1e18, 5e21]),
    "tiny": np.float32([1e-20, -3e-18, 2e-25, 1e-19, 4e-22]),
    "mixed": np.float32([1e30, 1e-30, -2e25, 3e-18, 1e28]),
}
OFFSETS = {
    "moderate": np.float32([0.3, -1.2, 2.5, 0.7, -0.4]),
    "negative offset": np.float32([0.3, -1.2, 2.5, 0.7, -0.4]) - np.float32(1e4),
    "offset": np.float32([0.3, -1.2, 2.5, 0.7, -0.4]) + np.float32(1e4),
}


def joint(x):
    """A posterior of two classes, by products of likelihoods."""
    likelihoods = jnp.abs(jnp.stack([x, 1.25 * x[::-1]]))
    return jnp.log(jnp.prod(likelihoods, axis=1)).sum()


OF_NUMBERS = {
    "log of a product": lambda x: jnp.log(jnp.prod(jnp.abs(x))),
    "geometric mean": lambda x: jnp.prod(jnp.abs(x)) ** 0.2,
    "rows": joint,
}
OF_EXPONENTIALS = {
    "one or another": lambda x: jnp.log(1 - jnp.prod(1 - jax.nn.sigmoid(x))),
    "softplus": lambda x: jnp.log(jnp.prod(jax.nn.softplus(x))),
    "survival": lambda x: jnp.prod(1 - jax.nn.sigmoid(x)) ** 0.5,
}


def assert_gradient_is_right(program, points):
    graph = rw.from_jax(jax.grad(program), points["moderate"])
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    for name, x in points.items():
        truth = np.asarray(exact(x), float)
        if np.abs(truth).max() < 3e38:
            np.testing.assert_allclose(cured(x), truth, rtol=4e-5, atol=1e-38, err_msg=name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OF_NUMBERS)
def test_gradients_of_products_of_numbers(name):
    assert_gradient_is_right(OF_NUMBERS[name], MAGNITUDES)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OF_EXPONENTIALS)
def test_gradients_of_products_of_exponentials(name):
    assert_gradient_is_right(OF_EXPONENTIALS[name], OFFSETS)


def test_a_product_that_is_not_divided_by_stays_in_parts():
    graph = rw.from_jax(jax.grad(lambda x: jnp.prod(x)), MAGNITUDES["moderate"])
    assert rw.optimize(graph) is graph


@pytest.mark.parametrize(("shape", "axis"), [((7,), 0), ((3, 4), 1), ((4, 3), 0), ((2, 5, 2), 1)])
def test_what_is_put_together_is_what_it_was(shape, axis):
    x = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    graph = rw.from_jax(jax.grad(lambda x: (jnp.prod(x, axis) ** 2).sum()), x)
    products = whole_products(graph)
    assert sum(node.operator is o.PROD for node in products.graph.ordered) == 2
    before, after = (rw.compile(g, backend="exact")(x) for g in (graph, products.graph))
    np.testing.assert_array_equal(before, after)
    parts = products.taken_apart(products.graph)
    assert not any(node.operator is o.PROD for node in parts.ordered)


def pushed_forward(program):
    return lambda x: jax.jvp(program, (x,), (jnp.arange(1, 1 + x.size, dtype=x.dtype) / 4,))[1]


FORWARD = {
    "derivative": pushed_forward,
    "all derivatives": jax.jacfwd,
    "gradient, derived": lambda program: pushed_forward(jax.grad(program)),
    "Hessian": jax.hessian,
    "of the gradient's norm": lambda program: jax.grad(lambda x: (jax.grad(program)(x) ** 2).sum()),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OF_NUMBERS)
@pytest.mark.parametrize("mode", FORWARD)
def test_derivatives_in_directions_of_products_of_numbers(mode, name):
    points = {
        "moderate": MAGNITUDES["moderate"],
        "huge": np.float32([3e17, 8e18, -2e18, 1e18, 5e18]),
        "small": np.float32([1e-9, -3e-9, 2e-8, 4e-9, 4e-10]),
    }
    graph = rw.from_jax(FORWARD[mode](OF_NUMBERS[name]), points["moderate"])
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    for regime, x in points.items():
        truth = np.asarray(exact(x), float)
        got = cured(x)
        scale = max(np.abs(truth).max(), 1e-30)
        np.testing.assert_allclose(got / scale, truth / scale, atol=4e-5, err_msg=regime)


def twice(program, x):
    """The gradient along a direction, differentiated, all by the package's own autodiff."""
    graph = rw.from_jax(program, x)
    (gradient,) = rw.grad(graph.outputs[0], graph.inputs)
    slope = rw.sum(gradient * rw.constant(np.arange(1, 1 + x.size, dtype=x.dtype) / 4))
    return rw.Graph(graph.inputs, [gradient, *rw.grad(slope, graph.inputs)])


OF_SHARES = {
    "chances": lambda x: jnp.log(jnp.prod(jnp.exp(x) / jnp.exp(x).sum())),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("program", "points"),
    [
        *((OF_NUMBERS[name], list(MAGNITUDES.values())[:1]) for name in OF_NUMBERS),
        (OF_NUMBERS["log of a product"], [np.float32([3e17, 8e18, -2e18, 1e18, 5e18])]),
        (OF_NUMBERS["geometric mean"], [np.float32([3e17, 8e18, -2e18, 1e18, 5e18])]),
        *((OF_SHARES[name], list(OFFSETS.values())) for name in OF_SHARES),
    ],
)
def test_derivatives_by_running_products(program, points):
    graph = twice(program, points[0])
    exact, cured = rw.compile(graph, backend="exact"), rw.compile(rw.optimize(graph))
    for x in points:
        for truth, got in zip(exact(x), cured(x), strict=True):
            wanted = np.asarray(truth, float)
            scale = max(np.abs(wanted).max(), 1e-30)
            np.testing.assert_allclose(got / scale, wanted / scale, atol=4e-5)


@pytest.mark.parametrize("mode", ["derivative", "all derivatives", "gradient, derived"])
@pytest.mark.parametrize(("shape", "axis"), [((7,), 0), ((3, 4), 1), ((2, 5), 1)])
def test_derivatives_of_products_put_together_are_what_they_were(mode, shape, axis):
    x = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    weights = jnp.arange(1.0, 1 + x.size // shape[axis])

    def program(flat):
        return (weights * jnp.log(jnp.abs(jnp.prod(flat.reshape(shape), axis)))).sum()

    graph = rw.from_jax(FORWARD[mode](program), x.ravel())
    products = whole_products(graph)
    assert any(node.operator is o.PROD for node in products.graph.ordered)
    before, after = (rw.compile(g, backend="exact")(x.ravel()) for g in (graph, products.graph))
    np.testing.assert_allclose(before, after, rtol=1e-6)
