"""Digests of what terms are made of: the same in every process, and so the order of terms is."""

from __future__ import annotations

import weakref
from functools import singledispatch
from typing import Any

from rewriter.graph.node import Node, worked_out
from rewriter.matching.digest import digest_of_parts, digest_of_text
from rewriter.terms.index import Affine, Axis, Data, index_key

_NODE_DIGESTS: weakref.WeakKeyDictionary[Node, int] = weakref.WeakKeyDictionary()


@singledispatch
def digest(part: Any) -> int:
    """Return the digest of a part: a term, a node, an index, a number, a tuple of such."""
    return digest_of_text(f"{type(part).__name__}{part}")


@digest.register
def _(part: tuple) -> int:  # type: ignore[type-arg]
    return digest_of_parts(tuple(digest(p) for p in part))


@digest.register
def _(part: Axis) -> int:
    return digest_of_text(index_key(part))


@digest.register
def _(part: Affine) -> int:
    return digest_of_parts((digest(part.base), digest_of_text(f"{part.step} {part.offset}")))


@digest.register
def _(part: Data) -> int:
    kind = digest_of_text(f"Data {part.fills}")
    return digest_of_parts((kind, node_digest(part.node), *map(digest, part.indices)))


@digest.register(Node)
def node_digest(node: Node) -> int:
    """Return a digest of a node's structure."""
    found = _NODE_DIGESTS.get(node)
    if found is not None:
        return found
    return worked_out(node, _NODE_DIGESTS, _digest_of_node, lambda one: one.operands)


def _digest_of_node(node: Node) -> int:
    attributes = [(k, v) for k, v in node.attributes if not callable(v)]
    text = f"{node.operator}{attributes}{node.shape}{node.dtype}"
    below = [_NODE_DIGESTS[p] for p in node.operands]
    return digest_of_parts((digest_of_text(text), *below))
