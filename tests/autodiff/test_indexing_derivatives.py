"""Index maps: against JAX, with duplicates, strides and indices out of bounds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from derivative_reference import Case, assert_agrees, evaluate, label

import rewriter as rw
from rewriter.autodiff import grad
from rewriter.graph.node import apply
from rewriter.graph.operators import PAD

RANDOM = np.random.default_rng(11)
CUBE = RANDOM.uniform(-2, 2, (2, 3, 4))
MATRIX = RANDOM.uniform(-2, 2, (5, 7))
VECTOR = RANDOM.uniform(-2, 2, 7)
TWICE = np.array([[2, 0, 2], [1, 1, 4]])


def squared(function):
    """Square what is read, so that the second derivative is not zero."""
    return lambda *xs: function(*xs) * function(*xs)


def same(name, function, *at, **options):
    """A case that is spelt alike in both packages."""
    return Case(name, squared(function), squared(function), at, **options)


def interior(x, value):
    attributes = {"low": (1, 0), "high": (0, 2), "interior": (2, 1)}
    return apply(PAD, [x, value], attributes)


CASES = [
    same("reshape", lambda x: x.reshape(4, -1), CUBE, named=False),
    same("reshape of named", lambda x: x.reshape(-1), CUBE),
    same("transpose", lambda x: x.transpose(2, 0, 1), CUBE),
    same("reversed axes", lambda x: x.T, CUBE),
    Case("broadcast_to", lambda x: rw.square(rw.broadcast_to(x, (3, 5, 7))),
         lambda x: jnp.square(jnp.broadcast_to(x, (3, 5, 7))), (MATRIX[:, :1],), named=False),
    Case("expand_dims and squeeze", lambda x: rw.square(rw.squeeze(rw.expand_dims(x, (0, 2)), 0)),
         lambda x: jnp.square(jnp.squeeze(jnp.expand_dims(x, (0, 2)), 0)), (MATRIX,)),
    same("one element", lambda x: x[3], VECTOR),
    same("one from the end", lambda x: x[..., -1], MATRIX),
    same("slices", lambda x: x[1:, :-2], MATRIX),
    same("a slice that is cut off", lambda x: x[:2, 3:5], MATRIX),
    same("strided slices", lambda x: x[::2, 1::3], MATRIX, named=False),
    same("strided slice that ends early", lambda x: x[1:6:2], VECTOR, named=False),
    same("empty slice", lambda x: x[3:3] * 2, VECTOR),
    same("new axes", lambda x: x[None, 1, :, None], MATRIX),
    Case("flip", lambda x: rw.square(rw.flip(x, 1)) * x, lambda x: jnp.square(jnp.flip(x, 1)) * x,
         (MATRIX,)),
    Case("pad", lambda x, v: rw.square(rw.pad(x, [(1, 2), (0, 3)], v)),
         lambda x, v: jnp.square(jax.lax.pad(x, v, [(1, 2, 0), (0, 3, 0)])), (MATRIX, 0.7)),
    Case("pad between", lambda x, v: rw.square(interior(x, v)),
         lambda x, v: jnp.square(jax.lax.pad(x, v, [(1, 0, 2), (0, 2, 1)])), (MATRIX, 0.7),
         named=False),
    Case("concatenate", lambda x, y: rw.square(rw.concatenate([x, y, x], 1)),
         lambda x, y: jnp.square(jnp.concatenate([x, y, x], 1)), (MATRIX, MATRIX[:, :2])),
    Case("stack", lambda x, y: rw.square(rw.stack([x, y], 1)),
         lambda x, y: jnp.square(jnp.stack([x, y], 1)), (MATRIX, MATRIX + 1)),
    Case("take, repeated", lambda x: rw.square(rw.take(x, TWICE, 1)),
         lambda x: jnp.square(jnp.take(x, TWICE, 1)), (MATRIX,)),
    Case("take_along_axis", lambda x: rw.square(rw.take_along_axis(x, TWICE, 1)),
         lambda x: jnp.square(jnp.take_along_axis(x, TWICE, 1)), (MATRIX[:2],), named=False),
    same("advanced index", lambda x: x[np.array([0, 2, 2]), np.array([1, 1, -1])], MATRIX,
         named=False),
    same("advanced index beside slices", lambda x: x[:, np.array([2, 2, 0]), 1:], CUBE),
    Case("one hot product", lambda x: rw.sum(x * x * rw.one_hot(TWICE[0], 7, "float64"), axis=1),
         lambda x: jnp.sum(x * x * jax.nn.one_hot(TWICE[0], 7), axis=1), (MATRIX[:3],),
         named=False),
    Case("scatter_add, repeated",
         lambda x, u: rw.square(rw.scatter_add(x, u, [rw.constant(TWICE[0])], (0,))),
         lambda x, u: jnp.square(x.at[TWICE[0]].add(u)), (MATRIX, MATRIX[:3]), named=False),
    Case("scatter_add along the second axis",
         lambda x, u: rw.square(rw.scatter_add(x, u, [rw.constant(TWICE[0])], (1,))),
         lambda x, u: jnp.square(x.at[:, TWICE[0]].add(u.T)), (MATRIX, MATRIX.T[:3]),
         named=False),
]  # fmt: skip

OUT_OF_BOUNDS = np.array([1, 9, 4, 1, 5])
MODES = [
    Case(f"gather, {mode}",
         lambda x, m=mode: rw.square(rw.where(rw.constant(OUT_OF_BOUNDS < 5)[:, None], rw.gather(
             x, [rw.constant(OUT_OF_BOUNDS)], (0,), m), 0)),
         lambda x, m=mode: jnp.square(jnp.where(
             (OUT_OF_BOUNDS < 5)[:, None], x.at[OUT_OF_BOUNDS].get(mode=m), 0)),
         (MATRIX,), named=False)
    for mode in ("clip", "fill")
] + [
    Case(f"scatter_add, {mode}",
         lambda x, u, m=mode: rw.square(rw.scatter_add(
             x, u, [rw.constant(OUT_OF_BOUNDS)], (0,), m)),
         lambda x, u, m=theirs: jnp.square(x.at[OUT_OF_BOUNDS].add(u, mode=m)),
         (MATRIX, MATRIX + 1), named=False)
    for mode, theirs in (("clip", "clip"), ("fill", "drop"))
]  # fmt: skip


@pytest.mark.parametrize("case", CASES + MODES, ids=label)
def test_index_map_agrees_with_jax(case):
    assert_agrees(case)


def test_gather_by_computed_indices_has_no_derivative_of_the_index():
    x = rw.input("x", ("n", 4), "float64")
    best = rw.take_along_axis(x, rw.argmax(x, axis=1, keepdims=True), 1)
    (dx,) = grad(rw.sum(best * best), [x])
    values = {x: np.array([[1.0, 5.0, 2.0, 3.0], [4.0, 0.0, -1.0, 2.0]])}
    np.testing.assert_array_equal(evaluate([dx], values)[0], [[0, 10, 0, 0], [8, 0, 0, 0]])


def test_slice_of_a_named_dimension_pads_by_a_named_dimension():
    x = rw.input("x", ("n", "m"))
    (dx,) = grad(rw.sum(x[:, 2] * 3), [x])
    for rows, columns in ((2, 3), (1, 6)):
        expected = np.zeros((rows, columns))
        expected[:, 2] = 3
        values = {x: np.ones((rows, columns), "float32")}
        np.testing.assert_array_equal(evaluate([dx], values)[0], expected)
