"""Exponents that are shifted by their maximum: none is positive, and the largest is 0."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rewriter.engine.passes.powers import INDEX_MAPS
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.terms.algebra import add, multiply, negate, scale
from rewriter.terms.instances import maximum_times_constant
from rewriter.terms.pairing import pair
from rewriter.terms.reading import LINEAR, Reader
from rewriter.terms.sign import interval_of
from rewriter.terms.term import Application, Combination, Product

MAPS = (INDEX_MAPS - {o.NEGATIVE}) | {o.STOP_GRADIENT}
"""Operations that only rename indices."""

MOST_OPERATIONS = 40
"""Operations that an exponent is read through."""

MOST_TRIES = 4
"""Maxima within one another that are looked into."""


class Shifted:
    """The exponents of a graph's exponentials that are proved not to be positive.

    Args:
        graph: any graph.

    Attributes:
        exponents: those that hold a maximum of theirs.
        inside: what exponents are made of, which is computed as it stands: its error there is not
            measured by what is left of it.
    """

    def __init__(self, graph: Graph) -> None:
        self.exponents: set[Node] = set()
        self.inside: set[Node] = set()
        for node in graph.ordered:
            exponent = node.operands[0] if node.operator is o.EXP else None
            if exponent is not None and exponent not in self.exponents:
                self._keep(exponent)
                if _is_shifted(exponent):
                    self.exponents.add(exponent)

    def _keep(self, exponent: Node) -> None:
        stack = [exponent]
        while stack:
            node = stack.pop()
            if node not in self.inside and node.operator in LINEAR:
                self.inside.add(node)
                stack.extend(node.operands)


def _is_shifted(exponent: Node) -> bool:
    """Tell whether all that an exponent adds up is proved not to be positive."""
    stack = [exponent]
    while stack:
        node = stack.pop()
        if node.operator in MAPS:
            stack.append(node.operands[0])
        elif node.operator is o.WHERE and _is_mask(node.operands[2]):
            stack.append(node.operands[1])
        elif not _is_nonpositive(_read(node)):
            if node.operator is not o.ADD:
                return False
            stack += node.operands
    return True


def _read(node: Node) -> Combination:
    """Read an exponent as far as it is near: what lies deeper is what its maximum is of."""
    near: list[Node] = [node]
    opened: set[Node] = set()
    for one in near:
        if one.operator in LINEAR and one not in opened and len(near) < MOST_OPERATIONS:
            opened.add(one)
            near += one.operands
    reader = Reader(opened.__contains__)
    for one in reversed(near):
        if one.operator is o.WHERE and one.operands[0].operator is o.ISFINITE:
            reader.known[one] = reader(one.operands[1])
    return reader(node)


def _is_mask(node: Node) -> bool:
    """Tell whether a node is -inf everywhere."""
    while node.operator in MAPS:
        node = node.operands[0]
    return node.operator is o.CONSTANT and bool((node.attribute("value").array == -np.inf).all())


def _is_nonpositive(exponent: Combination, tries: int = MOST_TRIES) -> bool:
    """Tell whether an exponent is a sum of differences ``u − max u``, and maxima below 0.

    ``x − max(0, y)`` is one if ``x − 0`` or ``x − y`` is.
    """
    paired = pair(exponent)
    maxima = [p for p in paired.rest.products if maximum_times_constant(p) is not None]
    if (paired.differences or maxima) and interval_of(paired.rest).nonpositive:
        return all(one.coefficient > 0 for one in paired.differences)
    if not tries:
        return False
    lowered = (one for p in exponent.products for one in _with_arguments(exponent, p))
    return any(_is_nonpositive(one, tries - 1) for one in lowered)


def _with_arguments(exponent: Combination, product: Product) -> Iterator[Combination]:
    """The exponent with a maximum of several that is subtracted replaced by each of them."""
    found = maximum_times_constant(product)
    if found is None or product.coefficient > 0 or not isinstance(found[1], Application):
        return
    without = add((exponent, negate(Combination.make((product,)))))
    for argument in found[1].arguments:
        taken = scale(multiply(argument, found[2]), product.coefficient)
        yield add((without, taken))
