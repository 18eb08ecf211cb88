"""A trace on standard error, in levels, where ``REWRITER_TRACE`` asks for it.

``REWRITER_TRACE=1``: every rewrite, with its line and rule; ``2``: also what was held back, by
which condition, and the budgets that were met; ``3``: also every term that a rule was tried on and
every match.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

VARIABLE = "REWRITER_TRACE"
REWRITES, CONDITIONS, TRIES = 1, 2, 3


def traced(level: int) -> Callable[[str], None] | None:
    """Return what takes lines of that level; None where they are not asked for."""
    wanted = os.environ.get(VARIABLE, "0")
    return _write if wanted.isdigit() and int(wanted) >= level else None


def _write(line: str) -> None:
    print(f"rewriter: {line}", file=sys.stderr)
