"""Primitives: the operators that nodes apply, each with its kind and its shape-and-dtype rule.

A primitive knows nothing of derivatives, lowering or laws; those live in tables of their own,
keyed by the objects defined here.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rewriter.errors import DeclarationError, UnknownOperatorError

if TYPE_CHECKING:
    from rewriter.graph.dimension import Shape
    from rewriter.graph.node import Node

InferenceRule = Callable[[Sequence["Node"], Mapping[str, Any]], "tuple[Shape, str]"]


class Kind(enum.Enum):
    """What a primitive does to indices."""

    LEAF = "leaf"
    ELEMENTWISE = "elementwise"
    REDUCTION = "reduction"
    CUMULATION = "cumulation"
    CONTRACTION = "contraction"
    INDEXING = "indexing"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """An operator of the graph.

    Attributes:
        name: its name in graph text, unique.
        kind: what it does to indices.
        infer: operands and attributes to (shape, dtype); raises the errors of the package.
        symbol: infix symbol, for printers, or None.
    """

    name: str
    kind: Kind
    infer: InferenceRule
    symbol: str | None = None

    def __repr__(self) -> str:
        return self.name


_TABLE: dict[str, Primitive] = {}


def define(name: str, kind: Kind, infer: InferenceRule, symbol: str | None = None) -> Primitive:
    """Add a primitive to the table of all primitives and return it."""
    primitive = Primitive(name, kind, infer, symbol)
    _TABLE[name] = primitive
    return primitive


_DECLARED: dict[str, Primitive] = {}


def declare(name: str, kind: Kind, infer: InferenceRule) -> Primitive:
    """Add an operator of a user's own beside the primitives.

    Raises:
        DeclarationError: the name is no identifier, or is taken.
    """
    if not name.isidentifier():
        raise DeclarationError("the name of an operator is an identifier", culprit=name)
    if name in _TABLE or name in _DECLARED:
        raise DeclarationError("there is an operator of that name", culprit=name)
    primitive = _DECLARED[name] = Primitive(name, kind, infer)
    return primitive


def primitive_named(name: str) -> Primitive:
    """Return the primitive, or the declared operator, of that name.

    Raises:
        UnknownOperatorError: there is none.
    """
    found = _TABLE.get(name) or _DECLARED.get(name)
    if found is None:
        raise UnknownOperatorError("no primitive of that name", culprit=name)
    return found


def primitives() -> tuple[Primitive, ...]:
    """Return all primitives in the order of their definition; declared operators are not among
    them.
    """
    return tuple(_TABLE.values())
