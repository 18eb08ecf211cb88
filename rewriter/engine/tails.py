"""Tails of the normal distribution in a region: how its nodes are read where some may vanish."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewriter.engine.small_values import CARRYING, divided_or_logged
from rewriter.facts.ranges import is_of_constants, range_of
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.choices import by_sign, told_apart
from rewriter.terms.error_functions import by_complements, by_parts, complementary
from rewriter.terms.reading import meaning
from rewriter.terms.term import Combination

ERROR_FUNCTIONS = frozenset((o.ERF, o.ERFC))


def tails_divided_by(nodes: Sequence[Node]) -> frozenset[Node]:
    """Return all error functions of a graph if it divides by, or logs, what may vanish with one.

    Args:
        nodes: all its nodes, operands first.
    """
    found = frozenset(node for node in nodes if node.operator in ERROR_FUNCTIONS)
    affine, vanishing = set(found), set(found)
    for node in nodes if found else ():
        if not vanishing.isdisjoint(divided_or_logged(node)):
            return found
        if node.operator not in CARRYING or vanishing.isdisjoint(node.operands):
            continue
        bounds = range_of(node)
        if all(p in affine or is_of_constants(p) for p in node.operands):
            affine.add(node)  # 1 − (1 + erf(z))/2 may vanish though 1 + erf(z) does not
        if node in affine or bounds.low <= 0.0 <= bounds.high:
            vanishing.add(node)
    return frozenset()


class Tails:
    """Reads the nodes of a graph in which tails may vanish that are divided by, or logged.

    Args:
        nodes: the error functions of the graph.

    Attributes:
        sizes: sizes ``|x|`` that are read through to x, as error functions are taken of them.
    """

    def __init__(self, nodes: frozenset[Node]) -> None:
        self.nodes = nodes
        self.sizes = frozenset(p for n in nodes for p in n.operands if p.operator is o.ABSOLUTE)
        self._arguments: dict[Combination, None] = {}

    def chooses(self, node: Node) -> bool:
        """Tell whether a node is read by what the condition of a choice is made of.

        It is like no other then, as a condition is a leaf to those that are alike.
        """
        return bool(self.nodes) and told_apart(node) is not None

    def meaning(
        self, node: Node, terms: Sequence[Combination], exponent: Callable[[Node], Combination]
    ) -> Combination:
        """Return the meaning of a node.

        Args:
            node: the node.
            terms: the terms of its operands.
            exponent: reads a node as an exponent.
        """
        if node in self.nodes:
            self._arguments.update(dict.fromkeys(terms))
        choice = told_apart(node)
        found = None
        if node.operator is o.ERFC:
            found = complementary(*terms)
        elif choice is not None:
            x, above = choice
            first, second = terms[1:] if above else reversed(terms[1:])
            found = by_sign(exponent(x), first, second)
        term = meaning(node, terms) if found is None else found
        if node.operator in (o.ADD, o.SUBTRACT):
            term = by_complements(term)
        return by_parts(term, self._arguments if node.operator is o.EXP else ())
