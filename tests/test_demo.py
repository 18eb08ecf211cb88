"""The command line at work: the demo's two trainings and its expressions, and explain."""

import re
from pathlib import Path

import numpy as np
import pytest

import rewriter as rw
from rewriter.command import main


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One run of the demo: exit status, what it printed, where it wrote."""
    import contextlib
    import io

    output = tmp_path_factory.mktemp("demo") / "made" / "anew"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = main(["demo", "--output", str(output)])
    return status, printed.getvalue(), output


README = Path(__file__).resolve().parent.parent / "README.md"


def rows(text: str) -> dict[tuple[str, ...], list[str]]:
    """The lines of the table of trainings: its first four cells to the other three."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"[│┃|]", line)[1:-1]]
        if len(cells) == 7 and cells[0].startswith("float"):
            found[tuple(cells[:4])] = cells[4:]
    return found


def test_demo_succeeds(demo):
    status, printed, _ = demo
    assert status == 0, printed


@pytest.mark.parametrize(("dtype", "size"), [("float32", "0.1"), ("float16", "0.01")])
def test_demo_trains_to_the_accuracy_of_the_library(demo, dtype, size):
    table = rows(demo[1])
    assert len(table) == 10
    for backend in ("JAX", "NumPy"):
        failure, loss, accuracy = table[dtype, size, backend, "as written"]
        assert 0 < int(failure) < 200
        assert loss == "nan"
        assert float(accuracy.rstrip("%")) < 20
    library = float(table[dtype, size, "JAX", "optax"][2].rstrip("%"))
    assert library > 95
    for way in (("JAX", "rw.stabilize"), ("NumPy", "rw.optimize")):
        failure, loss, accuracy = table[dtype, size, *way]
        assert failure == "never"
        assert np.isfinite(float(loss))
        assert float(accuracy.rstrip("%")) >= library - 0.6  # two test images of 397


def test_readme_has_the_table_of_the_demo(demo):
    table, printed = rows(README.read_text(encoding="utf-8")), rows(demo[1])
    assert table.keys() == printed.keys()
    for key, (failure, loss, accuracy) in printed.items():
        written = table[key]
        assert (written[0] == "never") == (failure == "never"), key
        assert (written[1] == "nan") == (loss == "nan"), key
        # another processor may round otherwise and turn a doubtful image or two
        assert abs(float(written[2].rstrip("%")) - float(accuracy.rstrip("%"))) < 1, key


def test_demo_draws_its_picture(demo):
    picture = (demo[2] / "training.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) > 20_000


def test_demo_shows_every_expression(demo):
    from rewriter.command.forms import FORMS

    assert len(FORMS) >= 12
    for form in FORMS:
        assert str(form) in demo[1]
    assert demo[1].count("as written ") == len(FORMS) + 4  # and the trainings
    assert f"{len(FORMS)} of {len(FORMS)} come out right" in demo[1]


def test_explain_reads_a_graph_from_a_file(tmp_path, capsys):
    x = rw.input("x", ("n",))
    graph = rw.Graph([x], [rw.exp(x) / rw.sum(rw.exp(x))])
    path = tmp_path / "softmax.graph"
    path.write_text(str(graph))
    assert main(["explain", str(path), "--rewritten"]) == 0
    printed = capsys.readouterr().out
    assert "softmax" in printed
    assert str(rw.optimize(graph)) in printed


@pytest.mark.parametrize("text", ["this is no graph", "", "\x00"])
def test_explain_says_what_is_wrong_with_a_text(tmp_path, capsys, text):
    path = tmp_path / "wrong.graph"
    path.write_text(text)
    assert main(["explain", str(path)]) == 1
    assert "ParseError" in capsys.readouterr().err


def test_explain_names_the_file_that_is_missing(tmp_path, capsys):
    missing = tmp_path / "missing.graph"
    assert main(["explain", str(missing)]) == 1
    error = capsys.readouterr().err
    assert "ParseError" in error
    assert "missing.graph" in error


def test_demo_names_the_packages_that_are_missing(monkeypatch, capsys, tmp_path):
    import importlib.util

    found = importlib.util.find_spec
    absent = {"optax", "flint"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in absent else found(name)
    )
    assert main(["demo", "--output", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "BackendError" in error
    assert "python-flint, optax" in error


def test_plain_display_shows_what_the_other_does(capsys):
    from rich.console import Console

    from rewriter.command.display import PlainDisplay, RichDisplay

    shown = []
    for display in (PlainDisplay(), RichDisplay(Console(width=100))):
        display.heading("A heading")
        display.note("A note, with [brackets].")
        display.table("A table", ("one", "two"), [("a", "[nan]"), ("b", "[0, 1]")], group=2)
        assert list(display.track(["first", "second"], "going")) == ["first", "second"]
        shown.append(capsys.readouterr().out)
    words = ("A heading", "A note, with [brackets].", "A table", "one", "[nan]", "[0, 1]", "going")
    for word in words:
        assert all(word in text for text in shown), word
