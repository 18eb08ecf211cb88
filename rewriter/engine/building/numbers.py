"""The numbers that laws bring along, and what each was before it became a float of a graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rewriter.graph import operations as op
from rewriter.graph.node import Node

_kept: ContextVar[dict[Node, float] | None] = ContextVar("numbers before rounding", default=None)


def number_node(value: float, dtype: str) -> Node:
    """Return the constant that holds a number, and keep in mind what it is a rounding of."""
    node, kept = op.as_node(value, dtype), _kept.get()
    if kept is not None:
        kept[node] = value
    return node


@contextmanager
def numbers_kept() -> Iterator[dict[Node, float]]:
    """Give the constants made inside the ``with`` block, each with the number that it rounds."""
    kept: dict[Node, float] = {}
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)
