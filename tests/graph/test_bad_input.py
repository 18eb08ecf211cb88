"""Mistakes in building a graph: each is refused where it is made, by an error that names it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import rewriter as rw
from rewriter.errors import (
    AttributeValueError,
    DataTypeError,
    GraphExpectedError,
    ImportedProgramError,
    RewriterError,
    RuleError,
    ShapeError,
)

x = rw.input("x", (3, 4))
n = rw.input("n", ("n", 4))
v = rw.input("v", (5,))
s = rw.input("s", ())
i = rw.input("i", (2,), "int64")
u = rw.input("u", (2,), "int8")
b = rw.input("b", (4,), "bool")
c = rw.input("c", (4,), "complex64")

SHAPE, DTYPE, ATTRIBUTE = ShapeError, DataTypeError, AttributeValueError
GRAPH = GraphExpectedError

# what is done, which error, what it says, what it names
MISTAKES: list[tuple[Callable[[], object], type[RewriterError], str, str]] = [
    # shapes
    (lambda: x + v, SHAPE, "(3, 4) and (5,)", "axis -1: 4 against 5"),
    (lambda: rw.where(b, x, v), SHAPE, "do not broadcast", "axis -1: 4 against 5"),
    (lambda: rw.reshape(x, (5, -1)), SHAPE, "cannot reshape (3, 4)", "(5, -1)"),
    (lambda: rw.reshape(x, (5,)), SHAPE, "cannot reshape (3, 4)", "(5,)"),
    (lambda: rw.reshape(x, (-1, -1)), SHAPE, "not negative", "-1"),
    (lambda: rw.reshape(x, (0, -1)), SHAPE, "cannot reshape (3, 4)", "(0, -1)"),
    (lambda: rw.reshape(n, ("m", -1)), SHAPE, "cannot reshape (n, 4)", "('m', -1)"),
    (lambda: rw.reshape(x, (1.5, 8)), SHAPE, "int or a name", "1.5"),
    (lambda: rw.input("x", (2, -1)), SHAPE, "not negative", "-1"),
    (lambda: rw.input("x", ("n k",)), SHAPE, "int or a name", "'n k'"),
    (lambda: rw.input("x", None), SHAPE, "int or a name", "None"),
    (lambda: rw.broadcast_to(x, (4, 3)), SHAPE, "do not broadcast", "axis -2: 3 against 4"),
    (lambda: rw.broadcast_to(x, (4,)), SHAPE, "(3, 4) does not broadcast", "(4,)"),
    (lambda: rw.squeeze(x, 0), SHAPE, "size 1", "3"),
    (lambda: rw.concatenate([]), SHAPE, "nothing to join", "an empty list"),
    (lambda: rw.concatenate([x, v]), SHAPE, "along axis 0", "(3, 4) and (5,)"),
    (lambda: rw.concatenate([x, n], 1), SHAPE, "along axis 1", "(3, 4) and (n, 4)"),
    (lambda: rw.stack([x, x.T]), SHAPE, "along axis 0", "(1, 3, 4) and (1, 4, 3)"),
    (lambda: rw.pad(x, [(1, 1)]), SHAPE, "each of 2 axes", "[(1, 1)]"),
    (lambda: rw.pad(v, [(1, 1)], v), SHAPE, "is a scalar", "(5,)"),
    (lambda: rw.matmul(x, v), SHAPE, "two sizes", "4 and 5"),
    (lambda: rw.matmul(x, x), SHAPE, "two sizes", "4 and 3"),
    (lambda: s @ x, SHAPE, "no scalars", "(3, 4)"),
    (lambda: rw.dot(x, v), SHAPE, "two sizes", "4 and 5"),
    (lambda: rw.einsum("ij,jk->ik", x), SHAPE, "names 2 operands", "1"),
    (lambda: rw.einsum("ijk->k", x), SHAPE, "'ijk' against shape (3, 4)", "<input 'x'"),
    (lambda: rw.einsum("ii->i", x), SHAPE, "'i' of 'ii->i' has two sizes", "3 and 4"),
    (lambda: rw.take_along_axis(x, i), SHAPE, "as many axes", "<input 'i'"),
    (lambda: rw.gather(x, [i, i], (0,)), SHAPE, "1 axes are indexed", "2 indices"),
    (lambda: rw.scatter_add(x, v, [i], (0,)), SHAPE, "updates have shape (2, 4)", "<input 'v'"),
    (lambda: rw.sum(v, where=np.ones((2, 5), bool)), SHAPE, "does not broadcast to (5,)", "(2, 5)"),
    (lambda: rw.argmax(rw.input("e", (0, 2)), axis=0), SHAPE, "nothing along axis 0", "<input 'e'"),
    # dtypes
    (lambda: rw.input("x", (), "floot32"), DTYPE, "no such dtype", "'floot32'"),
    (lambda: rw.astype(x, "floot32"), DTYPE, "no such dtype", "'floot32'"),
    (lambda: rw.astype(x, "str"), DTYPE, "not a dtype of tensors", "'str'"),
    (lambda: rw.constant("text"), DTYPE, "holds numbers", "'text'"),
    (lambda: x + "text", DTYPE, "holds numbers", "'text'"),
    (lambda: x + None, DTYPE, "holds numbers", "None"),
    (lambda: u + 300, DTYPE, "int8 does not hold", "300"),
    (lambda: rw.maximum(u, -129), DTYPE, "int8 does not hold", "-129"),
    (lambda: i**-1, DTYPE, "negative integer", "-1"),
    (lambda: -b, DTYPE, "bools are no numbers", "bool"),
    (lambda: b - b, DTYPE, "bools are no numbers", "bool"),
    (lambda: rw.floor(c), DTYPE, "no order", "complex64"),
    (lambda: c // 2, DTYPE, "no order", "complex64"),
    (lambda: rw.logaddexp(c, 1), DTYPE, "no order", "complex64"),
    (lambda: x & b, DTYPE, "& takes bools", "<input 'x'"),
    (lambda: i | i, DTYPE, "| takes bools", "<input 'i'"),
    (lambda: ~i, DTYPE, "~ takes bools", "<input 'i'"),
    (lambda: x[rw.input("m", (3,), "bool")], DTYPE, "no fixed number of elements", "<input 'm'"),
    (lambda: x[v], DTYPE, "integer tensor", "float32"),
    (lambda: rw.take(x, [0.5]), DTYPE, "integer tensor", "float64"),
    (lambda: rw.gather(x, [v], (0,)), DTYPE, "integer tensor", "float32"),
    # axes and indices
    (lambda: rw.sum(x, axis=2), ATTRIBUTE, "rank 2", "2"),
    (lambda: rw.sum(x, axis=(0, -2)), ATTRIBUTE, "named twice", "(0, -2)"),
    (lambda: rw.sum(x, axis="rows"), ATTRIBUTE, "expected integers", "'rows'"),
    (lambda: rw.sum(x, axis=1.0), ATTRIBUTE, "expected integers", "1.0"),
    (lambda: rw.softmax(x, axis=-3), ATTRIBUTE, "rank 2", "-3"),
    (lambda: rw.cumsum(x, 2), ATTRIBUTE, "rank 2", "2"),
    (lambda: rw.cumsum(s), ATTRIBUTE, "rank 0", "-1"),
    (lambda: rw.argmax(x, axis=5), ATTRIBUTE, "rank 2", "5"),
    (lambda: rw.transpose(x, (0, 0)), ATTRIBUTE, "not a permutation of 2 axes", "(0, 0)"),
    (lambda: rw.transpose(x, (0, 3)), ATTRIBUTE, "rank 2", "3"),
    (lambda: rw.transpose(x, (0,)), ATTRIBUTE, "not a permutation of 2 axes", "(0,)"),
    (lambda: rw.transpose(s, (0,)), ATTRIBUTE, "rank 0", "0"),
    (lambda: rw.swapaxes(x, 0, 2), ATTRIBUTE, "rank 2", "2"),
    (lambda: rw.expand_dims(x, 3), ATTRIBUTE, "rank 3", "3"),
    (lambda: rw.squeeze(x, 7), ATTRIBUTE, "rank 2", "7"),
    (lambda: rw.flip(x, 2), ATTRIBUTE, "rank 2", "2"),
    (lambda: rw.concatenate([s, s]), ATTRIBUTE, "rank 0", "0"),
    (lambda: rw.concatenate([x, x], 2), ATTRIBUTE, "rank 2", "2"),
    (lambda: rw.iota((3,), 1), ATTRIBUTE, "rank 1", "1"),
    (lambda: rw.pad(v, [(-1, 0)]), ATTRIBUTE, "padding is not negative", "(-1, 0, 0)"),
    (lambda: rw.take(x, i, 2), ATTRIBUTE, "rank 2", "2"),
    (lambda: rw.take(x, [3]), ATTRIBUTE, "size 3", "3"),
    (lambda: x[[0, -4]], ATTRIBUTE, "size 3", "-4"),
    (lambda: n[[-1]], ATTRIBUTE, "size n", "-1"),
    (lambda: rw.gather(x, [i], (2,)), ATTRIBUTE, "rank 2", "2"),
    (lambda: rw.gather(x, [i], (0,), mode="wrap"), ATTRIBUTE, "clips, fills or promises", "wrap"),
    (lambda: rw.scatter_add(x, x, [i], (0,), "set"), ATTRIBUTE, "clips, fills or promises", "set"),
    (lambda: x[3], ATTRIBUTE, "size 3", "3"),
    (lambda: x[0, -5], ATTRIBUTE, "size 4", "-5"),
    (lambda: x[0, 0, 0], ATTRIBUTE, "too many indices for 2 axes", "(0, 0, 0)"),
    (lambda: x["rows"], ATTRIBUTE, "not an index", "'rows'"),
    (lambda: x[1.0], ATTRIBUTE, "not an index", "1.0"),
    (lambda: x[True], ATTRIBUTE, "not an index", "True"),
    (lambda: x[..., ...], ATTRIBUTE, "one ellipsis", "(Ellipsis, Ellipsis)"),
    (lambda: x[None, [0]], ATTRIBUTE, "use expand_dims", "None"),
    (lambda: x[::0], ATTRIBUTE, "a step is not 0", "slice(None, None, 0)"),
    (lambda: x[0.5:], ATTRIBUTE, "bound of a slice", "slice(0.5, None, None)"),
    (lambda: n["n":], ATTRIBUTE, "bound of a slice", "slice('n', None, None)"),
    (lambda: n[::2], ATTRIBUTE, "dimension n takes steps of 1", "slice(None, None, 2)"),
    (lambda: n[3:1], ATTRIBUTE, "ends before it starts", "(3, 1)"),
    (lambda: rw.einsum("ij->k", x), ATTRIBUTE, "distinct input indices", "ij->k"),
    (lambda: rw.einsum("ij->ii", x), ATTRIBUTE, "distinct input indices", "ij->ii"),
    (lambda: rw.einsum("i.->i", x), ATTRIBUTE, "written like 'ij,jk->ik'", "i.->i"),
    (lambda: rw.max(x, where=b), ATTRIBUTE, "max with where needs initial", "initial"),
    (lambda: rw.min(x, where=b), ATTRIBUTE, "min with where needs initial", "initial"),
    # something else where a graph is wanted
    (lambda: rw.optimize(np.exp), GRAPH, "rw.stabilize(function) cures it", "<ufunc 'exp'>"),
    (lambda: rw.explain(x), GRAPH, "rw.Graph(inputs, outputs) makes one of nodes", "<input"),
    (lambda: rw.compile("x"), GRAPH, "rw.parse takes text", "'x'"),
    (lambda: rw.exact(None, 1.0), GRAPH, "rw.from_jax reads one", "None"),
    (lambda: rw.to_jax(len), GRAPH, "rw.from_jax(function, example)", "<built-in function len>"),
    (lambda: rw.stabilize(3), ImportedProgramError, "not a function", "3"),
    (lambda: rw.optimize(rw.Graph([x], [x]), 3), RuleError, "neither a rule nor several", "3"),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "error", "reason", "culprit"), MISTAKES)
def test_mistakes(
    mistake: Callable[[], object], error: type[RewriterError], reason: str, culprit: str
) -> None:
    with pytest.raises(RewriterError) as caught:
        mistake()
    assert type(caught.value) is error
    assert reason in caught.value.reason
    assert str(caught.value.culprit).startswith(culprit)


def test_a_refused_node_leaves_nothing_behind() -> None:
    with pytest.raises(ShapeError):
        x + v
    assert rw.Graph([x], [x + x]) is rw.Graph([x], [x + x])
