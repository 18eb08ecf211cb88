"""The demo's classifier as a graph: gradients by ``rw.grad``, run by NumPy, naive and optimised."""

from __future__ import annotations

from collections.abc import Callable

import rewriter as rw
from rewriter.command.digits import CLASSES, PIXELS
from rewriter.command.training import Way

__all__ = ["WAYS", "naive_graph"]


def naive_graph(dtype: str) -> rw.Graph:
    """Mean cross-entropy of softmax, as the mathematics has it, and its gradients.

    Shapes: (PIXELS, CLASSES), (CLASSES,), ("images", PIXELS), ("images", CLASSES)
    to (), (PIXELS, CLASSES), (CLASSES,).
    """
    weights = rw.input("weights", (PIXELS, CLASSES), dtype)
    bias = rw.input("bias", (CLASSES,), dtype)
    pixels = rw.input("pixels", ("images", PIXELS), dtype)
    targets = rw.input("targets", ("images", CLASSES), dtype)
    exponentials = rw.exp(pixels @ weights + bias)
    probabilities = exponentials / rw.sum(exponentials, axis=-1, keepdims=True)
    loss = -rw.mean(rw.sum(targets * rw.log(probabilities), axis=-1))
    return rw.Graph([weights, bias, pixels, targets], [loss, *rw.grad(loss, [weights, bias])])


def way(dtype: str, transform: Callable[[rw.Graph], rw.Graph] = lambda graph: graph) -> Way:
    """The graph, transformed and compiled for NumPy."""
    compiled: Way = rw.compile(transform(naive_graph(dtype)), backend="numpy")
    return compiled


WAYS: dict[str, Callable[[str], Way]] = {
    "as written": lambda dtype: way(dtype),
    "rw.optimize": lambda dtype: way(dtype, rw.optimize),
}
"""Each way of training on NumPy, by its name."""
