"""Graphs to print and to read: one for every primitive, and random ones."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Kind, Primitive, primitives


def halved(x):
    return x * 0.5


def both_ends(x):
    return x[:1], x[-1:]


x = rw.input("x", ("n", 4), "float32")
y = rw.input("y", (4,), "float32")
labels = rw.input("labels", ("n",), "int64")
flags = rw.input("flags", ("n", 4), "bool")
INPUTS = (x, y, labels, flags)


def _elementwise(primitive: Primitive) -> Node:
    if primitive is o.WHERE:
        return rw.where(flags, x, 0.5)
    if primitive is o.ASTYPE:
        return rw.astype(x, "float16")
    if primitive in (o.LOGICAL_AND, o.LOGICAL_OR):
        return apply(primitive, [flags, flags])
    if primitive is o.LOGICAL_NOT:
        return ~flags
    binary = primitive.symbol not in (None, "~") and primitive is not o.NEGATIVE
    named = (o.MAXIMUM, o.MINIMUM, o.REMAINDER, o.LOGADDEXP)
    return apply(primitive, [x, y] if binary or primitive in named else [x])


def _call() -> Node:
    return rw.custom("halved", halved, x, shape=x.shape, dtype=x.dtype)


def _component() -> Node:
    ends = ((("n",), "float32"), ((1,), "float32"))
    attributes = {"name": "both ends", "function": both_ends, "shape": ("n",), "dtype": "float32"}
    call = apply(o.CALL, [y], {**attributes, "results": ends, "body": rw.Graph([y], [y * 2])})
    return apply(o.COMPONENT, [call], {"index": 1})


_SPECIAL = {
    o.INPUT: lambda: x,
    o.CONSTANT: lambda: rw.constant(np.arange(3.0)),
    o.IOTA: lambda: rw.iota(("n", 3), axis=1),
    o.EINSUM: lambda: rw.einsum("ij,j->i", x, y),
    o.RESHAPE: lambda: rw.reshape(x, (2, -1, 2)),
    o.TRANSPOSE: lambda: rw.transpose(x),
    o.BROADCAST_TO: lambda: rw.broadcast_to(y, (3, "n", 4)),
    o.SLICE: lambda: x[1:-1, ::2],
    o.REVERSE: lambda: rw.flip(x, 1),
    o.PAD: lambda: rw.pad(x, [(1, 2), (0, 3)], -np.inf),
    o.CONCATENATE: lambda: rw.concatenate([x, x * 2], axis=0),
    o.GATHER: lambda: rw.take(x, labels),
    o.SCATTER_ADD: lambda: rw.scatter_add(x, x, [labels], (0,), mode="clip"),
    o.CALL: _call,
    o.COMPONENT: _component,
    o.ALL: lambda: rw.all(flags, axis=1),
    o.ANY: lambda: rw.any(flags, keepdims=True),
    o.ARGMAX: lambda: rw.argmax(x),
    o.ARGMIN: lambda: rw.argmin(x, axis=0, keepdims=True),
}


def sample(primitive: Primitive) -> rw.Graph:
    """Return a graph whose output applies a primitive."""
    if primitive in _SPECIAL:
        node = _SPECIAL[primitive]()
    elif primitive.kind is Kind.ELEMENTWISE:
        node = _elementwise(primitive)
    elif primitive.kind is Kind.REDUCTION:
        node = apply(primitive, [x], {"axis": (1,), "keepdims": True})
    else:
        node = apply(primitive, [x], {"axis": 0, "reverse": True})
    assert node.operator is primitive
    return rw.Graph(INPUTS, [node])


SAMPLES = {primitive.name: sample(primitive) for primitive in primitives()}

_UNARY = (
    rw.exp, rw.log, rw.negative, rw.absolute, rw.tanh, rw.stop_gradient, rw.square, rw.sigmoid,
    lambda a: rw.sum(a, axis=-1, keepdims=True), lambda a: rw.max(a, axis=0),
    lambda a: rw.softmax(a, axis=0), lambda a: rw.cumsum(a), lambda a: a[1:], lambda a: a[None],
    lambda a: rw.reshape(a, (-1,)), lambda a: a.T, lambda a: rw.astype(a, "float16"),
    lambda a: a ** -0.5, lambda a: 2 - a, lambda a: a * np.float32(0.1), lambda a: -a ** 2.0,
    lambda a: rw.where(a > 0.25, a, 0.0), lambda a: rw.pad(a, [(1, 0)] + [(0, 0)] * (a.ndim - 1)),
)  # fmt: skip
_BINARY = (
    rw.add, rw.subtract, rw.multiply, rw.divide, rw.power, rw.maximum, rw.logaddexp,
    lambda a, b: rw.where(rw.less(a, b), a, b),
)  # fmt: skip


@st.composite
def random_graphs(draw: st.DrawFn) -> rw.Graph:
    """Draw a graph of up to 14 operations on tensors of one shape or broadcast ones."""
    pool: list[Node] = [x[0], y]
    for _ in range(draw(st.integers(1, 14))):
        if draw(st.booleans()):
            operation = draw(st.sampled_from(_UNARY))
            pool.append(_kept(operation(draw(st.sampled_from(pool))), pool))
        else:
            operation = draw(st.sampled_from(_BINARY))
            left, right = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
            fits = _broadcast(left, right)
            pool.append(operation(left, right if fits else left))
    count = draw(st.integers(1, 3))
    return rw.Graph(INPUTS, [draw(st.sampled_from(pool)) for _ in range(count)])


def _kept(node: Node, pool: list[Node]) -> Node:
    """Keep tensors that have an axis to reduce and elements to slice away."""
    usable = 0 < node.ndim < 4 and all(d != 0 for d in node.shape) and node.shape[0] != 1
    return node if usable else pool[-1]


def _broadcast(left: Node, right: Node) -> bool:
    pairs = zip(left.shape[::-1], right.shape[::-1], strict=False)
    return all(a == b or 1 in (a, b) for a, b in pairs)
