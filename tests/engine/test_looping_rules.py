"""Rules that loop when they run: the loop is named, the graph that comes back is small and correct.

Most such rules are refused before; see tests/authoring/test_loops.py.
"""

import numpy as np
import pytest

import rewriter as rw

X = rw.input("x", (3,), "float64")
POINT = np.array([0.25, -1.5, 2.0])


@rw.rule
def sine_to_cosine(x: rw.Real):
    """sin x = cos(x − π/2), to a rounding of π."""
    return rw.rewrite(rw.sin(x), to=rw.cos(x - np.pi / 2))


@rw.rule
def cosine_to_sine(x: rw.Real):
    """cos x = sin(x + π/2), to a rounding of π."""
    return rw.rewrite(rw.cos(x), to=rw.sin(x + np.pi / 2))


@rw.rule
def tangent_to_quotient(x: rw.Real):
    """tan x = sin x / cos x."""
    return rw.rewrite(rw.tan(x), to=rw.sin(x) / rw.cos(x))


@rw.rule
def quotient_to_tangent(x: rw.Real):
    """sin x / cos x = tan x."""
    return rw.rewrite(rw.sin(x) / rw.cos(x), to=rw.tan(x))


@rw.rule.once
def full_turn(x: rw.Real):
    """sin x = sin(x + 2π), for ever."""
    return rw.rewrite(rw.sin(x), to=rw.sin(x + 2 * np.pi))


@rw.rule.once
def there_and_back(x: rw.Real):
    """arctan x = arctan(tan(arctan x)), which is longer each time."""
    return rw.rewrite(rw.arctan(x), to=rw.arctan(rw.tan(rw.arctan(x))))


LOOPS = {
    "two rules": (rw.sin(X), [sine_to_cosine, cosine_to_sine]),
    "two rules, the other way": (rw.cos(X), [sine_to_cosine, cosine_to_sine]),
    "a law and its reverse": (rw.tan(X), [tangent_to_quotient, quotient_to_tangent]),
    "a turn for ever": (rw.sin(X), [full_turn]),
    "growing": (rw.arctan(rw.tanh(X)), [there_and_back]),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_named_and_the_graph_is_correct(name):
    output, rules = LOOPS[name]
    graph = rw.Graph([X], [output])
    explanation = rw.explain(graph, rules=rules)
    (note,) = explanation.result.notes
    for rule in rules:
        assert f"({rule.name})" in note
    assert "test_looping_rules.py" in note
    assert note in str(explanation)
    assert note.split("; of the")[0] in explanation.html().replace("&#x27;", "'")
    after = explanation.result.after
    assert len(list(after.nodes())) <= len(list(graph.nodes())) + 3
    np.testing.assert_allclose(rw.compile(after)(POINT), rw.compile(graph)(POINT), rtol=1e-14)


def test_the_terms_of_the_loop_are_printed():
    (note,) = rw.explain(
        rw.Graph([X], [rw.tan(X)]), rules=LOOPS["a law and its reverse"][1]
    ).result.notes
    assert "tan(x[i0]) → (tangent_to_quotient) " in note
    assert note.split(";")[0].endswith(" → (quotient_to_tangent) tan(x[i0])")


def test_of_a_loop_the_smallest_term_is_kept():
    rules = LOOPS["a law and its reverse"][1]
    short, long = rw.Graph([X], [rw.tan(X)]), rw.Graph([X], [rw.sin(X) / rw.cos(X)])
    assert rw.optimize(short, rules=rules) is short
    assert rw.optimize(long, rules=rules) is short


def test_rules_that_end_are_not_accused():
    graph = rw.Graph([X], [rw.tan(X)])
    explanation = rw.explain(graph, rules=[tangent_to_quotient])
    assert explanation.result.notes == []
    assert len(explanation.result.steps) == 1
