"""The README's Python blocks are sessions; every line in them is run and its output compared."""

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_session_prints_what_the_readme_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parser = doctest.DocTestParser()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    names: dict[str, object] = {}
    report: list[str] = []
    for block in blocks("python"):
        line = README[: README.index(block)].count("\n")
        session = parser.get_doctest(block, names, "README.md", str(ROOT / "README.md"), line)
        assert session.examples, f"a Python block without a prompt: {block}"
        runner.run(session, out=report.append, clear_globs=False)
        names.update(session.globs)
    assert runner.tries >= 12
    assert not runner.failures, "".join(report)


def test_every_file_that_the_readme_links_to_exists():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(targets) >= 10
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert not missing


def test_every_example_is_in_the_readme():
    for path in sorted((ROOT / "examples").glob("*.py")):
        assert f"(examples/{path.name})" in README
