"""What a term is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rewriter.graph.node import Node
from rewriter.terms.term import Term


def nodes_in(term: Term) -> list[Node]:
    """Return the nodes that a term reads."""
    return list(dict.fromkeys(part for part in parts_of(term) if isinstance(part, Node)))


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
