"""What a user says of a graph's values unlocks rules, and holds nowhere else."""

from typing import Any

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import ConditionError, EquivalenceError

X, Y = (rw.input(name, ("n",), "float64") for name in "xy")
ONE = rw.input("t", (), "float32")


@rw.rule
def log_of_product(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(x·y) = log x + log y, for x, y > 0."""
    return rw.rewrite(rw.log(x * y), to=rw.log(x) + rw.log(y), when=[x > 0, y > 0])


@rw.rule
def cancelled(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """x·y/y = x, for y ≠ 0."""
    return rw.rewrite(x * y / y, to=x, when=rw.not_equal(y, 0))


@rw.rule
def clip(x: rw.Real, low: rw.Real, high: rw.Real) -> rw.Rewrite:
    """min(max(x, a), b) = max(min(x, b), a), for a ≤ b."""
    left = rw.minimum(rw.maximum(x, low), high)
    return rw.rewrite(left, to=rw.maximum(rw.minimum(x, high), low), when=low <= high)


@rw.rule
def log_of_quotient(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(x/y) = log|x| − log|y|, for x·y > 0."""
    parts = rw.log(rw.absolute(x)) - rw.log(rw.absolute(y))
    return rw.rewrite(rw.log(x / y), to=parts, when=x * y > 0)


@rw.rule
def root_of_square(x: rw.Real) -> rw.Rewrite:
    """√(x²) = −x, for x ≤ 0."""
    return rw.rewrite(rw.sqrt(x * x), to=-x, when=x <= 0)


W = rw.sum(X * Y)
FIRE = {
    "inputs above 0": (rw.log(X * Y), log_of_product, [X > 0, Y > 0]),
    "an input above 1": (rw.log(X * Y), log_of_product, [X > 1, Y > 0]),
    "an input that is not 0": (X * Y / Y, cancelled, [rw.not_equal(Y, 0)]),
    "a product of such": (X * (X * Y) / (X * Y), cancelled, [rw.not_equal(X, 0), Y < 0]),
    "a sum that is not 0": (X * W / W, cancelled, [rw.not_equal(W, 0)]),
    "a sum that is above 0": (X * W / W, cancelled, [rw.sum(Y * X) > 0]),
    "two inputs in order": (rw.minimum(rw.maximum(Y, X), ONE), clip, [X <= ONE]),
    "the other way round": (rw.minimum(rw.maximum(Y, X), ONE), clip, [ONE > X]),
    "of a multiple": (rw.minimum(rw.maximum(Y, X), ONE), clip, [3 * ONE > 3 * X]),
    "a product above 0": (rw.log(X / Y), log_of_quotient, [X * Y > 0]),
    "along another axis": (rw.log((X / Y)[None, :] + 0 * X[:, None]), log_of_quotient, [X * Y > 0]),
    "below 0": (rw.sqrt(X * X), root_of_square, [X < 0]),
}


@pytest.mark.parametrize("name", FIRE)
def test_what_is_assumed_lets_a_rule_fire(name: str) -> None:
    output, rule, given = FIRE[name]
    graph = rw.Graph([X, Y, ONE], [output])
    assert rw.apply(rw.bottom_up(rule), graph) is graph
    assert not rw.why_not(graph, rule).fires
    assert rw.why_not(graph, rule, given).fires
    after = rw.apply(rw.bottom_up(rule), graph, assuming=given)
    assert after is not graph
    assert after.inputs == graph.inputs
    assert rw.equivalent(graph, after, assuming=given).status == "proved"
    assert rw.apply(rw.bottom_up(rule), graph) is graph


TOO_LITTLE: dict[str, Any] = {
    "at least 0": (rw.log(X * Y), log_of_product, [X >= 0, Y > 0]),
    "of another input": (X * Y / Y, cancelled, [rw.not_equal(X, 0)]),
    "values of a sum": (X * W / W, cancelled, [rw.not_equal(X, 0), rw.not_equal(Y, 0)]),
    "in the other order": (rw.minimum(rw.maximum(Y, X), ONE), clip, [ONE <= X]),
    "the wrong sign": (rw.log(X / Y), log_of_quotient, [X * Y < 0]),
    "at least 0 for not 0": (X * W / W, cancelled, [W >= 0]),
}


@pytest.mark.parametrize("name", TOO_LITTLE)
def test_what_does_not_follow_holds_a_rule_back(name: str) -> None:
    output, rule, given = TOO_LITTLE[name]
    graph = rw.Graph([X, Y, ONE], [output])
    assert not rw.why_not(graph, rule, given).fires
    assert rw.apply(rw.bottom_up(rule), graph, assuming=given) is graph


def test_why_not_says_what_to_assume_until_it_fires() -> None:
    names = {"rw": rw, "x": X, "y": Y, "t": ONE}
    for output, rule, _ in FIRE.values():
        graph = rw.Graph([X, Y, ONE], [output])
        given: list[Any] = []
        while not rw.why_not(graph, rule, given).fires:
            said = str(rw.why_not(graph, rule, given)).split("assuming=")[1].splitlines()[0]
            given += eval(said, names)  # what a person would paste
            assert len(given) < 4
        assert given, "nothing had to be assumed"


def test_a_false_assumption_is_found_by_the_check() -> None:
    graph = rw.Graph([X, Y, ONE], [rw.sqrt(X * X)])
    rw.optimize(graph, rules=[root_of_square], assuming=[X < 0], check=True)
    after = rw.optimize(graph, rules=[root_of_square], assuming=[X < 0])
    assert rw.equivalent(graph, after).status == "refuted"
    assert rw.equivalent(graph, after, assuming=[X > 1]).status == "refuted"
    with pytest.raises(EquivalenceError):
        rw.optimize(graph, rules=[wrong], assuming=[X < 0], check=True)


@rw.rule
def wrong(x: rw.Real) -> rw.Rewrite:
    """√(x²) = x, which is false."""
    return rw.rewrite(rw.sqrt(x * x), to=x)


def test_nothing_is_known_outside() -> None:
    graph = rw.Graph([X], [rw.log(X * X)])
    rw.optimize(graph, assuming=[X > 0])
    run = rw.compile(rw.optimize(graph))
    np.testing.assert_allclose(run(np.array([-2.0, 3.0])), np.log([4.0, 9.0]))
    assert rw.why_not(graph, log_of_product).reason == "not proved: x[i0] > 0"


BAD = {
    "no comparison": [X],
    "a truth value": [True],
    "an equality": [rw.equal(X, 0)],
    "another graph's input": [rw.input("z", (), "float64") > 0],
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_assumption_is_refused(name: str) -> None:
    graph = rw.Graph([X], [rw.exp(X)])
    for put in (rw.optimize, rw.explain):
        with pytest.raises(ConditionError):
            put(graph, assuming=BAD[name])
    with pytest.raises(ConditionError):
        rw.equivalent(graph, graph, assuming=BAD[name])


def test_the_explanation_says_what_to_assume() -> None:
    explanation = rw.explain(rw.Graph([X], [rw.sqrt(X * X)]), rules=[root_of_square])
    assert "to assume it: assuming=[x <= 0]" in str(explanation)
    assert "assuming=[x &lt;= 0]" in explanation.html()
    given = rw.explain(rw.Graph([X], [rw.sqrt(X * X)]), rules=[root_of_square], assuming=[X < 0])
    assert "root_of_square" in str(given)
    assert "to assume it" not in str(given)
