"""Operators that users declare, over the reals: by their definition, or by a function of balls.

A definition is evaluated like any graph, so that what is equal to it by its laws is known to be.
A function of balls (``flint.arb`` in and out) makes its balls tight, or stands alone; then the
value is a new number, of which only the ball is known, and beside the reals (at infinities) the
operator is what its NumPy function says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rewriter.errors import BackendError
from rewriter.graph.declared import definition_at, implementation
from rewriter.graph.node import Node
from rewriter.graph.primitive import Kind
from rewriter.lowering.exact_backend import arithmetic as a
from rewriter.lowering.exact_backend.element import UNRESOLVED, Element, Unresolved, ball, lifted
from rewriter.lowering.exact_backend.mark import ZERO, Image, drawn
from rewriter.lowering.exact_backend.real import Real
from rewriter.lowering.exact_backend.tensor import Array, mapped

Sizes = Mapping[str, int]


def evaluate(node: Node, operands: Sequence[Array], sizes: Sizes) -> Array:
    """Return what a declared operator gives.

    Raises:
        BackendError: neither a definition nor a function of balls is declared.
    """
    from rewriter.lowering.exact_backend.evaluation import evaluate as evaluate_graph

    body, function = definition_at(node), implementation(node, "exact")
    if body is None:
        if function is None or node.operator.kind is not Kind.ELEMENTWISE:
            raise BackendError("no function of balls is declared, and no definition",
                               culprit=node.operator)  # fmt: skip
        return mapped(_alone(node, function))(*operands)
    defined: Array = evaluate_graph(body, list(operands), sizes)[0]
    if function is None or node.operator.kind is not Kind.ELEMENTWISE:
        return defined
    return mapped(_tightened(function))(defined, *operands)


def _alone(node: Node, function: Callable[..., Any]) -> Callable[..., Element]:
    ieee = implementation(node, "numpy")

    def element(*operands: Element) -> Element:
        """Return the value in the declared ball, that of IEEE arithmetic at infinities."""
        if any(isinstance(x, Unresolved) for x in operands):
            return UNRESOLVED
        if any(isinstance(x, float) and not math.isfinite(x) for x in operands):
            if ieee is None or any(isinstance(x, float) and math.isnan(x) for x in operands):
                return math.nan
            with np.errstate(all="ignore"):
                return lifted(float(ieee(*[np.float64(float(ball(x).mid())) for x in operands])))
        image = drawn(node.operator.name, *[_mark(x) for x in operands])
        return a.from_ball(function(*map(ball, operands)), image)

    return element


def _mark(x: Element) -> Any:
    return x.mark if isinstance(x, Real) else ZERO


def _tightened(function: Callable[..., Any]) -> Callable[..., Element]:
    """Keep what the definition knows of a value, in the function's ball."""

    def element(defined: Element, *operands: Element) -> Element:
        """Return the defined value, in the function's ball where that is the smaller."""
        if type(defined) is not Real or len(defined.terms) > 1:
            return defined
        found = function(*map(ball, operands))
        if not found.is_finite() or found.rel_accuracy_bits() <= ball(defined).rel_accuracy_bits():
            return defined
        return a.from_ball(found, Image(defined.mark, defined.twin))

    return element
