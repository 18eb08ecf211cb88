"""The command line: ``python -m rewriter demo``, ``python -m rewriter explain FILE``.

One module a subcommand; each says what it adds to the parser and what it does with what was parsed.
"""

from __future__ import annotations

from rewriter.command.line import main

__all__ = ["main"]
