"""Every problem of the table, against brute force, one pattern at a time and all at once."""

from pathlib import Path

import brute_force
import pytest
from theories import read

from rewriter.matching import PatternSet, match, order_key, unify, variables_of

HERE = Path(__file__).parent
PROBLEMS = [line.split(" | ") for line in (HERE / "conformance.txt").read_text().splitlines()]
UNIFICATIONS = [line.split(" | ") for line in (HERE / "unification.txt").read_text().splitlines()]


def named(pattern, found):
    names = sorted(variables_of(pattern), key=order_key)
    return [tuple(each[name] for name in names) for each in found]


def test_the_table_is_large_and_has_answers_and_failures():
    failures = [problem for problem in PROBLEMS if problem[2] == "0"]
    assert len(PROBLEMS) >= 500
    assert 200 < len(failures) < 350


@pytest.mark.parametrize("root", sorted({p[0].split("(")[0] for p in PROBLEMS}))
def test_answers_are_those_of_brute_force_each_once(root):
    for text, subject_text, number in PROBLEMS:
        if text.split("(")[0] != root:
            continue
        pattern, subject = read(text), read(subject_text)
        found = named(pattern, match(pattern, subject))
        assert len(found) == int(number), (text, subject_text)
        assert len(set(found)) == len(found), (text, subject_text)
        assert set(found) == brute_force.answers(pattern, subject), (text, subject_text)


def test_all_patterns_at_once_find_the_same():
    patterns = {text: read(text) for text, _, _ in PROBLEMS}
    together = PatternSet((pattern, text) for text, pattern in patterns.items())
    for subject_text in dict.fromkeys(problem[1] for problem in PROBLEMS):
        subject = read(subject_text)
        apart = [(text, found) for text, p in patterns.items() for found in match(p, subject)]
        assert list(together.matches(subject)) == apart


@pytest.mark.parametrize(("left", "right", "number"), UNIFICATIONS)
def test_as_many_most_general_unifiers_as_maude_has_and_each_is_one(left, right, number):
    one, other = read(left), read(right)
    found = list(unify(one, other))
    assert len(found) == int(number)
    assert [unifier(one) for unifier in found] == [unifier(other) for unifier in found]
