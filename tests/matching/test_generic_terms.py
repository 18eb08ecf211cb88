"""Generic terms: equal modulo their operators' laws, and printed the same in every process."""

import copy

import pytest
from theories import (
    a,
    b,
    bag,
    c,
    chain,
    free,
    one,
    pair,
    plus,
    sequence,
    times,
    word,
    wrap,
    x,
    zero,
)

from rewriter.errors import AttributeValueError, PatternError
from rewriter.matching import (
    Constant,
    Index,
    Operator,
    Substitution,
    Variable,
    constants,
    free_indices,
    operands_of,
    operator_of,
    replace_indices,
    rest,
    substitute,
    variables,
    variables_of,
)

total = Operator("total", binder=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (plus(a, b), plus(b, a)),
        (plus(a, plus(b, c)), plus(a, b, c)),
        (plus(a, zero), a),
        (plus(zero, zero), zero),
        (plus(), zero),
        (bag(a, bag(b, a)), bag(a, a, b)),
        (sequence(sequence(a, b), c), sequence(a, sequence(b, c))),
        (word(one, a, one, b), word(a, b)),
        (chain(a, b, a), chain(b, a)),
        (chain(a, a), a),
        (pair(a, b), pair(b, a)),
        (times(plus(b, a), wrap(plus(c, zero))), times(wrap(c), plus(a, b))),
    ],
)
def test_equal_modulo_the_laws(left, right):
    assert left == right
    assert hash(left) == hash(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sequence(a, b), sequence(b, a)),
        (free(a, b), free(b, a)),
        (pair(a, pair(b, c)), pair(pair(a, b), c)),
        (bag(a, a), bag(a)),
        (free(zero, a), free(a, a)),
        (free(1, a), free(True, a)),
        (plus(a, b), times(a, b)),
    ],
)
def test_different_modulo_the_laws(left, right):
    assert left != right


def test_parts_and_text():
    term = plus(b, times(x, a), a)
    assert (operator_of(term), operator_of(a), operands_of(a)) == (plus, None, ())
    assert term.operator is plus
    assert term.operands == (a, b, times(a, x))
    assert [(each.operator, each.operands) for each in (a, x)] == [(None, ())] * 2
    assert str(term) == "plus(a, b, times(a, x))"
    assert str(free("text", 2)) == "free('text', 2)"
    assert variables_of(term) == {x}


def test_terms_are_found_again_by_copying():
    term = plus(a, wrap(b))
    assert copy.copy(term) is term
    assert copy.deepcopy([term, x, plus]) == [term, x, plus]


def test_names_make_constants_and_variables_and_not_indices_or_operators():
    assert constants("a b") == (a, b)
    assert Constant("a") is a
    assert variables("x") == (x,)
    assert Variable("x") is not rest("x")
    assert Variable("x", bool) is not x
    assert Variable() is not Variable()
    assert Index("i") != Index("i")
    assert Operator("f") != Operator("f")


@pytest.mark.parametrize(
    ("laws", "reason"),
    [
        ({"unit": a}, "unit"),
        ({"commutative": True, "unit": a}, "unit"),
        ({"idempotent": True, "associative": True}, "idempotent"),
        ({"binder": True, "associative": True}, "binder"),
    ],
)
def test_laws_that_make_no_sense_together_are_refused(laws, reason):
    with pytest.raises(AttributeValueError, match=reason) as caught:
        Operator("odd", **laws)
    assert caught.value.culprit == "odd"


def test_a_name_is_a_text():
    with pytest.raises(AttributeValueError, match="a text") as caught:
        Operator(3)
    assert caught.value.culprit == "3"


def test_bad_operands_are_refused():
    with pytest.raises(PatternError, match="hashable") as caught:
        wrap([a])
    assert caught.value.culprit == ([a],)
    with pytest.raises(PatternError, match="without a unit") as caught:
        bag()
    assert caught.value.culprit is bag


def test_a_unit_may_be_made_when_it_is_needed():
    late = Operator("late", associative=True, unit=lambda: zero)
    assert late(a, zero) is a
    assert late() is zero


def test_indices_are_replaced_but_not_captured():
    i, j, k = map(Index, "ijk")
    body = free(i, total(j, free(i, j)))
    assert free_indices(body) == {i}
    assert replace_indices(body, {i: k}) is free(k, total(j, free(k, j)))
    assert replace_indices(total(j, free(i, j)), {i: j}) is total(k, free(j, k))
    assert free_indices(replace_indices(total(j, free(i, j)), {i: j})) == {j}
    assert str(total(j, total(i, free(i, j)))) == "total(_2: total(_1: free(_1, _2)))"


def test_substitutions_are_mappings():
    found = Substitution({x: a})
    assert found == {x: a} == Substitution({x: a})
    assert hash(found) == hash(Substitution({x: a}))
    assert found != {x: b}
    assert str(found) == "{x: a}"
    assert found(plus(x, b)) is substitute(plus(x, b), found) is plus(a, b)
