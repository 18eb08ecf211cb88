"""Hash-consed nodes: equal expressions are the same object.

>>> from rewriter.graph import operations as op
>>> x = op.input("x", ("n",), "float32")
>>> op.exp(x) is op.exp(x)
True
"""

from __future__ import annotations

import weakref
from collections.abc import (
    Callable,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from typing import Any, NoReturn, TypeVar

import numpy as np

from rewriter.errors import TruthValueError
from rewriter.graph.dimension import Shape, shape_text
from rewriter.graph.origin import Origin, caller
from rewriter.graph.overloading import Overloaded
from rewriter.graph.primitive import Primitive

Part = TypeVar("Part")
Known = TypeVar("Known")

Attributes = tuple[tuple[str, Hashable], ...]


class ConstantValue:
    """The value of a constant: a read-only array that compares and hashes by its bytes.

    bfloat16 and narrower floats are held as float32, which holds each of them exactly.
    """

    __slots__ = ("_hash", "array")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = np.ascontiguousarray(array).reshape(array.shape)
        self.array.flags.writeable = False
        self._hash = hash((self.array.tobytes(), self.array.shape, self.array.dtype))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConstantValue):
            return NotImplemented
        mine, its = self.array, other.array
        same_type = mine.dtype == its.dtype and mine.shape == its.shape
        return same_type and mine.tobytes() == its.tobytes()

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return repr(self.array.item() if self.array.ndim == 0 else self.array.tolist())


class Node(Overloaded):
    """One tensor-valued expression.

    Attributes:
        operator: the primitive applied.
        operands: the nodes it is applied to.
        attributes: its other arguments, as sorted (name, value) pairs.
        shape: dimensions, each an int, a name or a polynomial of names.
        dtype: name of the data type.
        origin: the user's line, or the rule, that first made it.
    """

    __slots__ = ("__weakref__", "attributes", "dtype", "operands", "operator", "origin", "shape")

    operator: Primitive
    operands: tuple[Node, ...]
    attributes: Attributes
    shape: Shape
    dtype: str
    origin: Origin

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return the attribute of that name, or ``default``."""
        for key, value in self.attributes:
            if key == name:
                return value
        return default

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __bool__(self) -> NoReturn:
        raise TruthValueError(
            "a symbolic tensor has no truth value; use rewriter.where or logical_and",
            culprit=repr(self),
        )

    def __iter__(self) -> NoReturn:
        raise TypeError("a symbolic tensor is not iterable; index it")

    def __repr__(self) -> str:
        name = self.attribute("name")
        label = f"{self.operator.name} {name!r}" if name else self.operator.name
        return f"<{label}: {self.dtype}{shape_text(self.shape)}>"


_INTERNED: weakref.WeakValueDictionary[Hashable, Node] = weakref.WeakValueDictionary()


def make_node(
    operator: Primitive,
    operands: tuple[Node, ...],
    attributes: Attributes,
    shape: Shape,
    dtype: str,
    origin: Origin | None = None,
) -> Node:
    """Return the node with these parts, the existing one where there is one."""
    key = (operator, operands, attributes, shape, dtype)
    found = _INTERNED.get(key)
    if found is not None:
        return found
    node = Node.__new__(Node)
    node.operator = operator
    node.operands = operands
    node.attributes = attributes
    node.shape = shape
    node.dtype = dtype
    node.origin = caller() if origin is None else origin
    _INTERNED[key] = node
    return node


def apply(
    operator: Primitive,
    operands: Sequence[Node],
    attributes: Mapping[str, Any] | None = None,
    origin: Origin | None = None,
) -> Node:
    """Apply a primitive to nodes; its shape and dtype are inferred and checked.

    Raises:
        ShapeError, DataTypeError, AttributeValueError: from the primitive's inference rule.
    """
    given = attributes or {}
    shape, dtype = operator.infer(operands, given)
    pairs = tuple(sorted(given.items())) if given else ()
    return make_node(operator, tuple(operands), pairs, shape, dtype, origin)


def with_operands(node: Node, operands: tuple[Node, ...]) -> Node:
    """Return the same operation on other operands (``node`` itself where they are its own).

    Shapes and dtypes of the new operands must be those of the old.
    """
    if operands == node.operands:
        return node
    parts = (node.operator, operands, node.attributes, node.shape, node.dtype)
    return make_node(*parts, origin=node.origin)


def rewritten(roots: Iterable[Node], change: Callable[[Node], Node]) -> tuple[Node, ...]:
    """Return what roots become when every node below them is changed, after its operands.

    Args:
        roots: nodes.
        change: takes a node on changed operands; what it returns has the node's shape and dtype.
    """
    ends = tuple(roots)
    made: dict[Node, Node] = {}
    for node in topological(ends):
        made[node] = change(with_operands(node, tuple(made[p] for p in node.operands)))
    return tuple(made[end] for end in ends)


def worked_out(
    root: Part,
    known: MutableMapping[Part, Known],
    make: Callable[[Part], Known],
    reads: Callable[[Part], Iterable[Part]],
) -> Known:
    """Return what is known of a node (or a term), worked out first for all that it depends on.

    Args:
        root: the node.
        known: what is known of nodes; takes what is worked out.
        make: works it out for a node, once it is known of all that this reads.
        reads: the nodes below a node on which what is known of it depends.
    """
    stack = [root]
    while stack:
        current = stack[-1]
        waiting = [] if current in known else [p for p in reads(current) if p not in known]
        if waiting:
            stack.extend(waiting)
            continue
        if current not in known:
            known[current] = make(current)
        stack.pop()
    return known[root]


def topological(roots: Iterable[Node]) -> Iterator[Node]:
    """Yield every node below ``roots`` once, operands first, in a deterministic order."""
    done: set[Node] = set()
    for root in roots:
        if root in done:
            continue
        stack: list[tuple[Node, int]] = [(root, 0)]
        done.add(root)
        while stack:
            node, position = stack.pop()
            operands = node.operands
            while position < len(operands) and operands[position] in done:
                position += 1
            if position == len(operands):
                yield node
            else:
                child = operands[position]
                done.add(child)
                stack.append((node, position + 1))
                stack.append((child, 0))
