"""softmax, log_softmax, logsumexp: plain graphs of the other operations, no operators of their own.

They are written as the mathematics is, without a shift. ``optimize`` makes them, and whatever
a derivative makes of them, stable.
"""

from __future__ import annotations

from typing import Any

from rewriter.graph import elementwise as e
from rewriter.graph import reduction as r
from rewriter.graph.dtype import COMPLEX
from rewriter.graph.indexing import reshape
from rewriter.graph.node import Node
from rewriter.graph.reduction import AxisLike


def _weights(x: Any, axis: AxisLike, where: Any, initial: Any) -> tuple[Node, Node]:
    exponentials = e.exp(x)
    total = r.sum(exponentials, axis=axis, keepdims=True, where=where)
    if initial is not None:
        total = e.add(total, e.exp(e.astype(e.as_node(initial, total.dtype), total.dtype)))
    return exponentials, total


def softmax(x: Any, axis: AxisLike = -1, where: Any = None, initial: Any = None) -> Node:
    """``exp(x) / sum(exp(x))`` over ``axis``.

    Args:
        x: logits, of any shape.
        axis: int, tuple or None for all axes.
        where: only these elements take part; the others are 0.
        initial: a logit that takes part in the sum beside those of x.
    """
    exponentials, total = _weights(x, axis, where, initial)
    chosen = exponentials if where is None else e.where(where, exponentials, 0)
    return e.divide(chosen, total)


def log_softmax(x: Any, axis: AxisLike = -1, where: Any = None, initial: Any = None) -> Node:
    """``log(softmax(x))`` over ``axis``; arguments as for softmax, -inf outside ``where``."""
    return e.log(softmax(x, axis, where, initial))


def logsumexp(
    x: Any, axis: AxisLike = None, where: Any = None, initial: Any = None, keepdims: bool = False
) -> Node:
    """``log(sum(exp(x)))`` over ``axis``; arguments as for softmax."""
    result = e.log(_weights(x, axis, where, initial)[1])
    if keepdims:
        return result
    gone = r.axes_of(axis, result.ndim)
    return reshape(result, [d for a, d in enumerate(result.shape) if a not in gone])


def sigmoid(x: Any) -> Node:
    """``1 / (1 + exp(-x))``, written so."""
    return e.divide(1, e.add(1, e.exp(e.negative(x))))


def softplus(x: Any) -> Node:
    """``log(1 + exp(x))``, written so."""
    return e.log(e.add(1, e.exp(x)))


def var(x: Any, axis: AxisLike = None, keepdims: bool = False) -> Node:
    """Mean of the squared distance from the mean, over ``axis``."""
    node = e.real(x)
    distance = e.subtract(node, r.mean(node, axis, True))
    if node.dtype in COMPLEX:
        distance = e.absolute(distance)
    return r.mean(e.square(distance), axis, keepdims)
