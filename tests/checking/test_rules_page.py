"""The page of the laws: its table is what the command finds, and it names every law."""

import re
from pathlib import Path
from typing import Any

import pytest

from rewriter.checking.checker import check_rule, rules_in
from rewriter.checking.table import HEADINGS, page_rows
from rewriter.command.check import SHIPPED, loaded

PAGE = Path(__file__).resolve().parents[2] / "rules" / "README.md"


def table_of_the_page() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    inside = re.search(r"<!-- table -->\n(.*)<!-- end of table -->", text, re.DOTALL)
    assert inside is not None
    return inside.group(1).splitlines()


LAWS = [rule for name in SHIPPED for rule in rules_in(loaded(name))]


def test_the_table_has_a_row_for_each_law() -> None:
    headings, line, *rows = table_of_the_page()
    assert [headings, line] == page_rows([])
    assert headings.count("|") == len(HEADINGS)
    assert [row.split(" | ")[0] for row in rows] == [f"| {law.name}" for law in LAWS]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_a_row_of_the_table_is_what_the_command_finds(law: Any) -> None:
    verdict = check_rule(law)
    assert verdict.proved, f"\n{verdict}"
    assert page_rows([verdict])[-1] == table_of_the_page()[2 + LAWS.index(law)]


def test_every_law_is_worked_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8").split("<!-- end of table -->")[1]
    for law in LAWS:
        assert law.name in text
