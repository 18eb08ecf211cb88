"""Statistics by rule, and the trace in levels."""

import pytest

import rewriter as rw

X = rw.input("x", (4,), "float64")
SOFTMAX = rw.Graph([X], [rw.exp(X) / rw.sum(rw.exp(X)) + (1 - rw.cos(X)) + rw.absolute(rw.sin(X))])


@rw.rule
def one_minus_cosine(x: rw.Real):
    """1 - cos x = 2·sin(x/2)²."""
    return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))


@rw.rule
def size_of_sine(x: rw.Real):
    """|sin x| = sin x, for sin x > 0."""
    return rw.rewrite(rw.absolute(rw.sin(x)), to=rw.sin(x), when=[rw.sin(x) > 0])


RULES = [one_minus_cosine, size_of_sine]


def test_tries_matches_and_rewrites_are_counted():
    with rw.statistics() as found:
        rw.optimize(SOFTMAX, rules=RULES)
    own, held = found[one_minus_cosine], found[size_of_sine]
    assert own.fired >= 1
    assert own.tries >= own.matches >= own.fired
    assert held.matches >= 1
    assert held.fired == 0
    assert own.seconds > 0
    (shift,) = [row for rule, row in found.rows.items() if rule.name == "shift_by_the_maximum"]
    assert shift.fired >= 1


def test_the_table_names_each_rule_and_its_line():
    with rw.statistics() as found:
        rw.optimize(SOFTMAX, rules=RULES)
    heading, *lines = str(found).splitlines()
    assert heading.split() == ["rule", "tries", "matches", "fired", "ms", "line"]
    (line,) = [line for line in lines if line.startswith("one_minus_cosine ")]
    _, tries, matches, fired, _, place = line.split()
    row = found[one_minus_cosine]
    assert (int(tries), int(matches), int(fired)) == (row.tries, row.matches, row.fired)
    assert place.startswith("test_statistics.py:")


def test_nothing_is_counted_outside():
    with rw.statistics() as found:
        pass
    rw.optimize(SOFTMAX, rules=RULES)
    assert found.rows == {}


LEVELS = {"0": (), "1": ("rewrite",), "2": ("rewrite", "blocked"),
          "3": ("rewrite", "blocked", "try", "match")}  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
def test_the_trace_has_levels(level, monkeypatch, capsys):
    monkeypatch.setenv("REWRITER_TRACE", level)
    rw.optimize(SOFTMAX, rules=RULES)
    lines = capsys.readouterr().err.splitlines()
    kinds = {line.removeprefix("rewriter: ").split()[0] for line in lines}
    assert kinds == set(LEVELS[level])
    if level != "0":
        assert any("one_minus_cosine" in line and "test_statistics.py" in line for line in lines)
    if level in "23":
        assert any("size_of_sine" in line and "sin(x[i0]) > 0" in line for line in lines)


@rw.rule
def forgotten_half(x: rw.Real):
    """1 - cos x = sin(x/2)², which is wrong."""
    return rw.rewrite(1 - rw.cos(x), to=rw.square(rw.sin(x / 2)))


def test_a_failing_rewrite_is_dumped_as_python():
    graph = rw.Graph([X], [1 - rw.cos(X)])
    with pytest.raises(rw.errors.EquivalenceError, match="changed what the graph means") as failure:
        rw.optimize(graph, rules=[forgotten_half], check=True)
    (note,) = failure.value.__notes__
    scope: dict = {}
    exec(note.replace("print(", "verdict = ("), scope)
    assert scope["before"] is graph
    assert scope["verdict"].status == "refuted"
