"""One node as text, given the texts of its operands: infix where NumPy is, a call elsewhere.

``a / sum(a, axis=1, keepdims=True)``. Parentheses stand only where Python's precedence needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from rewriter.graph import operators as o
from rewriter.graph.dimension import Dimension, Polynomial
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.opaque import label
from rewriter.graph.primitive import Kind, Primitive
from rewriter.text.literals import constant_text, scalar_text
from rewriter.text.names import DATA_TYPES, data_type_text, quoted
from rewriter.text.signature import HINTS, signature_of


class Level(IntEnum):
    """How tightly an expression holds together, as in Python."""

    COMPARISON = 1
    DISJUNCTION = 2
    CONJUNCTION = 3
    SUM = 4
    PRODUCT = 5
    SIGN = 6
    POWER = 7
    ATOM = 8


class Piece(NamedTuple):
    """The text of an expression and how tightly it holds together."""

    text: str
    level: Level = Level.ATOM


INFIX: dict[Primitive, tuple[str, Level]] = {
    o.EQUAL: ("==", Level.COMPARISON), o.NOT_EQUAL: ("!=", Level.COMPARISON),
    o.LESS: ("<", Level.COMPARISON), o.LESS_EQUAL: ("<=", Level.COMPARISON),
    o.GREATER: (">", Level.COMPARISON), o.GREATER_EQUAL: (">=", Level.COMPARISON),
    o.LOGICAL_OR: ("|", Level.DISJUNCTION), o.LOGICAL_AND: ("&", Level.CONJUNCTION),
    o.ADD: ("+", Level.SUM), o.SUBTRACT: ("-", Level.SUM),
    o.MULTIPLY: ("*", Level.PRODUCT), o.DIVIDE: ("/", Level.PRODUCT),
    o.FLOOR_DIVIDE: ("//", Level.PRODUCT), o.POWER: ("**", Level.POWER),
}  # fmt: skip

PREFIX: dict[Primitive, str] = {o.NEGATIVE: "-", o.LOGICAL_NOT: "~"}


def peers(operator: Primitive, count: int) -> range:
    """Return the places of operands of one dtype, of which one may give it to numbers."""
    if operator is o.WHERE:
        return range(1, count)
    return range(count if operator.kind is Kind.ELEMENTWISE or operator is o.PAD else 0)


def bare_places(node: Node) -> list[int]:
    """Return the places of the operands that are written as numbers without a dtype."""
    places = peers(node.operator, len(node.operands))
    numbers = [place for place in places if _is_plain_number(node.operands[place])]
    return numbers[1:] if len(numbers) == len(places) else numbers


def _is_plain_number(node: Node) -> bool:
    return node.operator is o.CONSTANT and not node.shape and _number(node) is not None


def _number(node: Node) -> str | None:
    return None if node.dtype.startswith("complex") else scalar_text(node)


def number_piece(node: Node) -> Piece:
    """Return a scalar constant as a number without its dtype."""
    text = _number(node) or constant_text(node)
    return Piece(text, Level.SIGN if text.startswith("-") else Level.ATOM)


def value_text(value: Any, graphs: Mapping[Graph, str]) -> str:
    """Return the text of an attribute's value; objects that have none are named, ``<name>``."""
    if isinstance(value, (bool, np.bool_)) or value is None:
        return str(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, str):
        return value if value in DATA_TYPES else quoted(value)
    if isinstance(value, tuple):
        inner = ", ".join(value_text(one, graphs) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, Polynomial):
        return str(value)
    if isinstance(value, Graph):
        return f"@{graphs[value]}" if value in graphs else "@graph"
    return opaque_text(value, getattr(value, "__name__", type(value).__name__))


def opaque_text(thing: Any, name: str) -> str:
    """Return how an object is named that text cannot spell out: ``<fft>``, ``<fft:2>``."""
    found = label(thing, name)
    return f"<{quoted(name)}>" if found.number == 1 else f"<{quoted(name)}:{found.number}>"


AttributeText = Callable[[Node, str, Any], str]


class Writer:
    """Writes single nodes.

    Args:
        graphs: the names of the graphs that are bodies of calls.
    """

    def __init__(self, graphs: Mapping[Graph, str]) -> None:
        self.graphs = graphs

    def constant(self, node: Node) -> Piece:
        """Return a constant with its dtype."""
        return Piece(constant_text(node))

    def number(self, node: Node) -> Piece:
        """Return a scalar constant whose dtype is that of the operands beside it."""
        return number_piece(node)

    def attribute(self, node: Node, name: str, value: Any) -> str:
        """Return the text of an attribute's value."""
        if name == "dtype" and isinstance(value, str):
            return data_type_text(value)
        if name == "axis" and isinstance(value, tuple) and len(value) == 1:
            return value_text(value[0], self.graphs)
        if name == "function":
            return opaque_text(value, node.attribute("name"))
        return value_text(value, self.graphs)

    def has_hints(self, node: Node) -> bool:
        """Tell whether a node has attributes that an operator between operands could not show."""
        return any(name in HINTS for name, _ in node.attributes)

    def attributes(self, node: Node) -> list[str]:
        """Return ``name=value`` for every attribute that the operands do not give."""
        signature = signature_of(node.operator)
        parameters = signature.parameters if signature is not None else {}
        given = dict(node.attributes)
        result = []
        for name in [
            *(n for n in parameters if n in given),
            *(n for n in given if n not in parameters),
        ]:
            default = parameters[name].default if name in parameters else None
            if default is None or default(node.operands) != given[name]:
                result.append(f"{name}={self.attribute(node, name, given[name])}")
        return result

    def application(self, node: Node, operands: Sequence[Piece]) -> Piece:
        """Return a node that is no leaf, given its operands."""
        if not self.has_hints(node):
            if node.operator in INFIX:
                return _infix(*INFIX[node.operator], *operands)
            if node.operator in PREFIX:
                (operand,) = operands
                return Piece(PREFIX[node.operator] + _at_least(Level.SIGN, operand), Level.SIGN)
            if node.operator is o.SLICE:
                return Piece(f"{_at_least(Level.ATOM, operands[0])}[{_bounds(node)}]")
        inner = ", ".join([*(one.text for one in operands), *self.attributes(node)])
        return Piece(f"{node.operator.name}({inner})")


def _at_least(level: int, piece: Piece) -> str:
    return piece.text if piece.level >= level else f"({piece.text})"


def _infix(symbol: str, level: Level, left: Piece, right: Piece) -> Piece:
    if level is Level.POWER:
        return Piece(f"{_at_least(Level.ATOM, left)} ** {_at_least(Level.SIGN, right)}", level)
    first = level + 1 if level is Level.COMPARISON else level
    return Piece(f"{_at_least(first, left)} {symbol} {_at_least(level + 1, right)}", level)


def _bounds(node: Node) -> str:
    parts = (node.attribute("start"), node.attribute("stop"), node.attribute("step"))
    return ", ".join(map(_bound, *parts, node.operands[0].shape))


def _bound(start: Dimension, stop: Dimension, step: int, size: Dimension) -> str:
    text = f"{'' if start == 0 else start}:{'' if stop == size else stop}"
    return text if step == 1 else f"{text}:{step}"
