"""Statements for what is shared or long, nesting for the rest.

Every node is written once: ``a = exp(x)`` and then ``a / sum(a)``. A line holds as much as is
pleasant to read, so the text of a graph is linear in its size, however deep or shared it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rewriter.graph import operators as o
from rewriter.graph.node import Node, topological
from rewriter.text.expression import Piece, Writer, bare_places

WIDTH = 64
"""Operands that together are longer than this are taken apart, unless one says otherwise."""

SHORT = 12
"""Expressions up to this length are not worth a statement in a line that is too long."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A name given to the value of an expression."""

    name: str
    node: Node
    text: str


class Layout:
    """Takes expressions apart into statements.

    Args:
        writer: writes single nodes.
        leaves: the texts of nodes that have one already: inputs, large constants.
        names: the names for statements, in order.
        width: operands that together are longer than this are taken apart.
        shared_width: beyond this length, what is used more than once gets a statement.

    Attributes:
        statements: the statements so far, each using only earlier ones.
    """

    def __init__(
        self,
        writer: Writer,
        leaves: Mapping[Node, str],
        names: Iterator[str],
        *,
        width: int = WIDTH,
        shared_width: int = 0,
    ) -> None:
        self.statements: list[Statement] = []
        self._writer = writer
        self._names = names
        self._width = width
        self._shared_width = shared_width
        self._pieces = {node: Piece(text) for node, text in leaves.items()}

    def pieces(self, roots: Iterable[Node]) -> list[Piece]:
        """Return the text of each root; the statements that they need are added."""
        ends = tuple(roots)
        nodes = list(topological(ends))
        uses = Counter(ends)
        for node in nodes:
            uses.update(node.operands)
        for node in nodes:
            if node not in self._pieces:
                self._pieces[node] = self._written(node)
                if (
                    uses[node] > 1
                    and node.operands
                    and len(self._pieces[node].text) > self._shared_width
                ):
                    self._name(node)
        if len(ends) > 1:
            self._shorten(ends)
        return [self._pieces[root] for root in ends]

    def _written(self, node: Node) -> Piece:
        if node.operator is o.CONSTANT:
            return self._writer.constant(node)
        bare = bare_places(node)
        self._shorten(
            [n for p, n in enumerate(node.operands) if p not in bare] if bare else node.operands
        )
        return self._writer.application(node, self._operands(node, bare))

    def _operands(self, node: Node, bare: list[int]) -> list[Piece]:
        if not bare:
            return [self._pieces[operand] for operand in node.operands]
        return [self._writer.number(operand) if place in bare else self._pieces[operand]
                for place, operand in enumerate(node.operands)]  # fmt: skip

    def _shorten(self, nodes: Sequence[Node]) -> None:
        """Name the longest of the nodes until they go into one line."""
        total = sum(len(self._pieces[node].text) for node in nodes)
        if total <= self._width:
            return
        lengths = {node: len(self._pieces[node].text) for node in nodes if node.operands}
        for node in sorted(lengths, key=lambda one: -lengths[one]):
            if total <= self._width or lengths[node] <= SHORT:
                return
            total -= lengths[node]
            self._name(node)

    def _name(self, node: Node) -> None:
        name = next(self._names)
        self.statements.append(Statement(name, node, self._pieces[node].text))
        self._pieces[node] = Piece(name)
