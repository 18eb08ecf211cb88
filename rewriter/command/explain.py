"""``python -m rewriter explain FILE``: what the engine finds in a graph that is written as text.

The file holds the text form of a graph, as ``print(graph)`` writes it; ``-`` is standard input.
``--html out.html`` writes the same as a page for a browser, with both graphs drawn.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.errors import AttributeValueError, ParseError

if TYPE_CHECKING:
    from rewriter.command.subcommand import Subcommands

__all__ = ["add", "execute"]


def add(subcommands: Subcommands) -> None:
    """Declare ``explain`` and its arguments."""
    parser = subcommands.add_parser("explain", help="say what is rewritten in a graph, and why")
    parser.add_argument("file", help="a graph as print(graph) writes it; - for standard input")
    parser.add_argument("--rewritten", action="store_true", help="print the new graph as well")
    parser.add_argument(
        "--html", metavar="PAGE", help="write a page for a browser, both graphs drawn"
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Explain the graph in ``arguments.file``.

    Raises:
        ParseError: the file cannot be read, or is not the text of a graph.
        AttributeValueError: the page cannot be written.
    """
    import rewriter as rw

    graph = rw.parse(read(arguments.file))
    explanation = rw.explain(graph)
    print(explanation)
    if arguments.rewritten:
        print()
        print(explanation.result.after)
    if arguments.html:
        write(arguments.html, explanation.html())
    return 0


def write(name: str, text: str) -> None:
    """Write a text to the file ``name``.

    Raises:
        AttributeValueError: it cannot be written.
    """
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise AttributeValueError(f"the page cannot be written: {error}", culprit=name) from error


def read(name: str) -> str:
    """The text of the file ``name``, or of standard input for ``-``."""
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParseError(f"the file cannot be read: {error}", culprit=name) from error
