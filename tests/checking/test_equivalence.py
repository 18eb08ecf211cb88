"""Whole graphs: what optimize makes is equivalent, wrong rewrites are refuted with numbers."""

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import AttributeValueError, EquivalenceError
from rewriter.graph.node import Node

X = rw.input("x", ("n", 4), "float32")
MASK = rw.input("mask", ("n", 4), "bool")
E = rw.exp(X)
SOFTMAX = E / rw.sum(E, axis=-1, keepdims=True)
MASKED = rw.where(MASK, E, 0.0)

GRAPHS = {
    "softmax": rw.Graph([X], [SOFTMAX]),
    "log softmax": rw.Graph([X], [rw.log(SOFTMAX)]),
    "its gradient": rw.Graph([X], rw.grad(rw.sum(rw.log(SOFTMAX)[:, 0]), [X])),
    "gradient of a square": rw.Graph([X], rw.grad(rw.sum(SOFTMAX * SOFTMAX), [X])),
    "complement": rw.Graph([X], [rw.log(1 - rw.logistic(X))]),
    "masked share": rw.Graph([X, MASK], [rw.sum(MASKED, axis=1) / rw.sum(E, axis=1)]),
}

WRONG = {
    "the wrong axis": E / rw.sum(E, axis=0, keepdims=True),
    "a shift not taken back": rw.exp(X - rw.max(X, axis=-1, keepdims=True)),
    "one column too far": rw.concatenate([SOFTMAX[:, 1:], SOFTMAX[:, :1]], axis=1),
    "a sign": -SOFTMAX,
    "the largest instead of the sum": E / rw.max(E, axis=-1, keepdims=True),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_what_optimize_makes_is_proved(name: str) -> None:
    before = GRAPHS[name]
    after = rw.optimize(before)
    assert after is not before
    verdict = rw.equivalent(before, after)
    assert verdict.proved, verdict
    assert int(verdict.by("fields").text.rsplit("2^-", 1)[1]) >= 60


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refuted_by_numbers(name: str) -> None:
    verdict = rw.equivalent(GRAPHS["softmax"], rw.Graph([X], [WRONG[name]]))
    assert verdict.status == "refuted"
    example = verdict.counterexample
    left = rw.compile(example.left, backend="exact")(*example.arguments)
    right = rw.compile(example.right, backend="exact")(*example.arguments)
    assert np.abs(np.asarray(left, "float64") - np.asarray(right, "float64")).max() > 1e-6


def test_a_mask_in_exponents_is_the_same_as_one_in_factors() -> None:
    exponents = rw.exp(rw.where(MASK, X, -np.inf))
    verdict = rw.equivalent(rw.Graph([X, MASK], [exponents]), rw.Graph([X, MASK], [MASKED]))
    assert verdict.proved


def test_nested_exponentials_are_followed() -> None:
    x, y = rw.input("a", (), "float64"), rw.input("b", (), "float64")
    before = rw.Graph([x, y], [rw.exp(rw.exp(x) * rw.exp(y))])
    assert rw.equivalent(before, rw.Graph([x, y], [rw.exp(rw.exp(x + y))])).proved


def test_another_shape_is_no_equivalent() -> None:
    verdict = rw.equivalent(GRAPHS["softmax"], rw.Graph([X], [rw.sum(SOFTMAX, axis=1)]))
    assert verdict.status == "refuted"


def test_opaque_calls_are_uninterpreted() -> None:
    def shuffle(array: np.ndarray) -> np.ndarray:
        return array[::-1]

    def called(operand: object) -> object:
        return rw.custom("shuffle", shuffle, operand, shape=(3,), dtype="float32")

    z = rw.input("z", (3,), "float32")
    same = rw.equivalent(rw.Graph([z], [rw.log(rw.exp(called(z)))]), rw.Graph([z], [called(z)]))
    other = rw.equivalent(rw.Graph([z], [called(z)]), rw.Graph([z], [called(2 * z)]))
    assert same.by("fields").holds
    assert other.status != "proved"


def test_inputs_of_one_name_are_one() -> None:
    other = rw.input("x", (5,), "float32")
    with pytest.raises(AttributeValueError, match="one name"):
        rw.equivalent(GRAPHS["softmax"], rw.Graph([other], [rw.exp(other)]))


def test_graphs_of_thousands_of_nodes() -> None:
    x = rw.input("x", (2,), "float64")
    one, other = x, x
    for _ in range(800):
        e = rw.exp(one * 0.25)
        one = e / rw.sum(e) + x * 0.5 - one * 0.25
        e = rw.exp(other * 0.25 - rw.max(other) * 0.25)
        other = e / rw.sum(e) + x * 0.5 - other * 0.25
    before, after = rw.Graph([x], [one]), rw.Graph([x], [other])
    assert sum(1 for _ in before.nodes()) + sum(1 for _ in after.nodes()) > 9_000
    assert rw.equivalent(before, after).proved
    assert not rw.equivalent(before, rw.Graph([x], [other * (1 + 2.0**-40)])).proved


def test_optimize_can_check_itself() -> None:
    assert rw.optimize(GRAPHS["softmax"], check=True) is rw.optimize(GRAPHS["softmax"])

    @rw.rule
    def wrong(x: rw.Real) -> rw.Rewrite:
        """sin x = x."""
        return rw.rewrite(rw.sin(x), to=x)

    x = rw.input("angle", (), "float64")
    with pytest.raises(EquivalenceError, match="changed what the graph means"):
        rw.optimize(rw.Graph([x], [rw.sin(x)]), rules=[wrong], check=True)


def test_a_product_with_a_number_and_a_trace_are_compared() -> None:
    x, y = rw.input("x", (3,), "float64"), rw.input("y", (2, 2), "float64")
    number = rw.sum(x)
    scaled = rw.Graph([x], [rw.einsum("i,->i", x, number)])
    assert rw.equivalent(scaled, rw.Graph([x], [number * x])).proved
    assert rw.equivalent(scaled, rw.Graph([x], [number * x * 2])).status == "refuted"
    trace = rw.Graph([y], [rw.einsum("ii->", y)])
    assert rw.equivalent(trace, rw.Graph([y], [y[0, 0] + y[1, 1]])).proved


def test_exponents_that_are_computed_are_numbers() -> None:
    x = rw.input("x", (3,), "float64")
    p = rw.exp(x) / rw.sum(rw.exp(x))
    squared = rw.Graph([x], [p ** (rw.constant(3.0) - 1.0)])
    assert rw.equivalent(squared, rw.Graph([x], [p * p])).proved
    assert rw.equivalent(squared, rw.Graph([x], [p * p * p])).status == "refuted"


def affinity(x: Node, target: Node) -> Node:
    """Σ √(p·q) of two softmaxes, one of them of numbers."""
    p, q = (rw.exp(one) / rw.sum(rw.exp(one)) for one in (x, target))
    return rw.sum(rw.sqrt(p * q))


def renyi(x: Node, order: float) -> Node:
    p = rw.exp(x) / rw.sum(rw.exp(x))
    return rw.log(rw.sum(p**order)) / (1 - order)


def test_gradients_with_roots_of_sums_are_proved() -> None:
    x = rw.input("x", (4,), "float32")
    target = rw.constant(np.array([0.25, -0.75, 2.0, 0.125], "float32"))
    for scalar in (affinity(x, target), renyi(x, 2.0), renyi(x, 0.5), renyi(x, 1.5)):
        graph = rw.Graph([x], rw.grad(scalar, [x]))
        after = rw.optimize(graph)
        assert after is not graph
        verdict = rw.equivalent(graph, after)
        assert verdict.proved, verdict
        wrong = rw.Graph([x], [after.outputs[0] * (1 + 2.0**-12)])
        assert rw.equivalent(graph, wrong).status == "refuted"


def test_where_the_first_graph_is_no_number_nothing_is_owed() -> None:
    x = rw.input("x", (3,), "float64")
    keep = rw.constant(np.array([1.0, 0.0, 1.0]))
    before = rw.Graph([x], [rw.exp(x) * keep / keep])
    assert rw.equivalent(before, rw.Graph([x], [rw.exp(x)])).proved
    assert rw.equivalent(before, rw.Graph([x], [rw.exp(x) * 2])).status == "refuted"
