"""Tails, and what is told apart by a sign: how a region reads what libraries compute in pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rewriter.engine.small_values import CARRYING, divided_or_logged
from rewriter.facts.ranges import is_of_constants, range_of
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.choices import by_sign, each_by_sign, told_apart
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


@dataclass(frozen=True)
class Choices:
    """What a graph chooses by the sign of an x whose size it computes.

    Attributes:
        nodes: the choices.
        sizes: the sizes ``|x|``.
    """

    nodes: frozenset[Node] = frozenset()
    sizes: frozenset[Node] = frozenset()


NONE = Choices()


def told_by_sign(nodes: Sequence[Node]) -> Choices:
    """Return the choices of a graph by the sign of an x whose size it computes.

    Args:
        nodes: all its nodes.
    """
    sizes: dict[Node, set[Node]] = {}
    for node in nodes:
        if node.operator is o.ABSOLUTE:
            sizes.setdefault(_unsigned(node.operands[0]), set()).add(node)
    found: dict[Node, Node] = {}
    for node in nodes if sizes else ():
        choice = told_apart(node)
        if choice is not None and _unsigned(choice[0]) in sizes:
            found[node] = _unsigned(choice[0])
    told = frozenset[Node]().union(*(sizes[x] for x in found.values()))
    return Choices(frozenset(found), told)


def _unsigned(node: Node) -> Node:
    return node.operands[0] if node.operator is o.NEGATIVE else node


class Tails:
    """Reads the nodes of a graph in which tails may vanish that are divided by, or logged.

    And the choices of a graph by the sign of an x whose size ``|x|`` it computes.

    Args:
        nodes: the error functions of the graph.
        choices: choices by a sign, from `told_by_sign`, and the sizes that they tell.

    Attributes:
        sizes: sizes ``|x|`` that are read through to x, as error functions are taken of them, or
            choices tell which sign it has.
    """

    def __init__(self, nodes: frozenset[Node], choices: Choices = NONE) -> None:
        self.nodes, self.choices = nodes, choices.nodes
        taken = frozenset(p for n in nodes for p in n.operands if p.operator is o.ABSOLUTE)
        self.sizes = taken | choices.sizes
        self._arguments: dict[Combination, None] = {}

    def chooses(self, node: Node) -> bool:
        """Tell whether a node is read by what the condition of a choice is made of.

        It is like no other then, as a condition is a leaf to those that are alike.
        """
        return node in self.choices or (bool(self.nodes) and told_apart(node) is not None)

    def reads(self, node: Node) -> bool:
        """Tell whether a node may be read otherwise than any operation is."""
        return bool(self.nodes) or node in self.choices

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
            x, above = exponent(choice[0]), choice[1]
            first, second = terms[1:] if above else reversed(terms[1:])
            found = by_sign(x, first, second)
            if found is None:
                first, second = each_by_sign(x, first, second)
                terms = [terms[0], *((first, second) if above else (second, first))]
        term = meaning(node, terms) if found is None else found
        if node.operator in (o.ADD, o.SUBTRACT):
            term = by_complements(term)
        return by_parts(term, self._arguments if node.operator is o.EXP else ())
