"""What may be added to data without a graph noticing it, and what may not.

Each claim is checked in ball arithmetic: the graph of moved data is worth the same.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import rewriter as rw
from rewriter.facts.translations import Translations, sources_of
from rewriter.facts.vectors import along, null_space

NUMBERS = np.random.default_rng(3).normal(size=(2, 3)).astype("float32")
MOVED = np.float32(0.5)


def share(x):
    return rw.exp(x) / rw.sum(rw.exp(x))


def rows(x):
    """The two rows of a tensor, each a source of its own."""
    return rw.reshape(x[:1, :], (3,)), rw.reshape(x[1:, :], (3,))


def numbers(*values):
    return rw.constant(np.array(values, "float32"), "float32")


def graph_of(function):
    x = rw.input("x", (2, 3), "float32")
    return rw.Graph([x], [function(*rows(x))])


UNNOTICED = {
    "shares": (lambda a, b: share(a) + rw.sum(share(b)), [(1, 0), (0, 1)]),
    "a difference": (lambda a, b: rw.sin(a - b), [(1, 1)]),
    "twice as much": (lambda a, b: rw.exp(2 * a - b), [(1, 2)]),
    "odds": (lambda a, b: rw.sum(rw.exp(a)) / rw.sum(rw.exp(b)), [(1, 1)]),
    "a logarithm": (lambda a, b: rw.log(rw.sum(rw.exp(a))) - rw.max(a) + 0 * b, [(1, 0), (0, 1)]),
    "a root": (lambda a, b: rw.sqrt(rw.exp(a) * rw.exp(b)) / rw.exp(a), [(1, 1)]),
    "picked": (
        lambda a, b: rw.sum(numbers(0, 1, 0) * a) - rw.log(rw.sum(rw.exp(a))) + rw.sum(share(b)),
        [(1, 0), (0, 1)],
    ),
    "contracted": (
        lambda a, b: rw.einsum("i,i->", numbers(2, -1, -1), a) + rw.sum(share(b)),
        [(1, 0), (0, 1)],
    ),
    "the larger one": (lambda a, b: rw.maximum(a, b) - rw.minimum(a, b), [(1, 1)]),
    "compared": (lambda a, b: rw.where(a > b, share(a), share(b)), [(1, 1)]),
    "a mask": (lambda a, b: share(rw.where(b > -0.5, a, -np.inf)), [(1, 0)]),
}

NOTICED = {
    "a square": lambda a, b: a * a + rw.sin(b),
    "a sigmoid": lambda a, b: 1 / (1 + rw.exp(-a)) + rw.sin(b),
    "one summand": lambda a, b: rw.exp(a) + rw.exp(2 * a) + rw.exp(3 * b),
    "a floor": lambda a, b: rw.maximum(rw.exp(a), 1e-3) + rw.cos(b),
    "weights of a sum": lambda a, b: rw.sum(numbers(1, -1, 2) * a) + rw.sin(b),
    "left as it is": lambda a, b: numbers(1, -1, 2) * a + rw.sin(b),
    "beside a whole number": lambda a, b: rw.where(b > 0, share(a), 1.0) + rw.sin(a),
    "a comparison in numbers": lambda a, b: rw.astype(b > 0, "float32") * share(a) + rw.sin(a),
    "where it is 0": lambda a, b: rw.where(b > 0, a, 0.0),
}


def basis_of(graph):
    found = Translations(graph, sorted(sources_of(graph), key=lambda source: source.start))
    return found.unnoticed(graph.outputs)


@pytest.mark.parametrize("name", UNNOTICED)
def test_what_is_not_noticed(name):
    function, directions = UNNOTICED[name]
    graph = graph_of(function)
    basis = basis_of(graph)
    assert len(basis) == len(directions)
    exact = rw.compile(graph, backend="exact")
    for direction in basis:
        moved = NUMBERS + MOVED * np.array(direction, "float32")[:, None]
        rounding = 2.0**-20  # of the numbers that were moved
        assert np.allclose(exact(NUMBERS), exact(moved), rtol=rounding, atol=rounding)
    wanted = [tuple(map(Fraction, one)) for one in directions]
    assert null_space(basis, 2) == null_space(wanted, 2)


@pytest.mark.parametrize("name", NOTICED)
def test_what_is_noticed(name):
    assert basis_of(graph_of(NOTICED[name])) == []


def test_parts_that_overlap_are_one_source():
    x = rw.input("x", (4,), "float32")
    graph = rw.Graph([x], [share(x[:3]) - share(x[1:])])
    (source,) = sources_of(graph)
    assert (source.start, source.stop) == ((0,), (4,))


def test_a_solution_of_equations():
    half = Fraction(1, 2)
    equations = [(Fraction(1), Fraction(2), Fraction(0)), (Fraction(0), Fraction(1), half)]
    (solution,) = null_space(equations, 3)
    assert any(solution)
    assert all(along(one, solution) == 0 for one in equations)
