"""What graph text says, before it is a graph: sections, statements, expressions in postfix order.

``a / sum(a)`` is a, a, sum of one, divide of two: a list, not a tree, so that nothing has to
recurse over its depth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rewriter.graph.dimension import Dimension, Shape
from rewriter.text.literals import Number
from rewriter.text.tokens import Token


@dataclass(frozen=True, slots=True)
class Reference:
    """The value that a name stands for."""

    name: str
    token: Token


@dataclass(frozen=True, slots=True)
class BareNumber:
    """A scalar that takes the dtype of the operands beside it."""

    value: Number
    token: Token


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant that says its dtype.

    Attributes:
        dtype: the dtype.
        shape: the shape where it is written, else None.
        content: base64 text, or numbers in order.
        counts: how the numbers are nested: their shape.
        token: where it begins.
    """

    dtype: str
    shape: Shape | None
    content: str | list[Number]
    counts: tuple[int, ...]
    token: Token


@dataclass(frozen=True, slots=True)
class Application:
    """A primitive applied to the last ``count`` values."""

    operator: str
    count: int
    attributes: dict[str, Any]
    token: Token


class Bounds(NamedTuple):
    """A slice of one axis; None where a bound is not written."""

    start: Dimension | None
    stop: Dimension | None
    step: int


@dataclass(frozen=True, slots=True)
class Subscript:
    """A slice of the last value, along every axis."""

    bounds: list[Bounds]
    token: Token


Instruction = Reference | BareNumber | Literal | Application | Subscript
Code = list[Instruction]


@dataclass(frozen=True, slots=True)
class GraphName:
    """An attribute's value that is a graph of the same text, ``@name``."""

    name: str
    token: Token


@dataclass(frozen=True, slots=True)
class Type:
    """A shape and a dtype, as they are written."""

    dtype: str
    shape: Shape
    token: Token


@dataclass(frozen=True, slots=True)
class Statement:
    """``name: type = expression``."""

    name: str
    type: Type | None
    code: Code
    token: Token


@dataclass(slots=True)
class Section:
    """One graph of the text.

    Attributes:
        name: its name, or None for the graph that the text is about.
        token: where it begins.
        inputs: name and type of each input.
        types: the types of its outputs where they are written, else None.
        statements: its statements, by name.
        outputs: the expressions that it returns; None before the return is read.
        convention: the importer's convention, or None.
    """

    name: str | None
    token: Token
    inputs: list[tuple[str, Type]] = field(default_factory=list)
    types: list[Type] | None = None
    statements: dict[str, Statement] = field(default_factory=dict)
    outputs: list[Code] | None = None
    convention: Any = None
