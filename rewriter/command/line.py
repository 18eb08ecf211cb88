"""From the words on the command line to the subcommand that they name.

A subcommand is a module with two functions: ``add(subcommands)`` declares it,
``execute(arguments)`` runs it and returns the exit status. What it needs beyond the package itself
it imports when it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rewriter.command import check, demo, explain
from rewriter.errors import RewriterError

__all__ = ["main", "parser"]

SUBCOMMANDS = (demo, check, explain)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = argparse.ArgumentParser("rewriter", description="Numerical stability by rewriting.")
    subcommands = whole.add_subparsers(title="subcommands", metavar="SUBCOMMAND", required=True)
    for subcommand in SUBCOMMANDS:
        subcommand.add(subcommands)
    return whole


def main(words: Sequence[str] | None = None) -> int:
    """Run one command line.

    Args:
        words: the arguments after the program's name; those of this process where None.

    Returns:
        The exit status: 0, or 1 where the subcommand failed. A mistake in ``words`` exits with 2.
    """
    arguments = parser().parse_args(words)
    try:
        status: int = arguments.execute(arguments)
    except RewriterError as error:
        print(f"rewriter: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return status
