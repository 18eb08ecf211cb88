"""The source of the numpy backend: what a person reads, and what it costs."""

from __future__ import annotations

import gc
import re
import weakref

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import DataTypeError, ShapeError
from rewriter.graph import operators as o
from rewriter.graph.node import apply
from rewriter.lowering import compile, exact, source

HEADING = 'import numpy as np\n\n\n@np.errstate(all="ignore")\n'


def body(*outputs: rw.Graph, inputs: list) -> str:
    text = source(rw.Graph(inputs, list(outputs)))
    assert text.startswith(HEADING), text
    return text.removeprefix(HEADING)


def test_softmax_computes_its_exponential_once() -> None:
    x = rw.input("x", ("n", 5), "float32")
    assert body(rw.softmax(x), inputs=[x]) == (
        "def evaluate(x):\n"
        "    exp_x = np.exp(x)\n"
        "    return exp_x / np.sum(exp_x, axis=1, keepdims=True)\n"
    )


def test_a_sum_with_and_without_its_axes_is_computed_once() -> None:
    x = rw.input("x", (3, 5), "float32")
    plain, kept = rw.sum(x, axis=1), rw.sum(x, axis=1, keepdims=True)
    for outputs in ((plain, x / kept), (x / kept, plain)):
        text = body(*outputs, inputs=[x])
        assert text.count("np.sum(") == 1
        assert "np.squeeze(sum_x, axis=1)" in text
        value = np.arange(15, dtype=np.float32).reshape(3, 5)
        found = {part.shape: part for part in compile(rw.Graph([x], list(outputs)))(value)}
        assert np.array_equal(found[3,], value.sum(1))
    whole = body(rw.sum(x) + rw.sum(x, keepdims=True), inputs=[x])
    assert "np.squeeze(sum_x) + sum_x" in whole


def test_variables_are_dropped_after_their_last_use() -> None:
    x = rw.input("x", (3, 5), "float32")
    e = rw.exp(x)
    square, root = e * e, rw.sqrt(e)
    assert body(square / (1 + square) + root / (1 + root), inputs=[x]) == (
        "def evaluate(x):\n"
        "    exp_x = np.exp(x)\n"
        "    product = exp_x * exp_x\n"
        "    sqrt_exp_x = np.sqrt(exp_x)\n"
        "    del exp_x\n"
        "    return product / (1.0 + product) + sqrt_exp_x / (1.0 + sqrt_exp_x)\n"
    )


def test_operators_are_infix_with_the_parentheses_that_they_need() -> None:
    x, y = rw.input("x", (3,), "float64"), rw.input("y", (3,), "float64")
    value = (x - (y - 1)) * -(x + y) / (y * 2) ** 2
    assert body(value, inputs=[x, y]) == (
        "def evaluate(x, y):\n"
        "    return (x - (y - 1.0)) * -(x + y) / (y * 2.0)**2\n"
    )  # fmt: skip
    masked = rw.where((x > 0) & ~(y <= x), -x, 0)
    assert body(masked, inputs=[x, y]) == (
        "def evaluate(x, y):\n    return np.where((x > 0.0) & np.logical_not(y <= x), -x, 0.0)\n"
    )


def test_products_of_matrices_are_written_so() -> None:
    x, y = rw.input("x", ("n", "m"), "float32"), rw.input("y", ("m", "k"), "float32")
    assert body(x @ y, inputs=[x, y]) == "def evaluate(x, y):\n    return x @ y\n"
    scores = rw.einsum("bqd,bkd->bqk", *(a := [rw.input(n, (2, 3, 4), "float32") for n in "qk"]))
    assert body(scores, inputs=a) == (
        "def evaluate(q, k):\n    return q @ np.matrix_transpose(k)\n"
    )


def test_sizes_are_read_where_they_are_needed() -> None:
    x = rw.input("x", ("n", 3), "float32")
    assert body(rw.reshape(x[1:], ("3*n-3",)), inputs=[x]) == (
        "def evaluate(x):\n    n = x.shape[0]\n    return x[1:].reshape(3 * n - 3)\n"
    )


def test_small_constants_are_written_out() -> None:
    x = rw.input("x", (2, 2), "float32")
    weights = rw.constant(np.array([0.1, np.inf], np.float32))
    text = source(rw.Graph([x], x * weights))
    assert "values = np.array([0.1, np.inf], np.float32)\n" in text
    assert text.endswith("def evaluate(x):\n    return x * values\n")


def test_scalars_keep_the_dtype_and_their_stored_value() -> None:
    for dtype in ("float16", "bfloat16", "float32", "float64"):
        x = rw.input("x", (1,), dtype)
        for value in (0.1, 1 / 3, 1e-7, 60000.0, -0.0, 1e-30):
            stored = rw.constant(value, dtype)
            graph = rw.Graph([x], [rw.multiply(x, stored), rw.add(stored, stored) * x])
            one, two = compile(graph)(np.ones(1))
            held = stored.attribute("value").array.astype(one.dtype)
            assert one.dtype == two.dtype == held.dtype
            assert one[0] == held
            assert np.signbit(one[0]) == np.signbit(held)
            with np.errstate(over="ignore"):
                assert two[0] == held + held


def test_inputs_may_have_any_names() -> None:
    names = ["np", "lambda", "x[0]['w']", "2", "x 0  w", "gather", ""]
    inputs = [rw.input(name, (), "int64") for name in names]
    total = inputs[0]
    for node in inputs[1:]:
        total = total * 10 + node
    function = compile(rw.Graph(inputs, total))
    assert function(1, 2, 3, 4, 5, 6, 7) == 1234567


def test_the_source_runs_by_itself() -> None:
    x = rw.input("x", ("n", 5), "float32")
    labels = rw.input("labels", ("n",), "int64")
    picked = rw.take_along_axis(rw.log_softmax(x), rw.expand_dims(labels, 1), 1)
    graph = rw.Graph([x, labels], [rw.logistic(rw.mean(picked)), rw.cumsum(x)])
    namespace: dict = {}
    exec(source(graph), namespace)
    arguments = np.arange(10, dtype=np.float32).reshape(2, 5), np.array([1, 4])
    for found, expected in zip(
        namespace["evaluate"](*arguments), compile(graph)(*arguments), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_stop_gradient_leaves_no_trace() -> None:
    x = rw.input("x", (3,), "float32")
    stopped = rw.stop_gradient(rw.max(x))
    assert body(rw.exp(x - stopped) + stopped, inputs=[x]) == (
        "def evaluate(x):\n"
        "    max_x = np.max(x)\n"
        "    return np.exp(x - max_x) + max_x\n"
    )  # fmt: skip


def test_a_single_long_result_is_no_tuple() -> None:
    x = rw.input("a_rather_long_name_for_an_input", (2, 2), "float16")
    graph = rw.Graph([x], rw.sum(rw.log(rw.absolute(x)), axis=0, keepdims=True))
    assert max(map(len, source(graph).splitlines())) > 80
    assert compile(graph)(np.ones((2, 2))).shape == (1, 2)


def chain(length: int) -> rw.Graph:
    x = rw.input("x", (2,), "float64")
    node = x
    for _ in range(length // 2):
        node = rw.exp(-node)
    return rw.Graph([x], node)


def test_a_deep_chain_compiles_and_runs() -> None:
    graph = chain(100_000)
    expected = np.array([0.0, 3.0])
    for _ in range(50_000):
        expected = np.exp(-expected)
    assert compile(graph)([0.0, 3.0]).tolist() == expected.tolist()
    fixed_point = 0.567143290409783873  # Lambert W(1)
    np.testing.assert_allclose(expected, fixed_point, rtol=1e-15)


def test_lines_stay_short_however_long_the_chain() -> None:
    assert max(map(len, source(chain(1000)).splitlines())) <= 100


def test_long_functions_drop_what_they_no_longer_need() -> None:
    text = source(chain(400))
    assigned = re.findall(r"^    (\w+) = ", text, re.M)
    dropped = re.findall(r"^    del (.+)$", text, re.M)
    assert len(assigned) > 32
    assert {name for line in dropped for name in line.split(", ")} >= set(assigned[:-1])


def test_opaque_calls_are_called_with_arrays() -> None:
    x = rw.input("x", ("n",), "float32")
    doubled = rw.custom("doubling", lambda a: a + a, x, shape=("n",), dtype="float32")
    graph = rw.Graph([x], doubled * 2)
    assert source(graph).endswith("return call_doubling(x) * 2.0\n")
    assert compile(graph)([1, 2]).tolist() == [4, 8]


def test_opaque_calls_keep_their_promise() -> None:
    x = rw.input("x", ("n",), "float32")
    short = rw.custom("short", lambda a: a[1:], x, shape=("n",), dtype="float32")
    with pytest.raises(ShapeError, match=r"'short' promises shape \(3,\).*\(2,\)"):
        compile(rw.Graph([x], short))([1, 2, 3])
    whole = rw.custom("whole", lambda a: a.astype(int), x, shape=("n",), dtype="float32")
    with pytest.raises(DataTypeError, match=r"'whole' promises float32.*int64"):
        compile(rw.Graph([x], whole))([1, 2, 3])
    wide = rw.custom("wide", lambda a: a.astype(np.float64), x, shape=("n",), dtype="float32")
    assert compile(rw.Graph([x], wide))([1, 2, 3]).dtype == np.float32


def test_a_call_with_a_body_means_its_body() -> None:
    y = rw.input("y", ("k",), "float32")
    inner = rw.Graph([y], [rw.exp(y), rw.sum(y)])
    x = rw.input("x", ("n",), "float32")
    results = ((("n",), "float32"), ((), "float32"))
    call = apply(o.CALL, [x], {
        "name": "both", "function": None, "shape": (), "dtype": "float32", "results": results,
        "body": inner,
    })  # fmt: skip
    parts = [apply(o.COMPONENT, [call], {"index": place}) for place in (0, 1)]
    graph = rw.Graph([x], [parts[0] + 1, parts[1]])
    for backend in (compile(graph), lambda *a: exact(graph, *a)):
        first, second = backend([0.0, 0.0, 1.0])
        assert first.dtype == np.float32
        np.testing.assert_allclose(first, [2, 2, 1 + np.e], rtol=1e-7)
        assert second == 1


def test_functions_are_freed() -> None:
    x = rw.input("x", (2,), "float32")
    function = compile(rw.Graph([x], rw.exp(x)))
    alive = weakref.ref(function)
    del function
    gc.collect()
    assert alive() is None


def test_an_index_error_of_a_user_function_stays_its_own() -> None:
    x = rw.input("x", (2,), "float32")
    broken = rw.custom("broken", lambda a: [][1], x, shape=(2,), dtype="float32")
    with pytest.raises(IndexError, match="list index"):
        compile(rw.Graph([x], broken))([1, 2])


def test_erf_is_vectorised_at_every_shape() -> None:
    x = rw.input("x", ("n", "m"), "float32")
    found = compile(rw.Graph([x], rw.erf(x)))(np.zeros((2, 3)))
    assert found.shape == (2, 3)
    assert not found.any()
