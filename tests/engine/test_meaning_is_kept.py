"""Property: a random graph and its gradient mean after ``optimize`` what they meant before.

Over the reals, by ball arithmetic, and in floats: where the graph as written is finite, what comes
out lies as near to the truth, to a few roundings of the largest element.
"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import random_arguments, random_graph

import rewriter as rw
from rewriter.errors import EvaluationError

ROUNDINGS = 64 * np.finfo(np.float64).eps


def written(seed, steps, named, order):
    graph = random_graph(seed, steps, named=named)
    if order == 0:
        return graph
    (gradient,) = rw.grad(rw.sum(graph.outputs[0]), graph.inputs[:1])
    return graph.with_outputs([gradient])


def exactly(graph, arguments):
    """The value over the reals, rounded once; None where no precision settles it."""
    try:
        return np.asarray(rw.exact(graph, *arguments, dtype="float64"))
    except EvaluationError:
        return None


def error(graph, arguments, truth):
    """The largest error in floats, beside the largest element; nan where a value is not finite."""
    with np.errstate(all="ignore"):
        return np.abs(rw.compile(graph)(*arguments) - truth).max(initial=0)


@given(
    seed=st.integers(0, 10**6), steps=st.integers(3, 12), named=st.booleans(),
    order=st.integers(0, 1),
)  # fmt: skip
@settings(max_examples=250, deadline=None, derandomize=True)
def test_random_graphs_keep_their_value(seed, steps, named, order):
    graph = written(seed, steps, named, order)
    cured = rw.optimize(graph)
    if cured is graph:
        return
    arguments = random_arguments(graph, seed)
    truth, value = exactly(graph, arguments), exactly(cured, arguments)
    if truth is None:
        return
    defined = np.isfinite(truth)
    np.testing.assert_allclose(value[defined], truth[defined], rtol=1e-12, atol=0)
    before = error(graph, arguments, truth)
    if defined.all() and np.isfinite(before):
        scale = np.abs(truth).max(initial=0)
        assert error(cured, arguments, truth) <= 8 * before + ROUNDINGS * scale


def test_many_of_those_graphs_are_rewritten():
    graphs = [written(seed, 8, True, seed % 2) for seed in range(60)]
    assert sum(rw.optimize(graph) is not graph for graph in graphs) >= 12


def test_what_is_nowhere_defined_stays_so():
    x = rw.input("x", (2,), "float64")
    nothing = rw.multiply(rw.stop_gradient(rw.multiply(x, 0)), 0)
    for graph in (
        rw.Graph([x], [rw.log1p(rw.exp((x - x) / (x - x)))]),
        rw.Graph([x], [rw.log(1 + rw.exp(x / nothing))]),
        rw.Graph([x], [rw.log(1 + rw.exp(x / rw.constant([0.0, 0.0])))]),
    ):
        assert np.isnan(rw.compile(rw.optimize(graph))(np.array([0.0, 0.0]))).all()


def test_parts_of_joined_tensors_of_named_sizes_are_read_inside():
    x, y = rw.input("x", ("n",), "float64"), rw.input("y", ("m",), "float64")
    joined = rw.concatenate([x, y, x])
    graph = rw.Graph([x, y], [rw.exp(joined) / rw.sum(rw.exp(joined))])
    values = np.array([1.0, 1000.0]), np.array([2.0, 999.0, 1000.0])
    weights = np.array([0, 1, 0, np.exp(-1), 1, 0, 1])
    found = rw.compile(rw.optimize(graph))(*values)
    np.testing.assert_allclose(found, weights / weights.sum(), rtol=1e-15, atol=1e-300)


def test_a_quotient_of_differences_has_its_own_axes():
    """The first axis of one has as many elements as that of the other, and is the other's last."""
    w, z = rw.input("w", (4,), "float64"), rw.input("z", (4, 4), "float64")
    graph = rw.Graph([w, z], [rw.expm1(w) / -rw.expm1(z)])
    few, many = np.arange(1.0, 5.0), np.arange(1.0, 17.0).reshape(4, 4)
    found = rw.compile(rw.optimize(graph))(few, many)
    np.testing.assert_allclose(found, -np.expm1(few) / np.expm1(many), rtol=1e-14)
