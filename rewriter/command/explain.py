"""``python -m rewriter explain FILE``: what the engine finds in a graph that is written as text.

The file holds the text form of a graph, as ``print(graph)`` writes it; ``-`` is standard input.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.errors import ParseError

if TYPE_CHECKING:
    from rewriter.command.subcommand import Subcommands

__all__ = ["add", "execute"]


def add(subcommands: Subcommands) -> None:
    """Declare ``explain`` and its arguments."""
    parser = subcommands.add_parser("explain", help="say what is rewritten in a graph, and why")
    parser.add_argument("file", help="a graph as print(graph) writes it; - for standard input")
    parser.add_argument("--rewritten", action="store_true", help="print the new graph as well")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Explain the graph in ``arguments.file``.

    Raises:
        ParseError: the file cannot be read, or is not the text of a graph.
    """
    import rewriter as rw

    graph = rw.parse(read(arguments.file))
    print(rw.explain(graph))
    if arguments.rewritten:
        print()
        print(rw.optimize(graph))
    return 0


def read(name: str) -> str:
    """The text of the file ``name``, or of standard input for ``-``."""
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParseError(f"the file cannot be read: {error}", culprit=name) from error
