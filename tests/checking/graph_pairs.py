"""Pairs of graphs that are equal, and pairs that differ a little, for `rewriter.equivalent`."""

import math
from collections.abc import Callable

import rewriter as rw
from rewriter.graph.node import Node

X, Y = (rw.input(name, ("n",), "float64") for name in "xy")
MASK, LABEL = rw.input("mask", ("n",), "bool"), rw.input("label", ("n",), "int64")
WHOLE, PLACE = rw.input("whole", ("n",), "int32"), rw.input("place", (), "int32")
M, B = rw.input("m", (4, 5), "float64"), rw.input("b", (5, 4), "float64")
V, S = rw.input("v", (6,), "float64"), rw.input("s", (), "float64")

Pair = tuple[Node, Node]


def softmax_of_squares() -> Pair:
    p = rw.softmax(X)
    written = rw.grad(rw.sum(rw.square(rw.exp(X) / rw.sum(rw.exp(X)))), [X])[0]
    return written, 2 * p * (p - rw.sum(p * p))


def cross_entropy_of_logits() -> Pair:
    p = rw.sigmoid(X)
    return -(Y * rw.log(p) + (1 - Y) * rw.log(1 - p)), rw.softplus(X) - X * Y


def without_the_last() -> Pair:
    return rw.cumsum(V, 0) - V, rw.concatenate([V[:1] * 0, rw.cumsum(V, 0)[:5]], 0)


EQUAL: dict[str, Callable[[], Pair]] = {
    "a shifted softmax": lambda: (rw.softmax(X), rw.exp(X) / rw.sum(rw.exp(X))),
    "a temperature": lambda: (rw.softmax(X / 0.7), rw.softmax(X * (1 / 0.7))),
    "a gradient": softmax_of_squares,
    "a cross entropy": cross_entropy_of_logits,
    "an exclusive cumulative sum": without_the_last,
    "a cumulative sum from behind": lambda: (
        rw.flip(rw.cumsum(rw.flip(V, 0), 0), 0), rw.sum(V) - rw.cumsum(V, 0) + V
    ),
    "a cumulative product": lambda: (rw.cumprod(rw.exp(V), 0), rw.exp(rw.cumsum(V, 0))),
    "a product transposed": lambda: (
        rw.transpose(rw.matmul(M, B)), rw.matmul(rw.transpose(B), rw.transpose(M))
    ),
    "a trace": lambda: (rw.einsum("ij,ji->", M, B), rw.sum(rw.transpose(M) * B)),
    "a variance": lambda: (rw.var(V), rw.mean(V * V) - rw.square(rw.mean(V))),
    "neighbours": lambda: (rw.sum(V[1:]) - rw.sum(V[:-1]), V[5] - V[0]),
    "a mask": lambda: (
        rw.sum(rw.where(MASK, X, 0.0)), rw.sum(X) - rw.sum(rw.where(MASK, 0.0, X))
    ),
    "a place": lambda: (rw.take(rw.exp(V), PLACE), rw.exp(rw.take(V, PLACE))),
    "whole numbers": lambda: (WHOLE * WHOLE - 1, (WHOLE - 1) * (WHOLE + 1)),
}  # fmt: skip

DIFFERENT: dict[str, Callable[[], Pair]] = {
    "the first six places": lambda: (
        rw.sum(rw.where(rw.iota(("n",), 0, "int64") < 6, X, 0.0)), rw.sum(X)
    ),
    "a polynomial of the size": lambda: (
        X * rw.sum(X * 0 + 1) * (rw.sum(X * 0 + 1) - 2) * (rw.sum(X * 0 + 1) - 3), X * 0
    ),
    "a slice one further": lambda: (V[1:5], V[2:6]),
    "the wrong end": lambda: (rw.sum(V[:-1]), rw.sum(V) - V[4]),
    "a cumulative sum turned round": lambda: (
        rw.flip(rw.cumsum(V, 0), 0), rw.cumsum(rw.flip(V, 0), 0)
    ),
    "the other axis": lambda: (rw.softmax(M, axis=0), rw.softmax(M, axis=1)),
    "a reshape for a transpose": lambda: (rw.reshape(M, (5, 4)), rw.transpose(M)),
    "one less in a variance": lambda: (rw.var(V), rw.sum(rw.square(V - rw.mean(V))) / 5),
    "a sixth cut short": lambda: (rw.mean(V), rw.sum(V) * 0.16666666),
    "a little where all is masked": lambda: (
        rw.sum(rw.where(MASK, X, 0.0)),
        rw.sum(rw.where(MASK, X, 0.0)) + rw.where(rw.all(MASK), 1e-9, 0.0),
    ),
    "one place of an index": lambda: (
        rw.take(V, PLACE), rw.take(V, PLACE) + rw.where(rw.equal(PLACE, 3), 1.0, 0.0)
    ),
    "a chosen one": lambda: (
        rw.sum(rw.where(rw.equal(rw.iota(("n",), 0, "int64"), LABEL), X, 0.0)), rw.sum(X)
    ),
    "a root of a square": lambda: (rw.sqrt(X * X), X),
    "an epsilon": lambda: (X / rw.sum(X), X / (rw.sum(X) + 1e-12)),
    "a floor": lambda: (rw.log(rw.softmax(X)), rw.log(rw.maximum(rw.softmax(X), 1e-30))),
    "a ceiling": lambda: (X, rw.minimum(X, 3e4)),
    "whole numbers up to a hundred": lambda: (rw.minimum(WHOLE, 100), WHOLE),
    "squares of whole numbers": lambda: (WHOLE * WHOLE, WHOLE),
    "halves of whole numbers": lambda: (
        rw.floor_divide(WHOLE, 2), rw.floor_divide(WHOLE + 1, 2)
    ),
    "a rounded temperature": lambda: (rw.softmax(X / 0.7), rw.softmax(X * 1.4285)),
    "a tie": lambda: (rw.argmax(V, 0), 5 - rw.argmax(rw.flip(V, 0), 0)),
    "a half": lambda: (rw.round(X), rw.floor(X + 0.5)),
    "a branch far out": lambda: (rw.exp(S), rw.where(S > 25.0, 1.0, rw.exp(S))),
    "a narrow branch": lambda: (
        rw.exp(S), rw.where(rw.logical_and(S > 3.0, S < 3.01), 1.0, rw.exp(S))
    ),
    "a coincidence": lambda: (X + Y, X + Y + rw.where(rw.equal(X, 2 * Y), 1.0, 0.0)),
    "a pole": lambda: (S * S, S * S * (S - 0.125) / (S - 0.125)),
    "a pole of a square": lambda: (S + 7.25, (S * S - 7.25**2) / (S - 7.25)),
    "a limit taken too early": lambda: (rw.tanh(S), rw.where(S > 30, 1.0, rw.tanh(S))),
    "a mean of logs": lambda: (rw.prod(X), rw.exp(rw.sum(rw.log(rw.absolute(X))))),
    "a normal density": lambda: (
        rw.exp(-0.5 * X * X) / math.sqrt(2 * math.pi), rw.exp(-0.5 * X * X) / 2.5066283
    ),
}  # fmt: skip
