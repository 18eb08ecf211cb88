"""Binders, Miller patterns and instantiated functions."""

from itertools import permutations

import pytest

from rewriter.errors import PatternError
from rewriter.matching import (
    Abstraction,
    Function,
    Index,
    IndexVariable,
    Operator,
    RestFunction,
    constants,
    match,
    rest,
    substitute,
    unify,
    variables,
)

one, c, d = constants("one c d")
times = Operator("times", associative=True, commutative=True, unit=one)
total = Operator("total", binder=True)
inverse, exp, table, weight = map(Operator, ("inverse", "exp", "table", "weight"))
e, i, r = Function("e"), IndexVariable("i"), rest("r")
row, here, j, k = map(Index, ("row", "here", "j", "k"))


def test_softmax_law_is_found_and_determines_everything():
    pattern = times(e[i], inverse(total(j, e[j])), r)
    body = [
        exp(table(row, here)),
        weight(here),
        inverse(total(k, times(exp(table(row, k)), weight(k)))),
        c,
    ]
    for operands in permutations(body):
        (found,) = match(pattern, times(*operands))
        assert found[e] == Abstraction((j,), times(exp(table(row, j)), weight(j)))
        assert found[i] is here
        assert found[r] is c
        assert found(pattern) is times(*body)


def test_softmax_law_is_not_found_where_a_factor_is_missing():
    pattern = times(e[i], inverse(total(j, e[j])), r)
    denominator = inverse(total(k, times(exp(table(row, k)), weight(k))))
    assert list(match(pattern, times(exp(table(row, here)), denominator, c))) == []


def test_a_variable_captures_no_bound_index():
    (x,) = variables("x")
    assert list(match(total(j, x), total(k, weight(k)))) == []
    (found,) = match(total(j, x), total(k, c))
    assert found == {x: c}


def test_factors_free_of_the_index_are_told_from_those_that_depend_on_it():
    w = RestFunction("w")
    pattern = total(j, times(w[j], r))
    subject = total(k, times(weight(k), c, exp(weight(k)), d))
    free_parts = [found[r] for found in match(pattern, subject)]
    assert sorted(map(str, free_parts)) == ["c", "d", "one", "times(c, d)"]
    for found in match(pattern, subject):
        assert found(pattern) is subject


def test_bound_names_do_not_matter():
    assert total(j, weight(j)) is total(k, weight(k))
    assert total(j, total(k, table(j, k))) is not total(j, total(k, table(k, j)))
    assert total(j, weight(k)) is not total(k, weight(k))


def test_function_of_two_indices():
    pattern = total(i, total(j, times(e[i, j], e[j, i])))
    subject = total(row, total(k, times(table(row, k), table(k, row))))
    found = list(match(pattern, subject))
    assert len(found) == 2
    assert {each[e] for each in found} == {
        Abstraction((row, k), table(row, k)),
        Abstraction((row, k), table(k, row)),
    }


def test_a_function_that_nothing_determines_is_refused():
    with pytest.raises(PatternError, match="bound indices") as caught:
        list(match(times(e[i], r), times(c, d)))
    assert caught.value.culprit is e[i]


def test_substitute_under_a_binder_renames():
    (x,) = variables("x")
    assert substitute(total(j, times(weight(j), x)), {x: weight(j)}) is total(
        k, times(weight(k), weight(j))
    )


def test_unification_under_binders():
    x, y = variables("x y")
    left, right = total(j, e[j]), total(k, times(weight(k), x))
    (found,) = unify(left, right)
    assert found(left) is found(right)
    assert found[e] == Abstraction((j,), times(weight(j), x))
    assert list(unify(total(j, x), total(k, weight(k)))) == []
    assert list(unify(total(j, e[j]), total(k, inverse(e[k])))) == []
    (found,) = unify(total(j, table(e[j], x)), total(k, table(weight(k), inverse(y))))
    assert found == {e: Abstraction((j,), weight(j)), x: inverse(y)}


def test_functions_of_exchanged_indices_are_constant():
    left = total(i, total(j, e[i, j]))
    right = total(i, total(j, e[j, i]))
    (found,) = unify(left, right)
    assert found(left) is found(right)
    assert found[e].body.arguments == ()


def test_what_unification_of_functions_leaves_out_is_said():
    (x,) = variables("x")
    sums = total(j, times(e[j], x)), total(k, times(weight(k), c))
    unifiers = unify(*sums)
    assert all(found(sums[0]) is found(sums[1]) for found in unifiers)
    assert not unifiers.complete
    assert "one operand" in unifiers.horizon.reasons[0]
