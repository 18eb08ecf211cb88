"""What is left of a cure whose budget is met, and exponents that are built step by step."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import rewriter as rw
from rewriter.engine import curing, optimizer
from rewriter.engine.building.exponents import _gaps
from rewriter.engine.optimizer import rewrite_graph
from rewriter.engine.region import Region
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms import functions
from rewriter.terms.algebra import add, number, scale
from rewriter.terms.index import axis
from rewriter.terms.maxima import bound_maximum
from rewriter.terms.reading import element

VALUES = np.cos(np.arange(12, dtype="float32")).reshape(3, 4)


def program() -> rw.Graph:
    x = rw.input("x", (3, 4))
    first = rw.exp(x) / rw.sum(rw.exp(x), axis=1, keepdims=True)
    second = rw.exp(first) / rw.sum(rw.exp(first), axis=0, keepdims=True)
    return rw.Graph([x], [rw.log(second)])


@pytest.mark.parametrize(
    ("module", "limit", "note"),
    [(curing, "MOST_WORK", curing.PARTIAL), (optimizer, "LARGEST_CURED", optimizer.TOO_LARGE)],
)
def test_a_program_keeps_its_meaning_when_a_budget_is_met(
    monkeypatch: pytest.MonkeyPatch, module: Any, limit: str, note: str
) -> None:
    graph = program()
    assert note not in rewrite_graph(graph).notes
    monkeypatch.setattr(module, limit, 10)
    monkeypatch.setattr(optimizer, "LARGEST_GROWTH", 0)
    result = rewrite_graph(graph)
    assert note in result.notes
    exact = np.asarray(rw.compile(graph, backend="exact")(VALUES), "float64")
    np.testing.assert_allclose(rw.compile(result.after)(VALUES), exact, rtol=1e-5)


def test_one_node_that_takes_too_long_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is worked out of it than there may be; what is below it keeps its cure."""
    x = rw.input("x", (12,))
    first = rw.exp(x) / rw.sum(rw.exp(x))
    total = functools.reduce(rw.multiply, [1.0 + rw.exp(k * x[k]) for k in range(12)])
    graph = rw.Graph([x], [first, first * rw.log(total * total - total)])
    monkeypatch.setattr(curing, "MOST_WORK", 600)
    monkeypatch.setattr(curing, "LEAST_WORK", 50)
    result = rewrite_graph(graph)
    assert curing.PARTIAL in result.notes
    large = np.arange(12, dtype="float32") - 1000
    found, _ = rw.compile(result.after)(large)
    np.testing.assert_allclose(
        found[-1], 1 / (1 + sum(np.exp(-k) for k in range(1, 12))), rtol=1e-6
    )


def test_a_term_that_lies_too_deep_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is below it keeps its cure; the program is no reason to fail."""
    x = rw.input("x", (3,))
    first = rw.exp(x) / rw.sum(rw.exp(x))
    graph = rw.Graph([x], [first, rw.log(first)])
    add = Region.add

    def add_up_to_logarithms(region: Region, node: Node) -> None:
        if node.operator is o.LOG:
            raise RecursionError
        add(region, node)

    monkeypatch.setattr(Region, "add", add_up_to_logarithms)
    result = rewrite_graph(graph)
    assert curing.PARTIAL in result.notes
    found, _ = rw.compile(result.after)(np.array([-1000, 0, -1000], "float32"))
    np.testing.assert_allclose(found, [0, 1, 0])


def test_a_gap_is_what_the_exponent_has() -> None:
    """What pairing gives to one difference and takes from another would be found for ever."""
    u = element(rw.input("u", (3, 4)))
    one, other = (
        functions.stop_gradient(bound_maximum(axis(k, n), u)) for k, n in ((0, 3), (1, 4))
    )
    rest = add((scale(one, 2), scale(other, -2)))
    (found,) = _gaps(rest, rest)
    assert found == (one, other, 2)
    (found,) = _gaps(add((one, scale(other, -3))), rest)
    assert found == (one, other, 1)
    assert not _gaps(add((scale(one, -4), scale(other, 4))), rest)
    assert not _gaps(number(1), rest)
