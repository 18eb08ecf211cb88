"""What cancels in sums of a region: they are computed without it, or read as what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rewriter.engine.entry import MIXED
from rewriter.engine.hazards import has_wild_function, what_cancels
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.algebra import is_number
from rewriter.terms.naming import names_in
from rewriter.terms.term import Combination

if TYPE_CHECKING:
    from rewriter.engine.region import Region


def leave_out_what_cancels(
    region: Region, node: Node, terms: Sequence[Combination], term: Combination
) -> None:
    """Compute a sum without the summands that cancel in it."""
    entry = region.entries.get(node)
    if entry is None or entry.replaced:
        return
    cancelling = what_cancels(node, terms, term)
    scaled = region.scaling.scale(term) if cancelling else None
    if scaled is not None and scaled.bounded:
        entry.hazard, entry.scaled = cancelling, scaled


def keep_average(
    region: Region, node: Node, terms: Sequence[Combination], term: Combination
) -> None:
    """Read a sum whose exponentials cancel as what is left: ``Σ_j p[j]·v = v``.

    What was named here still has them.
    """
    if node in region.entries or node.operator not in (o.SUM, o.EINSUM):
        return
    named_before = set().union(*map(names_in, terms))
    if term.wild or has_wild_function(term) or not names_in(term) <= named_before:
        return
    if is_number(term):  # read so, and computed as it stands
        region.keep(node, term, MIXED, "", region.reading.dtype(node)).apart = False
        return
    entry = region.keep(node, term, MIXED, "exponentials that cancel", region.reading.dtype(node))
    entry.scaled, entry.apart = region.scaling.scale(term), False
