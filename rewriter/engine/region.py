"""Regions: which nodes hold exponentials that may overflow or vanish, and where that is a hazard.

One pass over the graph. A node gets an entry where its plain value may be infinite or 0 although
the mathematics is neither; all others are never touched. An entry carries the node's term, read
through such nodes down to sound ones, and is *settled* as soon as the scaled term is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rewriter.engine.cancelling import keep_average, leave_out_what_cancels
from rewriter.engine.context import SMALLEST_BOUND
from rewriter.engine.entry import (
    HIGH,
    LOGARITHMIC,
    LOW,
    MIXED,
    OF_FACTORS,
    VANISHING,
    Entry,
    Magnitude,
    Outcome,
)  # fmt: skip
from rewriter.engine.evidence import Scaled
from rewriter.engine.following import is_followed, is_scale, is_sound_sum, read_as_factor
from rewriter.engine.guarded_weights import weighed_in
from rewriter.engine.hazards import (
    cancels,
    inherited,
    is_power_of_logarithm,
    kind_of,
    local_hazard,
    pending_hazard,
    upper,
)
from rewriter.engine.long_sums import is_long, vanishes
from rewriter.engine.looking_further import (
    look_into_function,
    look_into_numerator,
    look_into_sum,
)
from rewriter.engine.reach import (
    ARITHMETIC,
    CARRIED,
    LOGARITHMS,
    is_linear,
    starts,
)
from rewriter.engine.reading import RegionReader
from rewriter.engine.scaling import Scaling
from rewriter.engine.shelters import Shelters
from rewriter.engine.starting import start
from rewriter.engine.tails import NONE, Choices
from rewriter.engine.written_sums import WrittenSums
from rewriter.facts.expansions import EXPANSION
from rewriter.facts.interval import Interval
from rewriter.facts.ranges import range_of, refine
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.terms.algebra import is_number
from rewriter.terms.assuming import divides_by_mask, has_empty_logarithm
from rewriter.terms.naming import at_indices, meaning_of
from rewriter.terms.reading import LINEAR, axes_without, element
from rewriter.terms.sign import has_both_signs, interval_of
from rewriter.terms.term import Combination, Element

_SUMS = frozenset((o.ADD, o.SUBTRACT, o.SUM, o.TANH))
_ZERO_AT_ZERO = frozenset((o.EXPM1, o.TANH, o.SINH))

MOST_OPENED = 1
"""Sums within sums that are multiplied out before all are."""


class Region:
    """The entries of a graph's nodes.

    Args:
        scaling: scales terms by the laws in force.
        exponentiated: what the graph takes exponentials of: a logarithm among them is not read as
            it stands in other exponentials, which it may meet.
        divides_by_small: the graph divides by logarithms that may vanish, or logs them.
        divided_by: what the graph divides by, or logs, and what this is made of.
        tails: error functions with which what it divides by, or logs, may vanish.
        followed: what is followed though it is sound, as something is left of a bound of it.
        choices: what is chosen by the sign of what the graph has the size of.
    """

    def __init__(
        self,
        scaling: Scaling,
        exponentiated: frozenset[Node] = frozenset(),
        divides_by_small: bool = False,
        divided_by: frozenset[Node] = frozenset(),
        tails: frozenset[Node] = frozenset(),
        followed: frozenset[Node] = frozenset(),
        choices: Choices = NONE,
    ) -> None:
        self.scaling, self.exponentiated = scaling, exponentiated
        self.divides_by_small, self.tails = divides_by_small, tails
        self.entries: dict[Node, Entry] = {}
        self.followed, self.left_out = followed, set[Node]()
        self.reading = RegionReader(self.entries, scaling, divided_by, tails, followed, choices)
        self.factors, self.exponents = self.reading.factors, self.reading.exponents
        scaling.small_values.meaning = self._exponential_at
        self.outcomes: dict[Any, Outcome] = {}
        self.hidden: set[Node] = set()
        """Choices of a series near 0 that may overflow elsewhere: they are followed no further."""
        self.divided: set[Node] = set()
        self.emptied: set[Node] = set()
        """What reads the logarithm, or the inverse, of what a mask has emptied, as it stands."""
        self.shelters = Shelters(self.entries)
        self.written = WrittenSums(exponentiated, self.exponents)
        self.is_partial = False
        """A budget was met: nodes were left out, and are taken as they stand."""

    def add(self, node: Node) -> None:
        """Look at a node, after its operands; what is like a node before has its outcome."""
        if self.emptied and any(operand in self.emptied for operand in node.operands):
            self.emptied.add(node)
        self._look_at(node)
        self.shelters.add(node)

    def _look_at(self, node: Node) -> None:
        if starts(node):
            if node.operator in _ZERO_AT_ZERO:
                look_into_function(self, node)
            self._decide(node, self._start)
        elif node.operator is o.WHERE and node.origin.rule == EXPANSION:
            if self.may_overflow(node.operands[2]):
                self.hidden.add(node)
        elif node.operator in CARRIED:
            entries = self.entries
            if node.operator is o.DIVIDE:
                look_into_numerator(self, node)
            elif node.operator in (o.ADD, o.SUBTRACT, o.LOG1P):
                look_into_sum(self, node)
            for operand in node.operands:
                if operand in entries:
                    self.carry_on(node)
                    return

    def may_overflow(self, node: Node) -> bool:
        """Tell whether nothing is known to bound a node that is followed, or was so far."""
        entry = self.entries.get(node)
        return node in self.hidden or (entry is not None and entry.magnitude is HIGH)

    def carry_on(self, node: Node) -> None:
        """Look at a node of which an operand has an entry."""
        self._decide(node, self._carry)

    def follow_after_all(self, nodes: Sequence[Node]) -> None:
        """Let nodes have entries that had none: what was read before stays as it was read."""
        for entry in self.entries.values():
            if entry.put_off and entry.reading and not set(nodes).isdisjoint(entry.reading[1]):
                entry.read()
        self.divided.update(nodes)
        self.reading.likeness.forget(nodes)

    def follows(self, node: Node) -> bool:
        """Tell whether a node is followed though it neither overflows nor vanishes."""
        return node in self.followed or node in self.divided

    def _decide(self, node: Node, look: Callable[[Node], None]) -> None:
        if not is_float(node.dtype):
            return
        single = node in self.divided or weighed_in(node) or self.reading.tails.chooses(node)
        reading = None if single else self.reading.of(node)
        named = self.scaling.named_in
        outcome = None if reading is None else self.outcomes.get((reading[0], named))
        if outcome is None:
            self.reading.catch_up(node.operands, self.reading.manners(node))
            look(node)
            entry = self.entries.get(node)
            if entry is not None:
                entry.as_factor = node in self.factors.known
            outcome = Outcome(entry, range_of(node))
            if reading is not None:
                self.outcomes[reading[0], named] = outcome
        else:
            entry = outcome.repeated(self, node, named)
            if range_of(node) != outcome.bounds:
                refine(node, outcome.bounds)
        if entry is not None:
            entry.outcome, entry.reading = outcome, reading
            entry.roots = self.reading.roots(node, reading)
            operands = [self.entries.get(operand) for operand in node.operands]
            entry.holds = any(e is not None and (e.apart or e.holds) for e in operands)
            entry.spreads |= entry.magnitude is HIGH and any(
                self.entries[operand].spreads
                for operand in node.operands
                if operand in self.entries
            )
            self.entries[node] = entry
            self.reading.likeness.kept[node] = reading

    def meaning_at(self, element: Element) -> Combination | None:
        """Return what an element stands for: a logarithm or a sum that is left alone, or a name."""
        entry = self.entries.get(element.node)
        if entry is None or not (entry.logarithmic or entry.apart):
            return meaning_of(element)
        return at_indices(entry.term, element)

    def _exponential_at(self, element: Element) -> Combination | None:
        """Return what an element stands for that holds exponentials, else None."""
        entry = self.entries.get(element.node)
        return None if entry is None or entry.logarithmic else at_indices(entry.term, element)

    def keep(self, node: Node, term: Combination, magnitude: Magnitude, hazard: str, dtype: str,
             high: float = math.inf) -> Entry:  # fmt: skip
        """Let a node have an entry; arguments as for `Entry`."""
        entry = self.entries[node] = Entry(self, node, term, magnitude, hazard, dtype, high)
        if magnitude is LOGARITHMIC:
            self.exponents.known[node] = term
            entry.constant_along = axes_without(node, term)
            if has_empty_logarithm(term):
                self.factors.known[node] = term
                self.emptied.add(node)
            elif self.divides_by_small and self._is_small(term):
                self.factors.known[node] = term
                entry.small = True
        else:
            entry.small = magnitude is MIXED and self._is_small(term)
            self.factors.known[node] = term
            if high < math.inf:
                refine(node, Interval(-math.inf, high))
        if divides_by_mask(term):
            self.emptied.add(node)
        several = len(term.products) > 1 and node.operator in _SUMS
        alone = several or node.operator is o.EINSUM
        sound = node not in self.emptied
        entry.apart = magnitude in VANISHING and alone and sound
        return entry

    def _start(self, node: Node) -> None:
        start(self, node)

    def _carry(self, node: Node) -> None:
        entries = [self.entries.get(operand) for operand in node.operands]
        present = [entry for entry in entries if entry is not None]
        if node.operator in LOGARITHMS:
            self._through_logarithm(node, present[0])
        elif any(entry.small for entry in present) and (
            node.operator is o.WHERE or not is_linear(node)
        ):
            self._through_arithmetic(node, entries)
        elif all(entry.magnitude is LOGARITHMIC for entry in present):
            self._through_linear(node, entries)
        else:
            self._through_arithmetic(node, entries)

    def _is_small(self, term: Combination) -> bool:
        """Tell whether a sum of logarithms vanishes with its exponentials."""
        small_values, bounds = self.scaling.small_values, interval_of(term)
        if bounds.low > SMALLEST_BOUND:
            return False
        return small_values.is_one(term) or (bounds.nonnegative and small_values.holds(term))

    def _terms(self, node: Node) -> Sequence[Combination]:
        if node.operator is o.POWER:
            return [self.factors(node.operands[0]), self.exponents(node.operands[1])]
        terms = [self.factors(operand) for operand in node.operands]
        return self.reading.with_functions(node, terms)

    def _through_logarithm(self, node: Node, entry: Entry) -> None:
        if entry.magnitude is LOGARITHMIC and not entry.small:
            return
        small = node.operator is o.LOG1P and entry.magnitude is LOW
        if small and interval_of(entry.term).nonnegative and not self.divides_by_small:
            return  # 1 + x of a small x >= 0 is near 1
        term = self.reading.meaning(node, [entry.term])
        if term is element(node):
            return
        opened = read_as_factor(term, self.entries)
        if opened is not None:  # log(exp(c·y)) of an exponential y may be large again
            hazard, dtype = "log of an exponential of an exponential", self.reading.dtype(node)
            kept = self.keep(node, opened[1], opened[0], hazard, dtype)
            kept.scaled = self.scaling.scale(opened[1])
            return
        if entry.sound:
            self.keep(node, term, LOGARITHMIC, "", self.reading.dtype(node))
            return
        kind = kind_of(entry) or entry.magnitude
        hazard = f"log of a value that {kind.value}"
        if entry.magnitude is MIXED and not self.scaling.scale(term).bounded:
            return
        kept = self.keep(node, term, LOGARITHMIC, hazard, self.reading.dtype(node))
        scaled = self.scaling.scale(term)
        if scaled.bounded:
            kept.scaled = scaled

    def _through_linear(self, node: Node, entries: Sequence[Entry | None]) -> None:
        """Sums, multiples and index maps of logarithms; a difference of them may cancel."""
        if node.operator in ARITHMETIC - LINEAR or node.operator in (o.MAXIMUM, o.MINIMUM, o.MAX):
            return
        terms = [self.exponents(operand) for operand in node.operands]
        if node.operator in (o.MULTIPLY, o.DIVIDE) and not any(is_number(t) for t in terms):
            return
        term = element(node) if node.operator is o.WHERE else self.reading.meaning(node, terms)
        if term is element(node):
            return
        entry = self.keep(node, term, LOGARITHMIC, "", self.reading.dtype(node))
        if node.operator in (o.ADD, o.SUBTRACT):
            scaled = self.scaling.scale(term)
            before = [
                t if e is None else (e.scaled or self.scaling.scale(e.term)).term
                for e, t in zip(entries, terms, strict=True)
            ]
            if scaled.bounded and cancels(scaled.term, before):
                entry.hazard = "a logarithm of a sum less what its largest term is"
                entry.scaled = scaled

    def _through_arithmetic(self, node: Node, entries: Sequence[Entry | None]) -> None:
        terms = self._terms(node)
        term = self.reading.meaning(node, terms)
        if term is element(node):
            return
        local = local_hazard(node, entries, terms, term, self.meaning_at)
        overflow = [e is not None and e.magnitude is HIGH for e in entries]
        rising = all(overflow) if node.operator is o.MINIMUM else any(overflow)
        rising |= is_power_of_logarithm(node, entries) and term.wild
        hazard = local or (inherited(entries, HIGH) if rising else "")
        pending = "" if hazard or rising else pending_hazard(node, entries)
        if not hazard and not rising and not pending:
            if node.operator is not o.MAXIMUM:
                self._keep_low(node, term)
                leave_out_what_cancels(self, node, terms, term)
                keep_average(self, node, terms, term)
            return
        dtype = self.reading.dtype(node)
        if not hazard and not pending:
            self.keep(node, term, HIGH, "", dtype)
            return
        closed = self._closed(node, entries)
        scaled = closed[1] if closed else self.scaling.scale(term)
        if pending and not scaled.bounded:
            self._keep_low(node, term)
            if node in self.entries:
                kept = self.entries[node]
                kept.hazard, kept.apart = pending, False
            return
        hazard = hazard or pending
        if not scaled.bounded:
            divisor = entries[-1]
            genuine = entries[0] is None or len(scaled.term.products) > 1
            if local and divisor is not None and divisor.small and genuine:
                hazard = ""  # it is as large as that, for all that is known
            kept = self.keep(node, term, HIGH, hazard, dtype)
            kept.spreads = node.operator in OF_FACTORS and all(map(has_both_signs, terms))
            return
        entry = self.keep(node, term, LOW, hazard, dtype, high=upper(scaled.term))
        entry.scaled, entry.closed = scaled, closed[0] if closed else None

    def _closed(self, node: Node, entries: Sequence[Entry | None]) -> tuple[int, Scaled] | None:
        """Scale a product with the sums below it left alone, as many as bounding it allows."""
        holds = any(entry is not None and (entry.apart or entry.holds) for entry in entries)
        if not holds or node.operator not in (o.MULTIPLY, o.DIVIDE):
            return None
        for depth in range(MOST_OPENED + 1):
            term = self.reading.closed(node, depth)
            if self.reading.divides_by_sum(term):
                continue
            scaled = self.scaling.scale(term)
            if scaled.bounded:
                return depth, scaled
        return None

    def _keep_low(self, node: Node, term: Combination) -> None:
        """Keep what may vanish: what has one sign; a sum of both has no scale of its own."""
        sound = node.operator is o.SUM and is_sound_sum(node, self.factors(node.operands[0]))
        sound |= interval_of(term).low > SMALLEST_BOUND
        below = [self.entries[p] for p in node.operands if p in self.entries]
        followed = self.follows(node) or any(entry.sound for entry in below)
        if sound and not followed:
            return
        if term.products and is_scale(term):
            entry = self.keep(node, term, LOW, "", self.reading.dtype(node), upper(term))
            entry.sound = followed and (sound or range_of(node).low > SMALLEST_BOUND)
        elif not term.products:
            entry = self.keep(node, term, LOW, "terms that cancel", self.reading.dtype(node))
            entry.scaled = self.scaling.scale(term)
        elif is_followed(node, term, self.follows(node)) or self._is_small(term):
            self.keep(node, term, MIXED, "", self.reading.dtype(node))
        elif is_long(term):
            shorter = self.reading.shortened(node, term)
            if vanishes(shorter) and is_followed(node, shorter, self.follows(node)):
                self.keep(node, shorter, MIXED, "", self.reading.dtype(node)).shortened = True
