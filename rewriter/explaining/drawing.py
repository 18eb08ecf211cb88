"""Graphs as SVG: a box for each operation, those that a step speaks of in the step's colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from rewriter.explaining.layering import is_drawn, layout_of
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.text.infix import Formulas
from rewriter.text.literals import type_text

WIDTH, HEIGHT = 136, 36
"""A box, in pixels."""

ACROSS, DOWN = 152, 66
"""From one box to the next, in pixels."""

MARGIN = 30
"""Beside the outermost boxes, in pixels."""

ASIDE = 112
"""How far the handles of an edge are moved so that it passes by the boxes between its ends."""

SYMBOLS = {
    o.ADD: "+", o.SUBTRACT: "−", o.MULTIPLY: "×", o.DIVIDE: "÷", o.NEGATIVE: "−", o.POWER: "power",
}  # fmt: skip
"""What a box says, where that is not the operation's name."""

LONGEST_LABEL = 17


@dataclass(frozen=True)
class Marks:
    """What a drawing has to show of the steps.

    Attributes:
        steps: the number of the step that a node belongs to.
        ends: the nodes that steps are named after: what was rewritten, what came of it.
    """

    steps: Mapping[Node, int]
    ends: Mapping[Node, int]


def hue(step: int) -> int:
    """Return the hue of a step's colour, in degrees; neighbours differ widely."""
    return (25 + 137 * (step - 1)) % 360


def drawing(graph: Graph, nodes: Sequence[Node], marks: Marks, name: str) -> str:
    """Return the SVG of some nodes of a graph.

    Args:
        graph: the graph.
        nodes: what is to be drawn, operands first.
        marks: what belongs to which step.
        name: begins the identifier of each box that a step is named after.
    """
    layout = layout_of(nodes)
    width = round((layout.columns - 1) * ACROSS + WIDTH + 2 * MARGIN)
    height = round((layout.layers - 1) * DOWN + HEIGHT + 16)
    at = {
        node: (MARGIN + column * ACROSS, 8 + layer * DOWN)
        for node, (column, layer) in layout.places.items()
    }
    edges = "".join(_edge(at[p], at[n]) for p, n in layout.edges)
    outputs = set(graph.outputs)
    boxes = "".join(_box(node, place, marks, node in outputs, name) for node, place in at.items())
    return (
        f'<svg role="img" aria-label="{escape(name)} graph" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{edges}{boxes}</svg>'
    )


def _edge(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + WIDTH / 2, start[1] + HEIGHT
    u, v = end[0] + WIDTH / 2, end[1]
    bend = max(14.0, (v - y) / 2)
    if v - y > DOWN and abs(u - x) < ACROSS / 2:
        return (
            f'<path class="edge" d="M{x:.0f} {y:.0f}C{x + ASIDE:.0f} {y + 24:.0f} '
            f'{u + ASIDE:.0f} {v - 24:.0f} {u:.0f} {v:.0f}"/>'
        )
    return (
        f'<path class="edge" d="M{x:.0f} {y:.0f}C{x:.0f} {y + bend:.0f} '
        f'{u:.0f} {v - bend:.0f} {u:.0f} {v:.0f}"/>'
    )


def _box(node: Node, place: tuple[float, float], marks: Marks, is_output: bool, name: str) -> str:
    step = marks.ends.get(node) or marks.steps.get(node, 0)
    kinds = ["node"]
    kinds += ["input"] if node.operator is o.INPUT else []
    kinds += ["output"] if is_output else []
    kinds += ["touched"] if step else []
    kinds += ["redex"] if node in marks.ends else []
    colour = f' style="--hue:{hue(step)}" data-step="{step}"' if step else ""
    identifier = f' id="{name}-{step}"' if node in marks.ends else ""
    label, kind = _label(node), type_text(node.shape, node.dtype)
    middle = WIDTH / 2
    return (
        f'<g class="{" ".join(kinds)}"{identifier}{colour} '
        f'transform="translate({place[0]:.0f} {place[1]:.0f})">'
        f"<title>{escape(_long(node, kind))}</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{middle:.0f}" y="15">{escape(_cut(label))}</text>'
        f'<text class="kind" x="{middle:.0f}" y="29">{escape(_cut(kind, 22))}</text></g>'
    )


def _label(node: Node) -> str:
    """The operation, and the numbers that it takes: ``÷ 4``."""
    if node.operator is o.INPUT:
        return str(node.attribute("name"))
    numbers = [p for p in node.operands if not is_drawn(p)]
    written = [Formulas().constant(p).text for p in numbers]
    symbol = SYMBOLS.get(node.operator, node.operator.name)
    if len(written) == 1 and len(node.operands) == 2:
        first = not is_drawn(node.operands[0])
        return f"{written[0]} {symbol} ·" if first else f"· {symbol} {written[0]}"
    return " ".join([symbol, *written])


def _long(node: Node, kind: str) -> str:
    attributes = ", ".join(Formulas().attributes(node)) if node.operands else ""
    return f"{_label(node)} {f'({attributes}) ' if attributes else ''}{kind}\n{node.origin}"


def _cut(text: str, longest: int = LONGEST_LABEL) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def claimed(covered: Iterable[tuple[int, Iterable[Node]]], only: set[Node]) -> dict[Node, int]:
    """Return the first step that covers each node, for the nodes among ``only``."""
    found: dict[Node, int] = {}
    for number, nodes in covered:
        for node in nodes:
            if node in only:
                found.setdefault(node, number)
    return found
