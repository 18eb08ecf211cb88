"""What users call: derivatives of one output, or of several with their cotangents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rewriter.autodiff.broadcasting import zeros
from rewriter.autodiff.sweep import REAL, pullback
from rewriter.errors import DataTypeError, DerivativeError, ShapeError
from rewriter.graph import elementwise as e
from rewriter.graph.dimension import shape_text
from rewriter.graph.node import Node


def grad(output: Node, inputs: Sequence[Node], cotangent: Any = None) -> list[Node]:
    """Return the derivatives of ``output`` with respect to each of ``inputs``, as nodes.

    ``dx, = grad(sum(log(x)), [x])`` is ``1 / x``. Differentiation can be repeated on the result.

    Args:
        output: a scalar, or a tensor of any shape where ``cotangent`` is given.
        inputs: any nodes, not only graph inputs; the derivative is the total one, through every
            path, so that of two inputs one may depend on the other.
        cotangent: what the derivative is contracted with, of the shape and dtype of ``output``;
            1 by default. ``grad(y, [x], v)`` is ``vᵀ ∂y/∂x``.

    Returns:
        A node for each input, of its shape and dtype: a broadcast 0 where no path leads to it.

    Raises:
        DerivativeError: the output is no scalar and has no cotangent; output or input is not of a
            float dtype; an opaque call without a body lies on the way; a value on it is complex.
        ShapeError, DataTypeError: the cotangent does not fit the output.
    """
    if cotangent is None:
        if isinstance(output, Node) and output.shape:
            reason = "only a scalar has a derivative without a cotangent"
            raise DerivativeError(reason, culprit=repr(output))
        cotangent = 1.0
    return vjp([output], inputs, [cotangent])


def vjp(outputs: Sequence[Node], inputs: Sequence[Node], cotangents: Sequence[Any]) -> list[Node]:
    """Return the derivatives of ``Σ_k <cotangents[k], outputs[k]>`` with respect to ``inputs``.

    Args:
        outputs: nodes of any shapes.
        inputs: as for ``grad``.
        cotangents: one for each output, of its shape and dtype.

    Raises:
        DerivativeError, ShapeError, DataTypeError: as for ``grad``.
    """
    if isinstance(inputs, Node):
        raise DerivativeError("inputs of a derivative are a list of nodes", culprit=repr(inputs))
    for node in outputs:
        _check_float(node, "an output")
    for node in inputs:
        _check_float(node, "an input")
    if len(cotangents) != len(outputs):
        raise DerivativeError("each output has one cotangent", culprit=len(cotangents))
    seeds = [_seed(*pair) for pair in zip(outputs, cotangents, strict=True)]
    found = pullback(outputs, seeds, inputs)
    return [found[node] if node in found else zeros(node.shape, node.dtype) for node in inputs]


def _check_float(node: Any, role: str) -> None:
    if not isinstance(node, Node):
        raise DerivativeError(f"{role} of a derivative is a node", culprit=repr(node))
    if node.dtype not in REAL:
        raise DerivativeError(f"{role} of a derivative is a float", culprit=repr(node))


def _seed(output: Node, cotangent: Any) -> Node:
    given = cotangent if isinstance(cotangent, Node) else e.constant(cotangent, output.dtype)
    if given.shape != output.shape:
        reason = f"the cotangent of {output!r} has its shape"
        raise ShapeError(reason, culprit=shape_text(given.shape))
    if given.dtype != output.dtype:
        raise DataTypeError(f"the cotangent of {output!r} has its dtype", culprit=given.dtype)
    return given
