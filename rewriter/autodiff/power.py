"""The derivative of ``z = x^y`` with respect to either, right at ``x = 0`` and at ``y = 0`` too."""

from __future__ import annotations

import numpy as np

from rewriter.autodiff.broadcasting import core, product
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node

_EXACT = 64.0
"""Up to here a half-integer less 1 is exact in every float of the package."""


def base(g: Node, z: Node, x: Node, y: Node) -> Node | None:
    """``∂z/∂x = y x^(y-1)``; 0 where y is 0, as far as y is a number and not a variable.

    JAX guards whole exponents so (``lax.integer_pow``, ``lax.pow``) and no others: where y is a
    variable, the guard would be wrong in ``∂²z/∂x∂y = 1/x`` at ``y = 0``.
    """
    value = y.attribute("value").array if y.operator is o.CONSTANT else None
    if value is None:
        return product(g, e.multiply(y, e.power(x, _lowered(y))))
    if (value == 0).all():
        return None
    if (value == 1).all():
        return g
    if (value == 2).all():
        return product(g, e.multiply(y, x))
    if ((2 * value == np.round(2 * value)) & (abs(value) <= _EXACT)).all():
        lowered = e.constant(np.where(value == 0, 0, value - 1), y.dtype)
    else:
        lowered = _lowered(y)
    return product(g, e.multiply(y, e.power(x, lowered)))


def _lowered(y: Node) -> Node:
    """Return y - 1; 0 where a y that autodiff sees no derivative of is 0."""
    source = core(y)
    variable = source.operator is not o.CONSTANT and not (
        source.operator is o.ASTYPE and not is_float(source.operands[0].dtype)
    )
    lowered = e.subtract(y, 1)
    nonzero = source.operator is o.CONSTANT and bool((source.attribute("value").array != 0).all())
    return lowered if variable or nonzero else e.where(e.equal(y, 0), 0, lowered)


def exponent(g: Node, z: Node, x: Node, y: Node) -> Node:
    """``∂z/∂y = z log x``; 0 where x is 0 (the value there for y > 0, and what JAX says)."""
    positive = x.operator is o.CONSTANT and bool((x.attribute("value").array > 0).all())
    safe = x if positive else e.where(e.equal(x, 0), 1, x)
    return product(g, e.multiply(z, e.log(safe)))
