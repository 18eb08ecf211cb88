"""Centring: differences of means that cancel, rewritten where they stand.

``E[x²] − E[x]²`` loses the digits that the mean has in common with x; so does its derivative,
``2·x/n − 2·E[x]/n``. What is written as ``x − E[x]``, a tensor less its own mean, is centred
already, and stays: a normalisation computes what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rewriter.authoring.sides import REMAINDER
from rewriter.engine.passes.powers import INDEX_MAPS
from rewriter.engine.replacing import Cure, replaced
from rewriter.engine.result import Result
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.terms import algebra
from rewriter.terms.algebra import multiply
from rewriter.terms.rational import quotient
from rewriter.terms.reading import Reader
from rewriter.terms.term import ZERO, Combination
from rewriter.terms.views import term_of

MOST_OPERATIONS = 40
"""Operations below a difference that are looked through."""

HAZARD = "a difference of means that cancels"

_PASSED = INDEX_MAPS | {o.ASTYPE}


@dataclass
class Summand:
    """One summand of a difference.

    Attributes:
        factors: what it is a product of, means left out.
        means: of each mean among its factors, what is summed, as a list of factors.
    """

    factors: list[Node] = field(default_factory=list)
    means: list[list[Node]] = field(default_factory=list)


def cure_centring(graph: Graph, result: Result) -> Graph:
    """Return the graph with differences of means centred; the same object where there is none.

    Args:
        graph: any graph.
        result: takes the steps.
    """
    cures: dict[Node, Cure] = {}
    for node in _candidates(graph):
        opened = _difference_of_means(node)
        cure = None if opened is None else _cure(node, opened)
        if cure is not None:
            cures[node] = cure
    return replaced(graph, cures, result) if cures else graph


def _cure(node: Node, opened: set[Node]) -> Cure | None:
    from rules.centring import LAWS_OF_KNOWN_WEIGHTS

    term = Reader(lambda one: one in opened or one.operator is o.CONSTANT)(node)
    if len(term.products) < 2:
        return None
    content, base = algebra.split_content(term)
    for product in base.products:
        subject = algebra.scale(base, quotient(1, product.coefficient))
        for match in (m for law in LAWS_OF_KNOWN_WEIGHTS for m in law.matches(subject)):
            beside = term_of(match.substitution.get(REMAINDER, ZERO))
            if match.proved and algebra.is_number(beside):
                outside = algebra.scale(Combination.make((content,)), product.coefficient)
                return Cure(multiply(outside, match.result), HAZARD, (match,))
    return None


# Finding them ------------------------------------------------------------------------------------


def _candidates(graph: Graph) -> Iterator[Node]:
    """Yield the sums in which a product of means meets a mean, or a mean is spread over a tensor.

    Of each node is known how many means it is a multiple of; a sum of such sums is one, too.
    """
    means: dict[Node, int] = {}
    sums: set[Node] = set()
    for node in graph.ordered:
        operator, operands = node.operator, node.operands
        if operator is o.SUM or (operator is o.EINSUM and _reduces(node)):
            means[node] = 1
        elif operands and operands[0] is operands[-1] and operator is o.ADD:
            means[node] = means.get(operands[0], 0)
        elif operator is o.ADD or operator is o.SUBTRACT:
            counts = [means.get(operand, 0) for operand in operands]
            spread = any(counts) and any(map(_is_spread, operands, counts, [node.shape] * 2))
            known = spread or not sums.isdisjoint(operands)
            if max(counts) > 1 or (known and all(p in sums or _is_multiple(p) for p in operands)):
                sums.add(node)
                yield node
        elif operator in _MULTIPLES:
            factors = operands if operator in _PRODUCTS else operands[:1]
            count = sum(means.get(factor, 0) for factor in factors)
            if count:
                means[node] = 2 * count if operator is o.POWER else count


_PRODUCTS = frozenset((o.MULTIPLY, o.EINSUM))
_MULTIPLES = _PASSED | _PRODUCTS | {o.DIVIDE, o.POWER}


def _reduces(node: Node) -> bool:
    """Tell whether a contraction sums over an axis, and is no product."""
    spec: str = node.attribute("spec")
    given, output = spec.split("->")
    return not set(given) - {","} <= set(output)


def _is_multiple(node: Node) -> bool:
    """Tell whether a node is a product of something, or twice it."""
    return node.operator in _MULTIPLES or (
        node.operator is o.ADD and node.operands[0] is node.operands[1]
    )


def _is_spread(operand: Node, count: int, shape: object) -> bool:
    """Tell whether an operand of a sum is a mean that is broadcast."""
    return count > 0 and (operand.operator is o.BROADCAST_TO or operand.shape != shape)


def _difference_of_means(node: Node) -> set[Node] | None:
    """Return the operations of a difference of means, None where a node is none."""
    if not is_float(node.dtype):
        return None
    opened: set[Node] = set()
    summands: list[Summand] = []
    stack = [node]
    while stack:
        one = stack.pop()
        while one.operator in _PASSED:
            opened.add(one)
            one = one.operands[0]
        same = one.operands and one.operands[0] is one.operands[-1]
        if (one.operator is o.ADD or one.operator is o.SUBTRACT) and not same:
            opened.add(one)
            stack += one.operands
        else:
            summands.append(_summand(one, opened))
        if len(opened) > MOST_OPERATIONS:
            return None
    found = any(_cancels(one, other) for one in summands if one.means for other in summands)
    return opened if found else None


def _cancels(mean: Summand, other: Summand) -> bool:
    """Tell whether a product of means, or a multiple of one, meets what it is the mean of."""
    if len(mean.means) > 1:
        first, second = mean.means[:2]
        wanted = [*first, *(p for p in second if p not in first or first == second)]
        return any(all(p in inside for p in wanted) and len(inside) > 1 for inside in other.means)
    if other.means or not all(p in other.factors for p in mean.means[0]):
        return False
    return len(other.factors) > len(mean.means[0])


def _summand(node: Node, opened: set[Node]) -> Summand:
    found = Summand()
    for factor in _factors(node, opened):
        if factor.operator is o.SUM:
            opened.add(factor)
            found.means.append(_factors(factor.operands[0], opened))
        elif factor.operator is o.EINSUM:  # one that reduces
            opened.add(factor)
            found.means.append([q for p in factor.operands for q in _factors(p, opened)])
        else:
            found.factors.append(factor)
    return found


def _factors(node: Node, opened: set[Node]) -> list[Node]:
    """The factors of a product, behind maps; numbers count, as a multiple is one."""
    found, stack = [], [node]
    while stack:
        one = stack.pop()
        operator, operands = one.operator, one.operands
        if operator in _PASSED or (operator is o.ADD and operands[0] is operands[1]):
            stack.append(operands[0])
        elif (
            operator is o.MULTIPLY
            or operator is o.DIVIDE
            or (operator is o.EINSUM and not _reduces(one))
        ):
            stack += operands
        elif operator is o.POWER and _is_two(operands[1]):
            stack += [operands[0]] * 2
        else:
            found.append(one)
            continue
        opened.add(one)
        if len(found) + len(stack) > MOST_OPERATIONS:
            break
    return found


def _is_two(node: Node) -> bool:
    return node.operator is o.CONSTANT and bool((node.attribute("value").array == 2).all())
