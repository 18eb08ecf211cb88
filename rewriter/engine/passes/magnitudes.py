"""Magnitudes: norms and quotients of norms, of numbers whose squares overflow or vanish.

An analysis of its own, after that of exponentials, since what starts it is no exponential: a root
of a sum of powers (or a quotient by one), ``√Σx²``. The sum as it stands may be infinite or 0 where
the root is neither; it is scaled by the law of scale (`rewriter.terms.scales`), and the root is
``m·√s``. What is made of such roots is followed, operation by operation, as long as a power of
the scale is in it: where these powers meet again, ``n^-2·x`` with ``n = √Σx²``, the operation is
built from the whole term, ``(x/m)/s/m``, because ``n^-2`` may be infinite or 0 where the product
is neither. All else stays: ``x/n`` is as good as ``(x/m)/√s``.

What a hazard is, and what it costs: a sum of squares of numbers that nothing bounds is one, from
both sides; it takes one more pass over them, for the maximum. With a constant added, ``√(Σx² + ε)``
as in LayerNorm and RMSNorm, it cannot vanish, and numbers of 1e19 are not what the ε was meant for:
such a sum is left alone, so that networks run as they are written. Elementwise, ``√(x² + 1)``, it
is scaled, for that takes no pass: 1e22 is an argument like any other of such a function.
"""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.engine.passes.powers import Powers, at_risk
from rewriter.engine.replacing import Cure, replaced
from rewriter.engine.result import Result
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.terms.factors import bare
from rewriter.terms.naming import weight_of
from rewriter.terms.ratios import Degrees
from rewriter.terms.reading import Reader, element, meaning
from rewriter.terms.roots import over_one_sum, with_roots_joined
from rewriter.terms.scales import Scaled, Scales, size
from rewriter.terms.term import BoundSum, Combination, Term

CARRIED = frozenset((
    o.MULTIPLY, o.DIVIDE, o.NEGATIVE, o.POWER, o.SQRT, o.RSQRT, o.SUM, o.EINSUM, o.ADD, o.SUBTRACT,
    o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.ASTYPE, o.WHERE,
))  # fmt: skip
"""Operations through which powers of a scale are followed."""

PRODUCTS = frozenset((o.MULTIPLY, o.DIVIDE, o.POWER, o.EINSUM))
"""Operations in which powers of a scale meet."""

ROOT = "a root of a sum of powers that may overflow or vanish"
MEETS = "a product of values that may overflow or vanish"
CANCELS = "a root that cancels"
VANISHES = "terms that cancel"
DIVIDES = "a quotient of sums that cancels"

LARGEST_TERM = 160
"""Parts of a term that is followed further."""


@dataclass
class Followed:
    """A node with a power of a scale in it.

    Attributes:
        term: its meaning.
        degrees: the powers of scales that are left in it.
    """

    term: Combination
    degrees: Degrees


class Magnitudes:
    """The analysis of one graph.

    Args:
        powers: where its sums of powers are.
        scales: scales such sums.
    """

    def __init__(self, powers: Powers, scales: Scales) -> None:
        self.powers, self.scales = powers, scales
        self.followed: dict[Node, Followed] = {}
        self.cures: dict[Node, Cure] = {}
        self.settled: set[Node] = set()
        self.reader = Reader(lambda node: node not in self.settled and powers.opens(node))
        for node, leaf in powers.twins.items():
            self.reader.known[node] = element(leaf)

    def add(self, node: Node) -> None:
        """Look at a node, after its operands."""
        if not is_float(node.dtype):
            return
        begins = node in self.powers.roots
        if begins or (
            node.operator in CARRIED and any(operand in self.followed for operand in node.operands)
        ):
            written = meaning(node, [self.reader(operand) for operand in node.operands])
            if written is element(node) or weight_of(written) > LARGEST_TERM:
                self.settled.add(node)
            else:
                self._look(node, written, begins)

    def _look(self, node: Node, written: Combination, begins: bool) -> None:
        term, met = with_roots_joined(written)
        if node.operator in (o.ADD, o.SUBTRACT):
            term = over_one_sum(term)
        scaled = self.scales.scaled(term)
        if scaled is not None and self.scales.has_roots(scaled.mantissa):
            self.settled.add(node)
            return
        if begins and (scaled is None or not self._at_risk(term, node)):
            return
        hazard = ROOT if begins else self._hazard(node, met, term, scaled)
        if hazard:
            built = term if scaled is None else scaled.term
            matches = () if scaled is None else tuple(dict.fromkeys(scaled.matches))
            self.cures[node] = Cure(built, hazard, matches)
        elementwise = self._is_elementwise(term) and self.scales.has_roots(term)
        if elementwise or (scaled is not None and scaled.degrees):
            degrees = {} if scaled is None else scaled.degrees
            self.followed[node] = Followed(term, degrees)
            self.reader.known[node] = term
        else:
            self.settled.add(node)

    def _sums(self, term: Combination) -> list[Term]:
        bases = [bare(base) for p in term.products for base, _ in p.factors]
        return [base for base in bases if self.scales.of(base) is not None]

    def _at_risk(self, term: Combination, node: Node) -> bool:
        sums = self._sums(term)
        return bool(sums) and all(at_risk(base, node.dtype) for base in sums)

    def _is_elementwise(self, term: Combination) -> bool:
        """Tell whether the sums in a term are finite: a difference of such quotients may cancel."""
        return not any(isinstance(base, BoundSum) for base in self._sums(term))

    def _hazard(self, node: Node, met: bool, term: Combination, scaled: Scaled | None) -> str:
        """Say what goes wrong when the operation is computed as it stands, or ""."""
        if node.operator in (o.ADD, o.SUBTRACT):
            terms = [self.followed[p].term for p in node.operands if p in self.followed]
            summands = sum(len(one.products) for one in terms)
            return VANISHES if len(terms) == 2 and len(term.products) < summands else ""
        if node.operator not in PRODUCTS or (scaled is not None and scaled.may_cancel):
            return ""
        parts = [self.followed[p] for p in node.operands if p in self.followed]
        if sums_in(term) < max(sums_in(part.term) for part in parts):
            return DIVIDES if scaled is not None else ""
        if met or (scaled is None and not self.scales.has_roots(term)):
            return CANCELS
        if scaled is None:
            return ""
        sizes = [size(part.degrees) for part in parts]
        before = max(size(scaled.before), *sizes) if any(sizes) else 0
        return MEETS if size(scaled.degrees) < before else ""


def sums_in(term: Combination) -> int:
    """Count the sums that a term has as factors, itself included where it is one."""
    factors = [bare(base) for p in term.products for base, _ in p.factors]
    return (len(term.products) > 1) + sum(isinstance(base, Combination) for base in factors)


# Rebuilding --------------------------------------------------------------------------------------


def cure_magnitudes(graph: Graph, result: Result) -> Graph:
    """Return the graph with norms scaled; the same object where there is nothing to scale.

    Args:
        graph: any graph.
        result: takes the steps.
    """
    from rules import SCALE
    from rules.scale import scale_of_powers

    powers = Powers(graph)
    if not powers.roots or not SCALE:
        return graph

    found = Magnitudes(powers, Scales(scale_of_powers))
    for node in graph.ordered:
        found.add(node)
    if not found.cures:
        return graph
    return replaced(graph, found.cures, result)
