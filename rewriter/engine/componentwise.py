"""Every element accurate: what is right beside the largest element, rewritten where it stands.

A pass over a graph that is stable already, under ``accuracy="componentwise"`` alone. It looks for
sums of exponentials that are shifted by their maximum, ``Σ exp(a)`` with ``a = c·(x − max x)``, and
at the logarithms and differences that are made of them; those that the laws of
`rules.componentwise` match are built anew.

>>> import rewriter as rw
>>> x = rw.input("x", (3,))
>>> graph = rw.Graph([x], [rw.log(rw.sum(rw.exp(x)))])
>>> run = rw.compile(rw.optimize(graph, accuracy="componentwise"))
>>> float(run([0.0, -50.0, -50.0]))
3.857499786707477e-22
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rewriter.authoring.definition import REMAINDER
from rewriter.engine.replacing import Cure, replaced
from rewriter.engine.result import Result
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.matching.variable import Abstraction
from rewriter.terms import algebra
from rewriter.terms.algebra import multiply
from rewriter.terms.reading import Reader, meaning
from rewriter.terms.term import ONE, ZERO, Combination, Product
from rewriter.terms.traversal import nodes_in
from rewriter.terms.views import term_of

MOST_OPERATIONS = 40
"""Operations below a logarithm or a difference that are looked through."""

HAZARD = "digits that the largest element drowns"

MAPS = frozenset((o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.STOP_GRADIENT))
OPENED = frozenset((
    o.EXP, o.LOG, o.ADD, o.SUBTRACT, o.NEGATIVE, o.MULTIPLY, o.DIVIDE, o.SUM, o.EINSUM,
    o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO,
))  # fmt: skip
"""Operations through which a sum of exponentials is followed."""

LINEAR = frozenset((o.ADD, o.WHERE, o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO))
"""Operations through which exponents are followed, ``x[i] + x[j]`` and those that a mask leaves."""

STARTS = frozenset((o.LOG, o.ADD, o.SUBTRACT))

_BESIDE = frozenset((
    o.CONSTANT, o.EQUAL, o.NOT_EQUAL, o.IOTA, o.NEGATIVE, o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO,
))  # fmt: skip
"""What is read besides: numbers, signs, index maps, and which place is which."""

_WITHOUT_EXPONENTS = frozenset(("a", "g", "y"))
"""What the laws have beside exponentials, and what is to be free of them."""

_OF_PLACES = MAPS | {o.SIGN, o.ADD, o.MULTIPLY, o.DIVIDE, o.SUM, o.EINSUM, o.MAXIMUM}


def cure_elements(graph: Graph, result: Result) -> Graph:
    """Return the graph with what the largest elements drown computed without them.

    Args:
        graph: any graph.
        result: takes the steps.

    Returns:
        The same object where there is none.
    """
    found = _Elements(graph)
    if not found.shifted:
        return graph
    cures = {node: cure for node in graph.ordered if (cure := found.look(node)) is not None}
    return replaced(graph, cures, result) if cures else graph


class _Elements:
    """What is made of shifted exponentials in a graph, as far as it was looked at.

    Attributes:
        shifted: exponents whose largest is 0.
        exponents: those, and sums and parts of them.
        made_of: what is made of their exponentials.
        places: what is made of the indicators of the largest, as the laws write them.
    """

    def __init__(self, graph: Graph) -> None:
        exponentials = [node for node in graph.ordered if node.operator is o.EXP]
        self.shifted = {node.operands[0] for node in exponentials if _is_shifted(node)}
        self.exponents = set(self.shifted)
        self.made_of: set[Node] = set()
        self.places: set[Node] = set()

    def look(self, node: Node) -> Cure | None:
        """Return the cure of a node, after its operands, or None."""
        operator, operands = node.operator, node.operands
        if operator in LINEAR and not self.exponents.isdisjoint(operands):
            self.exponents.add(node)
        below = self.exponents if operator is o.SIGN else self.places
        if operator in _OF_PLACES and not below.isdisjoint(operands):
            self.places.add(node)
        if operator is o.EXP and operands[0] in self.exponents:
            self.made_of.add(node)
        elif operator in OPENED and not self.made_of.isdisjoint(operands):
            self.made_of.add(node)
            return self._cure(node) if operator in STARTS else None
        return None

    def _cure(self, node: Node) -> Cure | None:
        from rules.componentwise import COMPONENTWISE

        term = self._read(node)
        if term is None:
            return None
        for outside in _contents(term):
            subject = multiply(term, algebra.power(outside, -1))
            for match in (m for law in COMPONENTWISE for m in law.matches(subject)):
                if match.proved and self._speaks_of_all(match):
                    return Cure(multiply(outside, match.result), HAZARD, (match,))
        return None

    def _read(self, node: Node) -> Combination | None:
        """Return what a node means, down to the exponents; None where that is too much."""
        opened = self._opened(node)
        if opened is None:
            return None
        reader = Reader(
            lambda one: one in opened or (one.operator in _BESIDE and one not in self.shifted)
        )
        for masked in (one for one in opened if _is_masked(one)):
            (chosen,) = masked.operands
            inside = algebra.exponential(reader(chosen.operands[1]))
            reader.known[masked] = meaning(chosen, [reader(chosen.operands[0]), inside, ZERO])
        return reader(node)

    def _opened(self, node: Node) -> set[Node] | None:
        """Return the operations between a node and the exponents; None if they are many."""
        through = self.made_of | (self.exponents - self.shifted)
        found, stack = {node}, [node]
        while stack and len(found) <= MOST_OPERATIONS:
            below = [p for p in stack.pop().operands if p in through and p not in found]
            found.update(below)
            stack += below
        return found if len(found) <= MOST_OPERATIONS else None

    def _speaks_of_all(self, match: Any) -> bool:
        """Tell whether nothing is left over, exponents stand for x alone, and g is not centred."""
        left = match.substitution.get(REMAINDER)
        if left is not None and term_of(left).products:
            return False
        for variable, value in match.substitution.items():
            if str(variable) in _WITHOUT_EXPONENTS:
                body = value.body if isinstance(value, Abstraction) else value
                nodes = nodes_in(term_of(body))
                if not self.shifted.isdisjoint(nodes) or any(map(self._is_centred, nodes)):
                    return False
        return True

    def _is_centred(self, node: Node) -> bool:
        return node.operator is o.SUBTRACT and node.operands[1] in self.places


def _is_shifted(node: Node) -> bool:
    """Tell whether the largest exponent of an exponential is 0: ``c·(x − max x)`` for c > 0."""
    (exponent,) = node.operands
    while (
        exponent.operator in (o.MULTIPLY, o.DIVIDE) and _is_positive_constant(exponent.operands[1])
    ) or exponent.operator in MAPS:
        exponent = exponent.operands[0]
    if not is_float(node.dtype) or exponent.operator is not o.SUBTRACT:
        return False
    value, shift = map(_behind_maps, exponent.operands)
    if shift.operator is o.WHERE and shift.operands[0].operator is o.ISFINITE:
        shift = _behind_maps(shift.operands[1])
    return shift.operator is o.MAX and _behind_maps(shift.operands[0]) is value


def _behind_maps(node: Node) -> Node:
    while node.operator in MAPS:
        node = node.operands[0]
    return node


def _is_positive_constant(node: Node) -> bool:
    node = _behind_maps(node)
    return node.operator is o.CONSTANT and bool((node.attribute("value").array > 0).all())


def _is_masked(node: Node) -> bool:
    """Tell whether a node is ``exp(where(c, x, -inf))``: it is 0 where c does not hold."""
    if node.operator is not o.EXP or node.operands[0].operator is not o.WHERE:
        return False
    low = _behind_maps(node.operands[0].operands[2])
    return low.operator is o.CONSTANT and bool((low.attribute("value").array == -np.inf).all())


def _contents(term: Combination) -> list[Combination]:
    """What may stand before a law's left side: a number, or a probability ``exp(x)/Σ exp(x)``."""
    found: dict[Combination, None] = {}
    for product in term.products:
        found[Combination.make((Product.make(product.coefficient, (), ZERO),))] = None
    for product in term.products:
        below = tuple((base, -ONE) for base, q in product.factors if q < 0)
        if product.exponent.products and len(below) == 1 and len(term.products) > 1:
            for size in (product.coefficient, -product.coefficient):
                whole = Product.make(size, below, product.exponent)
                found[Combination.make((whole,))] = None
    return list(found)
