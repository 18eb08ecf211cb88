"""Values of the builder's compositions, run on NumPy, against NumPy's own functions.

Indexing, contractions and reductions are built of several nodes each; that they mean what NumPy
means by the same call is seen from elements, not from shapes. Elements are small integers held as
floats, so that agreement is equality.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import rewriter as rw

GENERATOR = np.random.default_rng(5)


def numbers(*shape: int) -> np.ndarray:
    return GENERATOR.integers(-9, 10, shape).astype("float64")


def run(build: Callable[..., rw.Node], *values: np.ndarray) -> np.ndarray:
    """Build with inputs of these shapes and dtypes, and evaluate on NumPy."""
    inputs = [rw.input(f"x{k}", v.shape, v.dtype) for k, v in enumerate(values)]
    graph = rw.Graph(inputs, [build(*inputs)])
    result = np.asarray(rw.compile(graph, backend="numpy")(*values))
    assert result.shape == graph.outputs[0].shape
    assert result.dtype == graph.outputs[0].dtype
    return result


def assert_same(ours: Callable[..., Any], theirs: Callable[..., Any], *values: np.ndarray) -> None:
    result, expected = run(ours, *values), np.asarray(theirs(*values))
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)
    assert result.shape == expected.shape


# Indexing ----------------------------------------------------------------------------------------
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_integers_slices_and_new_axes(data: st.DataObject) -> None:
    shape = data.draw(arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
    key = data.draw(arrays.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    assert_same(lambda x: x[key], lambda x: x[key], numbers(*shape))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_integer_tensors(data: st.DataObject) -> None:
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    common = data.draw(arrays.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3))
    count = data.draw(st.integers(1, len(shape)))
    places = data.draw(st.permutations(range(len(shape))))[:count]
    key: list[Any] = [data.draw(slice_of(size)) for size in shape]
    for place in places:
        elements = st.integers(-shape[place], shape[place] - 1)
        key[place] = data.draw(arrays.arrays("int64", common, elements=elements))
    values = numbers(*shape)
    assert_same(lambda x: x[tuple(key)], lambda x: x[tuple(key)], values)

    def with_inputs(x: Any, *indices: Any) -> Any:
        given = iter(indices)
        return x[tuple(next(given) if isinstance(k, np.ndarray) else k for k in key)]

    indices = [k for k in key if isinstance(k, np.ndarray)]
    assert_same(with_inputs, with_inputs, values, *indices)


def slice_of(size: int) -> st.SearchStrategy[slice]:
    bound = st.none() | st.integers(-size - 1, size + 1)
    return st.builds(slice, bound, bound, st.none() | st.sampled_from([1, 2, -1, -2]))


INDICES: dict[str, Any] = {
    "a list": [2, 0], "a list beside an integer": ([2, 0], 1), "an integer and a list": (1, [0, 3]),
    "apart": ([0, 1], slice(None), [1, 0]), "an integer apart": (0, slice(1, 3), [1, 0]),
    "together": (slice(None), [0, 1], [1, 0]), "a NumPy integer": np.int64(1),
    "ellipsis and list": (..., [1, 0]), "list and ellipsis": ([1, 0], ...),
    "two shapes": (np.array([[0], [2]]), np.array([1, 3])), "unsigned": np.array([2, 1], "uint8"),
    "reversed beside a list": (slice(None, None, -1), [1, 0]),
}  # fmt: skip


@pytest.mark.parametrize("key", INDICES.values(), ids=INDICES)
def test_mixed_indices(key: Any) -> None:
    assert_same(lambda x: x[key], lambda x: x[key], numbers(3, 4, 2))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64"])
def test_negative_indices_in_short_integers(dtype: str) -> None:
    """An axis longer than the index dtype counts: 200 + (-1) does not fit an int8."""
    picked = np.array([0, 5, 127, -1, -128]) if dtype != "uint8" else np.array([0, 5, 199])
    values = numbers(200, 2)
    assert_same(lambda x, i: x[i], lambda x, i: x[i], values, picked.astype(dtype))
    assert_same(lambda x, i: rw.take(x, i, 0), lambda x, i: np.take(x, i, 0), values,
                picked.astype(dtype))  # fmt: skip
    both = np.stack([picked, picked[::-1]], 1).astype(dtype)
    assert_same(lambda x, i: rw.take_along_axis(x, i, 0),
                lambda x, i: np.take_along_axis(x, i.astype("int64"), 0), values, both)  # fmt: skip


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_take(axis: int) -> None:
    values = numbers(3, 4, 5)
    for places in (np.array(1), np.array([2, 0, -1]), np.array([[0, 1], [2, -3]])):
        assert_same(
            lambda x, i: rw.take(x, i, axis), lambda x, i: np.take(x, i, axis), values, places
        )
        constant = lambda x, i=places: rw.take(x, i, axis)  # noqa: E731
        assert_same(constant, lambda x, i=places: np.take(x, i, axis), values)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_take_along_axis(axis: int) -> None:
    values = numbers(3, 4)
    for dtype in ("int64", "int32", "int8"):
        order = np.argsort(values, axis=axis).astype(dtype)
        places = order[:2] if axis == 0 else order[:, -2:]
        assert_same(lambda x, i: rw.take_along_axis(x, i, axis),
                    lambda x, i: np.take_along_axis(x, i.astype("int64"), axis),
                    values, places)  # fmt: skip


def test_gather_and_scatter_add_are_transposes() -> None:
    values, updates = numbers(3, 4), numbers(2, 3)
    places = np.array([1, 3])
    gathered = run(lambda x, i: rw.gather(x, [i], (-1,)), values, places)
    np.testing.assert_array_equal(gathered, values[:, places].T)
    added = run(lambda x, u, i: rw.scatter_add(x, u, [i], (-1,)), values, updates, places)
    expected = values.copy()
    np.add.at(expected.T, places, updates)
    np.testing.assert_array_equal(added, expected)


def test_one_hot() -> None:
    labels = np.array([3, 0, 299], "int16")
    assert_same(lambda i: rw.one_hot(i, 300), lambda i: np.eye(300, dtype="float32")[i], labels)
    short = np.array([3, 0, 127], "int8")
    assert_same(lambda i: rw.one_hot(i, 300), lambda i: np.eye(300, dtype="float32")[i], short)


# Index maps --------------------------------------------------------------------------------------
MAPS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "reshape": (lambda x: rw.reshape(x, (4, -1)), lambda x: np.reshape(x, (4, -1))),
    "reshape to a vector": (lambda x: rw.reshape(x, -1), lambda x: np.reshape(x, -1)),
    "transpose": (rw.transpose, np.transpose),
    "permute": (lambda x: rw.transpose(x, (1, -1, 0)), lambda x: np.transpose(x, (1, -1, 0))),
    "swapaxes": (lambda x: rw.swapaxes(x, 0, -1), lambda x: np.swapaxes(x, 0, -1)),
    "expand_dims": (lambda x: rw.expand_dims(x, (0, -1)), lambda x: np.expand_dims(x, (0, -1))),
    "expand one": (lambda x: rw.expand_dims(x, np.int64(1)), lambda x: np.expand_dims(x, 1)),
    "squeeze": (lambda x: rw.squeeze(x[:1, :, :1]), lambda x: np.squeeze(x[:1, :, :1])),
    "squeeze one": (lambda x: rw.squeeze(x[:1], 0), lambda x: np.squeeze(x[:1], 0)),
    "flip": (rw.flip, np.flip),
    "flip some": (lambda x: rw.flip(x, (0, -1)), lambda x: np.flip(x, (0, -1))),
    "broadcast_to": (lambda x: rw.broadcast_to(x, (2, 2, 3, 4)),
                     lambda x: np.broadcast_to(x, (2, 2, 3, 4))),
    "concatenate": (lambda x: rw.concatenate([x, x * 2], -2),
                    lambda x: np.concatenate([x, x * 2], -2)),
    "concatenate arrays": (lambda x: rw.concatenate([x, np.ones((2, 3, 1), "int8")], 2),
                           lambda x: np.concatenate([x, np.ones((2, 3, 1), "int8")], 2)),
    "stack": (lambda x: rw.stack([x, x + 1], -1), lambda x: np.stack([x, x + 1], -1)),
    "pad": (lambda x: rw.pad(x, [(1, 0), (0, 2), (0, 0)], 7),
            lambda x: np.pad(x, [(1, 0), (0, 2), (0, 0)], constant_values=7)),
    "iota": (lambda x: x[0, :, 0] * 0 + rw.arange(3), lambda x: x[0, :, 0] * 0 + np.arange(3)),
    "iota along an axis": (lambda x: x[0] * 0 + rw.iota((3, 4), -1),
                           lambda x: x[0] * 0 + np.indices((3, 4))[1]),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_index_maps(name: str) -> None:
    assert_same(*MAPS[name], numbers(2, 3, 4))


def test_index_maps_of_named_dimensions() -> None:
    x = rw.input("x", ("n", 3, "m"))
    assert rw.reshape(x, (-1,)).shape == rw.input("y", ("3*n*m",)).shape
    assert rw.reshape(x, ("m", -1)).shape == rw.input("y", ("m", "3*n")).shape
    longer = rw.concatenate([x, x[:2]])
    assert rw.reshape(longer, ("m", -1, 3)).shape == rw.input("y", ("m", "n+2", 3)).shape
    assert x[-1].shape == (3, "m")
    assert x[1:-1].shape == rw.input("y", ("n-2", 3, "m")).shape
    assert x[::-1] is rw.flip(x, 0)
    assert x[..., -1:].shape == ("n", 3, 1)
    assert rw.pad(x, [(1, 2), (0, 0), (0, 0)]).shape[0] == rw.input("y", ("n+3",)).shape[0]
    assert rw.stack([x, x]).shape == (2, "n", 3, "m")


# Contractions ------------------------------------------------------------------------------------
@given(st.data())
@settings(max_examples=100, deadline=None)
def test_matmul(data: st.DataObject) -> None:
    shapes = data.draw(arrays.mutually_broadcastable_shapes(signature="(n?,k),(k,m?)->(n?,m?)",
                                                            max_dims=2, max_side=3))  # fmt: skip
    one, other = (numbers(*shape) for shape in shapes.input_shapes)
    assert_same(rw.matmul, np.matmul, one, other)


DOTS = [((), (3,)), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
        ((2, 3, 4), (4,)), ((2, 3, 4), (5, 4, 2)), ((4,), (2, 4, 3)), ((0, 3), (3, 2))]  # fmt: skip


@pytest.mark.parametrize("shapes", DOTS, ids=str)
def test_dot(shapes: Any) -> None:
    assert_same(rw.dot, np.dot, *(numbers(*shape) for shape in shapes))


EINSUMS = ["ij,jk->ik", "ij,jk", "ij->ji", "ii->i", "ii", "ij->", "ij,ij->", "ji,jk->ik", "ij,kj",
           " i j , j k -> i k ", "ij,jk,kl->il", "ba,ca->bc", "iJ,Jk->ik"]  # fmt: skip


@pytest.mark.parametrize("spec", EINSUMS)
def test_einsum(spec: str) -> None:
    operands = [numbers(3, 3) for _ in spec.split("->")[0].split(",")]
    assert_same(lambda *xs: rw.einsum(spec, *xs), lambda *xs: np.einsum(spec, *xs), *operands)


def test_outer() -> None:
    assert_same(rw.outer, np.outer, numbers(3), numbers(4))


# Reductions --------------------------------------------------------------------------------------
AXES = [None, 0, 1, -1, (0, 1), (-1, 0), (), np.int64(2), [0, 2]]


@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean", "all", "any"])
def test_reductions(name: str, axis: Any, keepdims: bool) -> None:
    ours, theirs = getattr(rw, name), getattr(np, name)
    values = numbers(2, 2, 2) > 0 if name in ("all", "any") else numbers(2, 2, 2)
    places = tuple(axis) if isinstance(axis, list) else axis
    assert_same(lambda x: ours(x, axis=axis, keepdims=keepdims),
                lambda x: theirs(x, axis=places, keepdims=keepdims), values)  # fmt: skip


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min"])
@pytest.mark.parametrize("initial", [None, 2.0, -100, 100])
def test_where_and_initial(name: str, initial: Any) -> None:
    ours, theirs = getattr(rw, name), getattr(np, name)
    values, mask = numbers(3, 4), np.array([True, False, True, True])
    extra = {} if initial is None else {"initial": initial}
    assert_same(lambda x: ours(x, axis=0, **extra), lambda x: theirs(x, axis=0, **extra), values)
    if name in ("sum", "prod") or initial is not None:
        assert_same(lambda x, m: ours(x, axis=1, where=m, **extra),
                    lambda x, m: theirs(x, axis=1, where=m, **extra), values, mask)  # fmt: skip
        nothing = mask & False
        assert_same(lambda x, m: ours(x, where=m, keepdims=True, **extra),
                    lambda x, m: theirs(x, where=m, keepdims=True, **extra),
                    values, nothing)  # fmt: skip


def test_mean_and_variance() -> None:
    values, mask = numbers(4, 4), np.array([True, False, True, False])
    assert_same(lambda x, m: rw.mean(x, axis=1, where=m), lambda x, m: np.mean(x, axis=1, where=m),
                values, mask)  # fmt: skip
    assert_same(lambda x: rw.var(x, axis=1), lambda x: np.var(x, axis=1), values)
    assert_same(lambda x: rw.var(x, keepdims=True), lambda x: np.var(x, keepdims=True), values)
    short = np.array([100, 100, 100, 100], "int8")
    assert_same(rw.mean, np.mean, short)
    assert_same(rw.sum, np.sum, short)
    assert_same(rw.cumsum, np.cumsum, short)


def test_a_mean_over_more_elements_than_float16_counts() -> None:
    assert run(rw.mean, np.full((300, 300), 0.25, "float16")) == np.float16(0.25)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_cumulations_and_extremes(axis: int) -> None:
    values = numbers(3, 4)
    pairs = [
        (rw.cumsum, np.cumsum), (rw.cumprod, np.cumprod), (rw.cummax, np.maximum.accumulate),
        (rw.argmax, np.argmax), (rw.argmin, np.argmin),
    ]  # fmt: skip
    for ours, theirs in pairs:
        assert_same(lambda x, f=ours: f(x, axis), lambda x, f=theirs: f(x, axis), values)
    backwards = run(lambda x: rw.cumsum(x, axis, reverse=True), values)
    expected = np.flip(np.cumsum(np.flip(values, axis), axis), axis)
    np.testing.assert_array_equal(backwards, expected)
    kept = run(lambda x: rw.argmax(x, axis, keepdims=True), values)
    np.testing.assert_array_equal(kept, np.argmax(values, axis, keepdims=True))


# The softmax family ------------------------------------------------------------------------------
@pytest.mark.parametrize("axis", [-1, 0, (0, 1), None])
def test_softmax_family(axis: Any) -> None:
    values = numbers(3, 4) / 4
    weights = np.exp(values)
    total = weights.sum(axis=axis, keepdims=True)
    close = np.testing.assert_allclose
    close(run(lambda x: rw.softmax(x, axis=axis), values), weights / total, rtol=1e-14)
    close(run(lambda x: rw.log_softmax(x, axis=axis), values), np.log(weights / total), rtol=1e-12)
    for keepdims in (False, True):
        found = run(lambda x, k=keepdims: rw.logsumexp(x, axis=axis, keepdims=k), values)
        close(found, np.log(weights.sum(axis=axis, keepdims=keepdims)), rtol=1e-14)


def test_softmax_of_some_elements_and_one_more() -> None:
    values, mask = numbers(3, 4) / 4, np.array([True, False, True, True])
    weights = np.where(mask, np.exp(values), 0)
    total = weights.sum(axis=1, keepdims=True) + np.exp(0.5)
    found = run(lambda x, m: rw.softmax(x, where=m, initial=0.5), values, mask)
    np.testing.assert_allclose(found, weights / total, rtol=1e-14)
    found = run(lambda x, m: rw.logsumexp(x, axis=1, where=m, initial=0.5), values, mask)
    np.testing.assert_allclose(found, np.log(total[:, 0]), rtol=1e-14)


def test_sigmoid_and_softplus() -> None:
    values = numbers(5) / 4
    found = run(rw.sigmoid, values)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-values)), rtol=1e-15)
    np.testing.assert_allclose(run(rw.softplus, values), np.log1p(np.exp(values)), rtol=1e-13)
