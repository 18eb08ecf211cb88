"""What conditions select away, and may be undefined there: ``where(isfinite(y), y·exp(x), 0)``.

The normal form ``[isfinite y]·y·exp(x)`` is 0 where the condition does not hold, whatever y is: an
indicator is a strong zero. Multiplied out in floats, 0 beside nan is nan; so a factor that may be
undefined stands under its condition once more where it is rebuilt. That is asked of the tensors
alone that something in the graph selects away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from rewriter.facts.domains import Demand, holds
from rewriter.facts.interval import Interval, point
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node, topological
from rewriter.graph.primitive import Primitive
from rewriter.terms.rational import Rational
from rewriter.terms.sign import interval_of
from rewriter.terms.term import Application, Element, Inverse, Product, Term
from rewriter.terms.traversal import parts_of


def selected_away(outputs: Iterable[Node]) -> frozenset[Node]:
    """Return the float nodes of which a condition leaves something unseen, and what they read."""
    choices = (node for node in topological(outputs) if node.operator is o.WHERE)
    stack = [branch for choice in choices for branch in choice.operands[1:]]
    found: set[Node] = set()
    while stack:
        node = stack.pop()
        if node not in found and is_float(node.dtype):
            found.add(node)
            stack.extend(node.operands)
    return frozenset(found)


def may_be_undefined(base: Term, power: Rational, selected: frozenset[Node]) -> bool:
    """Tell whether a factor may be infinite or nan where what it reads is selected away."""
    read = _read(base, selected)
    if not read or not all(map(_is_finite, read)):
        return bool(read)
    inner = (part for part in parts_of(base) if isinstance(part, Product))
    factors = [(base, power), *(factor for product in inner for factor in product.factors)]
    return any(_may_fail(part, q) and bool(_read(part, selected)) for part, q in factors)


def _read(term: Term, selected: frozenset[Node]) -> list[Node]:
    parts = parts_of(term)
    return [part.node for part in parts if isinstance(part, Element) and part.node in selected]


def _may_fail(base: Term, power: Rational) -> bool:
    """Tell whether a power, or a logarithm, need not be a number."""
    if isinstance(base, Application) and base.operator is o.LOG:
        return not _holds(o.LOG, interval_of(base.arguments[0]))
    if isinstance(base, Inverse):
        return not _holds(o.DIVIDE, point(1.0), interval_of(base.parts[0]))
    return not _holds(o.POWER, interval_of(base), point(float(power)))


def _holds(operator: Primitive, *bounds: Interval) -> bool:
    return holds(operator, bounds, Demand.FINITE, "float32")


def _is_finite(node: Node) -> bool:
    if node.operator is o.CONSTANT:
        return bool(np.isfinite(np.asarray(node.attribute("value").array, "float64")).all())
    bounds = range_of(node)
    return bounds.low > -math.inf and bounds.high < math.inf
