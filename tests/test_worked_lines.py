"""The worked lines in docstrings say what happens."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import rewriter
import rules


def named(package) -> list[str]:
    inside = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [package.__name__, *(module.name for module in inside)]


def worked(name: str) -> bool:
    """Whether a module has worked lines; what runs when it is imported has none."""
    if name.endswith("__main__"):
        return False
    module = importlib.import_module(name)
    return any(test.examples for test in doctest.DocTestFinder().find(module))


WORKED = [name for name in (*named(rewriter), *named(rules)) if worked(name)]


def test_many_modules_have_worked_lines():
    assert len(WORKED) >= 30


@pytest.mark.parametrize("name", WORKED)
def test_worked_lines(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
