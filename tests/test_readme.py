"""The pages' Python blocks are sessions: every line in them is run and its output compared."""

import contextlib
import doctest
import io
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"README.md": 25, "rewriter/matching/README.md": 60}
"""How many statements at least each page has."""


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL)


def typed(source: str, names: dict[str, Any]) -> str:
    """What Python prints for a statement that is typed at its prompt."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "<stdin>", "single"), names)
    return printed.getvalue()


@pytest.mark.parametrize("page", PAGES)
def test_every_session_prints_what_the_page_says(page):
    names: dict[str, Any] = {"__name__": "session"}
    parser, checker = doctest.DocTestParser(), doctest.OutputChecker()
    statements = 0
    for block in blocks(page):
        for example in parser.get_examples(block):
            printed = typed(example.source, names)
            assert checker.check_output(example.want, printed, 0), (
                f"{example.source}prints\n{printed}and not\n{example.want}"
            )
            statements += 1
    assert statements >= PAGES[page]


@pytest.mark.parametrize("page", PAGES)
def test_every_python_block_is_a_session(page):
    for block in blocks(page):
        assert block.startswith(">>> ")


def test_every_file_that_the_readme_links_to_exists():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text_of("README.md"))
    assert len(targets) >= 10
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert not missing


def test_every_example_is_in_the_readme():
    for path in sorted((ROOT / "examples").glob("*.py")):
        assert f"(examples/{path.name})" in text_of("README.md")
