"""What a region follows though it does not overflow: what may vanish, and differences of such."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rewriter.engine.context import SMALLEST_BOUND
from rewriter.engine.entry import Entry, Magnitude
from rewriter.engine.long_sums import is_long
from rewriter.facts.interval import Interval
from rewriter.facts.ranges import refine
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.binding import evaluated
from rewriter.terms.cases import choice_in
from rewriter.terms.factors import bare
from rewriter.terms.index import axis
from rewriter.terms.naming import at_indices, definition_of
from rewriter.terms.sign import interval_of
from rewriter.terms.simple import as_combination, scale
from rewriter.terms.term import BoundSum, Combination, Element, Inverse, Product, Term
from rewriter.terms.traversal import nodes_in


def is_scale(term: Combination) -> bool:
    """Tell whether a term is of one sign and short: it vanishes as a whole, if at all."""
    if len(term.products) > 1 and not all(interval_of(p).nonnegative for p in term.products):
        return False
    bases = [base for base, _ in term.products[0].factors if base.wild]
    return not is_long(term) and all(interval_of(base).nonnegative for base in bases)


def is_followed(node: Node, term: Combination, divided: bool) -> bool:
    """Tell whether a value of no sign is followed: no contraction, no sum with a sound term.

    Args:
        node: the operation.
        term: what it means.
        divided: it is known to be divided by what may vanish.
    """
    choice = choice_in(term) if node.operator is o.SUM else None
    cases = [term] if choice is None else [inside for _, inside in choice]
    vanishes = any(all(p.wild for p in one.products) for one in cases)
    sound = node.operator is o.SUM and not vanishes
    followed = node.operator is not o.EINSUM or divided
    return followed and not sound and not is_long(term)


def is_sound_sum(node: Node, term: Combination) -> bool:
    """Tell whether the largest summand is near 1: what was shifted already needs no shift.

    Args:
        node: a sum; that it is no smaller is recorded.
        term: what is summed.
    """
    (operand,) = node.operands
    for a in node.attribute("axis"):
        size = operand.shape[a]
        if size != 1:
            term = evaluated(axis(a, size), term)
    least = interval_of(term).low
    if least > SMALLEST_BOUND:
        refine(node, Interval(least))
        return True
    return False


def divides_by(products: Iterable[Product], chosen: Callable[[Node], bool]) -> bool:
    """Tell whether what reads a chosen node is a divisor, in sums and names too; no exponents."""
    for product in products:
        for base, q in product.factors:
            below = q < 0 or isinstance(base, Inverse)
            if below and _holds(bare(base), chosen):
                return True
            inner = base.body if isinstance(base, BoundSum) else base
            meant = definition_of(inner.node) if isinstance(inner, Element) else inner
            terms = as_combination(meant) if isinstance(meant, (Combination, Product)) else None
            if terms is not None and divides_by(terms.products, chosen):
                return True
    return False


def read_as_factor(
    term: Combination, entries: Mapping[Node, Entry]
) -> tuple[Magnitude, Combination] | None:
    """Return what ``c·y`` means as a factor, and its magnitude, where y has exponentials; or None.

    In an exponent y is an element; what is no exponent any more is to cancel with y as a factor.
    """
    (product,) = term.products if len(term.products) == 1 else (None,)
    if product is None or len(product.factors) != 1 or product.exponent.products:
        return None
    base, power = product.factors[0]
    if not isinstance(base, Element) or power != 1:
        return None
    below = entries.get(base.node)
    if below is None or below.logarithmic:
        return None
    return below.magnitude, scale(at_indices(below.term, base), product.coefficient)


def _holds(base: Term, chosen: Callable[[Node], bool]) -> bool:
    """Tell whether a chosen node is in what is multiplied and added, not in an exponent."""
    if isinstance(base, (BoundSum, Combination)):
        products = as_combination(base.body if isinstance(base, BoundSum) else base).products
        return any(_holds(bare(inner), chosen) for p in products for inner, _ in p.factors)
    meant = definition_of(base.node) if isinstance(base, Element) else None
    if meant is not None:
        return _holds(meant, chosen)
    return any(map(chosen, nodes_in(base)))
