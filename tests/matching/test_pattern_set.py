"""Many patterns at once meet few candidates."""

from theories import a, b, bag, c, free, plus, r, times, wrap, x, y

from rewriter.matching import Operator, PatternSet, constants, match

HEADS = [Operator(f"head{number}") for number in range(40)]
LAWS = {f"{one}/{other}": one(other(x), y) for one in HEADS for other in HEADS}


def test_of_many_patterns_only_those_are_tried_that_show_in_the_subject():
    together = PatternSet((pattern, name) for name, pattern in LAWS.items())
    subject = HEADS[3](HEADS[5](a), b)
    assert len(together) == 1600
    assert together.candidates(subject) == ["head3/head5"]
    assert together.candidates(HEADS[3](a, b)) == []
    assert [(name, dict(found)) for name, found in together.matches(subject)] == [
        ("head3/head5", {x: a, y: b})
    ]


def test_patterns_under_units_wait_for_what_must_be_there():
    together = PatternSet([(times(wrap(x), r), "wrapped"), (times(free(x, y), r), "free")])
    assert together.candidates(times(wrap(a), b)) == ["wrapped"]
    assert together.candidates(wrap(a)) == ["wrapped"]
    assert together.candidates(bag(a, b)) == []
    assert list(together.matches(wrap(a))) == [
        ("wrapped", found) for found in match(times(wrap(x), r), wrap(a))
    ]


def test_a_pattern_may_be_added_later_and_order_is_kept():
    together = PatternSet([(plus(x, r), "any")])
    assert together.candidates(plus(a, b)) == ["any"]
    together.add(plus(wrap(x), r), "wrapped")
    together.add(x, "all")
    assert together.candidates(plus(wrap(a), b)) == ["any", "wrapped", "all"]
    assert together.candidates(plus(a, c)) == ["any", "all"]


LETTERS = constants(" ".join(f"letter{number}" for number in range(300)))


def test_patterns_that_differ_in_a_constant_or_far_down_are_told_apart():
    def far_down(head, leaf):
        return wrap(wrap(wrap(wrap(wrap(head(leaf))))))

    together = PatternSet((bag(times(x, letter), r), letter) for letter in LETTERS)
    for head in HEADS:
        together.add(far_down(head, x), head)
    subject = bag(times(a, LETTERS[5]), times(b, LETTERS[7]), c)
    assert together.candidates(subject) == [LETTERS[5], LETTERS[7]]
    assert together.candidates(far_down(HEADS[3], a)) == [HEADS[3]]
    assert together.candidates(far_down(free, (a, b))) == []


def test_of_a_large_subject_no_pattern_is_lost():
    together = PatternSet((bag(times(x, letter), r), letter) for letter in LETTERS)
    many = (times(wrap(letter), LETTERS[9], b) for letter in LETTERS)
    subject = bag(
        *(wrap(wrap(wrap(wrap(letter)))) for letter in LETTERS), *many, times(c, LETTERS[9])
    )
    assert [name for name, _ in together.matches(subject)] == [LETTERS[9]]
