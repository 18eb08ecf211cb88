"""Starting a region: exponentials, products, and tails of the normal distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rewriter.engine.context import SMALLEST_BOUND
from rewriter.engine.entry import HIGH, LOGARITHMIC, LOW, MIXED
from rewriter.engine.guarded_weights import weighed_in
from rewriter.engine.hazards import is_mixed, safe_exponent, upper
from rewriter.engine.likeness import EXPONENT
from rewriter.engine.reach import PRODUCTS
from rewriter.engine.tails import ERROR_FUNCTIONS
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.reading import element
from rewriter.terms.sign import interval_of
from rewriter.terms.term import Combination
from rewriter.terms.traversal import nodes_in

if TYPE_CHECKING:
    from rewriter.engine.region import Region


def start(region: Region, node: Node) -> None:
    """Keep what an operation starts, where its value may overflow or vanish."""
    if node.operator in PRODUCTS:
        (operand,) = node.operands
        term = region.reading.meaning(node, [region.factors(operand)])
        if operand.operator is not o.SIGN and term is not element(node):
            region.keep(node, term, HIGH, "", region.reading.dtype(node))
        return
    weight = weighed_in(node)
    if weight is not None:
        region.keep(node, _weight(region, *weight), LOW, "", region.reading.dtype(node), high=1.0)
        return
    terms = [region.exponents(operand) for operand in node.operands]
    if node.operator in ERROR_FUNCTIONS:
        _start_error_function(region, node, terms)
        return
    if node.operator is not o.LOGADDEXP:
        x, limit = interval_of(terms[-1]), safe_exponent(node.dtype)
        if x.low >= -limit and x.high <= limit and not region.follows(node):
            return
    term = region.reading.meaning(node, terms)
    if term is element(node):
        return
    if node.operator is o.LOGADDEXP:
        region.keep(node, term, LOGARITHMIC, "", region.reading.dtype(node))
    elif node.operator in (o.LOGISTIC, o.TANH):
        region.keep(node, term, LOW, "", node.dtype, high=1.0)
    else:
        _start_exponential(region, node, terms, term)


def _start_error_function(region: Region, node: Node, terms: Sequence[Combination]) -> None:
    """Keep a tail of the normal distribution, and what differs from a number by one."""
    if node in region.tails:
        term, one = region.reading.meaning(node, terms), node.operator is o.ERFC
        dtype, high = region.reading.dtype(node), 2.0 if one else 1.0
        region.keep(node, term, LOW if one else MIXED, "", dtype, high=high)


def _weight(region: Region, one: Node, other: Node) -> Combination:
    """``logistic(x − y)``."""
    difference = op.subtract(one, other)
    region.reading.catch_up([difference], [EXPONENT])
    return region.reading.meaning(op.logistic(difference), [region.exponents(difference)])


def _start_exponential(
    region: Region, node: Node, terms: list[Combination], term: Combination
) -> None:
    """Keep an exponential; what it takes of a logarithm may stand as its node has it."""
    through = _logarithm_below(region, node)
    scaled = region.scaling.scale(term)
    settled = through and is_mixed(region.scaling.scale(terms[-1]).term)
    if settled:
        apart = region.reading.meaning(node, [region.reading.settled(p) for p in node.operands])
        closed = region.scaling.scale(apart)
        left = [n for n in nodes_in(apart) if n in region.entries and n not in node.operands]
        settled = closed.bounded or region.exponentiated.isdisjoint(left)
        if settled:
            term, scaled = apart, closed
    hazard = "an exponential of a logarithm that cancels" if through and scaled.bounded else ""
    magnitude = LOW if scaled.bounded else HIGH
    bounded_below = interval_of(scaled.term).low > SMALLEST_BOUND
    if magnitude is LOW and bounded_below and not region.follows(node):
        return
    high = upper(scaled.term) if scaled.bounded else math.inf
    entry = region.keep(node, term, magnitude, hazard, region.reading.dtype(node), high)
    entry.settled = settled
    if hazard and not settled:
        entry.scaled = scaled


def _logarithm_below(region: Region, node: Node) -> bool:
    entry = region.entries.get(node.operands[-1])
    return entry is not None and entry.magnitude is LOGARITHMIC
