"""Reductions and cumulations on exact tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rewriter.errors import EvaluationError
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.lowering.exact_backend import arithmetic as a
from rewriter.lowering.exact_backend import comparison as c
from rewriter.lowering.exact_backend.element import Element
from rewriter.lowering.exact_backend.real import ONE
from rewriter.lowering.exact_backend.tensor import Array, cumulated, folded, reduced
from rewriter.lowering.numpy_backend.runtime import cumulate

Rule = Callable[[Node, Array], Array]


def _fold(
    function: Callable[[Element, Element], Element], empty: Element, integer: Callable[..., Any]
) -> Rule:
    on_elements = reduced(folded(function, empty))

    def rule(node: Node, x: Array) -> Array:
        """Return the reduction, of floats exactly."""
        axes, keepdims = node.attribute("axis"), node.attribute("keepdims")
        if is_float(node.dtype):
            return on_elements(x, axes, keepdims)
        return np.asarray(integer(x, axis=axes, keepdims=keepdims)).astype(node.dtype, copy=False)

    return rule


def _truth(function: Callable[..., Any]) -> Rule:
    def rule(node: Node, x: Array) -> Array:
        axes, keepdims = node.attribute("axis"), node.attribute("keepdims")
        return np.asarray(function(x, axis=axes, keepdims=keepdims))

    return rule


def _position(better: Callable[[Element, Element], bool], integer: Callable[..., Any]) -> Rule:
    def of_row(row: Sequence[Element]) -> int:
        """Return the first place of the best element of a row, or of the first nan."""
        if not row:
            raise EvaluationError("no element of an empty axis is the largest", culprit="argmax")
        best = 0
        for place, element in enumerate(row):
            if c.is_nan(element):
                return place
            if better(element, row[best]):
                best = place
        return best

    on_elements = reduced(of_row, np.int64)

    def rule(node: Node, x: Array) -> Array:
        """Return the place along an axis, of floats exactly."""
        axis, keepdims = node.attribute("axis"), node.attribute("keepdims")
        if is_float(node.operands[0].dtype):
            found = on_elements(x, (axis,), keepdims)
        else:
            found = np.asarray(integer(x, axis=axis, keepdims=keepdims))
        return found.astype(node.dtype, copy=False)

    return rule


def _cumulation(function: Callable[[Element, Element], Element], ufunc: Any) -> Rule:
    on_elements = cumulated(function)

    def rule(node: Node, x: Array) -> Array:
        """Return the running reduction, of floats exactly."""
        axis, reverse = node.attribute("axis"), node.attribute("reverse")
        if is_float(node.dtype):
            return on_elements(x, axis, reverse)
        return cumulate(ufunc, x, axis, reverse)

    return rule


REDUCTIONS: dict[Primitive, Rule] = {
    o.SUM: _fold(a.add, 0.0, np.sum), o.PROD: _fold(a.multiply, ONE, np.prod),
    o.MAX: _fold(c.maximum, -math.inf, np.max), o.MIN: _fold(c.minimum, math.inf, np.min),
    o.ALL: _truth(np.all), o.ANY: _truth(np.any), o.ARGMAX: _position(c.greater, np.argmax),
    o.ARGMIN: _position(c.less, np.argmin), o.CUMSUM: _cumulation(a.add, np.add),
    o.CUMPROD: _cumulation(a.multiply, np.multiply), o.CUMMAX: _cumulation(c.maximum, np.maximum),
}  # fmt: skip
"""Every reduction and cumulation; the maximum of no elements is -inf, the minimum inf."""
