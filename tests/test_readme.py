"""The README's Python blocks are sessions: every line in them is run and its output compared."""

import contextlib
import doctest
import io
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def typed(source: str, names: dict[str, Any]) -> str:
    """What Python prints for a statement that is typed at its prompt."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "<stdin>", "single"), names)
    return printed.getvalue()


def test_every_session_prints_what_the_readme_says():
    names: dict[str, Any] = {"__name__": "session"}
    parser, checker = doctest.DocTestParser(), doctest.OutputChecker()
    statements = 0
    for block in blocks("python"):
        for example in parser.get_examples(block):
            printed = typed(example.source, names)
            assert checker.check_output(example.want, printed, 0), (
                f"{example.source}prints\n{printed}and not\n{example.want}"
            )
            statements += 1
    assert statements >= 25


def test_every_python_block_is_a_session():
    for block in blocks("python"):
        assert block.startswith(">>> ")


def test_every_file_that_the_readme_links_to_exists():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(targets) >= 10
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert not missing


def test_every_example_is_in_the_readme():
    for path in sorted((ROOT / "examples").glob("*.py")):
        assert f"(examples/{path.name})" in README
