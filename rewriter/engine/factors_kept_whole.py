"""Factors kept whole: a bounded function beside exponentials with which it shares nothing.

``tanh u`` is a difference of two exponentials, ``(exp(2u) − 1)/(exp(2u) + 1)``, and cancels as such
in ``1 − tanh² u``. Beside ``exp(v)``, which cancels with neither, it is one factor: multiplied out
each such factor doubles the summands, and what was one value near 0 becomes the difference of two.
What is divided by, or logged, is multiplied out all the same: ``1 − Σ_j p[j]·tanh u[j]`` is as
small as the complements of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.terms.algebra import as_combination
from rewriter.terms.index import extremes
from rewriter.terms.naming import definition_of
from rewriter.terms.sign import has_both_signs
from rewriter.terms.term import BoundSum, Combination, Element, Term
from rewriter.terms.traversal import parts_of

Reading = tuple[Node, tuple[tuple[int, int] | None, ...]]
"""A tensor, and between which places of each axis it is read: None where that is not known."""

_DIFFERENCES = frozenset((o.TANH, o.EXPM1))
_EXPONENTIALS = frozenset((o.EXP, o.EXP2, o.LOGISTIC, o.LOGADDEXP, o.COSH))
_INVERTING = frozenset((o.LOG, o.LOG1P, o.LOG2, o.SQRT, o.RSQRT))

BESIDE_OTHERS = frozenset((o.MULTIPLY, o.EINSUM, o.DIVIDE))
"""Operations of whose operands (but for a divisor) one may be kept whole beside the others."""


def divided_by(nodes: Sequence[Node]) -> frozenset[Node]:
    """Return what a graph divides by or logs, and what this is made of; in exponents it counts not.

    Args:
        nodes: all its nodes, operands first.
    """
    if not any(node.operator in _DIFFERENCES for node in nodes):
        return frozenset()
    found: set[Node] = set()
    for node in reversed(nodes):
        if node.operator is o.DIVIDE:
            found.add(node.operands[1])
        elif node.operator in _INVERTING or _is_root(node):
            found.add(node.operands[0])
        if node in found and node.operator not in _EXPONENTIALS:
            found.update(node.operands)
    return frozenset(found)


def _is_root(node: Node) -> bool:
    """Tell whether a node is a power that magnifies what is small: ``x^-2``, ``x^0.3``."""
    return node.operator is o.POWER and not range_of(node.operands[1]).low >= 1.0


def read_beside_others(
    node: Node,
    terms: Sequence[Combination],
    whole: Callable[[Node], Combination | None],
) -> Sequence[Combination]:
    """Return the terms of a product's operands, with those kept whole that may be.

    Args:
        node: the operation.
        terms: what its operands mean, multiplied out.
        whole: returns the term of an operand in which bounded functions are elements; None where
            none is.
    """
    if node.operator not in BESIDE_OTHERS or not all(term.wild for term in terms):
        return terms
    numerators = node.operands[:1] if node.operator is o.DIVIDE else node.operands
    found = {k: whole(operand) for k, operand in enumerate(numerators) if has_both_signs(terms[k])}
    kept = {k: term for k, term in found.items() if term is not None}
    if not kept or len(kept) == len(terms):
        return terms
    read = [_exponentiated(term) for term in terms]
    result = list(terms)
    for k, term in kept.items():
        others = [one for other, read_there in enumerate(read) if other != k for one in read_there]
        if not any(_overlap(one, other) for one in read[k] for other in others):
            result[k] = term
    return result


def holds(term: Combination, kept: Callable[[Node], bool]) -> bool:
    """Tell whether a term has a factor that was kept whole, also in what it sums over an axis."""
    bases = (base for product in term.products for base, _ in product.factors)
    return any(
        holds(as_combination(base.body), kept)
        if type(base) is BoundSum
        else isinstance(base, Element) and kept(base.node)
        for base in bases
    )


def _exponentiated(term: Combination) -> set[Reading]:
    """What is read in exponentials, and where."""
    parts: list[Term] = []
    for product in term.products:
        parts += [product.exponent, *(base for base, _ in product.factors if base.wild)]
    found: set[Reading] = set()
    seen: set[Node] = set()
    for part in parts:  # which grows: a name reads what it stands for, at any of its places
        for one in parts_of(part):
            if not isinstance(one, Element):
                continue
            found.add((one.node, tuple(map(extremes, one.indices))))
            meant = definition_of(one.node)
            if meant is not None and one.node not in seen:
                seen.add(one.node)
                parts.append(meant)
    return found


def _overlap(one: Reading, other: Reading) -> bool:
    """Tell whether two readings may be of one element of a tensor."""
    if one[0] is not other[0]:
        return False
    return all(
        a is None or b is None or (a[0] <= b[1] and b[0] <= a[1])
        for a, b in zip(one[1], other[1], strict=True)
    )
