"""What differs by the rounding of a constant is not refuted; what differs by more is."""

from collections.abc import Callable

import numpy as np
import pytest

import rewriter as rw
from rewriter.graph.node import Node

X = rw.input("x", (4,), "float32")
E = rw.exp(X)
TOTAL = rw.sum(E)


def graph(node: Node) -> rw.Graph:
    return rw.Graph([X], [node])


def single(value: float) -> np.float32:
    return np.float32(value)


PAIRS: dict[str, tuple[Node, Callable[[np.float32], Node], np.float32]] = {
    "a difference": (
        X * (1 - rw.constant(single(0.8))),
        lambda c: X * rw.constant(c),
        np.float32(1 - np.float64(single(0.8))),
    ),
    "a reciprocal": (
        rw.exp(X / single(0.07)),
        lambda c: rw.exp(X * rw.constant(c)),
        np.float32(1 / np.float64(single(0.07))),
    ),
    "a ratio": (
        X * single(0.3) / single(0.7),
        lambda c: X * rw.constant(c),
        np.float32(np.float64(single(0.3)) / np.float64(single(0.7))),
    ),
    "a logarithm": (
        rw.log(TOTAL / single(3)),
        lambda c: rw.log(TOTAL) + rw.constant(c),
        np.float32(-np.log(3.0)),
    ),
    "a reciprocal square": (
        TOTAL / rw.square(rw.constant(single(0.7))),
        lambda c: TOTAL * rw.constant(c),
        np.float32(1 / np.float64(single(0.7)) ** 2),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_rounded_constant_is_read_as_what_it_was_rounded_from(name: str) -> None:
    before, make, constant = PAIRS[name]
    verdict = rw.equivalent(graph(before), graph(make(constant)))
    assert verdict.proved, verdict
    said = verdict.by("constants")
    assert said is None or repr(float(constant)) in said.text


@pytest.mark.parametrize("relative", [1e-2, 1e-5, -1e-5, 1e-6])
@pytest.mark.parametrize("name", PAIRS)
def test_a_constant_off_by_more_than_rounding_is_refuted(name: str, relative: float) -> None:
    before, make, constant = PAIRS[name]
    off = np.float32(np.float64(constant) * (1 + relative))
    verdict = rw.equivalent(graph(before), graph(make(off)))
    assert verdict.status == "refuted", verdict
    example = verdict.counterexample
    assert example is not None
    left, right = (
        np.asarray(rw.compile(side, backend="exact")(*example.arguments), np.float64)
        for side in (example.left, example.right)
    )
    assert np.abs(left - right).max() > abs(relative) / 10 * np.abs(left).max() * 1e-3


@pytest.mark.parametrize("name", PAIRS)
def test_a_right_constant_hides_no_wrong_sign(name: str) -> None:
    before, make, constant = PAIRS[name]
    assert rw.equivalent(graph(before), graph(-make(constant))).status == "refuted"
    assert rw.equivalent(graph(before), graph(make(constant) + E)).status == "refuted"


def test_a_constant_whose_making_is_not_found_is_never_proved() -> None:
    a, b, c = (rw.constant(single(value)) for value in (0.3, 0.7, 0.9))
    made = np.float32(
        np.float64(single(0.3)) ** 3 * np.float64(single(0.7)) ** 3 / np.float64(single(0.9)) ** 5
    )
    before = X * a * a * a * b * b * b / (c * c * c * c * c)
    verdict = rw.equivalent(graph(before), graph(X * rw.constant(made)))
    assert verdict.status == "unknown"
    assert "rounded constants explain" in verdict.reason
    off = rw.constant(np.float32(made * 1.00001))
    assert rw.equivalent(graph(before), graph(X * off)).status == "refuted"


def test_two_constants_of_the_program_are_not_rounded() -> None:
    near = np.nextafter(single(0.8), single(1))
    before = X * single(0.8) + E * rw.constant(near)
    swapped = X * rw.constant(near) + E * single(0.8)
    assert rw.equivalent(graph(before), graph(swapped)).status == "refuted"


def test_a_scattered_gradient_is_followed() -> None:
    place = rw.input("place", (2,), "int32")
    share = E / TOTAL
    loss = -rw.sum(rw.log(rw.take(share, place, axis=0)))
    before = rw.Graph([X, place], rw.grad(loss, [X]))
    after = rw.optimize(before)
    assert after is not before
    assert rw.equivalent(before, after).status == "proved"


def test_a_logarithm_of_what_is_negative_is_not_explained_by_rounding() -> None:
    before = graph(rw.log(TOTAL / single(3)))
    wrong = graph(rw.log(-TOTAL) + rw.constant(np.float32(-np.log(3.0))))
    assert rw.equivalent(before, wrong).status == "refuted"


def test_an_exponent_that_was_rounded_refutes_nothing() -> None:
    x = rw.input("x", (3,), "float64")
    norm = rw.sum(rw.absolute(x) ** 3) ** (1 / 3)
    before = rw.Graph([x], rw.grad(norm, [x]))
    after = rw.optimize(before)
    assert after is not before
    assert rw.equivalent(before, after).status != "refuted"
    doubled = rw.Graph([x], [2 * after.outputs[0]])
    assert rw.equivalent(before, doubled).status == "refuted"
