"""``dprint`` and ``pprint``: what they show, and that sharing and depth cost them nothing."""

from __future__ import annotations

import inspect
import io
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_graphs import SAMPLES, halved, random_graphs, x, y

import rewriter as rw
from rewriter.text.printing import dprint, pprint, tree_text

FORMULAS = [
    (rw.softmax(x), "exp(x) / sum(exp(x), axis=-1, keepdims=True)"),
    (rw.softmax(x, axis=0), "exp(x) / sum(exp(x), axis=0, keepdims=True)"),
    (rw.log_softmax(x), "log(exp(x) / sum(exp(x), axis=-1, keepdims=True))"),
    (rw.sigmoid(x), "1 / (1 + exp(-x))"),
    (x - (x - 1), "x - (x - 1)"),
    ((x - x) - 1, "x - x - 1"),
    (x / (x * x), "x / (x * x)"),
    ((x + 2) * 0.5, "(x + 2) * 0.5"),
    (-(x**2), "-x ** 2"),
    ((-x) ** 2, "(-x) ** 2"),
    (2 ** (x**3), "2 ** x ** 3"),
    ((2**x) ** -1.5, "(2 ** x) ** -1.5"),
    (-(x + 1), "-(x + 1)"),
    (x - -x, "x - -x"),
    ((x < 1) & (x > -1), "(x < 1) & (x > -1)"),
    (~(x < 1) | (x < 2), "~(x < 1) | (x < 2)"),
    (rw.where(x > 0, x, 0), "where(x > 0, x, 0)"),
    (rw.sum(x), "sum(x)"),
    (rw.sum(x, axis=(0,), keepdims=True), "sum(x, axis=0, keepdims=True)"),
    (rw.argmax(x, axis=1), "argmax(x, axis=-1)"),
    (x @ y, 'einsum("ac,c->a", x, y)'),
    (x[1:, ::2], "x[1:, ::2]"),
    ((x + y)[:-1, :], "(x + y)[:n-1, :]"),
    (x.T, "transpose(x, (1, 0))"),
    (rw.reshape(x, (-1,)), "reshape(x, (4*n,))"),
    (rw.broadcast_to(y, (3, 4)), "broadcast_to(y, (3, 4))"),
    (rw.concatenate([x, x], axis=1), "concatenate([x, x], axis=-1)"),
    (rw.astype(x, "float16"), "astype(x, float16)"),
    (rw.custom("halved", halved, x, shape=(3,), dtype="float32"), "halved(x)"),
    (rw.constant([1.5, 2.5]), "float64([1.5, 2.5])"),
    (rw.constant(np.arange(50)), "int64[50](…)"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "text"), FORMULAS, ids=[text for _, text in FORMULAS])
def test_formulas(node: rw.Node, text: str) -> None:
    assert pprint(node) == text


def test_python_takes_the_formula_for_the_same_number() -> None:
    a, b = rw.input("a", ()), rw.input("b", ())
    values = {"a": 1.75, "b": -0.625}
    symbols = {"a": a, "b": b}

    def both(formula):
        return formula(symbols["a"], symbols["b"]), formula(values["a"], values["b"])

    for formula in (
        lambda a, b: a - (b - a) - b, lambda a, b: -(a**2) * b, lambda a, b: (-b) ** 2 / (a / b),
        lambda a, b: a**2**2 - (a**2) ** 2 * b, lambda a, b: a * (b - a * (b - 1)) / (a - b),
        lambda a, b: -(a - b) - -b, lambda a, b: 2**-a * (2**a) ** -1.0,
    ):  # fmt: skip
        node, expected = both(formula)
        assert evaluated(pprint(node), values) == pytest.approx(expected, rel=1e-12)


def evaluated(text: str, values: dict[str, float]) -> float:
    """Python's own reading of a formula that this test has just printed."""
    return float(eval(compile(text, "formula", "eval"), {"__builtins__": {}}, dict(values)))


def test_a_graph_and_a_list_print_all_their_nodes() -> None:
    assert pprint(rw.Graph([x, y], [x + 1, y])) == "x + 1, y"
    assert pprint([y, x + 1]) == "y, x + 1"


def test_long_formulas_name_what_they_share() -> None:
    weights = rw.exp((x - rw.max(x, axis=-1, keepdims=True)) / 0.125 + rw.log(x) * 0.5)
    text = pprint(weights / rw.sum(weights, axis=-1, keepdims=True))
    assert text.splitlines() == [
        "a / sum(a, axis=-1, keepdims=True)",
        "  where a = exp((x - max(x, axis=-1, keepdims=True)) / 0.125 + log(x) * 0.5)",
    ]


def test_names_of_shared_parts_are_not_names_of_inputs() -> None:
    a = rw.input("a", (3,))
    shared = rw.tanh(rw.exp(rw.tanh(rw.exp(rw.tanh(rw.exp(a)))))) + 0.125
    text = pprint(shared * shared * rw.log(shared) * rw.sin(shared))
    assert text.splitlines()[1].startswith("  where b = tanh(exp(")


def test_trees() -> None:
    assert tree_text(rw.softmax(x)).splitlines() == [
        "divide float32[n, 4]",
        "├─ exp [a] float32[n, 4]",
        "│  └─ x float32[n, 4]",
        "└─ sum(axis=1, keepdims=True) float32[n, 1]",
        "   └─ exp [a] ···",
    ]
    assert tree_text(rw.Graph([x, y], [x + y, x + y])).splitlines() == [
        "add [a] float32[n, 4]",
        "├─ x float32[n, 4]",
        "└─ y float32[4]",
        "add [a] ···",
    ]
    assert tree_text([y * 2, rw.constant([1, 2])]).splitlines() == [
        "multiply float32[4]",
        "├─ y float32[4]",
        "└─ float32 2",
        "int64([1, 2])",
    ]


def test_bodies_are_trees_of_their_own() -> None:
    lines = tree_text(SAMPLES["component"]).splitlines()
    assert lines[0] == "component(index=1) float32[1]"
    assert '@"both ends":' in lines
    assert lines[lines.index('@"both ends":') + 1] == "multiply float32[4]"


def test_origins() -> None:
    line = inspect.currentframe().f_lineno + 1
    node = rw.cosh(rw.input("only_here", ()))
    assert f"cosh float32  # test_printers.py:{line}\n" in printed(node, origins=True)


def printed(node: rw.Node, **options: bool) -> str:
    file = io.StringIO()
    dprint(node, file, **options)
    return file.getvalue()


def test_dprint_prints(capsys: pytest.CaptureFixture[str]) -> None:
    dprint(rw.softmax(x))
    assert capsys.readouterr().out == tree_text(rw.softmax(x)) + "\n"
    assert printed(rw.softmax(x)) == tree_text(rw.softmax(x)) + "\n"


DEPTH = 30_000


def test_deep_trees_go_on_at_the_margin() -> None:
    node = y
    for _ in range(DEPTH):
        node = rw.exp(node)
    lines = tree_text(node).splitlines()
    assert sum("···" not in line for line in lines) == DEPTH + 1
    assert max(map(len, lines)) < 120
    marks = [line.split("[")[1].split("]")[0] for line in lines if "···" in line]
    resumed = [line.split("[")[1].split("]")[0] for line in lines if line.startswith("exp [")]
    assert marks == resumed
    assert len(pprint(node)) < DEPTH * 12


@pytest.mark.parametrize("combine", [operator.add, operator.mul, operator.truediv])
def test_shared_towers_are_linear(combine) -> None:
    node = y
    for _ in range(3_000):
        node = combine(node, node)
    assert len(pprint(node)) < 3_000 * 60
    assert len(tree_text(node).splitlines()) < 3_000 * 4


@given(random_graphs(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_node_is_written_once(graph: rw.Graph, origins: bool) -> None:
    lines = tree_text(graph, origins=origins).splitlines()
    operations = [node for node in graph.nodes() if node.operands]
    written = [line for line in lines if "···" not in line]
    for node in operations:
        name = node.operator.name
        count = sum(one.operator.name == name for one in operations)
        assert (
            sum(line.lstrip("│├└─ ").split(" ")[0].split("(")[0] == name for line in written)
            == count
        )


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_primitive_can_be_shown(name: str) -> None:
    graph = SAMPLES[name]
    assert tree_text(graph)
    assert pprint(graph)
    assert "object at 0x" not in tree_text(graph) + pprint(graph)


def test_a_sum_with_an_opposite_reads_as_a_difference():
    a, b = rw.input("a"), rw.input("b")
    assert rw.pprint(a + -b / 2) == "a - b / 2"
    assert rw.pprint(a + (-b - 2)) == "a + (-b - 2)"
    assert rw.pprint(a + rw.constant(-1.5, "float32")) == "a - 1.5"
    assert rw.pprint((a - b) + -(a * b)) == "a - b - (a * b)"
