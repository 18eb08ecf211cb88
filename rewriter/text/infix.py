"""``pprint``: a node as the formula that one would write by hand.

``exp(x) / sum(exp(x), axis=-1, keepdims=True)``. What is short is written out; where sharing would
make the formula long, shared parts get names in ``where`` lines below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological
from rewriter.graph.primitive import Primitive
from rewriter.text.expression import Level, Piece, Writer
from rewriter.text.layout import Layout
from rewriter.text.literals import constant_text, is_short, scalar_text, type_text
from rewriter.text.names import letters, quoted
from rewriter.text.signature import HINTS

LINE = 88
"""A formula up to this length is written out without names."""

NODES = 40
"""Formulas of more operations than this are not tried without names."""

REPEATED = 8
"""Shared parts up to this length are repeated."""

_POSITIONAL: dict[Primitive, str] = {
    o.RESHAPE: "shape", o.BROADCAST_TO: "shape", o.IOTA: "shape", o.TRANSPOSE: "axes",
    o.REVERSE: "axes", o.ASTYPE: "dtype", o.COMPONENT: "index",
}  # fmt: skip
"""Attributes that stand without their name."""


def pprint(x: Node | Graph | Sequence[Node]) -> str:
    """Return a node, the outputs of a graph, or several nodes as infix text.

    Linear in the number of nodes, however much they share. For reading: numbers stand without
    their dtypes, and calls without their functions.
    """
    roots = _roots(x)
    if _expanded_size(roots) <= NODES:
        layout = Layout(
            Formulas(), _leaves(roots), letters(()), width=1 << 30, shared_width=1 << 30
        )
        line = ", ".join(piece.text for piece in layout.pieces(roots))
        if len(line) <= LINE:
            return line
    leaves = _leaves(roots)
    layout = Layout(Formulas(), leaves, letters(set(leaves.values())), shared_width=REPEATED)
    lines = [", ".join(piece.text for piece in layout.pieces(roots))]
    for statement in layout.statements:
        begin = "  where " if len(lines) == 1 else "        "
        lines.append(f"{begin}{statement.name} = {statement.text}")
    return "\n".join(lines)


def _roots(x: Node | Graph | Sequence[Node]) -> tuple[Node, ...]:
    if isinstance(x, Graph):
        return x.outputs
    return (x,) if isinstance(x, Node) else tuple(x)


def _leaves(roots: Iterable[Node]) -> dict[Node, str]:
    return {
        node: quoted(str(node.attribute("name")))
        for node in topological(roots)
        if node.operator is o.INPUT
    }


def _expanded_size(roots: Sequence[Node]) -> int:
    """Return how many operations the formula has written out, or a number above ``NODES``."""
    sizes: dict[Node, int] = {}
    for node in topological(roots):
        sizes[node] = min(NODES + 1, 1 + sum(sizes[operand] for operand in node.operands))
    return sum(sizes[root] for root in roots)


class Formulas(Writer):
    """Writes nodes as NumPy would be called."""

    def __init__(self) -> None:
        super().__init__({})

    def constant(self, node: Node) -> Piece:
        """Return a constant without its dtype; a large one by its type."""
        if not is_short(node):
            return Piece(f"{type_text(node.shape, node.dtype)}(…)")
        text = scalar_text(node)
        if text is None:
            return Piece(constant_text(node))
        short = text[:-2] if text.endswith(".0") else text
        return Piece(short, Level.SIGN if short.startswith("-") else Level.ATOM)

    def number(self, node: Node) -> Piece:
        """Return a scalar constant."""
        return self.constant(node)

    def attribute(self, node: Node, name: str, value: Any) -> str:
        """Return the text of an attribute's value; the last axis is -1."""
        if name == "axis" and node.operands:
            last = node.operands[0].ndim - 1
            if value == last or value == (last,):
                return "-1"
        return super().attribute(node, name, value)

    def application(self, node: Node, operands: Sequence[Piece]) -> Piece:
        """Return a node that is no leaf, given its operands."""
        texts = ", ".join(piece.text for piece in operands)
        if node.operator is o.EINSUM:
            return Piece(f'einsum("{node.attribute("spec")}", {texts})')
        if node.operator is o.CONCATENATE:
            axis = self.attribute(node, "axis", node.attribute("axis"))
            return Piece(f"concatenate([{texts}], axis={axis})")
        if node.operator is o.ADD and operands[1].text.startswith("-"):
            return _difference(*operands)
        if node.operator is o.CALL:
            return Piece(f"{quoted(str(node.attribute('name')))}({texts})")
        return super().application(node, operands)

    def has_hints(self, node: Node) -> bool:
        """Leave out what says only how a node was written."""
        return False

    def attributes(self, node: Node) -> list[str]:
        """Return the attributes that the operands do not give, the obvious ones without names."""
        named = [one for one in super().attributes(node) if one.split("=")[0] not in HINTS]
        position = _POSITIONAL.get(node.operator)
        return [one.removeprefix(f"{position}=") for one in named] if position else named


def _difference(left: Piece, right: Piece) -> Piece:
    """``a - b / c`` for ``a + -b / c``, which is the same number."""
    first = left.text if left.level >= Level.SUM else f"({left.text})"
    if right.level <= Level.SUM:
        return Piece(f"{first} + ({right.text})", Level.SUM)
    return Piece(f"{first} - {right.text[1:]}", Level.SUM)
