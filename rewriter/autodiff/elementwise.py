"""Derivatives of elementwise arithmetic, selection and conversion: ``z = f(x, y)``, cotangent g."""

from __future__ import annotations

from rewriter.autodiff.broadcasting import negative, product, quotient, selected
from rewriter.autodiff.power import base, exponent
from rewriter.autodiff.rule import Partial, Rule, partials
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive


def _divisor(g: Node, z: Node, x: Node, y: Node) -> Node:
    return quotient(negative(product(g, z)), y)  # -z/y: y² may overflow where x/y² does not


def _modulus(g: Node, z: Node, x: Node, y: Node) -> Node:
    return negative(product(g, e.floor_divide(x, y)))  # x mod y = x - y floor(x/y)


def _the_larger(g: Node, z: Node, x: Node, y: Node) -> Node:
    return _unless_tied(g, x, y, e.greater(x, y))


def _the_smaller(g: Node, z: Node, x: Node, y: Node) -> Node:
    return _unless_tied(g, x, y, e.less(x, y))


def _unless_tied(g: Node, x: Node, y: Node, wins: Node) -> Node:
    """Return g where x wins, half of it on a tie, 0 where x loses."""
    half = product(g, e.constant(0.5, g.dtype))
    return selected(e.equal(x, y), half, selected(wins, g, None, g.shape), g.shape)


def _swapped(partial: Partial) -> Partial:
    """Return the rule for y of a symmetric operation, given the rule for x."""
    return lambda g, z, x, y: partial(g, z, y, x)


def _converted(node: Node, cotangent: Node, position: int) -> Node:
    return e.astype(cotangent, node.operands[position].dtype)


RULES: dict[Primitive, Rule] = {
    o.ADD: partials(lambda g, z, x, y: g, lambda g, z, x, y: g),
    o.SUBTRACT: partials(lambda g, z, x, y: g, lambda g, z, x, y: negative(g)),
    o.MULTIPLY: partials(lambda g, z, x, y: product(g, y), lambda g, z, x, y: product(g, x)),
    o.DIVIDE: partials(lambda g, z, x, y: quotient(g, y), _divisor),
    o.POWER: partials(base, exponent),
    o.NEGATIVE: partials(lambda g, z, x: negative(g)),
    o.ABSOLUTE: partials(lambda g, z, x: product(g, e.sign(x))),
    o.MAXIMUM: partials(_the_larger, _swapped(_the_larger)),
    o.MINIMUM: partials(_the_smaller, _swapped(_the_smaller)),
    o.REMAINDER: partials(lambda g, z, x, y: g, _modulus),
    o.WHERE: partials(
        None,
        lambda g, z, condition, x, y: selected(condition, g, None, g.shape),
        lambda g, z, condition, x, y: selected(condition, None, g, g.shape),
    ),
    o.ASTYPE: _converted,
}

WITHOUT = frozenset({o.BINADE, o.SIGN, o.FLOOR_DIVIDE, o.FLOOR, o.CEIL, o.ROUND, o.STOP_GRADIENT})
"""Of these the derivative is 0 wherever it exists (of stop_gradient: by its meaning)."""
