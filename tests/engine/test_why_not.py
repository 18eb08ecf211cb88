"""Five near misses, each answered by the condition that is missing."""

from typing import Any

import pytest

import rewriter as rw

X = rw.input("x", (), "float64")
Y = rw.input("y", (), "float64")


@rw.rule
def log_of_product(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """sin(log(x·y)) …, for x > 0."""
    return rw.rewrite(rw.log(x * y), to=rw.log(x) + rw.log(y), when=[x > 0])


@rw.rule
def size(x: rw.Real) -> rw.Rewrite:
    """cos x = cos|x| where x ≤ 0."""
    return rw.rewrite(rw.cos(x), to=rw.cos(-x), when=[x <= 0])


@rw.rule
def constant_sine(x: rw.Real) -> rw.Rewrite:
    """sin x is a number where x is one."""
    return rw.rewrite(rw.sin(x), to=rw.cos(x - 1.5), when=[rw.is_constant(x)])


@rw.rule
def two_conditions(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """arctan(x)·tan(y) …, for x < y and y ≥ 0."""
    return rw.rewrite(rw.arctan(x) * rw.tan(y), to=rw.tan(y), when=[y >= 0, x < y])


NEAR_MISSES = {
    "unknown sign": (rw.log(X * Y), log_of_product, "not proved", "> 0"),
    "unknown sign of a difference": (rw.cos(X - Y), size, "not proved", "<= 0"),
    "refuted sign": (rw.cos(rw.exp(X)), size, "refuted", "<= 0"),
    "no number": (rw.sin(X), constant_sine, "not proved", "is a number"),
    "two at once": (rw.arctan(X) * rw.tan(Y), two_conditions, "not proved", ">= 0"),
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_the_missing_condition_is_named(name: str) -> None:
    output, rule, answer, condition = NEAR_MISSES[name]
    found: Any = rw.why_not(rw.Graph([X, Y], [output]), rule)
    assert not found.fires
    assert found.reason.startswith(answer)
    assert condition in found.reason
    assert rw.optimize(rw.Graph([X, Y], [output]), rules=[rule]) is rw.Graph([X, Y], [output])


def test_no_instance_of_the_left_side() -> None:
    found = rw.why_not(rw.Graph([X], [rw.exp(X)]), size)
    assert "none of 2 places" in found.reason


def test_where_it_fires_it_says_so() -> None:
    graph = rw.Graph([X], [rw.cos(-rw.exp(X))])
    assert "it fires at" in rw.why_not(graph, size).reason
