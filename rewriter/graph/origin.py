"""Where a node came from: a line of the user's program, or the rule that made it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.graph.node import Node

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in a program (``file``, ``line``), or the name of a rule.

    Attributes:
        file: path of the source file, or None.
        line: line number in it, counted from 1.
        rule: name of the rule that made the node, or None.
    """

    file: str | None = None
    line: int = 0
    rule: str | None = None

    def __str__(self) -> str:
        place = f"{os.path.basename(self.file)}:{self.line}" if self.file else "unknown place"
        return f"rule {self.rule} at {place}" if self.rule else place


UNKNOWN = Origin()

_INHERITED: ContextVar[Origin | None] = ContextVar("inherited origin", default=None)


@contextmanager
def origin_of(source: Node | Origin) -> Iterator[None]:
    """Give every node made inside the ``with`` block an origin, or that of another node."""
    token = _INHERITED.set(source if isinstance(source, Origin) else source.origin)
    try:
        yield
    finally:
        _INHERITED.reset(token)


def caller() -> Origin:
    """Return the innermost line that is not of this package (nor of ``rules``).

    Inside ``origin_of(node)`` it is the origin of that node instead.
    """
    inherited = _INHERITED.get()
    if inherited is not None:
        return inherited
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_PACKAGE):
            return Origin(name, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return UNKNOWN
