"""Unification of unions: complete, and nothing twice, against sets tried one by one."""

from itertools import chain as joined
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from theories import a, b, bag, c, chain, free, r, union, wrap, x, y, z, zero

from rewriter.matching import constants, operands_of, operator_of, order_key, unify, variables_of

LETTERS = [a, b, *constants("p q")]
"""The constants that problems may have, and two that they do not."""


def subsets(smallest):
    sizes = range(smallest, len(LETTERS) + 1)
    return [frozenset(each) for each in joined(*(combinations(LETTERS, n) for n in sizes))]


def elements(term, operator):
    """Return a union as the set of what is united."""
    if term == operator.unit:
        return frozenset()
    return frozenset(operands_of(term) if operator_of(term) is operator else (term,))


def united(side, values):
    return frozenset().union(*(values.get(each, {each}) for each in side))


def is_instance(values, general, smallest):
    """Whether sets are an instance of sets with variables: each variable is as large as can be."""
    unknown = {each for held in general for each in held if variables_of(each)}
    largest = {
        each: frozenset(LETTERS).intersection(
            *(value for value, held in zip(values, general, strict=True) if each in held)
        )
        for each in unknown
    }
    return all(len(each) >= smallest for each in largest.values()) and all(
        united(held, largest) == value for value, held in zip(values, general, strict=True)
    )


SIDES = st.lists(st.sampled_from([x, y, z, a, b]), min_size=1, max_size=4)


@pytest.mark.parametrize("operator", [chain, union])
def test_every_solution_is_an_instance_of_one_and_no_unifier_of_another(operator):
    smallest = 0 if operator.unit is not None else 1
    sets = subsets(smallest)

    @settings(max_examples=60, deadline=None)
    @given(SIDES, SIDES)
    def check(left, right):
        names = sorted({each for each in (*left, *right) if variables_of(each)}, key=order_key)
        unifiers = unify(operator(*left), operator(*right))
        found = [
            [elements(unifier.get(name, name), operator) for name in names] for unifier in unifiers
        ]
        assert unifiers.complete
        for values in product(sets, repeat=len(names)):
            known = dict(zip(names, values, strict=True))
            if united(left, known) == united(right, known):
                assert any(is_instance(values, each, smallest) for each in found)
        for each in found:
            assert united(left, dict(zip(names, each, strict=True))) == united(
                right, dict(zip(names, each, strict=True))
            )

    check()


@pytest.mark.parametrize(
    ("left", "right", "number"),
    [
        (union(x, y), union(z, r), 1),
        (union(x, a), union(y, b), 1),
        (union(x, a), union(y, a), 3),
        (union(x, y), union(z, a), 3),
        (chain(x, a), chain(y, b), 2),
        (chain(x, y), chain(z, r), 7),
        (chain(x, a), chain(a, b), 2),
        (chain(x, wrap(y)), chain(z, wrap(a)), 5),
        (chain(wrap(x), wrap(y)), wrap(a), 1),
        (chain(x, y), free(a, z), 1),
        (wrap(chain(x, a)), wrap(x), 1),
        (bag(chain(x, y), z), bag(a, b, c), 6),
        (free(union(x, a), union(x, b)), free(y, y), 1),
        (union(x, zero), union(), 1),
        (chain(a, b), chain(a, x, c), 0),
        (x, chain(a, wrap(x)), 0),
    ],
)
def test_unions_beside_other_operators(left, right, number):
    found = list(unify(left, right))
    assert len(found) == len(set(found)) == number
    assert [each(left) for each in found] == [each(right) for each in found]


def test_a_union_inside_of_another_may_come_to_one_operand():
    """z = {a, b} = {x, y, {x, z}} where x = z, for {z, z} is z."""
    names, values = (x, y, z), (union(a, b), b, union(a, b))
    found = unify(z, union(x, y, chain(x, z)))
    unifiers = (free(*(unifier.get(each, each) for each in names)) for unifier in found)
    assert any(next(unify(each, free(*values)), None) for each in unifiers)
