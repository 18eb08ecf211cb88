"""The page of the laws: its table is what the command finds, and it names every law."""

import re
from pathlib import Path

from rewriter.checking.checker import check_rule, rules_in
from rewriter.checking.table import page_rows
from rewriter.command.check import SHIPPED, loaded

PAGE = Path(__file__).resolve().parents[2] / "rules" / "README.md"


def table_of_the_page() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    inside = re.search(r"<!-- table -->\n(.*)<!-- end of table -->", text, re.DOTALL)
    assert inside is not None
    return inside.group(1).splitlines()


def test_the_table_is_what_the_command_finds() -> None:
    verdicts = [check_rule(rule) for name in SHIPPED for rule in rules_in(loaded(name))]
    assert table_of_the_page() == page_rows(verdicts)
    assert all(verdict.proved for verdict in verdicts)


def test_every_law_is_worked_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8").split("<!-- end of table -->")[1]
    for name in SHIPPED:
        for rule in rules_in(loaded(name)):
            assert rule.name in text
