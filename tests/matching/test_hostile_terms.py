"""Deep, wide, shared and hopeless problems: no recursion, bounded memory, a budget that speaks."""

import sys
import tracemalloc
from functools import reduce

import pytest
from kanren import eq, run
from theories import (
    a,
    b,
    bag,
    c,
    chain,
    free,
    pair,
    plus,
    r,
    s,
    sequence,
    times,
    union,
    word,
    wrap,
    x,
    y,
    z,
)  # fmt: skip

from rewriter.errors import AttributeValueError, BudgetExceeded, PatternError
from rewriter.matching import (
    Budget,
    Function,
    Index,
    Operator,
    constants,
    match,
    rest,
    substitute,
    unify,
    variables,
    variables_of,
)

DEEP = 30_000
WIDE = 30_000


def nested(leaf, depth=DEEP):
    for _ in range(depth):
        leaf = wrap(leaf)
    return leaf


@pytest.fixture(scope="module")
def deep():
    return nested(a), nested(x)


@pytest.fixture(scope="module")
def wide():
    return constants(" ".join(f"k{number}" for number in range(WIDE)))


def test_depth_costs_no_recursion(deep):
    subject, pattern = deep
    assert 10 * sys.getrecursionlimit() < DEEP
    assert list(match(pattern, subject)) == [{x: a}]
    assert list(unify(pattern, subject)) == [{x: a}]
    assert run(0, x, eq(pattern, subject)) == (a,)
    assert substitute(pattern, {x: a}) is subject
    assert len(repr(subject)) == DEEP * len("wrap()") + 1


def test_depth_of_alternating_operators_costs_no_recursion():
    def alternating(leaf):
        for level in range(4_000):
            leaf = (plus, times)[level % 2](leaf, b)
        return leaf

    assert list(match(alternating(x), alternating(a))) == [{x: a}]


def test_a_nest_with_a_variable_at_each_level_costs_memory_in_proportion():
    """One candidate a level: nothing is kept to return to, and no term keeps all its variables."""
    depth = 10_000
    names = variables(" ".join(f"v{level}" for level in range(depth)))
    pattern, subject = x, a
    tracemalloc.start()
    for name in names:
        pattern, subject = bag(wrap(pattern), name), bag(wrap(subject), b)
    (found,) = match(pattern, subject)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == {x: a} | dict.fromkeys(names, b)
    assert most < 15_000 * depth
    assert variables_of(pattern) == {x, *names}


def test_the_orders_of_many_operands_are_not_all_made_at_once():
    wide = 1_200
    names = variables(" ".join(f"v{number}" for number in range(wide)))
    letters = constants(" ".join(f"k{number}" for number in range(wide)))
    assert len(next(unify(pair(*names), pair(*letters)))) == wide


def test_a_shared_subterm_is_met_once():
    doubled = [reduce(lambda term, _: free(term, term), range(300), leaf) for leaf in (a, x, y)]
    assert list(match(doubled[1], doubled[0])) == [{x: a}]
    assert substitute(doubled[1], {x: a}) is doubled[0]
    assert len(list(unify(doubled[1], doubled[2]))) == 1


def test_a_shared_subterm_is_met_once_under_a_commutative_operator_too():
    def tower(leaf):
        return reduce(lambda term, _: pair(term, wrap(term)), range(60), leaf)

    assert list(match(tower(x), tower(a), budget=500)) == [{x: a}]
    assert list(match(tower(bag(x, b)), tower(bag(a, b)), budget=500)) == [{x: a}]


def test_the_first_way_to_deal_to_many_rests_comes_soon():
    parts = [rest(f"part{number}") for number in range(24)]
    subject = bag(*constants(" ".join(f"k{number}" for number in range(64))))
    first = next(match(bag(*parts), subject))
    assert bag(*first.values()) is subject
    assert len(first) == 24


def test_many_operands(wide):
    subject = bag(*wide)
    first = next(match(bag(x, r), subject))
    assert bag(first[x], first[r]) is subject
    (found,) = match(bag(wide[7], wide[9], r), subject)
    assert found[r] is bag(*wide[:7], wide[8], *wide[10:])
    assert list(match(bag(x, x, r), subject)) == []
    assert list(match(bag(times(x, x), r), subject)) == []


def test_long_sequences(wide):
    subject = sequence(*wide)
    found = next(match(sequence(r, x, s), subject))
    assert sequence(found[r], found[x], found[s]) is subject
    assert list(match(sequence(r, x, x, s), subject)) == []
    (found,) = match(sequence(r, wide[500], s), subject)
    assert found[r] is sequence(*wide[:500])


def test_the_first_of_a_great_many_answers_takes_no_memory():
    parts = [rest(f"part{number}") for number in range(7)]
    subject = plus(*constants(" ".join(f"k{number}" for number in range(64))))
    answers = match(plus(*parts), subject)
    next(answers)
    tracemalloc.start()
    for _ in range(300):
        next(answers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("operator", "letters"), [(plus, [a] * 40), (bag, [a] * 30 + [b] * 30), (chain, [a, b, c])]
)
def test_equal_operands_are_dealt_to_many_rests_as_answers_are_asked_for(operator, letters):
    """40 copies among 28 rests: more than 10^18 answers."""
    parts = [rest(f"part{number}") for number in range(28)]
    subject = operator(*letters)
    tracemalloc.start()
    answers = match(operator(*parts), subject)
    found = [next(answers) for _ in range(30)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(set(found)) == 30
    assert all(operator(*each.values()) is subject for each in found)
    assert most < 1_000_000


def test_a_rest_that_takes_nothing_meets_its_budget():
    refusing = rest("refusing", lambda term: False)
    subject = bag(*constants(" ".join(f"k{each}" for each in range(60))))
    with pytest.raises(BudgetExceeded) as caught:
        list(match(bag(refusing, r), subject, budget=1000))
    assert caught.value.culprit is bag(refusing, r)


def colouring(colours, nodes):
    """Ask for a colouring of a complete graph, as a pattern of edges against pairs of colours."""
    names = variables(" ".join(f"n{number}" for number in range(nodes)))
    edges = [free(one, other) for one in names for other in names if one is not other]
    hues = constants(" ".join(f"hue{number}" for number in range(colours)))
    pairs = [free(one, other) for one in hues for other in hues if one is not other]
    return chain(*edges, r), chain(*pairs)


def test_a_hopeless_problem_meets_its_budget_and_says_so():
    pattern, subject = colouring(colours=8, nodes=9)
    with pytest.raises(BudgetExceeded, match="budget of 3000 steps") as caught:
        list(match(pattern, subject, budget=3000))
    assert caught.value.culprit is pattern
    assert caught.value.reached == 0


def test_a_number_bounds_the_work_for_an_answer_and_a_budget_that_of_all():
    names = variables("p q o n m l")
    pattern = bag(*names)
    subject = bag(a, b, c, wrap(a), wrap(b), wrap(c))
    assert len(list(match(pattern, subject, budget=20))) == 720
    with pytest.raises(BudgetExceeded) as caught:
        list(match(pattern, subject, budget=Budget(500)))
    assert 0 < caught.value.reached < 720


@pytest.mark.parametrize("budget", ["much", -1, 1.5])
def test_what_is_no_budget_is_refused_at_once(budget):
    with pytest.raises(AttributeValueError, match="a budget is a number of steps") as caught:
        match(bag(x, r), bag(a, b), budget=budget)
    assert caught.value.culprit == repr(budget)


def test_names_may_be_separated_by_commas():
    assert variables("x, y") == (x, y)
    assert constants("a,b ,c") == (a, b, c)


def test_no_match_of_a_square_is_found_in_few_steps():
    for number in (16, 64, 256):
        subject = bag(*constants(" ".join(f"k{each}" for each in range(number))))
        assert list(match(bag(x, x, r), subject, budget=2)) == []
        assert list(match(bag(times(x, x), r), subject, budget=2)) == []


def test_factors_shared_by_two_of_many_products_are_found_in_few_steps():
    u, v = variables("u v")
    for number in (16, 64, 256):
        names = constants(" ".join(f"k{each}" for each in range(2 * number)))
        products = [times(*names[2 * each : 2 * each + 2]) for each in range(number)]
        subject = bag(*products, times(names[0], c))
        found = list(match(bag(times(x, u), times(x, v), r), subject, budget=12))
        assert len(found) == 2
        assert {each[x] for each in found} == {names[0]}


def test_more_variables_than_can_be_served_fail_at_once():
    rests = [rest(f"part{number}") for number in range(12)]
    subject = bag(*constants(" ".join(f"k{each}" for each in range(11))))
    assert list(match(bag(*rests), subject, budget=10)) == []


def test_streams_can_be_dropped_midway():
    budget = Budget(1000)
    answers = match(plus(x, r, s), plus(a, b, c), budget=budget)
    assert next(answers)[x] is a
    left = budget.left
    del answers
    assert budget.left == left > 900


def test_a_subject_with_variables_is_refused():
    with pytest.raises(PatternError, match="unify takes two patterns") as caught:
        match(plus(x, r), plus(a, y))
    assert caught.value.culprit is plus(a, y)


def test_an_infinite_problem_says_that_it_was_cut():
    unifiers = unify(sequence(x, a), sequence(a, x), depth=3)
    assert [each[x] for each in unifiers] == [
        sequence(*[a] * n) if n > 1 else a for n in range(1, 5)
    ]
    assert not unifiers.complete
    finite = unify(sequence(x, y), sequence(a, b, c))
    assert len(list(finite)) == 2
    assert finite.complete
    empty = unify(word(x, y), word(a, b))
    assert len(list(empty)) == 3
    assert empty.complete


def test_answers_that_say_nothing_new_are_paid_for_too():
    sides = union(x, chain(x, y, z)), union(y, z, chain(x, z))
    with pytest.raises(BudgetExceeded, match="budget of 2000 steps") as caught:
        list(unify(*sides, budget=2000))
    assert str(caught.value.culprit) == str(sides)


def test_unification_of_many_operands_keeps_to_what_there_is(wide):
    unifier = next(unify(bag(x, y), bag(*wide)))
    assert unifier(bag(x, y)) is bag(*wide)
    few = wide[:2_000]
    sides = bag(x, y), bag(*few, z)
    tracemalloc.start()
    unifier = next(unify(*sides))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert unifier(sides[0]) is unifier(sides[1])
    assert most < 30_000 * len(few)


def test_unions_of_many_operands_are_unified_or_the_budget_says_so(wide):
    sides = chain(x, y), chain(*wide[:10_000], z)
    unifier = next(unify(*sides))
    assert unifier(sides[0]) is unifier(sides[1])
    many = [variables(" ".join(f"{letter}{each}" for each in range(200))) for letter in "vw"]
    with pytest.raises(BudgetExceeded, match="budget of 10000 steps"):
        next(unify(chain(*many[0]), chain(*many[1]), budget=10_000))


f, j = Function("f"), Index("j")
total = Operator("total", binder=True)


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        (wrap(f[j]), wrap(a)),
        (free(f[j], total(j, x)), free(a, total(j, a))),
        (sequence(f[j], r), sequence(a, b)),
        (bag(f[j], r), bag(a, b)),
    ],
)
def test_a_function_that_nothing_determines_is_refused_wherever_it_stands(pattern, subject):
    with pytest.raises(PatternError, match="bound indices") as caught:
        list(match(pattern, subject))
    assert caught.value.culprit is f[j]
