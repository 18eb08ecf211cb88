"""What a term is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rewriter.graph.node import Node
from rewriter.terms.term import Binder, Term


def nodes_in(term: Term) -> list[Node]:
    """Return the nodes that a term reads."""
    return list(dict.fromkeys(part for part in parts_of(term) if isinstance(part, Node)))


def levels_bound(term: Term) -> set[int]:
    """Return the levels of the indices that are bound in a term."""
    axes = (part.axis for part in parts_of(term) if isinstance(part, Binder))
    return {axis.level for axis in axes if axis is not None}


def parts_of(term: Term) -> Iterator[Any]:
    """Yield what a term is made of, terms and nodes, each term once."""
    stack: list[Any] = [term]
    visited: set[int] = set()
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, Node):
            yield part
        elif hasattr(part, "__dataclass_fields__"):
            stack.extend(getattr(part, name) for name in part.__dataclass_fields__)
        elif isinstance(part, Term) and id(part) not in visited:
            visited.add(id(part))
            yield part
            stack.extend(part.parts)
