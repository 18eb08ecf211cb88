"""Random well-sorted graphs over the builder, the same for the same seed.

>>> from random_graphs import random_arguments, random_graph
>>> graph = random_graph(7)
>>> arguments = random_arguments(graph, 7)

Every graph takes ``x`` and ``z`` (n × m), ``w`` (m), ``labels`` (n integers below m) and has one
float output. It is made of what probabilistic programs are made of: exponentials, logarithms,
quotients, sums, masks and index maps, at random axes and in random order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import rewriter as rw
from rewriter.errors import ShapeError
from rewriter.graph.dimension import evaluate
from rewriter.graph.inference import broadcast_shapes
from rewriter.graph.node import Node

SIZES = {"n": 3, "m": 4}
"""What the named dimensions are in random arguments."""

Maker = Callable[[random.Random, list[Node]], Node]


def _any(rng: random.Random, pool: Sequence[Node], rank: int = 0) -> Node:
    """One of the nodes, the later the likelier, of at least that rank."""
    fitting = [node for node in pool if node.ndim >= rank]
    return rng.choice(fitting[-4:] + rng.sample(fitting, 1))


def _partner(rng: random.Random, pool: Sequence[Node], node: Node) -> Node:
    """A node that broadcasts with the given one."""
    return rng.choice([other for other in pool if _broadcasts(node, other)])


def _broadcasts(one: Node, other: Node) -> bool:
    try:
        broadcast_shapes([one.shape, other.shape])
    except ShapeError:
        return False
    return True


def _unary(function: Callable[..., Node]) -> Maker:
    return lambda rng, pool: function(_any(rng, pool))


def _binary(function: Callable[..., Node]) -> Maker:
    def make(rng: random.Random, pool: list[Node]) -> Node:
        one = _any(rng, pool)
        both = [one, _partner(rng, pool, one)]
        rng.shuffle(both)
        return function(*both)

    return make


def _along(function: Callable[..., Node]) -> Maker:
    def make(rng: random.Random, pool: list[Node]) -> Node:
        node = _any(rng, pool, 1)
        return function(node, rng.randrange(node.ndim))

    return make


def _reduction(function: Callable[..., Node]) -> Maker:
    def make(rng: random.Random, pool: list[Node]) -> Node:
        node = _any(rng, pool, 1)
        axes = rng.sample(range(node.ndim), rng.randint(1, node.ndim))
        return function(node, axis=tuple(axes), keepdims=rng.random() < 0.5)

    return make


def _selected(rng: random.Random, pool: list[Node]) -> Node:
    node = _any(rng, pool)
    other, third = _partner(rng, pool, node), _partner(rng, pool, node)
    if not _broadcasts(other, third):
        third = node
    comparison = rng.choice([rw.less, rw.greater, rw.less_equal])
    return rw.where(comparison(node, other), node, rw.multiply(third, 0.5))


def _transposed(rng: random.Random, pool: list[Node]) -> Node:
    node = _any(rng, pool, 1)
    return rw.transpose(node, rng.sample(range(node.ndim), node.ndim))


def _expanded(rng: random.Random, pool: list[Node]) -> Node:
    node = _any(rng, pool)
    return node if node.ndim > 2 else rw.expand_dims(node, rng.randint(0, node.ndim))


def _part(rng: random.Random, pool: list[Node]) -> Node:
    node = _any(rng, pool, 1)
    key: list[Any] = [slice(None)] * node.ndim
    axis = rng.randrange(node.ndim)
    if node.shape[axis] == 1:
        return node
    key[axis] = rng.choice([0, 1, -1, slice(0, 1), slice(1, None), slice(None, -1)])
    return node[tuple(key)]


def _contracted(rng: random.Random, pool: list[Node]) -> Node:
    left = _any(rng, pool, 1)
    right = rng.choice([other for other in pool if other.shape and other.shape[0] == left.shape[-1]]
                       or [rw.transpose(left)])  # fmt: skip
    letters = "abcdefgh"
    first = letters[: left.ndim]
    second = first[-1] + letters[left.ndim : left.ndim + right.ndim - 1]
    kept = [c for c in first[:-1] + second[1:] if rng.random() < 0.8]
    return rw.einsum(f"{first},{second}->{''.join(kept)}", left, right)


def _picked(rng: random.Random, pool: list[Node]) -> Node:
    labels = pool[0]
    tables = [
        node for node in pool if (node.shape and node.shape[-1] == 4) or node.shape[-1:] == ("m",)
    ]
    table = rng.choice(tables)
    return rw.take(table, labels, axis=table.ndim - 1)


def _joined(rng: random.Random, pool: list[Node]) -> Node:
    node = _any(rng, pool, 1)
    axis = rng.randrange(node.ndim)
    rest = node.shape[:axis] + node.shape[axis + 1 :]
    same = [
        other for other in pool
        if other.ndim == node.ndim and other.shape[:axis] + other.shape[axis + 1 :] == rest
    ]  # fmt: skip
    return rw.concatenate([node, rng.choice(same)], axis)


def _scaled(rng: random.Random, pool: list[Node]) -> Node:
    factor = rng.choice([2.0, -1.0, 0.5, 3.0, 0.1, -0.25])
    return rng.choice([rw.add, rw.subtract, rw.multiply, rw.divide])(_any(rng, pool), factor)


ELEMENTWISE: dict[str, Maker] = {
    "exp": _unary(rw.exp), "log": _unary(lambda x: rw.log(rw.add(rw.multiply(x, x), 0.25))),
    "plain log": _unary(rw.log), "negative": _unary(rw.negative), "tanh": _unary(rw.tanh),
    "logistic": _unary(rw.logistic), "naive sigmoid": _unary(rw.sigmoid),
    "softplus": _unary(rw.softplus), "square": _unary(rw.square),
    "sqrt": _unary(lambda x: rw.sqrt(rw.add(rw.square(x), 1))), "absolute": _unary(rw.absolute),
    "expm1": _unary(rw.expm1), "log1p": _unary(lambda x: rw.log1p(rw.exp(x))),
    "stop": _unary(rw.stop_gradient), "add": _binary(rw.add), "subtract": _binary(rw.subtract),
    "multiply": _binary(rw.multiply), "divide": _binary(rw.divide),
    "maximum": _binary(rw.maximum), "minimum": _binary(rw.minimum),
    "logaddexp": _binary(rw.logaddexp), "scale": _scaled, "where": _selected,
}  # fmt: skip
"""Steps that make a node of other nodes element by element, by name."""

REDUCTIONS: dict[str, Maker] = {
    "sum": _reduction(rw.sum), "mean": _reduction(rw.mean), "max": _reduction(rw.max),
    "min": _reduction(rw.min), "logsumexp": _reduction(rw.logsumexp),
    "softmax": _along(rw.softmax), "log softmax": _along(rw.log_softmax),
    "cumsum": _along(rw.cumsum), "contraction": _contracted,
}  # fmt: skip
"""Steps that sum, or find extremes."""

INDEX_MAPS: dict[str, Maker] = {
    "transpose": _transposed, "expand": _expanded, "part": _part, "pick": _picked,
    "join": _joined, "flip": _along(rw.flip),
}  # fmt: skip
"""Steps that move elements."""

STEPS = {**ELEMENTWISE, **REDUCTIONS, **INDEX_MAPS}


def random_graph(
    seed: int,
    steps: int = 10,
    dtype: str = "float64",
    named: bool = True,
    without: Sequence[str] = (),
) -> rw.Graph:
    """Return a random graph.

    Args:
        seed: equal seeds give the same graph.
        steps: how many nodes (or small groups of nodes) are made; the last is the output.
        dtype: dtype of the floats.
        named: whether the dimensions of the inputs are names, or integers.
        without: names of steps that are not to be used.
    """
    rng = random.Random(seed)
    n, m = ("n", "m") if named else (SIZES["n"], SIZES["m"])
    x, z = rw.input("x", (n, m), dtype), rw.input("z", (n, m), dtype)
    w, labels = rw.input("w", (m,), dtype), rw.input("labels", (n,), "int32")
    chosen = [step for step in STEPS if step not in without]
    pool = [x, z, w, x]
    for _ in range(steps):
        step = STEPS[rng.choice(chosen)]
        pool.append(_picked(rng, [labels, *pool]) if step is _picked else step(rng, pool))
    return rw.Graph([x, z, w, labels], pool[-1])


def random_arguments(graph: rw.Graph, seed: int, scale: float = 1.0) -> list[np.ndarray]:
    """Return arguments for a random graph: normal floats times ``scale``, and labels."""
    generator = np.random.default_rng(seed)
    arguments = []
    for node in graph.inputs:
        shape = tuple(evaluate(d, SIZES) for d in node.shape)
        if node.dtype == "int32":
            arguments.append(generator.integers(0, SIZES["m"], shape).astype(np.int32))
        else:
            arguments.append((scale * generator.normal(size=shape)).astype(node.dtype))
    return arguments
