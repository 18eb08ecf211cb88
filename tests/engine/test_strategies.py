"""Strategies: where rules go, in which order, and that all of them stop."""

import inspect
import sys

import numpy as np
import pytest

import rewriter as rw
from rewriter import errors
from rewriter.engine.custom.strategies import applied, operations
from rewriter.engine.result import Result

X = rw.input("x", (3,), "float64")
POINT = np.array([0.25, -1.5, 2.0])


@rw.rule
def sine_to_cosine(x: rw.Real):
    """sin² x = 1 − cos² x."""
    return rw.rewrite(rw.square(rw.sin(x)), to=1 - rw.square(rw.cos(x)))


@rw.equation
def tangent(x: rw.Real):
    """tan x = sin x / cos x."""
    return rw.rewrite(rw.tan(x), to=rw.sin(x) / rw.cos(x))


@rw.rule
def inner_arctangent(x: rw.Real):
    """sin(arctan x) = x/√(1 + x²)."""
    return rw.rewrite(rw.sin(rw.arctan(x)), to=x / rw.sqrt(1 + x * x))


@rw.rule.once
def half_angles(x: rw.Real):
    """sin x = 2·sin(x/2)·cos(x/2)."""
    return rw.rewrite(rw.sin(x), to=2 * rw.sin(x / 2) * rw.cos(x / 2))


def graph_of(*outputs):
    return rw.Graph([X], list(outputs))


def same_value(one, other):
    return np.allclose(rw.compile(one)(POINT), rw.compile(other)(POINT), rtol=1e-13)


def text(graph):
    return rw.pprint(graph)


def test_a_rule_is_applied_to_the_outputs_alone():
    assert rw.apply(tangent.forward, graph_of(rw.tan(X))) is not graph_of(rw.tan(X))
    below = graph_of(rw.exp(rw.tan(X)))
    assert rw.apply(tangent.forward, below) is below


@pytest.mark.parametrize("walk", [rw.bottom_up, rw.top_down])
def test_a_walk_reaches_every_place_once(walk):
    graph = graph_of(rw.tan(rw.tan(rw.tan(X))) + rw.tan(X))
    after = rw.apply(walk(tangent.forward), graph)
    assert "tan" not in text(after)
    assert same_value(after, graph)
    unfolded = rw.apply(rw.bottom_up(half_angles), graph_of(rw.sin(X)))
    assert text(unfolded).count("sin") == 1
    assert same_value(unfolded, graph_of(rw.sin(X)))


def test_the_order_of_a_walk_decides_where_redexes_overlap():
    graph = graph_of(rw.sin(rw.arctan(rw.tan(X))))
    first = rw.choice(inner_arctangent, tangent.forward)
    assert text(rw.apply(rw.top_down(first), graph)).count("sqrt") == 1
    destroying = rw.chain(rw.bottom_up(tangent.forward), rw.bottom_up(inner_arctangent))
    assert "tan(" not in text(rw.apply(destroying, graph)).replace("arctan(", "")


def test_chain_goes_on_with_what_was_made_and_choice_takes_the_first():
    graph = graph_of(rw.square(rw.tan(X)))
    both = rw.bottom_up(rw.chain(tangent.forward, sine_to_cosine))
    assert text(rw.apply(both, graph)).count("sin") >= 0
    assert rw.apply(rw.choice(inner_arctangent, tangent.forward), graph_of(rw.tan(X))) is rw.apply(
        tangent.forward, graph_of(rw.tan(X))
    )
    unchanged = graph_of(rw.exp(X))
    assert rw.apply(rw.choice(inner_arctangent, tangent.forward), unchanged) is unchanged


def test_exhaust_is_what_a_list_of_rules_does():
    graph = graph_of(rw.sin(rw.arctan(rw.tan(X))) * rw.square(rw.sin(X)))
    rules = [inner_arctangent, sine_to_cosine]
    walked = rw.apply(rw.bottom_up(rw.exhaust(*rules)), graph)
    assert rw.optimize(graph, rules=rules) is rw.optimize(walked)
    assert rw.optimize(graph, rules=rw.bottom_up(rw.exhaust(rules))) is rw.optimize(walked)


def test_fixpoint_repeats_until_nothing_changes():
    x = X
    for _ in range(4):
        x = rw.sin(rw.arctan(x))
    after = rw.apply(rw.fixpoint(rw.bottom_up(inner_arctangent)), graph_of(x))
    assert "sin" not in text(after)
    assert same_value(after, graph_of(x))


def test_until_stops_at_its_goal():
    goal_met = rw.until(lambda node: text(node).count("sin") >= 1 and text(node).count("cos") >= 2,
                        rw.bottom_up(half_angles))  # fmt: skip
    after = rw.apply(goal_met, graph_of(rw.sin(X)))
    assert text(after).count("cos") == 2
    assert same_value(after, graph_of(rw.sin(X)))


def test_cheapest_prefers_by_cost():
    long, short = graph_of(rw.sin(X) / rw.cos(X)), graph_of(rw.tan(X))
    either = rw.cheapest(rw.bottom_up(tangent.forward), rw.bottom_up(tangent.backward))
    assert rw.apply(either, long) is short
    assert rw.apply(either, short) is short
    dearest = rw.cheapest(rw.bottom_up(tangent.forward), cost=lambda roots: -operations(roots))
    assert rw.apply(dearest, short) is long


def test_steps_that_were_not_kept_are_not_reported():
    either = rw.cheapest(rw.bottom_up(tangent.forward), rw.bottom_up(tangent.backward))
    assert rw.explain(graph_of(rw.tan(X)), rules=either).result.steps == []
    kept = rw.explain(graph_of(rw.sin(X) / rw.cos(X)), rules=either).result
    assert [step.applied[0].rule.name for step in kept.steps] == ["tangent_backward"]


def test_a_repeated_strategy_that_comes_back_is_named_and_the_cheapest_is_kept():
    back = rw.fixpoint(rw.choice(rw.bottom_up(tangent.forward), rw.bottom_up(tangent.backward)))
    for graph in (graph_of(rw.tan(X)), graph_of(rw.sin(X) / rw.cos(X))):
        result = rw.explain(graph, rules=back).result
        (note,) = result.notes
        assert "the rules loop" in note
        assert "tangent_backward" in note
        assert result.after is graph_of(rw.tan(X))


@pytest.mark.parametrize("walk", [rw.bottom_up, rw.top_down])
def test_the_budget_is_met_reported_and_the_graph_correct(walk):
    graph = graph_of(rw.sin(X))
    forever = rw.fixpoint(walk(half_angles))
    after = rw.apply(forever, graph, budget=12)
    assert same_value(after, graph)
    result = Result(graph, graph)
    applied(forever, graph, result, 12)
    assert result.notes == ["the budget of 12 rewrites is spent; what was reached is kept"]


def test_a_number_that_no_float_holds_is_not_built():
    result = rw.explain(graph_of(rw.sin(X)), rules=rw.top_down(half_angles)).result
    assert "no float holds" in " ".join(result.notes)
    assert len(result.steps) > 1000
    assert same_value(result.after, graph_of(rw.sin(X)))


@pytest.fixture
def few_frames():
    """So few calls inside of one another that one a node of a deep graph is too many."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 300)
    yield
    sys.setrecursionlimit(usual)


@pytest.mark.usefixtures("few_frames")
def test_deep_graphs_are_walked_without_recursion():
    deep = X
    for k in range(400):
        deep = rw.tan(deep) + 0.5 if k % 200 == 0 else rw.logistic(deep) * 2
    graph = graph_of(deep)
    either = rw.choice(tangent.forward, inner_arctangent)
    for strategy in (rw.bottom_up(either), rw.top_down(either), rw.fixpoint(rw.bottom_up(either))):
        after = rw.apply(strategy, graph)
        assert not any(node.operator.name == "tan" for node in after.nodes())


def test_outputs_share_what_they_shared():
    graph = graph_of(rw.tan(X) + 1, rw.tan(X) * 2)
    after = rw.apply(rw.bottom_up(tangent.forward), graph)
    assert sum(node.operator.name == "sin" for node in after.nodes()) == 1


def test_what_is_no_strategy_is_refused():
    with pytest.raises(errors.RuleError, match="not a strategy"):
        rw.bottom_up(lambda node: node)
    with pytest.raises(errors.RuleError, match="only rules"):
        rw.exhaust(rw.bottom_up(sine_to_cosine))
