"""Equal graphs are proved equal; of those that differ a little none is, and numbers show it."""

import pytest
from graph_pairs import DIFFERENT, EQUAL

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.graph.node import Node, topological


def graphs(pair: tuple[Node, Node]) -> list[rw.Graph]:
    inputs = [node for node in topological(pair) if node.operator is o.INPUT]
    return [rw.Graph(inputs, [side]) for side in pair]


@pytest.mark.parametrize("name", EQUAL)
def test_equal_graphs_are_proved(name: str) -> None:
    verdict = rw.equivalent(*graphs(EQUAL[name]()))
    assert verdict.proved, verdict


@pytest.mark.parametrize("name", DIFFERENT)
def test_graphs_that_differ_are_refuted(name: str) -> None:
    verdict = rw.equivalent(*graphs(DIFFERENT[name]()))
    assert verdict.status == "refuted", verdict
    assert verdict.counterexample is not None


def test_a_branch_that_is_met_at_one_point_is_found() -> None:
    s = rw.input("s", (), "float32")
    odd = rw.where(rw.equal(s * s, 56.25), 0.0, s)
    verdict = rw.equivalent(rw.Graph([s], [s]), rw.Graph([s], [odd]))
    assert abs(verdict.counterexample.values["s"].item()) == 7.5
