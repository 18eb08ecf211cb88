"""The text form of a graph, from which ``rewriter.parse`` makes the same graph again.

::

    graph(x: float32[n, 5]) -> float32[n, 5]:
        a: float32[n, 5] = exp(x)
        return a / sum(a, axis=1, keepdims=True)

Graphs that are bodies of calls follow under names of their own, and large constants at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rewriter.graph import operators as o
from rewriter.graph.dimension import Polynomial
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological
from rewriter.graph.primitive import Kind
from rewriter.text.expression import Writer, value_text
from rewriter.text.layout import Layout
from rewriter.text.literals import constant_text, is_short, type_text
from rewriter.text.names import fresh, letters, quoted

LINE = 100
"""A header longer than this has one input a line."""

INDENT = "    "


def graph_text(graph: Graph) -> str:
    """Return the text of a graph: the same for the same graph, linear in its size."""
    bodies = named_bodies(graph.outputs)
    graphs = [graph, *bodies]
    taken = {node.attribute("name") for one in graphs for node in one.inputs} | set(
        _dimension_names(graphs)
    )
    constants = _large_constants(graphs, letters(taken, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    taken.update(constants.values())
    lines: list[str] = []
    for one in graphs:
        if lines:
            lines.append("")
        lines.extend(_section(one, bodies.get(one), bodies, constants, letters(taken)))
    if constants:
        lines += ["", "constants:"]
        lines += [f"{INDENT}{name} = {constant_text(node)}" for node, name in constants.items()]
    return "\n".join(lines)


def named_bodies(roots: Iterable[Node]) -> dict[Graph, str]:
    """Name every graph that is an attribute of a node below the roots, and those in them."""
    names: dict[Graph, str] = {}
    waiting: list[Iterable[Node]] = [tuple(roots)]
    for ends in waiting:
        for node in topological(ends):
            for _, value in node.attributes if node.operator.kind is Kind.OPAQUE else ():
                if isinstance(value, Graph) and value not in names:
                    wanted = str(node.attribute("name", "body"))
                    names[value] = fresh(wanted, names.values())
                    waiting.append(value.outputs)
    return {graph: quoted(name) for graph, name in names.items()}


def _dimension_names(graphs: Iterable[Graph]) -> Iterator[str]:
    for graph in graphs:
        for node in graph.inputs:
            for dimension in node.shape:
                if isinstance(dimension, str):
                    yield dimension
                elif isinstance(dimension, Polynomial):
                    for names, _ in dimension.terms:
                        yield from names


def _large_constants(graphs: Iterable[Graph], names: Iterator[str]) -> dict[Node, str]:
    found: dict[Node, str] = {}
    for graph in graphs:
        for node in graph.nodes():
            if node.operator is o.CONSTANT and node not in found and not is_short(node):
                found[node] = next(names)
    return found


def _section(
    graph: Graph,
    name: str | None,
    bodies: dict[Graph, str],
    constants: dict[Node, str],
    names: Iterator[str],
) -> list[str]:
    leaves = {node: quoted(node.attribute("name")) for node in graph.inputs} | constants
    layout = Layout(Writer(bodies), leaves, names)
    results = ", ".join(piece.text for piece in layout.pieces(graph.outputs))
    lines = _header(graph, name)
    if graph.convention is not None:
        lines.append(f"{INDENT}convention {value_text(graph.convention, bodies)}")
    for statement in layout.statements:
        kind = type_text(statement.node.shape, statement.node.dtype)
        lines.append(f"{INDENT}{statement.name}: {kind} = {statement.text}")
    lines.append(f"{INDENT}return {results}".rstrip())
    return lines


def _header(graph: Graph, name: str | None) -> list[str]:
    label = f"graph @{name}" if name else "graph"
    inputs = [f"{quoted(n.attribute('name'))}: {type_text(n.shape, n.dtype)}" for n in graph.inputs]
    types = [type_text(n.shape, n.dtype) for n in graph.outputs]
    results = types[0] if len(types) == 1 else f"({', '.join(types)})"
    line = f"{label}({', '.join(inputs)}) -> {results}:"
    if len(line) <= LINE:
        return [line]
    deep = INDENT + INDENT
    first = [f"{label}(", *(f"{deep}{one}," for one in inputs)]
    if len(results) <= LINE:
        return [*first, f") -> {results}:"]
    return [*first, ") -> (", *(f"{deep}{one}," for one in types), "):"]
