"""Operators that users declare: what their graphs mean, and how each backend computes them.

A declared operator is a primitive like any other; only that its rows of the tables (meaning,
lowering, derivative, facts) are given by its user. Its *definition*, an ordinary function of the
builder, says what it is over the reals; what is not given otherwise follows from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rewriter.errors import DeclarationError, ShapeError
from rewriter.graph import inference
from rewriter.graph.dimension import Shape, shape_text
from rewriter.graph.graph import Graph, input
from rewriter.graph.indexing import checked_shape
from rewriter.graph.node import Node, apply, topological
from rewriter.graph.origin import Origin
from rewriter.graph.primitive import Kind, Primitive, declare

ShapeRule = Callable[..., Any]


@dataclass(eq=False)
class Declaration:
    """What a user says of an operator.

    Attributes:
        name: its name in graph text.
        arity: how many operands it takes.
        origin: where it is declared.
        definition: from operands to the expression that it is equal to over the reals, or to None
            where there is none.
        shape: from the operands' shapes to the result's; None for elementwise, which broadcasts.
        implementations: backend name ("numpy", "jax", "exact") to function.
        derivatives: from operands to the partial derivatives, one an operand, or None.
    """

    name: str
    arity: int
    origin: Origin
    definition: Callable[..., Node | None]
    shape: ShapeRule | None = None
    implementations: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    derivatives: Callable[..., Sequence[Node | None]] | None = None
    bodies: dict[Hashable, Graph | None] = field(default_factory=dict)

    @property
    def elementwise(self) -> bool:
        """It takes each element by itself, as ``exp`` does."""
        return self.shape is None

    def infer(self, operands: Sequence[Node], attributes: Mapping[str, Any]) -> tuple[Shape, str]:
        """Return shape and dtype of the result.

        Raises:
            ShapeError: the shapes do not fit, or not as many operands as it takes.
            DataTypeError: an operand is no float.
        """
        if len(operands) != self.arity:
            raise ShapeError(f"{self.name} takes {self.arity} operands", culprit=len(operands))
        if self.shape is None:
            return inference.elementwise_inexact(operands, attributes)
        dtype = inference.common_float(operands)
        return checked_shape(self.shape(*(p.shape for p in operands))), dtype

    def body(self, operands: Sequence[Node]) -> Graph | None:
        """Return the definition as a graph whose inputs are like the operands, or None.

        The inputs have names that no other operator's have: one definition may hold another.

        Raises:
            ShapeError: its shape is not what the shape rule says.
        """
        key = tuple((p.shape, p.dtype) for p in operands)
        if key not in self.bodies:
            names = [f"{self.name}:{place}" for place in range(self.arity)]
            inputs = [input(n, p.shape, p.dtype) for n, p in zip(names, operands, strict=True)]
            result = self.definition(*inputs)
            if result is not None and result.shape != self.infer(operands, {})[0]:
                raise ShapeError(f"the definition of {self.name} has another shape than its rule",
                                 culprit=shape_text(result.shape))  # fmt: skip
            self.bodies[key] = None if result is None else Graph(inputs, [result])
        return self.bodies[key]


_DECLARATIONS: dict[Primitive, Declaration] = {}


def declared(declaration: Declaration) -> Primitive:
    """Enter an operator; one that is declared again in the same place replaces what it was.

    Raises:
        DeclarationError: a primitive, or an operator declared elsewhere, has that name.
    """
    kind = Kind.ELEMENTWISE if declaration.elementwise else Kind.OPAQUE
    for primitive, known in _DECLARATIONS.items():
        if primitive.name == declaration.name:
            if not _same_place(known, declaration) or primitive.kind is not kind:
                reason = f"an operator of that name is declared at {known.origin}"
                raise DeclarationError(reason, culprit=declaration.name)
            _DECLARATIONS[primitive] = declaration
            return primitive

    def infer(operands: Sequence[Node], attributes: Mapping[str, Any]) -> tuple[Shape, str]:
        return _DECLARATIONS[made].infer(operands, attributes)

    made = declare(declaration.name, kind, infer)
    _DECLARATIONS[made] = declaration
    return made


def _same_place(one: Declaration, other: Declaration) -> bool:
    places = [(os.path.abspath(d.origin.file or ""), d.origin.line) for d in (one, other)]
    return places[0] == places[1]


def declaration_of(primitive: Primitive) -> Declaration | None:
    """Return what a user declared of a primitive; None for one of the package's own."""
    return _DECLARATIONS.get(primitive)


def implementation(node: Node, backend: str) -> Callable[..., Any] | None:
    """Return the function that a user declared for a backend, or None."""
    known = _DECLARATIONS.get(node.operator)
    return None if known is None else known.implementations.get(backend)


def definition_at(node: Node) -> Graph | None:
    """Return the definition of a node's operator, at its operands; None where there is none."""
    known = _DECLARATIONS.get(node.operator)
    return None if known is None else known.body(node.operands)


def opened(graph: Graph) -> Graph:
    """Return a graph in which declared operators are replaced by their definitions, throughout."""
    while any(definition_at(node) is not None for node in graph.nodes()):
        graph = graph.with_outputs(_opened_once(graph.outputs))
    return graph


def _opened_once(roots: Iterable[Node]) -> list[Node]:
    roots = tuple(roots)
    made: dict[Node, Node] = {}
    for node in topological(roots):
        operands = [made[p] for p in node.operands]
        body = definition_at(node)
        if body is not None:
            inner: dict[Node, Node] = dict(zip(body.inputs, operands, strict=True))
            for below in topological(body.outputs):
                if below not in inner:
                    inner[below] = _again(below, [inner[p] for p in below.operands])
            made[node] = inner[body.outputs[0]]
        else:
            made[node] = _again(node, operands)
    return [made[root] for root in roots]


def _again(node: Node, operands: Sequence[Node]) -> Node:
    if all(a is b for a, b in zip(node.operands, operands, strict=True)):
        return node
    return apply(node.operator, operands, dict(node.attributes), node.origin)
