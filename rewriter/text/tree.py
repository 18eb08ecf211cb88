"""``dprint``: nodes as an indented tree, each operation under the one that uses it.

::

    divide float32[n, 5]
    ├─ exp [a] float32[n, 5]
    │  └─ x float32[n, 5]
    └─ sum(axis=1, keepdims=True) float32[n, 1]
       └─ exp [a] ···

What is used more than once has a letter, and is written out where it stands first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological
from rewriter.text.expression import Writer
from rewriter.text.infix import Formulas
from rewriter.text.literals import type_text
from rewriter.text.names import letters, quoted
from rewriter.text.serialisation import named_bodies

DEPTH = 24
"""What lies deeper goes on at the left margin, under its letter."""


def dprint(
    x: Node | Graph | Sequence[Node], file: TextIO | None = None, *, origins: bool = False
) -> None:
    """Print a node, the outputs of a graph, or several nodes as an indented tree.

    Args:
        x: what to print.
        file: where to print; the standard output by default.
        origins: whether each line ends with the place that made the node.
    """
    print(tree_text(x, origins=origins), file=file)


def tree_text(x: Node | Graph | Sequence[Node], *, origins: bool = False) -> str:
    """Return what ``dprint`` prints, linear in the number of nodes, however deep they lie."""
    roots = x.outputs if isinstance(x, Graph) else (x,) if isinstance(x, Node) else tuple(x)
    bodies = named_bodies(roots)
    lines = _Tree(roots, Writer(bodies), origins).lines()
    for graph, name in bodies.items():
        lines += ["", f"@{name}:", *_Tree(graph.outputs, Writer(bodies), origins).lines()]
    return "\n".join(lines)


class _Tree:
    def __init__(self, roots: Sequence[Node], writer: Writer, origins: bool) -> None:
        self._writer = writer
        self._origins = origins
        self._numbers = Formulas()
        uses = Counter(roots)
        for node in topological(roots):
            uses.update(node.operands)
        self._shared = {node for node, count in uses.items() if count > 1 and node.operands}
        self._letters = letters(())
        self._marks: dict[Node, str] = {}
        self._written: set[Node] = set()
        self._roots = roots
        self._waiting: list[Node] = []

    def lines(self) -> list[str]:
        """Return the lines of all trees."""
        result: list[str] = []
        for root in self._roots:
            result.extend(self._tree(root))
        for root in self._waiting:
            if root not in self._written:
                result.extend(self._tree(root))
        return result

    def _tree(self, root: Node) -> list[str]:
        """Return the lines of one tree; what is too deep is put where it waits."""
        lines = []
        stack = [(root, "", "", 0)]
        while stack:
            node, first, rest, depth = stack.pop()
            if node in self._written:
                lines.append(f"{first}{self._label(node)} ···")
                continue
            if depth == DEPTH and node.operands:
                self._shared.add(node)
                self._waiting.append(node)
                lines.append(f"{first}{self._label(node)} ···")
                continue
            if node.operands:
                self._written.add(node)
            lines.append(first + self._line(node))
            for place, operand in reversed(list(enumerate(node.operands))):
                last = place == len(node.operands) - 1
                here, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
                stack.append((operand, rest + here, rest + below, depth + 1))
        return lines

    def _line(self, node: Node) -> str:
        text = self._label(node, detailed=True)
        kind = "" if node.operator is o.CONSTANT else f" {type_text(node.shape, node.dtype)}"
        return f"{text}{kind}  # {node.origin}" if self._origins else text + kind

    def _label(self, node: Node, detailed: bool = False) -> str:
        if node.operator is o.INPUT:
            return quoted(str(node.attribute("name")))
        if node.operator is o.CONSTANT:
            text = self._numbers.constant(node).text
            return text if node.shape else f"{node.dtype} {text}"
        attributes = ", ".join(self._writer.attributes(node)) if detailed else ""
        text = f"{node.operator.name}({attributes})" if attributes else node.operator.name
        return f"{text} [{self._mark(node)}]" if node in self._shared else text

    def _mark(self, node: Node) -> str:
        if node not in self._marks:
            self._marks[node] = next(self._letters)
        return self._marks[node]
