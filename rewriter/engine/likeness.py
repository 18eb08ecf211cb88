"""Likeness: which nodes of a region pose one problem, so that it is solved once.

Two nodes are alike where they are the same operations on tensors of the same shape, dtype and
range: the sixteen softmaxes of a network differ only in what they are the softmax of. A reading is
a number that alike nodes have in common, and the tensors at which they differ, its leaves.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.terms.meaning import MEANINGS
from rewriter.terms.reading import LINEAR, TRANSPARENT
from rewriter.terms.truths import compares_mask

if TYPE_CHECKING:
    from rewriter.engine.entry import Entry

Reading = tuple[int, tuple[Node, ...]]
LARGEST_READING = 24
"""Leaves of a reading; beyond, a node is like no other."""


class Manner(enum.Enum):
    """How an operand is read: as a factor, or as (a summand of) an exponent."""

    FACTOR = TRANSPARENT
    EXPONENT = LINEAR


FACTOR, EXPONENT = Manner.FACTOR, Manner.EXPONENT


class Likeness:
    """The readings of a region's nodes.

    Args:
        entries: the region's entries; what has one is read through, or, where it is no logarithm
            and stands in an exponent, is a leaf.
        divided_by: what is multiplied out where other nodes keep functions whole.
        sizes: sizes ``|x|`` that are read through to x.
        followed: what is followed though others like it are not.
    """

    def __init__(
        self,
        entries: Mapping[Node, Entry],
        divided_by: frozenset[Node] = frozenset(),
        sizes: frozenset[Node] = frozenset(),
        followed: frozenset[Node] = frozenset(),
    ) -> None:
        self.entries, self.divided_by, self.sizes = entries, divided_by, sizes
        self.followed = followed
        self.kept: dict[Node, Reading | None] = {}
        self._known: dict[Manner, dict[Node, Reading | None]] = {FACTOR: {}, EXPONENT: {}}
        self._numbers: dict[Any, int] = {}

    def of(self, node: Node, manners: Sequence[Manner]) -> Reading | None:
        """Return the reading of an operation, from all that a region looks at for its entry.

        None where it has too many leaves.
        """
        parts: list[Reading | None] = []
        known: list[Any] = []
        for operand, manner in zip(node.operands, manners, strict=True):
            entry = self.entries.get(operand)
            parts.append(self.read(operand, manner))
            if entry is None:
                known.append(None)
                continue
            known.append((entry.magnitude, entry.hazard, entry.dtype, entry.high, entry.sound))
        marks = node in self.divided_by, node in self.followed
        return self._joined((*_operation(node), tuple(known), marks), parts)

    def opens(self, node: Node, manner: Manner) -> bool:
        """Tell whether a node without a reading of its own is read through to its operands."""
        entry = self.entries.get(node)
        if entry is not None and not (entry.logarithmic and manner is FACTOR):
            return False
        read = node.operator in manner.value or node in self.sizes
        return read or compares_mask(node) or _is_logarithm_of_number(node)

    def own(self, node: Node, manner: Manner) -> bool:
        """Tell whether an entry's term stands for a node that is read in that manner."""
        entry = self.entries.get(node)
        if entry is None:
            return False
        return entry.as_factor if manner is FACTOR else entry.logarithmic

    def read(self, node: Node, manner: Manner) -> Reading | None:
        """Return the reading of an operand."""
        known = self._known[manner]
        stack = [node]
        while stack:
            current = stack[-1]
            if current in known:
                stack.pop()
            elif self.own(current, manner):
                known[current] = self.kept[current]
            elif not (_varies(current) and self._meant(current, manner)):
                known[current] = self._leaf(current, manner)
            elif waiting := [p for p in current.operands if p not in known]:
                stack.extend(waiting)
            else:
                parts = [known[p] for p in current.operands]
                known[current] = self._joined(_operation(current), parts)
        return known[node]

    def forget(self, nodes: Iterable[Node]) -> None:
        """Read nodes anew that get an entry though they were read without one before."""
        for node in nodes:
            for known in self._known.values():
                known.pop(node, None)

    def _meant(self, node: Node, manner: Manner) -> bool:
        return node.operator in MEANINGS and self.opens(node, manner)

    def _leaf(self, node: Node, manner: Manner) -> Reading | None:
        if not _varies(node):
            return self._number(node), ()
        leaf = self._number((node.shape, node.dtype, range_of(node))), (node,)
        entry = self.entries.get(node)
        if entry is None or manner is EXPONENT or not entry.logarithmic:
            return leaf
        return self._joined(("logarithm",), [leaf, self.read(node, EXPONENT)])

    def _joined(self, head: tuple[Any, ...], parts: Sequence[Reading | None]) -> Reading | None:
        places: dict[Node, int] = {}
        below = []
        for part in parts:
            if part is None:
                return None
            number, leaves = part
            below.append((number, *[places.setdefault(leaf, len(places)) for leaf in leaves]))
        if len(places) > LARGEST_READING:
            return None
        return self._number((head, *below)), tuple(places)

    def _number(self, key: Any) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _operation(node: Node) -> tuple[Any, ...]:
    return node.operator, node.attributes, node.shape, node.dtype


def _is_logarithm_of_number(node: Node) -> bool:
    """Tell whether a node is ``log(2)``: its exponential is a factor, ``exp(x + log 2) = 2·eˣ``."""
    if node.operator is not o.LOG:
        return False
    (inner,) = node.operands
    while inner.operator in (o.BROADCAST_TO, o.RESHAPE):
        (inner,) = inner.operands
    bounds = range_of(inner)
    return inner.operator is o.CONSTANT and bounds.positive and bounds.low == bounds.high


def _varies(node: Node) -> bool:
    """Constants, and what counts or tells places and masks, are never exchanged for others."""
    return node.operator is not o.CONSTANT and is_float(node.dtype)
