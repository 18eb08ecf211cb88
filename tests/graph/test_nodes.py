"""Nodes and graphs: one object an expression, where it came from, depth, and what is refused."""

from __future__ import annotations

import gc
import inspect
import subprocess
import sys
import weakref

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import (
    AttributeValueError,
    RewriterError,
    TruthValueError,
    UnknownOperatorError,
)
from rewriter.graph import operators as o
from rewriter.graph.node import apply, topological, with_operands
from rewriter.graph.origin import Origin
from rewriter.graph.primitive import primitive_named, primitives

x = rw.input("x", ("n", 3))
y = rw.input("y", (3,))


# Interning ---------------------------------------------------------------------------------------
def test_equal_expressions_are_one_object() -> None:
    assert rw.input("x", ("n", 3)) is x
    assert rw.exp(x) / rw.sum(rw.exp(x), axis=0) is rw.exp(x) / rw.sum(rw.exp(x), axis=(-2,))
    assert x * 0.5 is x * np.float32(0.5)
    assert rw.constant([1.0, 2.0]) is rw.constant(np.array([1.0, 2.0]))


def test_different_expressions_are_different_objects() -> None:
    different = [
        x, rw.input("x", ("n", 4)), rw.input("x", ("n", 3), "float64"), rw.input("z", ("n", 3)),
        x + y, x - y, y + x, rw.sum(x, axis=0), rw.sum(x, axis=1), rw.sum(x, axis=0, keepdims=True),
        rw.constant(0.0), rw.constant(-0.0), rw.constant(0), rw.constant(False), rw.constant([0.0]),
        rw.constant(0.0, "float32"), rw.constant(np.nan), rw.constant(-np.nan),
    ]  # fmt: skip
    assert len({id(node) for node in different}) == len(different)


def test_equality_is_identity() -> None:
    assert (x == x) is True
    assert (x == y) is False
    assert len({x, y, rw.input("x", ("n", 3))}) == 2


def test_nodes_are_let_go() -> None:
    node = rw.exp(rw.input("short-lived", (123,)))
    alive = weakref.ref(node)
    del node
    gc.collect()
    assert alive() is None


def test_graphs_are_interned() -> None:
    assert rw.Graph([x, y], [x + y]) is rw.Graph((x, y), x + y)
    assert rw.Graph([x, y], [x + y]) is not rw.Graph([y, x], [x + y])
    assert rw.Graph([x], [x]).with_outputs([rw.exp(x)]) is rw.Graph([x], [rw.exp(x)])


def test_a_constant_is_a_copy() -> None:
    array = np.ones(3)
    node = rw.constant(array)
    array[0] = 7.0
    assert node.attribute("value").array.tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        node.attribute("value").array[0] = 2.0


def test_with_operands() -> None:
    node = rw.sum(x, axis=0)
    assert with_operands(node, (x,)) is node
    moved = with_operands(node, (rw.exp(x),))
    assert moved is rw.sum(rw.exp(x), axis=0)
    assert moved.origin == node.origin


# Origins -----------------------------------------------------------------------------------------
def test_the_origin_is_the_line_of_the_caller() -> None:
    line = inspect.currentframe().f_lineno + 1
    node = rw.softmax(rw.input("origins", (17,)))
    for one in topological([node]):
        assert (one.origin.file, one.origin.line) == (__file__, line)


def test_the_first_origin_stays() -> None:
    first = rw.cos(rw.input("stays", (18,)))
    again = rw.cos(rw.input("stays", (18,)))
    assert again.origin.line == first.origin.line


def test_origins_as_text() -> None:
    assert str(Origin("/home/me/model.py", 12)) == "model.py:12"
    assert str(Origin("/home/me/model.py", 12, "shift")) == "rule shift at model.py:12"
    assert str(Origin()) == "unknown place"


# Order and depth ---------------------------------------------------------------------------------
def test_operands_come_first_and_once() -> None:
    a = rw.exp(x)
    b = a * a + rw.sum(a)
    nodes = list(topological([b, a, b]))
    assert len(nodes) == len(set(nodes))
    places = {node: place for place, node in enumerate(nodes)}
    assert all(places[operand] < places[node] for node in nodes for operand in node.operands)
    assert nodes == list(topological([b, a, b]))


def test_a_deep_chain_is_built_walked_and_let_go() -> None:
    program = (
        "import sys, rewriter as rw\n"
        "sys.setrecursionlimit(200)\n"
        "x = rw.input('x', (2,))\n"
        "node = x\n"
        "for _ in range(100_000): node = rw.exp(node) * 0.5\n"
        "graph = rw.Graph([x], [node])\n"
        "print(sum(1 for _ in graph.nodes()), repr(graph), repr(node))\n"
        "del node, graph\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    said = "<Graph of 1 inputs to float32(2,)> <multiply: float32(2,)>"
    assert done.stdout.strip() == f"200002 {said}"


# Truth, iteration, NumPy beside ------------------------------------------------------------------
@pytest.mark.parametrize("use", [bool, lambda n: n and 1, lambda n: 0 < n < 1, lambda n: not n])
def test_a_node_has_no_truth_value(use) -> None:
    with pytest.raises(TruthValueError, match=r"<(input 'x'|greater): "):
        use(x)


def test_a_node_is_not_iterated() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        list(x)
    with pytest.raises(TypeError, match="not iterable"):
        _ = 3.0 in x


def test_arrays_on_the_left() -> None:
    row = np.arange(3, dtype="float32")
    assert row + x is rw.add(row, x)
    assert row / x is rw.divide(row, x)
    assert row - x is rw.subtract(rw.constant(row), x)
    assert np.float32(2) * x is rw.multiply(rw.constant(2, "float32"), x)
    assert (row < x) is rw.greater(x, row)
    assert (np.ones((4, 3), "float32") @ y).shape == (4,)


def test_operators_are_the_functions() -> None:
    pairs = [
        (x + y, rw.add(x, y)), (x - y, rw.subtract(x, y)), (x * y, rw.multiply(x, y)),
        (x / y, rw.divide(x, y)), (x**y, rw.power(x, y)), (x // y, rw.floor_divide(x, y)),
        (x % y, rw.remainder(x, y)), (2 - x, rw.subtract(2, x)), (2 // x, rw.floor_divide(2, x)),
        (2 % x, rw.remainder(2, x)), (2**x, rw.power(2, x)), (2 / x, rw.divide(2, x)),
        (-x, rw.negative(x)), (+x, x), (abs(x), rw.absolute(x)), (x @ y, rw.matmul(x, y)),
        (x < y, rw.less(x, y)), (x <= y, rw.less_equal(x, y)), (x > y, rw.greater(x, y)),
        (x >= y, rw.greater_equal(x, y)), (~(x < y), rw.logical_not(x < y)),
        ((x < y) & (y < x), rw.logical_and(x < y, y < x)),
        ((x < y) | True, rw.logical_or(x < y, True)), (True & (x < y), rw.logical_and(True, x < y)),
        (False | (x < y), rw.logical_or(False, x < y)), (x.T, rw.transpose(x)),
        (x.sum(axis=0), rw.sum(x, axis=0)), (x.max(), rw.max(x)), (x.mean(1), rw.mean(x, 1)),
        (x.min(axis=1, keepdims=True), rw.min(x, axis=1, keepdims=True)), (x[0], rw.index(x, 0)),
        (x.reshape(-1), rw.reshape(x, (-1,))), (x.reshape(3, "n"), rw.reshape(x, (3, "n"))),
        (x.transpose(1, 0), rw.transpose(x, (1, 0))),
        (x.astype("float16"), rw.astype(x, "float16")),
    ]  # fmt: skip
    for left, right in pairs:
        assert left is right


# Primitives --------------------------------------------------------------------------------------
def test_primitives_by_name() -> None:
    assert all(primitive_named(p.name) is p for p in primitives())
    assert len({p.name for p in primitives()}) == len(primitives())
    with pytest.raises(UnknownOperatorError, match=r"\[culprit: softmaxx\]"):
        primitive_named("softmaxx")


# Graphs that are refused -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("inputs", "outputs", "culprit"),
    [
        ([x], [x + y], "y"),
        ([], x, "x"),
        ([x, rw.input("x", (3,))], [x], "x"),
        ([x, x], [x], "x"),
        ([rw.exp(x)], [x], "<exp: float32(n, 3)>"),
        ([rw.constant(1)], [x], "<constant: int64()>"),
        ([x, "y"], [x], "'y'"),
        ([x], [x, None], "None"),
        ([x], [x, 3.0], "3.0"),
        ([x], 3.0, "3.0"),
        (x, x, "<input 'x': float32(n, 3)>"),
        (None, x, "None"),
        ([x], [np.ones(2)], "array([1., 1.])"),
    ],
)
def test_graphs_that_are_refused(inputs: object, outputs: object, culprit: str) -> None:
    with pytest.raises(RewriterError) as caught:
        rw.Graph(inputs, outputs)
    assert caught.value.culprit == culprit


# Opaque calls ------------------------------------------------------------------------------------
def test_custom_calls() -> None:
    call = rw.custom("cosines", np.cos, x, [1.0, 2.0], shape=("n", 3), dtype=np.float16)
    assert call.operator is o.CALL
    assert call.operands == (x, rw.constant([1.0, 2.0]))
    assert (call.shape, call.dtype) == (("n", 3), "float16")
    assert rw.custom("cosines", np.cos, x, [1.0, 2.0], shape=("n", 3), dtype="float16") is call
    assert rw.custom("cosines", np.sin, x, [1.0, 2.0], shape=("n", 3), dtype="float16") is not call


def test_functions_that_are_refused() -> None:
    class Unhashable:
        __hash__ = None

        def __call__(self) -> None: ...

    for function, culprit in ((3, "3"), (Unhashable(), "Unhashable")):
        with pytest.raises(AttributeValueError) as caught:
            rw.custom("call", function, x, shape=(), dtype="float32")
        assert culprit in str(caught.value.culprit)


def test_components_of_what_has_none() -> None:
    with pytest.raises(AttributeValueError, match=r"input 'x'.* has 0 components \[culprit: 0\]"):
        apply(o.COMPONENT, [x], {"index": 0})
