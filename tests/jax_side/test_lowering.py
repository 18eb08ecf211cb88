"""Graphs of the builder in JAX: NumPy's values, named sizes, errors, whatever primitive it is."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import AttributeValueError, DataTypeError, EvaluationError, ShapeError
from rewriter.graph import operators as o
from rewriter.graph.calls import cured_calls, inline_call
from rewriter.graph.node import apply
from rewriter.graph.primitive import primitives
from rewriter.jax.lowering import lower, to_jax
from rewriter.jax.writing.table import WRITERS

X, M, N = rw.input("x", ("n",)), rw.input("m", ("k", "n")), rw.input("i", ("k",), "int32")
GENERATOR = np.random.default_rng(7)
x = GENERATOR.normal(size=5).astype("float32")
m = GENERATOR.normal(size=(4, 5)).astype("float32")
i = np.array([3, 0, 2, 3], "int32")
columns = np.array([3, 0, 4, 4])

CASES = {
    "broadcasting": (M * X + M[:, :1], m * x + m[:, :1]),
    "outer sum": (M[:, None, :] - X[:, None], m[:, None, :] - x[:, None]),
    "scalars": (2 - X / 3, 2 - x / 3),
    "python powers": (X**2 + abs(X) ** 0.5, x**2 + abs(x) ** 0.5),
    "choice": (rw.where(M > 0, X, 0), np.where(m > 0, x, 0)),
    "choice by a row": (rw.where(X > 0, M, -1.5), np.where(x > 0, m, np.float32(-1.5))),
    "kept axes": (M / rw.sum(M, axis=1, keepdims=True), m / m.sum(1, keepdims=True)),
    "masked sum": (rw.sum(M, axis=0, where=M > 0), np.sum(m, axis=0, where=m > 0)),
    "mean": (rw.mean(M, axis=0), m.mean(0)),
    "extremes": (rw.max(M, axis=1) - rw.min(M), m.max(1) - m.min()),
    "places": (rw.argmax(M, axis=1, keepdims=True), m.argmax(1)[:, None]),
    "counts": (rw.sum(M > 0), (m > 0).sum()),
    "truth": (rw.all(M > -9) & rw.any(M > 0, axis=1), (m > 0).any(1)),
    "running": (rw.cumsum(M, axis=1, reverse=True), m[:, ::-1].cumsum(1)[:, ::-1]),
    "remainder": (
        rw.remainder(X, 0.3) + rw.floor_divide(X, 0.3),
        x % np.float32(0.3) + x // np.float32(0.3),
    ),
    "logarithms": (rw.log2(abs(X)) + rw.logaddexp(X, 0.5), np.log2(abs(x)) + np.logaddexp(x, 0.5)),
    "tests": (rw.isnan(X) | rw.isfinite(X) & ~rw.equal(X, X), np.zeros(5, bool)),
    "truth of numbers": (
        rw.logical_or(rw.logical_and(N, N > 2), rw.logical_not(N)),
        (i > 2) | (i == 0),
    ),
    "contraction of three": (rw.einsum("ij,j,kj->ik", M, X, M), np.einsum("ij,j,kj->ik", m, x, m)),
    "transposed contraction": (rw.einsum("ij,kj->ki", M, M), m @ m.T),
    "summed away": (rw.einsum("ij,k->k", M, X), m.sum() * x),
    "trace": (rw.einsum("ij,ij->", M, M), (m * m).sum()),
    "greek letters": (rw.einsum("αβ,β->α", M, X), m @ x),
    "rows by index": (M[N], m[i]),
    "one hot": (rw.one_hot(N, "n") * M, np.eye(5, dtype="float32")[i] * m),
    "along": (
        rw.take_along_axis(M, N[:, None], 1),
        m[np.arange(4), i][:, None],
    ),
    "taken": (rw.take(M, rw.constant(columns), axis=1), m[:, columns]),
    "slices": (M[1:, :-2], m[1:, :-2]),
    "joined": (rw.concatenate([M, M * 2], axis=1), np.concatenate([m, m * 2], 1)),
    "reversed": (rw.flip(M, 1), m[:, ::-1]),
    "padded": (rw.pad(M, [(1, 0), (0, 2)], 7), np.pad(m, [(1, 0), (0, 2)], constant_values=7)),
    "flat": (rw.reshape(M, -1), m.ravel()),
    "counted": (rw.arange("n", "float32") * X, np.arange(5, dtype="float32") * x),
    "composite": (rw.log_softmax(M), m - np.log(np.exp(m).sum(1, keepdims=True))),
    "opaque": (rw.custom("cube", lambda v: v**3, X, shape=("n",), dtype="float32"), x**3),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["eager", "jit"])
def test_values_are_those_of_numpy(name, wrap):
    node, expected = CASES[name]
    found = wrap(lower(rw.Graph([X, M, N], node)))(x, m, i)
    assert found.dtype == jax.dtypes.canonicalize_dtype(node.dtype)
    np.testing.assert_allclose(found, expected, rtol=3e-5, atol=1e-6)


def test_every_primitive_has_a_writer():
    assert set(WRITERS) == set(primitives()) - {o.INPUT}


def test_scattered_additions():
    index = rw.constant(np.array([1, 1, 3]))
    updates = rw.input("u", (3, 5))
    target = rw.input("t", (4, 5))
    node = rw.scatter_add(target, updates, [index], (0,))
    u = GENERATOR.normal(size=(3, 5)).astype("float32")
    expected = m.copy()
    np.add.at(expected, [1, 1, 3], u)
    np.testing.assert_allclose(lower(rw.Graph([target, updates], node))(m, u), expected, rtol=1e-6)


def test_gathers_out_of_bounds():
    for dtype, fill in (("float32", np.nan), ("int32", 0)):
        target = rw.input("t", (3,), dtype)
        places = rw.constant(np.array([-1, 1, 7]))
        clipped = rw.gather(target, [places], (0,), mode="clip")
        filled = rw.gather(target, [places], (0,), mode="fill")
        values = lower(rw.Graph([target], [clipped, filled]))(np.array([4, 5, 6], dtype))
        np.testing.assert_array_equal(values[0], [4, 5, 6])
        np.testing.assert_array_equal(values[1], [fill, 5, fill])


def test_results_and_arguments():
    assert isinstance(lower(rw.Graph([X], [X, X + 1]))([1.0, 2.0]), tuple)
    assert lower(rw.Graph([X], X + 1))([1, 2]).tolist() == [2, 3]
    assert to_jax(rw.Graph([X], rw.constant([1.0, 2.0])))(x).tolist() == [1, 2]
    assert lower(rw.Graph([X], X))(jnp.arange(3)).dtype == "float32"


def test_errors_name_the_culprit():
    function = lower(rw.Graph([X, M], M * X))
    with pytest.raises(EvaluationError, match=r"takes 2 arguments \(x, m\) \[culprit: 1\]"):
        function(x)
    with pytest.raises(ShapeError, match=r"'m' has shape \(k, n\) \[culprit: \(5,\)\]"):
        function(x, x)
    with pytest.raises(ShapeError, match=r"'m' has shape \(k, n\) \[culprit: \(4, 3\)\]"):
        function(x, m[:, :3])
    with pytest.raises(DataTypeError, match=r"'x' is float32 \[culprit: complex64\]"):
        function(x.astype("complex64"), m)


def test_derivatives_and_batches():
    softmax = lower(rw.Graph([X], rw.exp(X) / rw.sum(rw.exp(X))))
    np.testing.assert_allclose(jax.jacrev(softmax)(x), jax.jacrev(jax.nn.softmax)(x), atol=1e-6)
    np.testing.assert_allclose(jax.vmap(softmax)(m), jax.nn.softmax(m), rtol=1e-6)
    blocked = lower(rw.Graph([X], rw.sum(X * rw.stop_gradient(X))))
    np.testing.assert_array_equal(jax.grad(blocked)(x), x)


def test_a_shared_node_is_computed_once():
    calls = []
    shared = rw.custom("seen", lambda v: calls.append(v) or v, X, shape=("n",), dtype="float32")
    lower(rw.Graph([X], [shared + 1, rw.exp(shared) * shared]))(x)
    assert len(calls) == 1


def test_values_are_let_go_when_nothing_needs_them():
    alive = []

    class Value:
        shape, dtype = (), "float32"

        def __init__(self):
            alive.append(self)

        def __del__(self):
            dead.append(1)

    dead: list[int] = []
    a = rw.custom("a", lambda: Value(), shape=(), dtype="float32")
    b = rw.custom("b", lambda v: alive.clear() or np.float32(1), a, shape=(), dtype="float32")
    c = rw.custom("c", lambda v: np.float32(len(dead)), b, shape=(), dtype="float32")
    assert lower(rw.Graph([], c))() == 1


def sample_call(body):
    attributes = {"name": "f", "function": np.sin, "shape": (2,), "dtype": "float32", "body": body}
    return apply(o.CALL, [rw.input("v", (2,))], attributes)


def test_opening_a_call():
    inner = rw.input("operand", (2,))
    call = sample_call(rw.Graph([inner], [rw.exp(inner) * inner]))
    v = call.operands[0]
    assert inline_call(call) == (rw.exp(v) * v,)
    with pytest.raises(AttributeValueError, match=r"has a body can be opened \[culprit: <exp"):
        inline_call(rw.exp(v))


def test_calls_are_cured_in_place():
    class Function:
        __name__ = "f"

        def cured(self, cure):
            return "cured"

    inner = rw.input("operand", (2,))
    call = sample_call(rw.Graph([inner], [rw.exp(inner)]))
    call = apply(o.CALL, call.operands, {**dict(call.attributes), "function": Function()})
    graph = rw.Graph([call.operands[0]], [call + 1])
    assert cured_calls(graph, lambda body: body) is graph
    after = cured_calls(graph, lambda body: body.with_outputs([rw.log(inner)]))
    assert after.outputs[0].operands[0].attribute("function") == "cured"


@pytest.mark.filterwarnings("ignore")
def test_a_product_less_its_maximum_is_at_most_nothing():
    """XLA would subtract from the product before that is rounded: 1e29 where 0 is, of 1e36."""
    x = np.float32([[1e18, -3e17, 9.7e17], [1.1e18, 2.5, -1.3e18], [0.1, 7e17, 1e18]])

    def squares(x):
        squared = -(x * 1.1) * x
        return squared - jax.lax.stop_gradient(squared.max(axis=1, keepdims=True))

    graph = rw.from_jax(squares, x)
    for program in (graph, rw.from_jax(lambda x: squares(x)[:, ::-1], x)):
        found = np.asarray(jax.jit(lower(program))(x))
        assert (found <= 0).all()
        assert (found.max(axis=1) == 0).all()


@pytest.mark.filterwarnings("ignore")
def test_a_quotient_by_numbers_less_its_maximum_is_at_most_nothing():
    """To XLA it is a product with their inverses: squared distances by variances, far away."""
    random = np.random.default_rng(0)
    x = random.normal(size=(4, 3)).astype("float32") + np.float32(1e4)
    centres = random.normal(size=(5, 3)).astype("float32")
    variances = np.float32([[0.66], [0.25], [0.09], [0.49]])

    def exponents(x):
        squared = -((x[:, None] - centres) ** 2).sum(-1) / variances
        return squared - jax.lax.stop_gradient(squared.max(axis=1, keepdims=True))

    found = np.asarray(jax.jit(lower(rw.from_jax(exponents, x)))(x))
    assert (found.max(axis=1) == 0).all()


def test_a_product_of_integers_less_its_maximum():
    places = rw.input("i", (4,), "int32")
    squares = places * (places + 1)
    values = np.array([3, -2, 5, 0], "int32")
    found = jax.jit(lower(rw.Graph([places], [squares - rw.max(squares)])))(values)
    assert found.tolist() == [-18, -28, 0, -30]


@pytest.mark.filterwarnings("ignore")
def test_shares_of_a_mixture_far_from_its_centres():
    """Exponents are squares of 1e18: jit, no jit and NumPy agree."""
    centres = jnp.array([-1.0, 1.5])

    def shares(x):
        density = jnp.exp(-((x[:, None] - centres) ** 2) / 2)
        return density / density.sum(axis=1, keepdims=True)

    points = np.float32([1e18, -3e17, 2.5])
    stable = rw.stabilize(shares)
    found = np.asarray(jax.jit(stable)(points))
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[:2].sum(axis=1), 1)
    np.testing.assert_allclose(found[2], np.asarray(stable(points))[2], rtol=1e-6)
