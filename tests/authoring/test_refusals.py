"""A rule with a mistake in it is refused where it is written: reason, culprit, rule and line."""

import pytest

import rewriter as rw
from rewriter import errors

VECTOR = rw.input("v", (3,), "float64")


def unbound_variable(x: rw.Real, y: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.log(y))


def unbound_in_a_condition(x: rw.Real, y: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.exp(x), when=[y > 0])


def matches_everything(x: rw.Real):
    return rw.rewrite(x, to=rw.exp(x))


def has_no_variable(x: rw.Real):
    return rw.rewrite(rw.exp(rw.constant(2.0, "float64")), to=x)


def right_side_is_a_vector(x: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.log(x) * VECTOR)


def right_side_is_a_truth_value(x: rw.Real):
    return rw.rewrite(rw.log(x), to=x > 0)


def left_side_is_a_truth_value(x: rw.Real):
    return rw.rewrite(rw.log(x) > 0, to=x)


def right_side_is_a_name(x: rw.Real):
    return rw.rewrite(rw.log(x), to="exp")


def input_of_a_graph(x: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.log(x) + rw.input("z", (), "float64"))


def condition_is_a_python_truth_value(x: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.exp(x), when=[True])


def conditions_joined_by_and(x: rw.Real, y: rw.Real):
    return rw.rewrite(rw.log(x * y), to=rw.exp(x), when=[x > 0 and y > 0])


def condition_on_a_vector(x: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.exp(x), when=[x * VECTOR > 0])


def condition_is_a_value(x: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.exp(x), when=[rw.sin(x)])


def sizes_that_cannot_agree(
    a: rw.Tensor["n", "m"], b: rw.Tensor["m", "k"], i: rw.Index, j: rw.Index
):
    return rw.rewrite(rw.sum(a[i, j] * b[i, j], over=j), to=rw.sum(a[i, j], over=j))


def too_few_indices(a: rw.Tensor["n", "m"], i: rw.Index):
    return rw.rewrite(rw.sum(rw.log(a[i]), over=i), to=rw.log(a[i]))


def worth_is_a_python_truth_value(x: rw.Real):
    return rw.rewrite(rw.log(x), to=rw.exp(x), worth=[True])


def parameter_without_a_type(x):
    return rw.rewrite(rw.log(x), to=rw.exp(x))


def returns_nothing(x: rw.Real):
    rw.rewrite(rw.log(x), to=rw.exp(x))


def applied_to_one_index_and_to_two(a: rw.Function, i: rw.Index, j: rw.Index):
    return rw.rewrite(rw.sum(a[i], over=i) * rw.sin(a[i, j]), to=rw.sum(a[i], over=i))


def sum_over_a_variable(a: rw.Function, x: rw.Real, i: rw.Index):
    return rw.rewrite(rw.sum(a[i], over=x), to=x)


def product_over_an_index(a: rw.Function, i: rw.Index):
    return rw.rewrite(rw.log(rw.prod(a[i], over=i)), to=rw.sum(rw.log(a[i]), over=i))


def bound_index_on_its_own(a: rw.Function, i: rw.Index):
    return rw.rewrite(rw.exp(rw.sum(a[i], over=i)), to=rw.exp(a[i]))


def a_variable_alone(x: rw.Real):
    return rw.rewrite(x, to=x + 0 * x)


MISTAKES = {
    applied_to_one_index_and_to_two: (errors.ShapeError, "to 1 and to 2 indices", "a"),
    sum_over_a_variable: (errors.RuleError, "takes an index", "pattern_variable"),
    product_over_an_index: (errors.PatternError, "sum of logarithms", "i"),
    bound_index_on_its_own: (errors.UnboundVariableError, "free on it alone", "i"),
    a_variable_alone: (errors.PatternError, "matches everything", "a_variable_alone"),
    unbound_variable: (errors.UnboundVariableError, "right side", "y"),
    unbound_in_a_condition: (errors.UnboundVariableError, "condition", "y"),
    matches_everything: (errors.PatternError, "matches everything", "matches_everything"),
    has_no_variable: (errors.PatternError, "no variable", "has_no_variable"),
    right_side_is_a_vector: (errors.ShapeError, "scalar", "(3,)"),
    right_side_is_a_truth_value: (errors.DataTypeError, "real number", "greater"),
    left_side_is_a_truth_value: (errors.DataTypeError, "real number", "greater"),
    right_side_is_a_name: (errors.DataTypeError, "numbers", "exp"),
    input_of_a_graph: (errors.PatternError, "parameters", "z"),
    condition_is_a_python_truth_value: (errors.ConditionError, "truth value", "True"),
    conditions_joined_by_and: (errors.TruthValueError, "logical_and", "greater"),
    condition_on_a_vector: (errors.ConditionError, "scalars", "(3,)"),
    condition_is_a_value: (errors.ConditionError, "not a condition", "sin"),
    sizes_that_cannot_agree: (errors.ShapeError, "runs over n places, and over m", "b"),
    too_few_indices: (errors.ShapeError, "a has 2 axes", "i"),
    worth_is_a_python_truth_value: (errors.ConditionError, "truth value", "True"),
    parameter_without_a_type: (errors.RuleError, "annotated", "x"),
    returns_nothing: (errors.RuleError, "returns", "returns_nothing"),
}


@pytest.mark.parametrize("mistaken", MISTAKES, ids=lambda function: function.__name__)
def test_a_mistaken_rule_is_refused_where_it_is_written(mistaken):
    kind, reason, culprit = MISTAKES[mistaken]
    with pytest.raises(kind) as refused:
        rw.rule(mistaken)
    assert reason in refused.value.reason
    assert culprit in str(refused.value.culprit)
    (note,) = refused.value.__notes__
    assert mistaken.__name__ in note
    assert f"test_refusals.py:{mistaken.__code__.co_firstlineno}" in note
