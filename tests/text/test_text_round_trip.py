"""Text reads back to the very graph that it came from, and is the same text in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from random_graphs import random_graph
from sample_graphs import INPUTS, SAMPLES, halved, random_graphs, x, y

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.graph.dtype import COMPLEX, FLOATS, INTEGERS
from rewriter.graph.graph import Graph
from rewriter.graph.node import ConstantValue, apply, make_node
from rewriter.text.parsing import parse


def assert_round_trip(graph: Graph) -> None:
    text = str(graph)
    assert parse(text) is graph, text


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_primitive(name: str) -> None:
    assert_round_trip(SAMPLES[name])


@given(random_graphs())
@settings(max_examples=150, deadline=None)
def test_random_graphs(graph: Graph) -> None:
    assert_round_trip(graph)


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_and_their_gradients(seed: int) -> None:
    graph = random_graph(seed)
    assert_round_trip(graph)
    inputs = graph.inputs[:3]
    assert_round_trip(graph.with_outputs(rw.grad(rw.sum(graph.outputs[0]), inputs)))


def test_what_it_looks_like() -> None:
    graph = rw.Graph([x], [rw.softmax(x), rw.logsumexp(x, axis=(0, 1))])
    assert str(graph) == (
        "graph(x: float32[n, 4]) -> (float32[n, 4], float32):\n"
        "    a: float32[n, 4] = exp(x)\n"
        "    b: float32 = reshape(log(sum(a, keepdims=True)), shape=())\n"
        "    return a / sum(a, axis=1, keepdims=True), b"
    )


# Constants ---------------------------------------------------------------------------------------
def constants_graph(*nodes: rw.Graph) -> Graph:
    return rw.Graph([], nodes)


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS, *COMPLEX, "bool"])
def test_scalars_of_every_dtype(dtype: str) -> None:
    values = [0, 1] if dtype == "bool" or dtype.startswith("uint") else [0, 1, -1, 3]
    assert_round_trip(constants_graph(*(rw.constant(v, dtype) for v in values)))


@pytest.mark.parametrize("dtype", FLOATS)
def test_special_floats(dtype: str) -> None:
    values = [0.1, -0.0, 0.0, np.nan, np.inf, -np.inf, 1e-7, 1.5e-5, 65504.0]
    nodes = [rw.constant(v, dtype) for v in values]
    assert_round_trip(constants_graph(*nodes, rw.constant(np.array(values), dtype)))
    negative_zero = parse(str(constants_graph(nodes[1]))).outputs[0]
    assert np.signbit(negative_zero.attribute("value").array)


def test_nan_with_a_payload_is_kept() -> None:
    bits = np.array([0x7FC00001, 0xFFC00000, 0x7FC00000], np.uint32).view(np.float32)
    scalars = [rw.constant(b) for b in bits]
    assert len({id(node) for node in scalars}) == 3
    assert_round_trip(constants_graph(*scalars, rw.constant(bits)))


@given(st.data(), st.sampled_from(["float16", "float32", "float64"]))
@settings(max_examples=100, deadline=None)
def test_any_float_array(data: st.DataObject, dtype: str) -> None:
    shape = data.draw(arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6))
    array = data.draw(arrays.arrays(dtype, shape))
    node = rw.constant(array)
    graph = constants_graph(node)
    read = parse(str(graph)).outputs[0].attribute("value").array
    assert read.tobytes() == array.tobytes()
    assert read.shape == array.shape
    assert_round_trip(graph)


@given(st.floats(width=32, allow_nan=False))
@settings(max_examples=200, deadline=None)
def test_numbers_beside_tensors(value: float) -> None:
    assert_round_trip(
        rw.Graph([x], [value * x, x ** np.float32(value), rw.where(x > value, x, value)])
    )


def test_large_constants_stand_at_the_end() -> None:
    weights = rw.constant(np.random.default_rng(7).normal(size=(4, 30)))
    graph = rw.Graph([x], [x @ weights, weights])
    text = str(graph)
    assert text.index("return") < text.index("constants:") < text.index("float64[4, 30](")
    assert text.count("float64[4, 30](") == 1
    assert_round_trip(graph)


def test_equal_elements_take_one_number() -> None:
    graph = constants_graph(rw.constant(np.zeros((1000, 1000), "float32")))
    assert "float32[1000, 1000](0.0)" in str(graph)
    assert_round_trip(graph)
    signs = constants_graph(rw.constant(np.array([0.0, -0.0] * 20)))
    assert_round_trip(signs)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (1,), (1, 1), (16,), (17,), (2, 2, 2)])
def test_shapes_of_constants(shape: tuple[int, ...]) -> None:
    assert_round_trip(constants_graph(rw.constant(np.arange(np.prod(shape)).reshape(shape))))


# Names, dimensions, attributes -------------------------------------------------------------------
NAMES = [
    "x.0", "layer/weights", "", " ", "two words", "graph", "return", "constants", "nan", "inf",
    "True", "None", "float32", "bool", 'say "hi"', "back\\slash", "new\nline", "tab\t", "θ", "π²",
    "0", "a", "b", "\ud800", "exp", "#", "‮",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_inputs(name: str) -> None:
    node = rw.input(name, ("n", 3))
    exponential = rw.exp(node)
    assert_round_trip(rw.Graph([node], [exponential / rw.sum(exponential), node[1:, :], -node]))


@given(st.text(max_size=8), st.text(max_size=8))
@settings(max_examples=100, deadline=None)
def test_any_names(first: str, second: str) -> None:
    one = rw.input(first, (3,))
    other = rw.input(second + "'" + first, (3,))
    assert_round_trip(rw.Graph([one, other], [one * other - one]))


def test_symbolic_dimensions() -> None:
    a = rw.input("a", ("n", "2*n+1", 3), "float32")
    b = rw.input("b", ("m", "2*n+1", 3), "float32")
    both = rw.concatenate([a, b])
    assert both.shape == (rw.input("c", ("n+m",)).shape[0], *a.shape[1:])
    outputs = [both, rw.reshape(both, (-1,)), both[2:-3, 1:, :2], rw.iota(both.shape, 1)]
    assert_round_trip(rw.Graph([a, b], outputs))
    assert "float32[n, 2*n+1, 3]" in str(rw.Graph([a], [a]))


def test_precedence() -> None:
    a, b = x, rw.exp(x)
    nodes = [
        a - (b - a), (a - b) - a, a / (b / a), (a / b) / a, a * (b + a), -(a + b), (-a) ** b,
        -(a**b), a ** (b**a), (a**b) ** a, 2.0**-a, (-2.0) ** a, -(2.0**a), a - -1.0, a - -b,
        rw.negative(-a), (a < b) & (b < a), (a < b) | (b < a) & (a > b),
        ((a < b) | (b < a)) & (a > b), ~(a < b), rw.equal(a < b, b < a), (a + b)[1:, :],
        (-a)[1:, :], rw.floor_divide(a, b * a), (a @ y) * 2.0,
    ]  # fmt: skip
    for node in nodes:
        assert_round_trip(rw.Graph([x, y], [node]))
    assert_round_trip(rw.Graph([x, y], nodes))


def test_operations_on_constants_alone() -> None:
    one = rw.constant(1.0, "float32")
    two = rw.constant(2.0, "float32")
    pair = [
        rw.add(one, two),
        -one,
        rw.where(rw.constant(True), one, two),
        apply(o.NEGATIVE, [-one]),
    ]
    assert_round_trip(constants_graph(*pair, rw.pad(rw.constant([1, 2]), [(1, 1)], 7)))


def test_slice_of_a_scalar() -> None:
    scalar = rw.input("s", ())
    empty = apply(o.SLICE, [scalar], {"start": (), "stop": (), "step": ()})
    assert_round_trip(rw.Graph([scalar], [empty]))


def test_extended_dtypes_are_quoted() -> None:
    key = make_node(
        o.INPUT, (), (("dtype", "key<fry>"), ("name", "k"), ("shape", ())), (), "key<fry>"
    )
    packed = ConstantValue(np.zeros((2,), np.float32))
    attributes = (("dtype", "float8_e4m3fn"), ("shape", (2,)), ("value", packed))
    node = make_node(o.CONSTANT, (), attributes, (2,), "float8_e4m3fn")
    graph = rw.Graph([key], [key, node])
    assert 'k: "key<fry>"' in str(graph)
    assert_round_trip(graph)


def test_graphs_without_outputs_or_inputs() -> None:
    assert_round_trip(rw.Graph([x], []))
    assert_round_trip(rw.Graph([], []))


def test_unused_inputs_and_repeated_outputs() -> None:
    assert_round_trip(rw.Graph(INPUTS, [y, y, rw.exp(y), rw.exp(y)]))


def test_many_inputs_stand_one_a_line() -> None:
    inputs = [rw.input(f"weights_of_layer_{k}", ("n", k)) for k in range(30)]
    graph = rw.Graph(inputs, inputs[:20])
    assert max(map(len, str(graph).splitlines()[:-1])) < 110
    assert_round_trip(graph)


# Opaque calls ------------------------------------------------------------------------------------
def test_namesakes_are_told_apart() -> None:
    def first(a: object) -> object:
        return a

    def second(a: object) -> object:
        return a

    calls = [rw.custom("twin", f, x, shape=x.shape, dtype=x.dtype) for f in (first, second)]
    assert calls[0] is not calls[1]
    assert_round_trip(rw.Graph([x], calls))
    assert_round_trip(rw.Graph([x], calls[::-1]))


def test_functions_that_cannot_be_referred_to_weakly() -> None:
    call = rw.custom("cosine", np.cos, x, shape=x.shape, dtype=x.dtype)
    assert_round_trip(rw.Graph([x], [call]))


def test_a_function_may_be_given() -> None:
    graph = rw.Graph([x], [rw.custom("halved", halved, x, shape=x.shape, dtype=x.dtype)])
    text = str(graph).replace("<halved>", "<thirds>")
    read = parse(text, {"thirds": abs})
    assert read.outputs[0].attribute("function") is abs


def test_bodies_follow_under_their_names() -> None:
    inner = rw.Graph([y], [rw.exp(y)])
    attributes = {"name": "inner", "function": halved, "shape": (4,), "dtype": "float32"}
    middle = rw.Graph([y], [apply(o.CALL, [y], {**attributes, "body": inner})])
    outer = {**attributes, "name": "outer", "body": middle}
    again = {
        **attributes,
        "name": "inner",
        "body": middle,
        "note": ("kept", ("n", 2), None, True, 0.5),
    }
    graph = rw.Graph([y], [apply(o.CALL, [y], outer), apply(o.CALL, [y], again)])
    assert str(graph).count("graph @") == 2
    assert_round_trip(graph)


class Arrangement:
    """A convention."""


def test_conventions_are_kept() -> None:
    arrangement = Arrangement()
    graph = rw.Graph([x], [x], convention=arrangement)
    assert "convention <Arrangement>" in str(graph)
    assert_round_trip(graph)
    assert graph is not rw.Graph([x], [x])


# Written by hand ---------------------------------------------------------------------------------
def test_statements_in_any_order_and_layout() -> None:
    text = """
    # a softmax, upside down
    graph(x: float32[n, 4],):
        result = weights / total    # of the row
        total: float32[n, 1] = sum(
            weights,
            axis=-1, keepdims=True,
        )
        weights = exp((x))
        return result
    """
    assert parse(text) is rw.Graph([x], [rw.softmax(x)])


def test_integers_beside_floats() -> None:
    assert parse("graph(x: float32[n, 4]):\n return 2 * x - 1") is rw.Graph([x], [2 * x - 1])


def test_python_reads_the_same_precedence() -> None:
    text = "-x ** 2.0 * x - x / x - 1.0 + -x"
    value = -(x**2.0) * x - x / x - 1.0 + -x
    assert parse(f"graph(x: float32[n, 4]): \n return {text}") is rw.Graph([x], [value])


def test_origins_are_lines_of_the_text() -> None:
    graph = parse("graph(fresh: float32[q]):\n    a = exp(fresh)\n    return log(a)")
    assert [(n.operator.name, n.origin.line) for n in graph.nodes()] == [
        ("input", 1), ("exp", 2), ("log", 3),
    ]  # fmt: skip


# The same text in every process ------------------------------------------------------------------
def test_the_text_does_not_depend_on_the_hash_seed() -> None:
    program = "import sample_graphs as s\nfor name in sorted(s.SAMPLES): print(s.SAMPLES[name])"
    here = Path(__file__).parent
    texts = set()
    for seed in ("0", "1", "4242"):
        path = os.pathsep.join([str(here), str(here.parent.parent)])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        texts.add(done.stdout)
    expected = "".join(f"{SAMPLES[name]}\n" for name in sorted(SAMPLES))
    assert texts == {expected}


# Size --------------------------------------------------------------------------------------------
def test_a_deep_chain() -> None:
    node = x
    for _ in range(30_000):
        node = rw.exp(node)
    assert_round_trip(rw.Graph([x], [node]))


def test_a_shared_tower_is_linear() -> None:
    node = x
    for _ in range(2_000):
        node = node * node
    graph = rw.Graph([x], [node])
    assert len(str(graph)) < 2_000 * 60
    assert_round_trip(graph)


@pytest.mark.parametrize("depth", [30_000])
def test_deep_parentheses(depth: int) -> None:
    text = f"graph(x: float32[n, 4]):\n return {'(' * depth}x{')' * depth}"
    assert parse(text) is rw.Graph([x], [x])
    text = f"graph(x: float32[n, 4]):\n return {'-' * depth}x"
    node = x
    for _ in range(depth):
        node = -node
    assert parse(text) is rw.Graph([x], [node])
