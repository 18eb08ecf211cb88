"""Derivatives of the functions of a float: ``z = f(x)``, cotangent g. Source: any calculus text."""

from __future__ import annotations

import math

from rewriter.autodiff.broadcasting import negative, product, quotient
from rewriter.autodiff.rule import Rule, partials
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive


def _log_of_two(like: Node) -> Node:
    return e.log(e.constant(2, like.dtype))


def _gauss(g: Node, z: Node, x: Node) -> Node:
    return product(g, e.multiply(2 / math.sqrt(math.pi), e.exp(e.negative(e.multiply(x, x)))))


RULES: dict[Primitive, Rule] = {
    o.EXP: partials(lambda g, z, x: product(g, z)),
    o.EXP2: partials(lambda g, z, x: product(g, e.multiply(z, _log_of_two(x)))),
    o.EXPM1: partials(lambda g, z, x: product(g, e.exp(x))),
    o.LOG: partials(lambda g, z, x: quotient(g, x)),
    o.LOG2: partials(lambda g, z, x: quotient(g, e.multiply(x, _log_of_two(x)))),
    o.LOG1P: partials(lambda g, z, x: quotient(g, e.add(1, x))),
    # e^x / (e^x + e^y) = logistic(x - y)
    o.LOGADDEXP: partials(
        lambda g, z, x, y: product(g, e.logistic(e.subtract(x, y))),
        lambda g, z, x, y: product(g, e.logistic(e.subtract(y, x))),
    ),
    o.LOGISTIC: partials(lambda g, z, x: product(g, e.multiply(z, e.subtract(1, z)))),
    o.SQRT: partials(lambda g, z, x: quotient(g, e.multiply(2, z))),
    o.RSQRT: partials(lambda g, z, x: product(g, e.divide(z, e.multiply(-2, x)))),
    o.SIN: partials(lambda g, z, x: product(g, e.cos(x))),
    o.COS: partials(lambda g, z, x: negative(product(g, e.sin(x)))),
    o.TAN: partials(lambda g, z, x: product(g, e.add(1, e.multiply(z, z)))),
    o.ARCTAN: partials(lambda g, z, x: quotient(g, e.add(1, e.multiply(x, x)))),
    o.SINH: partials(lambda g, z, x: product(g, e.cosh(x))),
    o.COSH: partials(lambda g, z, x: product(g, e.sinh(x))),
    o.TANH: partials(lambda g, z, x: product(g, e.subtract(1, e.multiply(z, z)))),
    o.ERF: partials(_gauss),
    o.ERFC: partials(lambda g, z, x: negative(_gauss(g, z, x))),
    o.ERFCX: partials(
        lambda g, z, x: product(
            g, e.subtract(e.multiply(e.multiply(2, x), z), 2 / math.sqrt(math.pi))
        )
    ),
}
