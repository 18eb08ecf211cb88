"""Reductions, contractions and index maps: numpy and exact against NumPy itself, on integers.

Values are small integers, so that every dtype holds every result and agreement is equality.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.graph.node import apply
from rewriter.graph.primitive import Kind, primitives
from rewriter.lowering import compile
from rewriter.lowering.array_type import array_type

A = np.array([[3, -1, 4, 1], [-5, 9, 2, -6], [5, 3, 5, -8]])
B = np.array([[2, -7, 1], [8, 2, 8], [1, -8, 2], [8, 4, 5]])
V = np.array([2, 0, 3, 1])
DTYPES = ("float64", "float32", "bfloat16", "float16", "int32", "int64")

Build = Callable[..., Any]


def _cummax(x: Any) -> Any:
    return np.maximum.accumulate(x, axis=-1)


def _interior(x: Any) -> Any:
    attributes = {"low": (1, 0), "high": (0, 2), "interior": (0, 1)}
    return apply(o.PAD, [x, rw.constant(7, x.dtype)], attributes)


def _padded_inside(x: Any) -> Any:
    result = np.full((4, 9), 7)
    result[1:, 0:7:2] = x
    return result


def _gathered(mode: str) -> Build:
    def build(x: Any) -> Any:
        return rw.gather(x, [rw.constant(np.array([[0, -1], [4, 2]]))], (1,), mode)

    return build


def _scattered(mode: str) -> Build:
    def build(x: Any) -> Any:
        places = rw.constant(np.array([1, 1, 3, 9] if mode != "promise" else [1, 1, 3, 0]))
        return rw.scatter_add(x, rw.transpose(x)[:, :3], [places], (1,), mode)

    return build


def _scatter_reference(x: Any, places: list[int]) -> Any:
    result = x.copy()
    for update, place in zip(x.T, places, strict=True):
        if place < x.shape[1]:
            result[:, place] += update
    return result


CASES: dict[str, tuple[Build, Build]] = {
    "sum": (rw.sum, np.sum),
    "sum of rows": (lambda x: rw.sum(x, axis=1), lambda x: x.sum(1)),
    "sum kept": (lambda x: rw.sum(x, axis=(0,), keepdims=True), lambda x: x.sum(0, keepdims=True)),
    "sum of no axis": (lambda x: rw.sum(x, axis=()), lambda x: x),
    "prod": (lambda x: rw.prod(x[:, :2], axis=0), lambda x: x[:, :2].prod(0)),
    "max": (lambda x: rw.max(x, axis=-1), lambda x: x.max(-1)),
    "min kept": (lambda x: rw.min(x, keepdims=True), lambda x: x.min(keepdims=True)),
    "all": (lambda x: rw.all(rw.greater(x, -6), axis=0), lambda x: (x > -6).all(0)),
    "any": (lambda x: rw.any(rw.greater(x, 5), axis=1), lambda x: (x > 5).any(1)),
    "argmax": (lambda x: rw.argmax(x, axis=1), lambda x: x.argmax(1)),
    "argmin kept": (lambda x: rw.argmin(x, 0, True), lambda x: x.argmin(0)[None]),
    "cumsum": (rw.cumsum, lambda x: x.cumsum(-1)),
    "cumsum from the end": (
        lambda x: rw.cumsum(x, 0, reverse=True), lambda x: x[::-1].cumsum(0)[::-1],
    ),
    "cumsum of a vector": (lambda x: rw.cumsum(x[0]), lambda x: x[0].cumsum()),
    "cumprod": (lambda x: rw.cumprod(x[:, :3]), lambda x: x[:, :3].cumprod(-1)),
    "cummax": (rw.cummax, _cummax),
    "cummax from the end": (
        lambda x: rw.cummax(x, 1, reverse=True), lambda x: _cummax(x[:, ::-1])[:, ::-1],
    ),
    "reshape": (lambda x: rw.reshape(x, (2, 6)), lambda x: x.reshape(2, 6)),
    "expand": (lambda x: rw.expand_dims(x, (0, 2)), lambda x: x[None, :, None]),
    "squeeze": (lambda x: rw.squeeze(x[:, 1:2]), lambda x: x[:, 1]),
    "transpose": (rw.transpose, np.transpose),
    "transpose of three": (
        lambda x: rw.transpose(rw.reshape(x, (3, 2, 2)), (1, 0, 2)),
        lambda x: x.reshape(3, 2, 2).transpose(1, 0, 2),
    ),
    "broadcast": (
        lambda x: rw.broadcast_to(rw.expand_dims(x, 1), (3, 2, 4)),
        lambda x: np.broadcast_to(x[:, None], (3, 2, 4)),
    ),
    "slice": (lambda x: x[1:, 0:4:3], lambda x: x[1:, 0:4:3]),
    "one element": (lambda x: x[1, 2], lambda x: x[1, 2]),
    "reverse": (lambda x: rw.flip(x, 1), lambda x: x[:, ::-1]),
    "reverse all": (rw.flip, np.flip),
    "pad": (lambda x: rw.pad(x, [(1, 0), (0, 2)], 7),
            lambda x: np.pad(x, [(1, 0), (0, 2)], constant_values=7)),
    "pad inside": (_interior, _padded_inside),
    "concatenate": (lambda x: rw.concatenate([x, x[:1]], 0), lambda x: np.concatenate([x, x[:1]])),
    "stack": (lambda x: rw.stack([x, x], 1), lambda x: np.stack([x, x], 1)),
    "take": (lambda x: rw.take(x, rw.constant(V), 1), lambda x: x.take(V, 1)),
    "take along": (
        lambda x: rw.take_along_axis(x, rw.constant(V[:3, None]), 1),
        lambda x: np.take_along_axis(x, V[:3, None], 1),
    ),
    "advanced": (
        lambda x: x[rw.constant(np.array([0, 2])), rw.constant(np.array([3, 1]))],
        lambda x: x[[0, 2], [3, 1]],
    ),
    "gather clip": (_gathered("clip"), lambda x: x.T[[[0, 0], [3, 2]]]),
    "scatter": (_scattered("promise"), lambda x: _scatter_reference(x, [1, 1, 3, 0])),
    "scatter fill": (_scattered("fill"), lambda x: _scatter_reference(x, [1, 1, 3, 9])),
    "scatter clip": (_scattered("clip"), lambda x: _scatter_reference(x, [1, 1, 3, 3])),
    "one hot": (
        lambda x: rw.one_hot(rw.constant(V), 5, x.dtype), lambda x: np.eye(5, dtype=int)[V],
    ),
    "iota": (
        lambda x: rw.iota((2, 3), 1, x.dtype) + x[0, 0],
        lambda x: np.array([[0, 1, 2]] * 2) + x[0, 0],
    ),
    "astype": (lambda x: rw.astype(x, "float32"), lambda x: x),
}  # fmt: skip

CONTRACTIONS = (
    "ij,jk->ik", "ij,jk->ki", "ij,jk->ijk", "ij,jk->j", "ij,jk->", "ij,ij->ij", "ij,ij->i",
    "ij,kj->ik", "ij,il->jl", "ij,kl->ijkl", "ij->ji", "ij->j", "ij->", "ii->i", "ii->", "ij,j->i",
    "j,ij->i", "j,j->", "j,l->jl", "j,j->j", "bij,bjk->bik", "bij,bkj->bik", "bqhd,bkhd->bhqk",
    "bij,jk->bik", "ij,jk,kl->il", "ij,ij,ij->", "i,ij,j->", "iij,j->i",
)  # fmt: skip


def _check(build: Build, reference: Build, arrays: list[Any], dtype: str, named: bool) -> None:
    """Both backends give NumPy's result, at the dtype and the shape that the graph says."""
    inputs = []
    for place, array in enumerate(arrays):
        shape = tuple(f"n{place}{axis}" for axis in range(array.ndim)) if named else array.shape
        inputs.append(rw.input(f"x{place}", shape, dtype))
    graph = rw.Graph(inputs, build(*inputs))
    expected = np.asarray(reference(*arrays))
    for backend in ("numpy", "exact"):
        found = compile(graph, backend)(*arrays)
        assert found.dtype == array_type(graph.outputs[0].dtype), backend
        assert found.shape == expected.shape, backend
        np.testing.assert_array_equal(found.astype(np.float64), expected, err_msg=backend)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_tensor_operations_are_those_of_numpy(name: str, dtype: str) -> None:
    _check(*CASES[name], [A], dtype, named=False)


NAMED = ("sum", "sum of rows", "sum kept", "max", "cumsum from the end", "argmax", "expand",
         "transpose", "reverse", "pad", "pad inside", "concatenate", "stack", "take",
         "gather clip")  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_the_same_over_named_dimensions(name: str) -> None:
    _check(*CASES[name], [A], "float32", named=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spec", CONTRACTIONS)
def test_contractions_are_those_of_numpy(spec: str, dtype: str) -> None:
    sizes = dict(zip("ijklbqhd", (3, 4, 2, 3, 2, 3, 2, 2), strict=True))
    generator = np.random.default_rng(7)
    shapes = [tuple(sizes[c] for c in text) for text in spec.partition("->")[0].split(",")]
    arrays = [generator.integers(-3, 4, shape) for shape in shapes]
    _check(lambda *x: rw.einsum(spec, *x), lambda *x: np.einsum(spec, *x), arrays, dtype, False)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32"])
def test_products_of_matrices_are_those_of_numpy(dtype: str) -> None:
    _check(rw.matmul, np.matmul, [A, B], dtype, named=False)
    _check(rw.dot, np.dot, [A, B], dtype, named=False)
    _check(rw.outer, np.outer, [A[0], B[0]], dtype, named=False)


def test_every_tensor_primitive_is_exercised() -> None:
    x = rw.input("x", (3, 4), "float32")
    built = {
        node.operator for build, _ in CASES.values() for node in rw.Graph([x], build(x)).nodes()
    }
    wanted = {p for p in primitives() if p.kind not in (Kind.ELEMENTWISE, Kind.OPAQUE)}
    assert wanted - built == {o.EINSUM}


def test_named_dimensions_in_shapes_are_evaluated() -> None:
    x = rw.input("x", ("n", "m"), "float64")
    flat = rw.reshape(x, ("n*m",))
    tail = x[1:, :-1]
    graph = rw.Graph([x], [flat, tail, rw.iota(("n", "m"), 1)])
    for backend in ("numpy", "exact"):
        for rows, columns in ((3, 4), (2, 5)):
            array = np.arange(rows * columns, dtype=np.float64).reshape(rows, columns)
            first, second, third = compile(graph, backend)(array)
            np.testing.assert_array_equal(first, array.ravel())
            np.testing.assert_array_equal(second, array[1:, :-1])
            np.testing.assert_array_equal(third, np.arange(columns) + np.zeros((rows, 1), int))


def test_gather_fill_gives_nan_for_floats_and_zero_for_integers() -> None:
    for backend in ("numpy", "exact"):
        for dtype, missing in (("float32", np.nan), ("int32", 0)):
            x = rw.input("x", (3, 4), dtype)
            found = compile(rw.Graph([x], _gathered("fill")(x)), backend)(A)
            expected = A.T.astype(np.float64)[[[0, 0], [0, 2]]]
            expected[0, 1] = expected[1, 0] = missing
            np.testing.assert_array_equal(found, expected)


def test_extremes_over_no_elements_are_infinite() -> None:
    x = rw.input("x", (0, 2), "float32")
    graph = rw.Graph([x], [rw.max(x, axis=0), rw.min(x, axis=0), rw.sum(x), rw.prod(x)])
    for backend in ("numpy", "exact"):
        largest, smallest, total, product = compile(graph, backend)(np.zeros((0, 2)))
        assert largest.tolist() == [-np.inf, -np.inf]
        assert smallest.tolist() == [np.inf, np.inf]
        assert (total, product) == (0, 1)


def test_narrow_sums_are_accumulated_in_float32() -> None:
    """4096 ones and halves: float16 alone stops at 2048, bfloat16 at 256."""
    for dtype in ("float16", "bfloat16"):
        x = rw.input("x", (4096,), dtype)
        graph = rw.Graph([x], [rw.sum(x), rw.einsum("i,i->", x, x), rw.cumsum(x)[-1]])
        for found in compile(graph)(np.ones(4096)):
            assert float(found) == 4096


def test_integers_wrap_and_sums_keep_their_dtype() -> None:
    x = rw.input("x", (3,), "int8")
    every, along = {"axis": (0,), "keepdims": False}, {"axis": 0, "reverse": False}
    sums = [apply(o.SUM, [x], every), apply(o.CUMSUM, [x], along), apply(o.PROD, [x], every)]
    graph = rw.Graph([x], [x + x, *sums])
    values = np.array([100, 100, 7], np.int8)
    for backend in ("numpy", "exact"):
        results = compile(graph, backend)(values)
        assert [r.dtype for r in results] == [np.int8] * 4
        assert results[0].tolist() == [-56, -56, 14]
        assert results[1] == -49
        assert results[2].tolist() == [100, -56, -49]
        assert results[3] == 70000 % 256
