"""Entries: what a region knows of one of its nodes, and what of that alike nodes share."""

from __future__ import annotations

import enum
import math
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rewriter.engine.evidence import Scaled
from rewriter.engine.likeness import Reading
from rewriter.facts.interval import Interval
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.naming import definition_of
from rewriter.terms.sign import has_both_signs
from rewriter.terms.term import Combination
from rewriter.terms.traversal import nodes_in

if TYPE_CHECKING:
    from rewriter.engine.region import Region
    from rewriter.engine.shelters import Shelter


class Magnitude(enum.Enum):
    """How the plain value of a node may differ from the mathematics."""

    HIGH = "may overflow"
    LOW = "may vanish"
    MIXED = "is a difference of values that may vanish"
    LOGARITHMIC = "a sound value that was read through a logarithm"


HIGH, LOW, MIXED = Magnitude.HIGH, Magnitude.LOW, Magnitude.MIXED
LOGARITHMIC = Magnitude.LOGARITHMIC
VANISHING = (LOW, MIXED)
OF_FACTORS = (o.MULTIPLY, o.DIVIDE)

Path = tuple[int, ...]
"""From a node to one below it: at each step, which operand."""


class Entry:
    """What is known of a node of a region.

    Attributes:
        node: the node.
        magnitude: how its plain value may go wrong.
        hazard: why its naive evaluation goes wrong though the value does not; "" where it does not.
        dtype: the widest dtype that the region computes in.
        high: a bound of its value, where one is proved.
        replaced: the node is rebuilt from its scaled term.
        reading: what alike nodes have in common, and where they differ; None if it is like none.
        roots: the leaves of each exponential in it.
        outcome: what it shares with alike nodes.
        as_factor: its term stands for it as a factor too, though it is a logarithm.
        small: it is a logarithm that may vanish, and is read as a factor too.
        constant_along: the axes of the node along which its value is the same, of a logarithm.
        apart: its value is a sum that is sound as it stands, and may be left alone inside products.
        holds: it has such a sum below.
        closed: it is rebuilt from its term in which such sums are elements, but for those down to
            this depth; None where all are multiplied out.
        settled: it is an exponential that reads logarithms which are rebuilt as they stand.
        shelter: tells what of it may be undefined, of sums that are empty, where no output looks;
            None where one does.
        sound: it is far from 0, and followed for what it is subtracted from alone.
        spreads: it is a product of differences, or holds one below that nothing bounds.
        shortened: it is a long difference, read by what it vanishes with alone.
        named_in: the dtype in which pieces of its terms are named; None for what is now in force.
    """

    __slots__ = ("_reads", "_region", "_scaled", "_term", "apart", "as_factor", "closed",
                 "constant_along", "dtype", "hazard", "high", "holds", "magnitude",
                 "named_in", "node", "outcome", "reading", "replaced", "roots", "settled",
                 "shelter", "shortened", "small", "sound", "spreads")  # fmt: skip

    reading: Reading | None
    roots: frozenset[frozenset[Node]]
    outcome: Outcome
    named_in: str | None

    def __init__(self, region: Region, node: Node, term: Combination | None, magnitude: Magnitude,
                 hazard: str, dtype: str, high: float = math.inf) -> None:  # fmt: skip
        self._region = weakref.ref(region)
        self._term = term
        self._scaled: Scaled | None = None
        self._reads: list[Node] | None = None
        self.named_in = None
        self.node, self.magnitude, self.hazard = node, magnitude, hazard
        self.dtype, self.high, self.replaced, self.as_factor = dtype, high, False, False
        self.apart = self.holds = self.settled = self.spreads = self.shortened = False
        self.small = self.sound = False
        self.constant_along: tuple[int, ...] = ()
        self.shelter: Shelter | None = None
        self.closed: int | None = None

    @property
    def region(self) -> Region:
        """The region, which has to be alive for what was put off to be computed."""
        region = self._region()
        assert region is not None, "a step holds its region"
        return region

    @property
    def logarithmic(self) -> bool:
        """It is a sound value that was read through a logarithm."""
        return self.magnitude is LOGARITHMIC

    @property
    def term(self) -> Combination:
        """The node's meaning, read through the region."""
        return self.read() if self._term is None else self._term

    @property
    def put_off(self) -> bool:
        """Its term has not been read yet."""
        return self._term is None

    def read(self) -> Combination:
        """Read its term now."""
        self._term = self.region.reading.term(self)
        return self._term

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Name pieces of terms inside the ``with`` block as when the node was looked at."""
        scaling = self.region.scaling
        now = scaling.named_in
        scaling.named_in = now if self.named_in is None else self.named_in
        try:
            yield
        finally:
            scaling.named_in = now

    @property
    def scaled(self) -> Scaled | None:
        """The scaled term, where the node is to be rebuilt from it."""
        if self._scaled is None and self.replaced:
            reading, depth = self.region.reading, self.closed
            term = self.term if depth is None else reading.closed(self.node, depth)
            with self.naming():
                if self.magnitude is HIGH and has_both_signs(term):
                    term = reading.factored(self.node) or term
                self._scaled = self.region.scaling.scale(term)
        return self._scaled

    @scaled.setter
    def scaled(self, value: Scaled) -> None:
        self._scaled, self.replaced = value, True

    @property
    def multiplied_out(self) -> bool:
        """It has no bound and holds products of differences, which are rebuilt themselves.

        ``(exp(a) − 1)·(exp(b) − 1)`` is ``exp(a + b) − exp(a) − exp(b) + 1``, where all digits
        cancel that each factor has.
        """
        return self.magnitude is HIGH and self.spreads and self.node.operator not in OF_FACTORS

    @property
    def blocked(self) -> bool:
        """A law matched whose conditions were not all proved."""
        if self.outcome.blocked is None:
            self.outcome.blocked = self.scaled is not None and bool(self.scaled.evidence.blocked)
        return self.outcome.blocked

    @property
    def reads(self) -> list[Node]:
        """The nodes that the scaled term reads; alike nodes read alike ones, in one order."""
        if self._reads is None:
            paths = self.outcome.paths
            self._reads = (
                self._found() if paths is None else [_followed(self.node, p) for p in paths]
            )
        return self._reads

    def reads_what_others_do_not(self) -> bool:
        """Read what its own term does; tell whether that is more than alike entries read.

        A term that is read after others may hold names of sums that theirs had written out.
        """
        own = self._of_term()
        if set(own) <= set(self.reads):
            return False
        self._reads = own
        return True

    def _found(self) -> list[Node]:
        found = self._of_term()
        if self.reading is not None:
            self.outcome.paths = _paths(self.node, frozenset(self.reading[1]), found)
        return found

    def _of_term(self) -> list[Node]:
        assert self.scaled is not None
        found = nodes_in(self.scaled.term)
        for node in found:  # which grows: a difference reads what its named maximum stands for
            meant = definition_of(node) if node.operator is o.INPUT else None
            if meant is not None:
                found += [below for below in nodes_in(meant) if below not in found]
        return found


class Outcome:
    """What looking at a node found; the same for all that are alike.

    Args:
        entry: the entry that the node got, or None.
        bounds: its proved range.
    """

    __slots__ = ("_facts", "_flags", "blocked", "bounds", "paths")

    _SHARED = (
        "replaced", "as_factor", "apart", "closed", "settled", "spreads", "shortened", "small",
        "sound", "constant_along",
    )  # fmt: skip

    def __init__(self, entry: Entry | None, bounds: Interval) -> None:
        self.bounds = bounds
        self._facts = self._flags = None
        if entry is not None:
            self._facts = entry.magnitude, entry.hazard, entry.dtype, entry.high
            self._flags = [getattr(entry, name) for name in self._SHARED]
        self.blocked: bool | None = None
        self.paths: list[Path] | None = None

    def repeated(self, region: Region, node: Node, named_in: str) -> Entry | None:
        """Return the entry of a node like the one that was looked at, its term not read yet."""
        if self._facts is None or self._flags is None:
            return None
        entry = Entry(region, node, None, *self._facts)
        for name, value in zip(self._SHARED, self._flags, strict=True):
            setattr(entry, name, value)
        entry.named_in = named_in
        return entry


def _followed(node: Node, path: Path) -> Node:
    for position in path:
        node = node.operands[position]
    return node


def _paths(root: Node, leaves: frozenset[Node], wanted: Sequence[Node]) -> list[Path] | None:
    """Return a path to each node, none of them through a leaf; None where one has none."""
    found: dict[Node, Path] = {root: ()}
    missing = set(wanted) - {root}
    queue = [root]
    for node in queue:
        if not missing:
            break
        for position, operand in enumerate(node.operands):
            if operand not in found:
                found[operand] = (*found[node], position)
                missing.discard(operand)
                if operand not in leaves:
                    queue.append(operand)
    return None if missing else [found[node] for node in wanted]
