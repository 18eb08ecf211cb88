"""The worked lines in docstrings say what happens."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    ["rewriter.errors", "rewriter.graph.node", "rewriter.text.names", "rewriter.text.signature"],
)
def test_worked_lines(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
