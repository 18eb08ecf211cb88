"""A graph: inputs and outputs. Equal graphs are the same object."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from rewriter.errors import AttributeValueError, GraphExpectedError, RewriterError
from rewriter.graph import operators as o
from rewriter.graph.dimension import shape_text
from rewriter.graph.dtype import dtype_name
from rewriter.graph.elementwise import as_node
from rewriter.graph.indexing import checked_shape
from rewriter.graph.node import Node, apply, make_node, topological, with_operands
from rewriter.graph.opaque import label

_INTERNED: weakref.WeakValueDictionary[Hashable, Graph] = weakref.WeakValueDictionary()


def input(name: str, shape: Any = (), dtype: Any = "float32") -> Node:
    """Return an input of a graph.

    Args:
        name: its name; inputs of one graph have different names.
        shape: a sequence of ints and names, ``("n", 5)``.
        dtype: name of the data type.
    """
    wanted, kind = checked_shape(shape), dtype_name(dtype)
    attributes = (("dtype", kind), ("name", str(name)), ("shape", wanted))
    return make_node(o.INPUT, (), attributes, wanted, kind)


class Graph:
    """Outputs as expressions of inputs.

    Args:
        inputs: input nodes, in the order in which a compiled graph takes its arguments.
        outputs: one node, or several, that depend on these inputs and no others.
        convention: how an importer's program takes and returns its values, or None.

    Raises:
        RewriterError: an output depends on an input that is not listed, or a name is used twice.
    """

    __slots__ = ("__weakref__", "convention", "inputs", "ordered", "outputs")

    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]
    convention: Hashable
    ordered: tuple[Node, ...]
    """Every node below the outputs once, operands first."""

    def __new__(
        cls, inputs: Sequence[Node], outputs: Sequence[Node] | Node, convention: Hashable = None
    ) -> Graph:
        """Return the one graph with these inputs, outputs and convention."""
        ends = (outputs,) if isinstance(outputs, Node) else _nodes(outputs)
        key = (_nodes(inputs), ends, convention)
        found = _INTERNED.get(key)
        if found is not None:
            return found
        graph = super().__new__(cls)
        graph.inputs, graph.outputs, graph.convention = key
        graph.ordered = tuple(topological(graph.outputs))
        graph._check()
        _INTERNED[key] = graph
        return graph

    def _check(self) -> None:
        names: set[str] = set()
        for node in self.inputs:
            if node.operator is not o.INPUT:
                raise RewriterError("not an input node", culprit=repr(node))
            name = node.attribute("name")
            if name in names:
                raise RewriterError("two inputs have one name", culprit=name)
            names.add(name)
        known = set(self.inputs)
        for node in self.ordered:
            if node.operator is o.INPUT and node not in known:
                raise RewriterError("an output depends on an input that is not listed",
                                    culprit=node.attribute("name"))  # fmt: skip

    def nodes(self) -> Iterator[Node]:
        """Yield every node below the outputs once, operands first."""
        return topological(self.outputs)

    def with_outputs(self, outputs: Sequence[Node]) -> Graph:
        """Return the graph with the same inputs and convention, and other outputs."""
        return Graph(self.inputs, outputs, self.convention)

    def rebuilt(self, change: Callable[[Node, Mapping[Node, Node]], Node | None]) -> Graph:
        """Return the graph with its nodes changed, each after its operands.

        Args:
            change: takes a node, and what the nodes before it have become; what it returns stands
                for the node and has its shape and dtype, None leaves the node as it is on them.
        """
        made: dict[Node, Node] = {}
        for node in self.ordered:
            after = change(node, made)
            if after is None:
                after = with_operands(node, tuple(made[p] for p in node.operands))
            made[node] = after
        return self.with_outputs([made[output] for output in self.outputs])

    def __str__(self) -> str:
        from rewriter.text.serialisation import graph_text

        return graph_text(self)

    def __repr__(self) -> str:
        ends = ", ".join(f"{n.dtype}{shape_text(n.shape)}" for n in self.outputs)
        return f"<Graph of {len(self.inputs)} inputs to {ends}>"


def as_graph(value: object) -> Graph:
    """Return a graph as it is.

    Raises:
        GraphExpectedError: it is something else; the reason says how a graph is made of it.
    """
    if isinstance(value, Graph):
        return value
    if isinstance(value, Node):
        advice = "rw.Graph(inputs, outputs) makes one of nodes"
    elif callable(value):
        advice = "rw.from_jax(function, example) reads one, rw.stabilize(function) cures it"
    else:
        advice = "rw.Graph(inputs, outputs) makes one, rw.from_jax reads one, rw.parse takes text"
    raise GraphExpectedError(f"not a graph; {advice}", culprit=repr(value))


def _nodes(parts: Any) -> tuple[Node, ...]:
    """Return several nodes as a tuple.

    Raises:
        RewriterError: they are not several, or something else is among them.
    """
    if isinstance(parts, Node) or not isinstance(parts, Iterable):
        raise RewriterError("a graph takes a list of nodes", culprit=repr(parts))
    nodes = tuple(parts)
    for node in nodes:
        if not isinstance(node, Node):
            raise RewriterError("a graph is made of nodes", culprit=repr(node))
    return nodes


def custom(name: str, function: Any, *operands: Any, shape: Any, dtype: Any) -> Node:
    """An opaque call: a function on arrays that the engine carries through untouched.

    Args:
        name: what it is called in printed graphs.
        function: takes arrays (NumPy's or JAX's, as the backend has them) and returns one.
        operands: its tensor arguments.
        shape: shape of the result.
        dtype: dtype of the result.

    Raises:
        ShapeError, DataTypeError: the shape or the dtype is none.
        AttributeValueError: the function is none, or has no hash.
    """
    if not callable(function):
        raise AttributeValueError("an opaque call needs a function", culprit=repr(function))
    if not isinstance(function, Hashable):
        raise AttributeValueError("the function of a call needs a hash", culprit=repr(function))
    attributes = {
        "name": str(name), "function": function, "shape": checked_shape(shape),
        "dtype": dtype_name(dtype),
    }  # fmt: skip
    label(function, str(name))
    return apply(o.CALL, [as_node(operand) for operand in operands], attributes)
