"""Bad backends, bad arguments, bad graphs: each its own error, which names the culprit."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import BackendError, DataTypeError, EvaluationError, ShapeError
from rewriter.lowering import compile, exact

BACKENDS = pytest.mark.parametrize("backend", ["numpy", "exact"])


def two_inputs() -> rw.Graph:
    x = rw.input("x", ("n", 3), "float32")
    y = rw.input("labels", ("n",), "int32")
    return rw.Graph([x, y], rw.sum(x, axis=1) + rw.astype(y, "float32"))


X, LABELS = np.ones((2, 3)), np.array([1, 2])


def test_an_unknown_backend_names_those_there_are() -> None:
    with pytest.raises(BackendError, match=r"numpy, jax, exact.*'fortran'"):
        compile(two_inputs(), "fortran")


@BACKENDS
def test_the_number_of_arguments_is_checked(backend: str) -> None:
    with pytest.raises(EvaluationError, match=r"takes 2 arguments \(x, labels\).*culprit: 1"):
        compile(two_inputs(), backend)(X)


@BACKENDS
def test_the_rank_is_checked(backend: str) -> None:
    with pytest.raises(ShapeError, match=r"'x' has shape \(n, 3\).*\(3,\)"):
        compile(two_inputs(), backend)(X[0], LABELS)


@BACKENDS
def test_integer_dimensions_are_checked(backend: str) -> None:
    with pytest.raises(ShapeError, match=r"'x', axis 1 has size 3.*culprit: 4"):
        compile(two_inputs(), backend)(np.ones((2, 4)), LABELS)


@BACKENDS
def test_a_name_has_one_size(backend: str) -> None:
    expected = r"'labels', axis 0 has size n = 2 from input 'x', axis 0.*culprit: 5"
    with pytest.raises(ShapeError, match=expected):
        compile(two_inputs(), backend)(X, np.arange(5))


@BACKENDS
def test_sizes_are_bound_anew_at_each_call(backend: str) -> None:
    function = compile(two_inputs(), backend)
    assert function(X, LABELS).tolist() == [4, 5]
    assert function(np.zeros((3, 3)), [7, 8, 9]).tolist() == [7, 8, 9]
    assert function(X, LABELS).tolist() == [4, 5]


@BACKENDS
def test_a_named_dimension_is_not_empty(backend: str) -> None:
    with pytest.raises(ShapeError, match=r"'x', axis 0.*at least 1.*n = 0"):
        compile(two_inputs(), backend)(np.ones((0, 3)), [])


@BACKENDS
@pytest.mark.parametrize(
    "labels", [np.array([0.5, 1.0]), np.array([1 + 0j, 2]), np.array(["a", "b"])]
)
def test_dtypes_convert_upwards_only(backend: str, labels: np.ndarray) -> None:
    with pytest.raises(DataTypeError, match=r"'labels' is int32"):
        compile(two_inputs(), backend)(X, labels)


@BACKENDS
def test_integers_keep_their_value(backend: str) -> None:
    with pytest.raises(DataTypeError, match=r"'labels' is int32, which does not hold"):
        compile(two_inputs(), backend)(X, np.array([1, 2**40]))
    narrow = np.array([1, 2], np.uint8)
    assert compile(two_inputs(), backend)(X, narrow).tolist() == [4, 5]


@BACKENDS
def test_numbers_lists_and_bools_are_taken(backend: str) -> None:
    x = rw.input("x", (), "float16")
    function = compile(rw.Graph([x], x + 1), backend)
    for value in (2, 2.0, np.float64(2), [[2]][0][0], np.int8(2)):
        assert function(value) == np.float16(3)
    assert function(True) == 2
    assert function(2).dtype == np.float16


@BACKENDS
def test_a_slice_that_does_not_fit_is_refused(backend: str) -> None:
    x = rw.input("x", ("n",), "float32")
    function = compile(rw.Graph([x], x[-3:]), backend)
    assert function([1, 2, 3, 4]).tolist() == [2, 3, 4]
    with pytest.raises(ShapeError, match=r"slice.*n-3 with \{'n': 2\}"):
        function([1, 2])


@BACKENDS
def test_a_dimension_that_only_a_polynomial_has_is_refused(backend: str) -> None:
    x = rw.input("x", ("2*n",), "float32")
    with pytest.raises(ShapeError, match=r"2\*n has no size here.*culprit: n"):
        compile(rw.Graph([x], x + 1), backend)([1, 2])


@BACKENDS
def test_an_index_out_of_bounds_is_an_error_of_the_package(backend: str) -> None:
    x, i = rw.input("x", (3,), "float32"), rw.input("i", (2,), "int32")
    function = compile(rw.Graph([x, i], rw.gather(x, [i], (0,))), backend)
    assert function([1, 2, 3], [2, -1]).tolist() == [3, 3]
    with pytest.raises(EvaluationError, match="out of bounds"):
        function([1, 2, 3], [0, 3])


def test_several_outputs_are_a_tuple() -> None:
    x = rw.input("x", (2,), "float32")
    one, other = compile(rw.Graph([x], [x, x + 1]))([1, 2])
    assert one.tolist() == [1, 2]
    assert other.tolist() == [2, 3]
    assert isinstance(compile(rw.Graph([x], x[0]))([1, 2]), np.ndarray)


def test_what_numpy_cannot_hold_is_refused_when_compiled() -> None:
    key = rw.input("key", (2,), SimpleNamespace(name="key<fry>"))
    with pytest.raises(BackendError, match="key<fry>"):
        compile(rw.Graph([key], rw.astype(key, "float32")))


def test_exact_refuses_what_has_no_meaning_over_the_reals() -> None:
    x = rw.input("x", (2,), "float32")
    with pytest.raises(BackendError, match=r"opaque call.*mystery"):
        exact(rw.Graph([x], rw.custom("mystery", np.sin, x, shape=(2,), dtype="float32")), [1, 2])
    z = rw.input("z", (2,), "complex64")
    with pytest.raises(BackendError, match="complex"):
        exact(rw.Graph([z], z + z), [1, 2])
    with pytest.raises(BackendError, match="int32"):
        exact(rw.Graph([x], x), [1, 2], dtype="int32")
