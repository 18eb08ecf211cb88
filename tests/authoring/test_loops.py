"""Rules that rewrite for ever are refused: alone where written, together where put together."""

import numpy as np
import pytest

import rewriter as rw
from rewriter import errors


def full_turn(x: rw.Real):
    return rw.rewrite(rw.sin(x), to=rw.sin(x + 2 * np.pi))


def half_angles(x: rw.Real):
    return rw.rewrite(rw.sin(x), to=2 * rw.sin(x / 2) * rw.cos(x / 2))


def longer_each_time(x: rw.Real):
    return rw.rewrite(rw.arctan(x), to=rw.arctan(rw.tan(rw.arctan(x))))


def under_a_condition_that_stays(x: rw.Real):
    return rw.rewrite(rw.log(x), to=2 * rw.log(rw.sqrt(x)), when=[x > 0])


def of_positive_terms(x: rw.Positive):
    return rw.rewrite(rw.log(x), to=2 * rw.log(rw.sqrt(x)))


def under_a_sum(b: rw.Function, i: rw.Index):
    return rw.rewrite(rw.sum(rw.sin(b[i]), over=i), to=rw.sum(rw.sin(b[i] + 2 * np.pi), over=i))


def inside_what_it_makes(x: rw.Real, y: rw.Real):
    return rw.rewrite(rw.erf(x) * rw.tan(y), to=rw.exp(rw.erf(2 * x) * rw.tan(y)))


ALONE = [
    full_turn, half_angles, longer_each_time, under_a_condition_that_stays, of_positive_terms,
    under_a_sum, inside_what_it_makes,
]  # fmt: skip


@pytest.mark.parametrize("looping", ALONE, ids=lambda function: function.__name__)
def test_a_rule_that_loops_alone_is_refused_where_it_is_written(looping):
    with pytest.raises(errors.LoopError) as refused:
        rw.rule(looping)
    place = f"test_loops.py:{looping.__code__.co_firstlineno}"
    assert place in refused.value.culprit
    assert refused.value.reason.endswith("→ …")
    assert [(name, place in line) for name, line, _ in refused.value.cycle] == [
        (looping.__name__, True)
    ] * 2
    (note,) = refused.value.__notes__
    assert place in note


def condition_that_does_not_last(x: rw.Real):
    return rw.rewrite(rw.erf(x), to=rw.erf(rw.sin(x)), when=[x > 2])


def rest_may_be_nothing(x: rw.Real, rest: rw.Rest):
    return rw.rewrite(rw.log(x * rest), to=rw.log(x) + rw.log(rest), when=[x > 0])


def out_of_a_sum(a: rw.Real, b: rw.Function, i: rw.Index):
    return rw.rewrite(rw.sum(rw.sin(b[i]) / a, over=i), to=rw.sum(rw.sin(b[i]), over=i) / a)


def smaller_each_time(x: rw.Real):
    return rw.rewrite(rw.sin(rw.tan(x)), to=rw.tan(x))


def other_function(x: rw.Real):
    return rw.rewrite(rw.tan(x), to=rw.sin(x) / rw.cos(x))


@pytest.mark.parametrize(
    "ending",
    [condition_that_does_not_last, rest_may_be_nothing, out_of_a_sum, smaller_each_time,
     other_function],
    ids=lambda function: function.__name__,
)  # fmt: skip
def test_rules_that_end_are_not_refused(ending):
    assert rw.rule(ending).name == ending.__name__


def test_a_logarithm_of_a_product_ends():
    x, y = rw.input("x", (), "float64"), rw.input("y", (), "float64")
    product = rw.Graph([x, y], [rw.log(rw.logistic(x) * rw.logistic(y))])
    explanation = rw.explain(product, rules=[rw.rule(rest_may_be_nothing)])
    assert explanation.result.notes == []


@rw.rule
def exchanged_sums(f: rw.Function, i: rw.Index, j: rw.Index):
    """Σ_i Σ_j f[i, j] = Σ_j Σ_i f[i, j]."""
    return rw.rewrite(
        rw.sum(rw.sum(rw.sin(f[i, j]), over=j), over=i),
        to=rw.sum(rw.sum(rw.sin(f[j, i]), over=i), over=j),
    )


def test_a_rule_that_permutes_what_it_has_is_oriented():
    assert rw.check(exchanged_sums).proved
    x = rw.input("x", (2, 3), "float64")
    y = rw.swapaxes(x, 0, 1)
    graphs = [rw.Graph([x], [rw.sum(rw.sum(rw.sin(z), axis=0), axis=0)]) for z in (x, y)]
    for graph in graphs:
        explanation = rw.explain(graph, rules=[exchanged_sums])
        assert explanation.result.notes == []
        assert len(explanation.result.steps) <= 1


tangent = rw.equation(other_function)


@rw.rule
def sine_to_cosine(x: rw.Real):
    """sin x = cos(x − π/2)."""
    return rw.rewrite(rw.sin(x), to=rw.cos(x - np.pi / 2))


@rw.rule
def cosine_to_exponential(x: rw.Real):
    """cos x = cosh of an imaginary; here only: cos x = 1 − 2·erf(sin(x/2))."""
    return rw.rewrite(rw.cos(x), to=1 - 2 * rw.erf(rw.sin(x / 2)))


def test_rules_that_loop_together_are_refused_where_they_are_put_together():
    with pytest.raises(errors.LoopError, match=r"tan\(x\) → \(other_function\).* → …") as refused:
        rw.exhaust(*tangent)
    assert [name for name, _, _ in refused.value.cycle] == [
        "other_function", "other_function_backward", "other_function",
    ]  # fmt: skip
    with pytest.raises(errors.LoopError, match="sine_to_cosine") as refused:
        rw.exhaust([cosine_to_exponential, sine_to_cosine])
    assert "cosine_to_exponential" in refused.value.culprit
    rw.exhaust(tangent.forward, cosine_to_exponential)


def test_a_rule_declared_for_one_use_is_not_exhausted():
    unfolded = rw.rule.once(half_angles)
    x = rw.input("x", (), "float64")
    graph = rw.Graph([x], [rw.sin(x)])
    assert rw.pprint(rw.apply(unfolded, graph)).count("sin") == 1
    with pytest.raises(errors.LoopError):
        rw.exhaust(unfolded)


def test_an_equation_has_both_directions():
    assert [rule.name for rule in tangent] == ["other_function", "other_function_backward"]
    assert [verdict.status for verdict in rw.check(tangent)] == ["proved", "proved"]
    x = rw.input("x", (2,), "float64")
    there = rw.apply(rw.bottom_up(tangent.forward), rw.Graph([x], [rw.tan(x)]))
    assert "tan" not in rw.pprint(there)
    assert rw.apply(rw.bottom_up(tangent.backward), there) is rw.Graph([x], [rw.tan(x)])


def test_an_equation_of_which_one_side_does_not_bind_the_other_is_refused():
    def forgets(x: rw.Real, y: rw.Real):
        return rw.rewrite(rw.sin(x) * rw.erf(y), to=rw.sin(x))

    with pytest.raises(errors.UnboundVariableError, match="does not bind") as refused:
        rw.equation(forgets)
    assert any("right side to its left" in note for note in refused.value.__notes__)
