"""The detector is the AC goal in kanren; its work is deterministic, idempotent and linear."""

import os
import subprocess
import sys

import numpy as np
import pytest
from naive_forms import FORMS, derivative

import rewriter as rw
from rewriter.matching import goals
from rewriter.terms.term import Combination

DETECTED = [
    "softmax: softmax", "softmax: two axes", "softmax: masked by where",
    "softmax: attention, divided after", "softmax: nested", "log: log of softmax",
    "log: logsumexp", "log: logsumexp with a prior", "loss: label by index", "loss: entropy",
    "sigmoid: exponential above", "sigmoid: log of the complement", "sigmoid: softplus",
    "sigmoid: tanh by exponentials",
]  # fmt: skip


@pytest.mark.parametrize("name", DETECTED)
def test_the_goal_is_what_finds_a_law(name, monkeypatch):
    """Every law that an explanation names has gone through the goal, as pattern and subject."""
    asked = []
    original = goals.eq_ac

    def spy(left, right, **options):
        asked.append(left)
        return original(left, right, **options)

    monkeypatch.setattr(goals, "eq_ac", spy)
    graph = derivative(FORMS[name], 0, "float32")
    from rewriter.engine import rewrite_graph

    used = [match.rule for step in rewrite_graph(graph).steps for match in step.matches]
    assert used
    assert {rule.sides.pattern for rule in used} <= set(asked)


# Determinism -------------------------------------------------------------------------------------

SCRIPT = """
import gc
import rewriter as rw
from naive_forms import FORMS, derivative
for name in {names!r}:
    for order in (0, 1, 2):
        graph = None
        gc.collect()  # equal nodes are one as long as they live, and say where that was written
        graph = derivative(FORMS[name], order, "float32")
        print(name, order)
        print(rw.optimize(graph))
        print(rw.explain(graph))
        print(rw.normal_form(graph.outputs[0]))
"""

PRINTED = [
    "softmax: softmax", "softmax: with a prior", "softmax: masked by where",
    "softmax: nested", "log: log of softmax", "loss: entropy", "loss: label by index",
    "sigmoid: tanh by exponentials", "sigmoid: binary cross entropy",
]  # fmt: skip


def test_the_same_text_under_three_hash_seeds():
    here = os.path.dirname(__file__)
    root = os.path.dirname(os.path.dirname(here))
    texts = set()
    processes = []
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{root}:{here}"}
        command = [sys.executable, "-c", SCRIPT.format(names=PRINTED)]
        processes.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        )
    for process in processes:
        text, _ = process.communicate(timeout=600)
        assert process.returncode == 0
        texts.add(text)
    (text,) = texts
    assert text.count("graph(") >= 3 * len(PRINTED)


# Idempotence, types ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
def test_outputs_keep_shape_and_dtype(dtype):
    x = rw.input("x", ("n", 3), dtype)
    y = rw.exp(x) / rw.sum(rw.exp(x), axis=-1, keepdims=True)
    outputs = [y, rw.log(y), rw.sum(y), rw.logsumexp(x, axis=0), rw.expand_dims(rw.log(y), 1)]
    outputs += rw.grad(rw.sum(rw.log(y)[:, 0]), [x])
    graph = rw.Graph([x], outputs)
    stable = rw.optimize(graph)
    assert stable is not graph
    assert stable.inputs == graph.inputs
    for before, after in zip(graph.outputs, stable.outputs, strict=True):
        assert (after.shape, after.dtype) == (before.shape, before.dtype)


def test_mixed_dtypes_keep_theirs():
    x, y = rw.input("x", (3,), "float16"), rw.input("y", (3,), "float32")
    half = rw.exp(x) / rw.sum(rw.exp(x))
    single = rw.exp(y) / rw.sum(rw.exp(y))
    graph = rw.Graph([x, y], [half, single, half + single, rw.astype(single, "float16")])
    stable = rw.optimize(graph)
    assert [n.dtype for n in stable.outputs] == ["float16", "float32", "float32", "float16"]
    point = np.array([1.0, 2.0, 500.0])
    values = rw.compile(stable)(point.astype("float16"), point.astype("float32"))
    for value, expected in zip(values, (1, 1, 2, 1), strict=True):
        assert value.tolist() == [0, 0, expected]


def test_several_outputs_share_one_shift():
    """Value, logarithm and gradient of one softmax: one exp, one max, one sum over it."""
    x = rw.input("x", ("n", 5), "float32")
    y = rw.exp(x) / rw.sum(rw.exp(x), axis=-1, keepdims=True)
    loss = -rw.sum(rw.log(y)[:, 0])
    stable = rw.optimize(rw.Graph([x], [y, loss, *rw.grad(loss, [x])]))
    names = [node.operator.name for node in stable.nodes()]
    assert names.count("exp") == 1
    assert names.count("max") == 1
    assert names.count("log") == 1


# Gradients ---------------------------------------------------------------------------------------


def rows(x):
    return rw.exp(x) / rw.sum(rw.exp(x), axis=-1, keepdims=True)


def lowered(x):
    return x - rw.stop_gradient(rw.max(x, axis=-1, keepdims=True))


@pytest.mark.parametrize("order", [1, 2])
def test_gradients_carry_no_derivative_of_the_maximum(order):
    x = rw.input("x", ("n", 5), "float32")
    g = rw.input("g", ("n", 5), "float32")

    def gradient(value):
        for _ in range(order):
            (value,) = rw.grad(rw.sum(value * g), [x])
        return rw.Graph([x, g], [value])

    stable = rw.optimize(gradient(rows(x)))
    names = [node.operator.name for node in stable.nodes()]
    assert names.count("max") == 1
    assert names.count("exp") == 1
    assert not {"equal", "argmax", "scatter_add"} & set(names)
    by_hand = list(gradient(rows(lowered(x))).nodes())
    assert len(names) <= len(by_hand)


def test_a_maximum_of_the_user_s_own_keeps_its_derivative():
    """``max`` as a value of the program is differentiated as ever."""
    x = rw.input("x", (4,), "float32")
    (dx,) = rw.grad(rw.max(x) * 3, [x])
    value = rw.compile(rw.optimize(rw.Graph([x], [dx])))(np.array([1, 5, 2, 0], "float32"))
    assert value.tolist() == [0, 3, 0, 0]


# Size --------------------------------------------------------------------------------------------

DEPTH = 30_000


def test_a_long_chain_with_nothing_to_cure_comes_back():
    x = rw.input("x", (3,), "float32")
    value = x
    for step in range(DEPTH):
        value = rw.sin(value) if step % 2 else value * 0.5
    graph = rw.Graph([x], [value])
    assert rw.optimize(graph) is graph


def test_a_long_chain_between_two_cures():
    """A cure below the chain, one above it, and every node between them rebuilt on new operands."""
    x = rw.input("x", (3,), "float32")
    value = rows(x)
    for _ in range(DEPTH // 2):
        value = rw.sin(value)
    graph = rw.Graph([x], [rows(value * 1000)])
    stable = rw.optimize(graph)
    assert stable is not graph
    names = [node.operator.name for node in stable.nodes()]
    assert names.count("sin") == DEPTH // 2
    assert names.count("max") == 2


def test_a_tower_of_softmaxes_takes_work_in_proportion(monkeypatch):
    made = []
    build = Combination.make.__func__
    counted = classmethod(lambda cls, *parts: made.append(1) or build(cls, *parts))
    monkeypatch.setattr(Combination, "make", counted)

    def terms(height):
        x = rw.input("x", (3,), "float32")
        value = x
        for _ in range(height):
            value = rows(value * 1000)
        graph = rw.Graph([x], [value])
        made.clear()
        stable = rw.optimize(graph)
        assert [n.operator.name for n in stable.nodes()].count("max") == height
        return len(made)

    few = terms(20)
    assert few > 0
    assert terms(80) < 5 * few
