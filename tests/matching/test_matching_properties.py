"""What holds of matching and unification for any terms."""

import brute_force
import theories as v
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.matching import (
    PatternSet,
    match,
    operands_of,
    operator_of,
    order_key,
    substitute,
    unify,
    variables_of,
)

LEAVES = [v.a, v.b, v.c]
VARIABLES = [v.x, v.y, v.r, v.s]
BINARY = [v.free, v.pair]
SEVERAL = [v.sequence, v.word, v.bag, v.plus, v.times, v.chain, v.union]


def terms(leaves, depth=2):
    if depth == 0:
        return st.sampled_from(leaves)
    below = terms(leaves, depth - 1)
    wrapped = st.builds(v.wrap, below)
    pairs = st.builds(lambda f, x, y: f(x, y), st.sampled_from(BINARY), below, below)
    several = st.builds(
        lambda f, xs: f(*xs), st.sampled_from(SEVERAL), st.lists(below, min_size=2, max_size=4)
    )
    return st.one_of(st.sampled_from(leaves), wrapped, pairs, several, several)


def generalised(term, draw):
    """Put variables in place of parts of a term, and rests in place of operands."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(VARIABLES))
    operator = operator_of(term)
    if operator is None:
        return term
    operands = [generalised(each, draw) for each in operands_of(term)]
    if operator.associative and draw(st.booleans()):
        operands = [*operands[1:], draw(st.sampled_from([v.r, v.s]))]
    return operator(*operands)


@st.composite
def problems(draw):
    subject = draw(terms(LEAVES))
    return generalised(subject, draw), subject


def shuffled(term, draw):
    """Build a term again with the operands of commutative operators in another order."""
    operator = operator_of(term)
    if operator is None:
        return term
    operands = [shuffled(each, draw) for each in operands_of(term)]
    return operator(*(draw(st.permutations(operands)) if operator.commutative else operands))


@settings(max_examples=300, deadline=None)
@given(problems())
def test_every_answer_makes_the_pattern_the_subject_and_comes_once(problem):
    pattern, subject = problem
    found = list(match(pattern, subject))
    assert [substitution(pattern) for substitution in found] == [subject] * len(found)
    assert len(set(found)) == len(found)
    assert all(set(substitution) == variables_of(pattern) for substitution in found)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_answers_are_those_of_brute_force(problem):
    pattern, subject = problem
    names = sorted(variables_of(pattern), key=order_key)
    operators = brute_force.operators_in(pattern) | brute_force.operators_in(subject)
    if len(brute_force.values(subject, operators)) ** len(names) > 3000:
        return
    found = {tuple(each[name] for name in names) for each in match(pattern, subject)}
    assert found == brute_force.answers(pattern, subject)


@settings(max_examples=100, deadline=None)
@given(problems(), st.data())
def test_the_order_of_operands_changes_nothing(problem, data):
    pattern, subject = problem
    again = shuffled(subject, data.draw)
    assert again is subject
    assert list(match(shuffled(pattern, data.draw), again)) == list(match(pattern, subject))


@settings(max_examples=100, deadline=None)
@given(st.lists(problems(), min_size=1, max_size=4))
def test_patterns_together_find_what_they_find_alone(found):
    patterns = [pattern for pattern, _ in found]
    together = PatternSet(zip(patterns, range(len(patterns)), strict=True))
    for _, subject in found:
        alone = [(at, each) for at, p in enumerate(patterns) for each in match(p, subject)]
        assert list(together.matches(subject)) == alone


UNIFIABLE = [v.free, v.pair, v.bag, v.plus, v.times]


def patterns(depth):
    leaves = st.sampled_from([v.a, v.b, v.x, v.y, v.z])
    if depth == 0:
        return leaves
    below = patterns(depth - 1)
    built = st.builds(lambda f, x, y: f(x, y), st.sampled_from(UNIFIABLE), below, below)
    return st.one_of(leaves, built, built, st.builds(v.wrap, below))


@settings(max_examples=200, deadline=None)
@given(patterns(2), patterns(2))
def test_every_unifier_unifies(left, right):
    for _, unifier in zip(range(20), unify(left, right), strict=False):
        assert unifier(left) == unifier(right)


@settings(max_examples=100, deadline=None)
@given(patterns(2), st.dictionaries(st.sampled_from([v.x, v.y, v.z]), terms(LEAVES, 1)))
def test_what_is_equal_after_a_substitution_unifies(pattern, substitution):
    instance = substitute(pattern, substitution)
    found = next(unify(pattern, instance), None)
    assert found is not None
    assert found(pattern) == found(instance)
