"""Reductions, cumulations and contractions: against JAX, and against sums over all paths."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from derivative_reference import Case, assert_agrees, evaluate, label

import rewriter as rw
from rewriter.autodiff import grad
from rewriter.graph.node import topological
from rewriter.graph.operators import CUMPROD

RANDOM = np.random.default_rng(7)
CUBE = RANDOM.uniform(-2, 2, (2, 3, 4))
MATRIX = RANDOM.uniform(-2, 2, (3, 5))
SQUARE = RANDOM.uniform(-2, 2, (3, 3))
LONG = RANDOM.uniform(0.5, 1.5, (2, 37))
ZEROS = [[0.5, 0.0, 2.0, -1.0], [0.0, 3.0, 0.0, 1.5], [1.0, 2.0, 3.0, 4.0]]
TIED = [[1.0, 3.0, 3.0, 2.0], [5.0, 5.0, 5.0, 5.0], [0.0, 1.0, 2.0, 3.0]]


def reductions(axis, keepdims):
    """The sum and the extremes over an axis, squared so that there is a second derivative."""
    for name in ("sum", "prod", "max", "min", "mean"):
        ours, theirs = getattr(rw, name), getattr(jnp, name)
        yield Case(
            f"{name} over {axis}{', kept' * keepdims}",
            lambda x, f=ours: rw.square(f(x, axis=axis, keepdims=keepdims)) + 0.5,
            lambda x, f=theirs: jnp.square(f(x, axis=axis, keepdims=keepdims)) + 0.5,
            (CUBE,),
        )


REDUCTIONS = [
    case
    for axis, keepdims in [
        (None, False),
        (0, False),
        (-1, True),
        ((0, 2), False),
        ((), True),
    ]
    for case in reductions(axis, keepdims)
] + [
    Case("prod with zeros", lambda x: rw.prod(x, axis=1), lambda x: jnp.prod(x, axis=1), (ZEROS,)),
    Case("prod of all, one zero", rw.prod, jnp.prod, (ZEROS[0],)),
    Case("prod over two axes", rw.prod, jnp.prod, ([[0.0, 2.0], [3.0, 4.0]],)),
    Case("max, tied", lambda x: rw.max(x, axis=1), lambda x: jnp.max(x, axis=1), (TIED,)),
    Case("min, tied", lambda x: rw.min(x, axis=1), lambda x: jnp.min(x, axis=1), (TIED,)),
    Case(
        "where and initial",
        lambda x: rw.sum(x * x, axis=1, where=x > 0) + rw.max(x, axis=1, where=x < 0, initial=-1.0),
        lambda x: (
            jnp.sum(x * x, axis=1, where=x > 0) + jnp.max(x, axis=1, where=x < 0, initial=-1.0)
        ),
        (MATRIX,),
    ),
    Case("var", lambda x: rw.var(x, axis=1), lambda x: jnp.var(x, axis=1), (MATRIX,)),
    Case(
        "argmax has none",
        lambda x: x * rw.astype(rw.argmax(x, axis=1, keepdims=True), "float64"),
        lambda x: x * jnp.argmax(x, axis=1, keepdims=True),
        (MATRIX,),
    ),
    Case("softmax", rw.softmax, jax.nn.softmax, (MATRIX,)),
    Case("log_softmax", rw.log_softmax, jax.nn.log_softmax, (MATRIX,)),
    Case("logsumexp", rw.logsumexp, jax.nn.logsumexp, (MATRIX,)),
]


@pytest.mark.parametrize("case", REDUCTIONS, ids=label)
def test_reduction_agrees_with_jax(case):
    assert_agrees(case)


CUMULATIONS = [
    Case(
        f"{name} along {axis}{', reversed' * reverse}",
        lambda x, f=ours, a=axis, r=reverse: rw.square(f(x, axis=a, reverse=r)),
        lambda x, f=theirs, a=axis, r=reverse: jnp.square(f(x, axis=a, reverse=r)),
        (np.array(at),),
    )
    for (name, ours, theirs), axis, reverse in itertools.product(
        [
            ("cumsum", rw.cumsum, jax.lax.cumsum),
            ("cumprod", rw.cumprod, jax.lax.cumprod),
            ("cummax", rw.cummax, jax.lax.cummax),
        ],
        (0, 1),
        (False, True),
    )
    for at in (MATRIX,)
] + [
    Case(
        "cumprod with zeros",
        lambda x: rw.cumprod(x, axis=1),
        lambda x: jax.lax.cumprod(x, axis=1),
        (ZEROS,),
    ),
    Case(
        "cumprod of many",
        lambda x: rw.cumprod(x, axis=1),
        lambda x: jax.lax.cumprod(x, axis=1),
        (LONG,),
        tolerance=1e-12,
    ),
    Case("cumsum of a cube", lambda x: rw.cumsum(x * x, axis=1),
         lambda x: jax.lax.cumsum(x * x, axis=1), (CUBE,)),
    Case("cumprod of a cube", lambda x: rw.cumprod(x, axis=1),
         lambda x: jax.lax.cumprod(x, axis=1), (CUBE,)),
]  # fmt: skip


@pytest.mark.parametrize("case", CUMULATIONS, ids=label)
def test_cumulation_agrees_with_jax(case):
    assert_agrees(case)


@pytest.mark.parametrize("size", [0, 1, 2])
@pytest.mark.parametrize("function", [rw.cumprod, rw.cummax, rw.cumsum, rw.prod])
def test_short_axes(function, size):
    x = rw.input("x", (size,), "float64")
    (dx,) = grad(rw.sum(function(x)), [x])
    truth = {rw.cumprod: [1 + 3, 2], rw.prod: [3, 2], rw.cumsum: [2, 1], rw.cummax: [1, 1]}[
        function
    ]
    expected = truth if size == 2 else [1] * size
    np.testing.assert_array_equal(evaluate([dx], {x: np.array([2.0, 3.0])[:size]})[0], expected)


def test_cummax_tied_gives_to_the_latest():
    x = rw.input("x", (4,), "float64")
    (forward,) = grad(rw.sum(rw.cummax(x)), [x])
    (backward,) = grad(rw.sum(rw.cummax(x, reverse=True)), [x])
    values = evaluate([forward, backward], {x: np.array([1.0, 0.0, 1.0, 0.5])})
    np.testing.assert_array_equal(values, [[2, 0, 2, 0], [1, 0, 2, 1]])


def test_derivative_of_a_long_cumprod_stays_small():
    x = rw.input("x", (10**6,), "float32")
    (dx,) = grad(rw.sum(rw.cumprod(x)), [x])
    nodes = list(topological([dx]))
    assert len(nodes) < 400
    assert all(node.shape in ((), (10**6,)) or node.ndim == 1 for node in nodes)
    assert any(node.operator is CUMPROD for node in nodes)


CONTRACTIONS = [
    Case(spec, lambda *xs, s=spec: rw.square(rw.einsum(s, *xs)),
         lambda *xs, s=spec: jnp.square(jnp.einsum(s, *xs)), at, tolerance=1e-12)
    for spec, at in [
        ("ij,jk->ik", (MATRIX.T, MATRIX)),
        ("ij,kj->ik", (MATRIX, SQUARE @ MATRIX)),
        ("i,i->", (MATRIX[0], MATRIX[1])),
        ("i,j->ij", (MATRIX[0], SQUARE[0])),
        ("ij->ji", (MATRIX,)),
        ("ij->j", (MATRIX,)),
        ("ij->", (MATRIX,)),
        ("ij,k->i", (MATRIX, SQUARE[0])),
        ("abc,cb->a", (CUBE, CUBE[0].T)),
        ("abc,abc->abc", (CUBE, CUBE)),
        ("ij,jk,kl->il", (MATRIX, MATRIX.T, SQUARE)),
        ("ij,,j->i", (MATRIX, 0.7, MATRIX[1])),
        ("ii->i", (SQUARE,)),
        ("ii->", (SQUARE,)),
        ("iij,j->i", (RANDOM.uniform(-1, 1, (3, 3, 4)), CUBE[0, 0])),
        ("iii->", (RANDOM.uniform(-1, 1, (2, 2, 2)),)),
        ("iji->j", (RANDOM.uniform(-1, 1, (2, 3, 2)),)),
        ("bqd,bkd->bqk", (CUBE, RANDOM.uniform(-1, 1, (2, 5, 4)))),
    ]
] + [
    Case("vector with itself", lambda x: rw.dot(x, x), lambda x: jnp.dot(x, x), (MATRIX[0],)),
    Case("outer", rw.outer, jnp.outer, (MATRIX[0], SQUARE[0])),
    Case("matmul, batched", rw.matmul, jnp.matmul, (CUBE, RANDOM.uniform(-1, 1, (2, 4, 5)))),
    Case("matmul, broadcast", rw.matmul, jnp.matmul, (CUBE, RANDOM.uniform(-1, 1, (4, 5))),
         named=False),
    Case("matrix times vector", rw.matmul, jnp.matmul, (MATRIX, MATRIX[0])),
    Case("vector times matrix", rw.dot, jnp.dot, (SQUARE[0], MATRIX)),
]  # fmt: skip


@pytest.mark.parametrize("case", CONTRACTIONS, ids=label)
def test_contraction_agrees_with_jax(case):
    assert_agrees(case)


def test_contraction_accumulated_in_a_wider_dtype():
    x, y = rw.input("x", ("n", 3), "float16"), rw.input("y", (3,), "float16")
    from rewriter.graph.node import apply
    from rewriter.graph.operators import EINSUM

    wide = apply(EINSUM, [x, y], {"spec": "ij,j->i", "dtype": "float32"})
    dx, dy = grad(rw.sum(wide), [x, y])
    assert (dx.dtype, dy.dtype) == ("float16", "float16")
    values = {x: np.array([[1, 2, 3], [4, 5, 6]], "float16"), y: np.array([7, 8, 9], "float16")}
    by_x, by_y = evaluate([dx, dy], values)
    np.testing.assert_array_equal(by_x, [[7, 8, 9]] * 2)
    np.testing.assert_array_equal(by_y, [5, 7, 9])


def test_precision_of_a_contraction_is_kept():
    from rewriter.graph.node import apply
    from rewriter.graph.operators import EINSUM

    x, y = rw.input("x", ("n", "m")), rw.input("y", ("m", "k"))
    exact = apply(EINSUM, [x, y], {"spec": "ij,jk->ik", "precision": "HIGHEST"})
    (dx,) = grad(exact, [x], rw.input("g", ("n", "k")))
    assert dx.operator is EINSUM
    assert dx.attribute("spec") == "ik,jk->ij"
    assert dx.attribute("precision") == "HIGHEST"
