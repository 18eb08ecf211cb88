"""Reading: from tensor nodes to terms at symbolic indices.

Index maps (broadcast, transpose, reshape by ones, slice, gather, one-hot) only rename indices; a
reduction binds one. Nothing of the graph is altered by being read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewriter.graph import operators as o
from rewriter.graph.node import Node, worked_out
from rewriter.terms.algebra import as_combination
from rewriter.terms.cases import at_once
from rewriter.terms.index import Axis, Fixed, IndexExpression, axis
from rewriter.terms.meaning import MEANINGS
from rewriter.terms.term import Combination, Element, Truth
from rewriter.terms.truths import COMPARED, compared

LARGEST_TERM = 64
LARGEST_TABLE_OF_TERMS = 256
"""Summands of a term at one place, and at all places together; a node that would read as more is
an element of its own."""


def axes_of(node: Node) -> tuple[IndexExpression, ...]:
    """The index expressions that a node is read at: axis a of size 1 has the one place 0."""
    return tuple(Fixed(0) if d == 1 else axis(a, d) for a, d in enumerate(node.shape))


def free_axes(node: Node) -> tuple[Axis, ...]:
    """The axes among those."""
    return tuple(e for e in axes_of(node) if isinstance(e, Axis))


def element(node: Node) -> Combination:
    """Read a node as an element of itself; a boolean one as its indicator."""
    own = Element.make(node, axes_of(node))
    return as_combination(Truth.make(own, False) if node.dtype == "bool" else own)


def axes_without(node: Node, term: Combination) -> tuple[int, ...]:
    """The axes of a node along which its term is the same."""
    return tuple(a for a, d in enumerate(node.shape) if d != 1 and axis(a, d) not in term.free)


def element_along(node: Node, constant: Sequence[int]) -> Combination:
    """Read a node, which is the same along some axes, at the first place of these."""
    places = enumerate(axes_of(node))
    return as_combination(Element.make(node, tuple(Fixed(0) if a in constant else place
                                                   for a, place in places)))  # fmt: skip


class Reader:
    """Reads nodes, each once; which ones it looks into is up to ``opens``.

    Args:
        opens: tells of a node whether its operation is read (else it is an element).
        leaf: reads what is not looked into.
        compares: comparisons are read as such, ``[x < y]``, and not as tensors of truth values.
    """

    def __init__(
        self,
        opens: Callable[[Node], bool],
        compares: bool = False,
        leaf: Callable[[Node], Combination] = element,
    ) -> None:
        self.opens, self.compares, self.leaf = opens, compares, leaf
        self.known: dict[Node, Combination] = {}

    def __call__(self, node: Node) -> Combination:
        """Return the term of a node at its own axes."""
        known = self.known
        found = known.get(node)
        if found is not None:
            return found
        return worked_out(
            node, known, self._term, lambda one: one.operands if self._is_read(one) else ()
        )

    def _is_read(self, node: Node) -> bool:
        return node.operator in MEANINGS and self.opens(node)

    def _term(self, node: Node) -> Combination:
        return self.meaning(node) if self._is_read(node) else self.leaf(node)

    def meaning(self, node: Node) -> Combination:
        """Return what a node means in terms of its operands, as far as they are read."""
        return meaning(node, [self(p) for p in node.operands], self.compares)


def meaning(node: Node, operands: Sequence[Combination], compares: bool = False) -> Combination:
    """Return the term of a node from the terms of its operands; its element where that is large.

    A comparison of pattern variables is always read as such.
    """
    if node.operator in COMPARED and (compares or any(t.variables for t in operands)):
        comparison = compared(node, operands)
        if comparison is not None:
            return comparison
    rule = MEANINGS.get(node.operator)
    found = rule(node, operands) if rule is not None else None
    return element(node) if found is None or _is_too_long(found) else found


def _is_too_long(term: Combination) -> bool:
    """Tell whether a sum has too many summands: at one place, or all places together."""
    if len(term.products) <= LARGEST_TERM:
        return False
    at_one_place = max(len(one.products) for one in at_once(term))
    return at_one_place > LARGEST_TERM or len(term.products) > LARGEST_TABLE_OF_TERMS


TRANSPARENT = frozenset((
    o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.PAD, o.SCATTER_ADD,
    o.CONSTANT, o.ASTYPE, o.NEGATIVE, o.MULTIPLY, o.DIVIDE, o.EQUAL, o.WHERE,
    o.NOT_EQUAL, o.LOGICAL_AND, o.LOGICAL_NOT, o.CONCATENATE,
))  # fmt: skip
"""What is looked through where a tame node is a factor."""

LINEAR = TRANSPARENT | {o.ADD, o.SUBTRACT, o.MAX, o.MIN, o.STOP_GRADIENT, o.POWER, o.MAXIMUM}
"""What is looked through where a tame node is an exponent."""


def normal_form(node: Node) -> Combination:
    """Return the normal form of a whole expression: every operation that has a meaning is read.

    Two nodes with one normal form are equal over the reals, wherever both are defined.
    """
    return Reader(lambda _: True)(node)
