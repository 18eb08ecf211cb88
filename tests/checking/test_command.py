"""``python -m rewriter check``: the table, the JSON, the exit status, refusals."""

import json
from pathlib import Path

import pytest

from rewriter.command.line import main

MIXED = '''
import rewriter as rw

@rw.rule
def right(x: rw.Real, y: rw.Real):
    """e^x · e^y = e^(x+y)."""
    return rw.rewrite(rw.exp(x) * rw.exp(y), to=rw.exp(x + y))

@rw.rule
def wrong(x: rw.Real):
    """√(x²) = x."""
    return rw.rewrite(rw.sqrt(x * x), to=x)

@rw.rule
def unbound(x: rw.Real, y: rw.Real):
    """sin x = y."""
    return rw.rewrite(rw.sin(x), to=y)
'''


def test_shipped_laws_are_proved(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "rules.shift"]) == 0
    out = capsys.readouterr().out
    assert "shift_by_the_maximum  proved" in out
    assert "1 proved, 0 refuted, 0 unknown" in out


def test_wrong_and_refused_rules_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MIXED, encoding="utf-8")
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert "1 proved, 1 refuted, 0 unknown" in out
    assert "at x = -1.0: the left side is 1.0, the right -1.0" in out
    assert "unbound (rule unbound at" in out
    assert "UnboundVariableError" in out


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MIXED, encoding="utf-8")
    assert main(["check", "--json", str(path)]) == 1
    data = json.loads(capsys.readouterr().out)
    status = {rule["name"]: rule["status"] for rule in data["rules"]}
    assert status == {"right": "proved", "wrong": "refuted"}
    assert [refusal["name"] for refusal in data["refused"]] == ["unbound"]
    assert data["rules"][1]["counterexample"]["values"] == {"x": [["-1.0"], []]}


def test_what_cannot_be_loaded_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "no.such.module"]) == 1
    assert "cannot be loaded" in capsys.readouterr().err


LOSSY = '''
import rewriter as rw

@rw.rule
def lossy(x: rw.Real, y: rw.Real):
    """y·log1p(x) = y·log(1 + x)."""
    return rw.rewrite(y * rw.expm1(x), to=y * (rw.exp(x) - 1))

@rw.rule
def worth_it(x: rw.Real, y: rw.Real):
    """The same where nothing cancels."""
    return rw.rewrite(y * rw.expm1(x), to=y * (rw.exp(x) - 1), worth=[x > 1])
'''


def test_a_law_that_only_loses_digits_is_told_from_a_false_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(LOSSY, encoding="utf-8")
    assert main(["check", str(path)]) == 3
    out = capsys.readouterr().out
    assert "lossy is proved over the reals, but loses digits: as floats" in out
    assert "1 proved, 0 refuted, 0 unknown, 1 loses digits" in out
    assert main(["check", "--json", str(path)]) == 3
    lossy, worth_it = json.loads(capsys.readouterr().out)["rules"]
    assert (lossy["over_the_reals"], lossy["loses_digits"]) == ("proved", True)
    assert (worth_it["over_the_reals"], worth_it["loses_digits"]) == ("proved", False)
    path.write_text(MIXED + LOSSY, encoding="utf-8")
    assert main(["check", str(path)]) == 1


TOGETHER = '''
import rewriter as rw

@rw.equation
def sum_of_logs(x: rw.Positive, y: rw.Positive):
    """log x + log y = log(x·y)."""
    return rw.rewrite(rw.log(x) + rw.log(y), to=rw.log(x * y))

@rw.rule
def there(x: rw.Real):
    """tan x = sin x / cos x."""
    return rw.rewrite(rw.tan(x), to=rw.sin(x) / rw.cos(x))

@rw.rule
def back(x: rw.Real):
    """sin x / cos x = tan x."""
    return rw.rewrite(rw.sin(x) / rw.cos(x), to=rw.tan(x))
'''


def test_both_directions_of_an_equation_are_checked_and_loops_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(TOGETHER, encoding="utf-8")
    assert main(["check", "--json", str(path)]) == 0
    data = json.loads(capsys.readouterr().out)
    names = ["sum_of_logs", "sum_of_logs_backward", "there", "back"]
    assert [rule["name"] for rule in data["rules"]] == names
    (loop,) = [one for one in data["loops"] if "there" in one["rules"]]
    assert "the rules rewrite for ever: tan(x) → (there)" in loop["reason"]
    assert "back (rule back at" in loop["rules"]
