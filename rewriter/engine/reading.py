"""Reading a region: the terms of its nodes, as factors and as exponents, when they are asked for.

The term of a node that is like an earlier one may never be needed: it is put off, and computed
together with those below it where something else has to look into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rewriter.engine.entry import LOW, OF_FACTORS, Entry
from rewriter.engine.factors_kept_whole import (
    BESIDE_OTHERS,
    holds,
    read_beside_others,
)
from rewriter.engine.following import divides_by
from rewriter.engine.large_terms import is_large, is_long_sum
from rewriter.engine.likeness import EXPONENT, FACTOR, Likeness, Manner, Reading
from rewriter.engine.long_sums import by_largest_exponentials, is_long, vanishes
from rewriter.engine.reach import LAYOUTS, PRODUCTS, is_linear, starts
from rewriter.engine.scaling import Scaling
from rewriter.engine.tails import NONE, Choices, Tails
from rewriter.graph import operators as o
from rewriter.graph.dtype import promote
from rewriter.graph.node import Node
from rewriter.terms.algebra import multiply, power
from rewriter.terms.cases import at_once, combined_in_cases, place_by_place
from rewriter.terms.conjugates import by_conjugate
from rewriter.terms.factors import bare
from rewriter.terms.fractions import over_common_denominator
from rewriter.terms.indexing import aligned
from rewriter.terms.masked_sums import without_what_a_mask_takes
from rewriter.terms.rational import is_float_sized
from rewriter.terms.reading import Reader, element, element_along, meaning
from rewriter.terms.sign import has_both_signs, interval_of
from rewriter.terms.term import UNIT, BoundSum, Combination, Element
from rewriter.terms.traversal import nodes_in

POWER = (FACTOR, EXPONENT)
"""How a power reads its base and its exponent."""


Place = tuple[Node, int, bool]
"""A node, to which depth sums are multiplied out there, and whether it is a summand of one."""


def _holds_sum(term: Combination) -> bool:
    bases = (base for product in term.products for base, _ in product.factors)
    inner = map(bare, bases)
    return any(isinstance(base, BoundSum) for base in inner)


class RegionReader:
    """Reads the nodes of a region.

    Args:
        entries: the region's entries.
        scaling: scales terms that have grown large, and names their pieces.
        divided_by: what is divided by, or logged, and what that is made of.
        tails: error functions with which what is divided by, or logged, may vanish.
        followed: what is followed though it is sound.
        choices: what is chosen by the sign of what the graph has the size of.
    """

    def __init__(
        self,
        entries: Mapping[Node, Entry],
        scaling: Scaling,
        divided_by: frozenset[Node],
        tails: frozenset[Node] = frozenset(),
        followed: frozenset[Node] = frozenset(),
        choices: Choices = NONE,
    ) -> None:
        self.entries, self.scaling, self.divided_by = entries, scaling, divided_by
        self.tails = Tails(tails, choices)
        self.likeness = likeness = Likeness(entries, divided_by, self.tails.sizes, followed)
        self.factors = Reader(lambda node: likeness.opens(node, FACTOR), leaf=self._leaf)
        self.exponents = Reader(lambda node: likeness.opens(node, EXPONENT))
        self.settled = Reader(self._opens_settled)
        self._closed: dict[Place, Combination] = {}
        self._readers = {FACTOR: self.factors, EXPONENT: self.exponents}

    def _leaf(self, node: Node) -> Combination:
        """Read what is not looked into: a logarithm may depend on fewer indices than it has."""
        entry = self.entries.get(node)
        constant = () if entry is None else entry.constant_along
        return element_along(node, constant) if constant else element(node)

    def manners(self, node: Node) -> Sequence[Manner]:
        """How an operation reads each operand: sums of logarithms alone are exponents too."""
        operands = node.operands
        if node.operator in PRODUCTS:
            return (FACTOR,)
        if not starts(node):
            entries = self.entries
            below = [entries[p] for p in operands if p in entries]
            small = any(entry.small for entry in below) and not is_linear(node)
            if small or not all(entry.logarithmic for entry in below):
                return POWER if node.operator is o.POWER else (FACTOR,) * len(operands)
        return (EXPONENT,) * len(operands)

    def meaning(self, node: Node, terms: Sequence[Combination]) -> Combination:
        """Return the meaning of a node; of one that has grown large, with its sums named.

        A node that would be read with a coefficient that no float holds is an element of its own.
        """
        if self.tails.reads(node):
            term = self.tails.meaning(node, terms, self.exponents)
        else:
            term = meaning(node, terms)
        if node.operator in (o.ADD, o.SUBTRACT):
            term = without_what_a_mask_takes(term)
            term = over_common_denominator(term) or combined_in_cases(term) or term
            term = by_conjugate(term) or term
        if not all(is_float_sized(p.coefficient) for p in term.products):
            return element(node)
        if self.scaling.named_in:
            term = self.scaling.named_sums.by_name(term)
        if not any(is_large(one) or is_long_sum(one) for one in at_once(term)):
            return term
        self.scaling.named_in = self.scaling.named_in or self.dtype(node)
        return place_by_place(self._shorter, term)

    def _shorter(self, term: Combination) -> Combination:
        """Return a sum with what it sums named, where it has grown long or large."""
        if is_long_sum(term):
            return self.scaling.joined(term)
        if is_large(term):
            return self.scaling.scale(term, interval_of(term).nonnegative).term
        return term

    def dtype(self, node: Node) -> str:
        """Return the widest dtype of a node and of what its operands are computed in."""
        dtype = node.dtype
        for operand in node.operands:
            entry = self.entries.get(operand)
            if entry is not None:
                dtype = promote(dtype, entry.dtype)
        return dtype

    def _opens_settled(self, node: Node) -> bool:
        """Logarithms that are rebuilt are not looked into: what they are less is already there."""
        entry = self.entries.get(node)
        opened = entry is None or (entry.logarithmic and not entry.replaced)
        return opened and node.operator in EXPONENT.value

    def of(self, node: Node) -> Reading | None:
        """Return the reading of an operation that may get an entry."""
        return self.likeness.of(node, self.manners(node))

    def roots(self, node: Node, reading: Reading | None) -> frozenset[frozenset[Node]]:
        """Return the leaves of each exponential in a node's term."""
        first = starts(node)
        found: frozenset[frozenset[Node]] = frozenset()
        if first:
            found = frozenset((frozenset(reading[1] if reading else (node,)),))
        for operand in node.operands:
            entry = self.entries.get(operand)
            if entry is not None and (entry.logarithmic or not first):
                found = found | entry.roots if found else entry.roots
        return found

    def term(self, entry: Entry) -> Combination:
        """Return the term of a node that has an entry."""
        manner = EXPONENT if entry.logarithmic else FACTOR
        self.catch_up([entry.node], [manner])
        return self._readers[manner](entry.node)

    def as_factor(self, node: Node) -> Combination:
        """Return the term of any node as a factor."""
        self.catch_up([node], [FACTOR])
        return self.factors(node)

    def factored(self, node: Node) -> Combination | None:
        """Return a product's term with each sum in it as its largest summand times one sum.

        None where it is no product, or a sum in it has no such form: one over an axis may be 0,
        and the others are not divided by it.
        """
        if node.operator not in OF_FACTORS:
            return None
        term = UNIT
        for factor, upper in self._factors_of(node):
            if len(factor.products) > 1 and _holds_sum(factor):
                return None
            joined = self.scaling.joined(factor) if len(factor.products) > 1 else factor
            term = multiply(term, joined if upper else power(joined, -1))
            if len(term.products) != 1:
                return None
        return term

    def _factors_of(self, node: Node) -> Iterator[tuple[Combination, bool]]:
        """Yield a product's factors, at its own axes, and whether each is a numerator.

        Products in it are opened.
        """
        stack: list[tuple[Node, bool, tuple[tuple[Node, int], ...]]] = [(node, True, ())]
        while stack:
            one, upper, places = stack.pop()
            self.catch_up([one], [FACTOR])
            factor = self.factors(one)
            if one is not node and not (one.operator in OF_FACTORS and has_both_signs(factor)):
                factor = element(one) if self._is_sound_difference(one) else factor
                for product, position in places:
                    factor = aligned(product, position, factor)
                yield factor, upper
                continue
            left, right = one.operands
            stack.append((right, upper is (one.operator is o.MULTIPLY), ((one, 1), *places)))
            stack.append((left, upper, ((one, 0), *places)))

    def with_functions(self, node: Node, terms: Sequence[Combination]) -> Sequence[Combination]:
        """Return the terms of operands, functions kept whole in products, and in sums of these."""
        if node in self.divided_by:
            return terms
        whole, kept = self._with_functions_whole, self._is_computed_well
        if node.operator in BESIDE_OTHERS:
            followed = all(operand in self.entries for operand in node.operands)
            return read_beside_others(node, terms, whole) if followed else terms
        if node.operator in (o.ADD, o.SUBTRACT) and any(holds(term, kept) for term in terms):
            return [whole(p) or term for p, term in zip(node.operands, terms, strict=True)]
        return terms

    def _with_functions_whole(self, node: Node) -> Combination | None:
        """Return a product in which functions are elements that a primitive computes; or None."""
        entry = self.entries.get(node)
        if entry is None or entry.logarithmic or not (entry.apart or entry.holds):
            return None
        term = self.closed(node, 0)
        whole = set(nodes_in(term)).difference(nodes_in(self.factors(node)))
        single = len(term.products) == 1 and all(map(self._is_computed_well, whole))
        return term if single else None

    def _is_computed_well(self, node: Node) -> bool:
        """Tell whether a node is such a function, or a sum of one and of what is no exponential.

        No other sums: ``1 − tanh u·tanh v`` vanishes where both are 1.
        """
        if node not in self.entries or self._is_sound_difference(node):
            return node in self.entries
        entry = self.entries[node]
        if entry.hazard or not entry.apart or node.operator not in (o.ADD, o.SUBTRACT):
            return False
        term = self.closed(node, 1)
        found = [b.node for p in term.products for b, q in p.factors if isinstance(b, Element)]
        return not term.wild and sum(one in self.entries for one in found) == 1

    def _is_sound_difference(self, node: Node) -> bool:
        """Tell whether a node is a bounded difference that a primitive computes, as tanh does."""
        entry = self.entries.get(node)
        bounded = entry is not None and entry.magnitude is LOW and not entry.hazard
        return bounded and starts(node) and has_both_signs(self.factors(node))

    def closed(self, root: Node, depth: int) -> Combination:
        """Return the term of a product in which sums that are sound as they stand are elements.

        ``s·f·exp(u)/(1 + exp(u))^2`` need not be multiplied out where nothing in s or f cancels.

        Args:
            root: a product.
            depth: sums within sums, from the root down, that are multiplied out all the same.
        """
        known = self._closed
        stack = [(root, depth, False)]
        while stack:
            place = stack[-1]
            waiting = [] if place in known else self._waiting(place, root)
            if waiting:
                stack.extend(waiting)
            else:
                stack.pop()
        return known[root, depth, False]

    def shortened(self, node: Node, term: Combination) -> Combination:
        """Return what the term of a node vanishes with, in few summands, where it is long.

        Of a product the sums that are sound as they stand are left alone; of a sum, what is
        smaller is joined to the largest exponentials.
        """
        dtype = self.dtype(node)
        self.scaling.named_in = self.scaling.named_in or dtype
        joined = by_largest_exponentials(term, self.scaling, dtype)
        if vanishes(joined) and not is_long(joined):
            return joined
        if node.operator in OF_FACTORS:
            for closed in self._with_sums_left_alone(node):
                if vanishes(closed) and not is_long(closed) and not self.divides_by_sum(closed):
                    return closed
        if is_long(joined) and node.operator in (o.ADD, o.SUBTRACT):
            return by_largest_exponentials(self.closed(node, 1), self.scaling, dtype)
        return joined

    def _with_sums_left_alone(self, node: Node) -> Iterator[Combination]:
        """Yield a product's term, the sums left alone in its longest factor, then in each."""
        terms = [self.factors(operand) for operand in node.operands]
        alone = [self._left_alone(operand) for operand in node.operands]
        longest = max(range(len(terms)), key=lambda k: len(terms[k].products))
        yield self.meaning(node, [alone[k] if k == longest else t for k, t in enumerate(terms)])
        yield self.meaning(node, alone)

    def _left_alone(self, node: Node) -> Combination:
        entry = self.entries.get(node)
        if entry is None or entry.logarithmic:
            return self.factors(node)
        return element(node) if entry.apart else self.closed(node, 0)

    def divides_by_sum(self, term: Combination) -> bool:
        """Tell whether a term divides by a sum that is left alone."""
        return divides_by(term.products, lambda p: p in self.entries and self.entries[p].apart)

    def _waiting(self, place: Place, root: Node) -> list[Place]:
        """Read a node at its place inside a product, or return what is to be read first."""
        node = place[0]
        entry = self.entries.get(node)
        below = self._opened(place, entry)
        if node is not root and (entry is None or entry.logarithmic):
            self.catch_up([node], [FACTOR])
            self._closed[place] = self.factors(node)
        elif below is None:
            self._closed[place] = element(node)
        elif entry is not None and not entry.holds and not entry.apart:
            self._closed[place] = entry.term
        else:
            manners = self.manners(node)
            pairs = list(zip(node.operands, manners, strict=True))
            waiting = [(p, *below) for p, manner in pairs if manner is FACTOR]
            waiting = [one for one in waiting if one not in self._closed]
            if waiting:
                return waiting
            self.catch_up(node.operands, manners)
            terms = [self._closed[p, *below] if manner is FACTOR else self.exponents(p)
                     for p, manner in pairs]  # fmt: skip
            self._closed[place] = self.meaning(node, terms)
        return []

    def _opened(self, place: Place, entry: Entry | None) -> tuple[int, bool] | None:
        """The depth at which operands are read, and whether they are summands; None for a leaf."""
        _, depth, summand = place
        if entry is None or not entry.apart:
            return depth, summand and entry is not None and entry.node.operator in LAYOUTS
        if summand:
            return depth, True
        return (depth - 1, True) if depth else None

    def catch_up(self, nodes: Sequence[Node], manners: Sequence[Manner]) -> None:
        """Compute the terms that were put off, of nodes and of what is below; operands first."""
        stack = list(zip(nodes, manners, strict=True))
        seen: set[tuple[Node, Manner]] = set()
        while stack:
            place = stack[-1]
            waiting = [] if place in seen else self._below(*place)
            seen.add(place)
            if waiting:
                stack.extend(waiting)
            else:
                stack.pop()
                self._compute(*place)

    def _below(self, node: Node, manner: Manner) -> list[tuple[Node, Manner]]:
        """What is to be read before a node is read in that manner."""
        if node in self._readers[manner].known:
            return []
        if self.likeness.own(node, manner):
            return list(zip(node.operands, self.manners(node), strict=True))
        if self.likeness.opens(node, manner):
            return [(operand, manner) for operand in node.operands]
        return []

    def _compute(self, node: Node, manner: Manner) -> None:
        known = self._readers[manner].known
        if node not in known and self.likeness.own(node, manner):
            places = zip(node.operands, self.manners(node), strict=True)
            with self.entries[node].naming():
                settled = self.entries[node].settled
                readers = (
                    {FACTOR: self.factors, EXPONENT: self.settled} if settled else self._readers
                )
                terms = [readers[how](operand) for operand, how in places]
                term = self.meaning(node, self.with_functions(node, terms))
                long = self.entries[node].shortened
                known[node] = self.shortened(node, term) if long else term
