"""What 1 absorbs: sums with 1 that are written so that no range, however large, holds them.

``1 + v`` is 1 for every small v, and ``1 − p`` is 0 where p is nearly 1, of however small numbers
they are made. Before a program is carried in the extended range they are written as

- ``log(1 + v)`` and ``exp(u) − 1``, by their primitives, and 1 less ``1 − exp(u)``,
- ``t − t·(a + c)/(a + b) = t·(b − c)/(a + b)``, a product less a share of it, as in ``1 − p``, in
  the derivative of a share, and in ``1/(1 + c) − 1/(1 + b)``.

The laws of exponentials know of these and more; here they meet programs that are too long for them.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rewriter.facts.ranges import range_of
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.constants import repeated_constant, repeats
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import origin_of
from rewriter.graph.primitive import Primitive

MOST_PARTS = 32
"""Factors that a product is taken apart into, and summands that a sum is."""


def with_nothing_absorbed(graph: Graph) -> Graph:
    """Return a graph equal to one, in which those sums with 1 are written otherwise."""
    made: dict[Node, Node] = {}
    for node in graph.ordered:
        same = with_operands(node, tuple(made[operand] for operand in node.operands))
        with origin_of(node.origin):
            written = _OTHERWISE[node.operator](same) if node.operator in _OTHERWISE else None
        made[node] = same if written is None else op.broadcast_to(written, node.shape)
    return graph.with_outputs([made[output] for output in graph.outputs])


def _logarithm(node: Node) -> Node | None:
    """``log(1 + v)``."""
    (inside,) = node.operands
    if inside.operator is not o.ADD:
        return None
    one, v = inside.operands
    if repeats(v, 1.0):
        one, v = v, one
    return op.log1p(v) if repeats(one, 1.0) else None


def _difference(node: Node) -> Node | None:
    """``exp(u) − 1`` and ``1 − exp(u)``, or what is left of a product less a share of it."""
    first, second = node.operands
    if repeats(second, 1.0) and first.operator is o.EXP:
        return op.expm1(*first.operands)
    if repeats(first, 1.0) and second.operator is o.EXP:
        return -op.expm1(*second.operands)
    if repeats(first, 1.0) and second.operator is o.LOGISTIC:
        return op.logistic(-second.operands[0])
    if repeats(first, 1.0) and second.operator is o.NEGATIVE:
        (negated,) = second.operands
        return op.exp(*negated.operands) if negated.operator is o.EXPM1 else None
    left = _less_a_share(first, _factors(first), _factors(second))
    if left is not None:
        return left
    left = _less_a_share(second, _factors(second), _factors(first))
    return None if left is None else -left


def _sum(node: Node) -> Node | None:
    """What is left of a product less a share of it, of which the sign is the product's own."""
    first, second = node.operands
    for whole, part in ((first, second), (second, first)):
        factors = _factors(part)
        less = replace(factors, negative=not factors.negative)
        left = _less_a_share(whole, _factors(whole), less)
        if left is not None:
            return left
    return None


@dataclass(frozen=True)
class _Factors:
    """A product of powers, and whether it is taken less than 0 times."""

    powers: Mapping[Node, int]
    negative: bool = False


def _factors(node: Node) -> _Factors:
    """What a product or a quotient is made of; factors that are 1 are none."""
    powers: Counter[Node] = Counter()
    negative, waiting = False, [(node, 1)]
    while waiting:
        current, times = waiting.pop()
        exponent = _whole_exponent(current)
        if len(waiting) + len(powers) > MOST_PARTS:
            powers[current] += times
        elif current.operator is o.MULTIPLY:
            waiting += [(operand, times) for operand in current.operands]
        elif current.operator is o.DIVIDE:
            waiting += [(current.operands[0], times), (current.operands[1], -times)]
        elif current.operator is o.NEGATIVE:
            negative ^= bool(times % 2)
            waiting.append((current.operands[0], times))
        elif exponent is not None:
            waiting.append((current.operands[0], times * exponent))
        elif not repeats(current, 1.0):
            powers[current] += times
    return _Factors({base: times for base, times in powers.items() if times}, negative)


def _whole_exponent(node: Node) -> int | None:
    if node.operator is not o.POWER:
        return None
    exponent = repeated_constant(node.operands[1])
    if exponent is None or exponent.size != 1 or abs(exponent.item()) not in (1, 2, 3):
        return None
    return int(exponent.item())


def _less_a_share(node: Node, product: _Factors, part: _Factors) -> Node | None:
    """``t·(b − c)/(a + b)`` of ``t − t·(a + c)/(a + b)``; None of what is no such difference."""
    quotient = Counter(part.powers)
    quotient.subtract(product.powers)
    over = [base for base, times in quotient.items() if times == -1]
    among = [base for base, times in quotient.items() if times == 1]
    if product.negative != part.negative or len(over) != 1 or len(among) > 1:
        return None
    if sum(map(abs, quotient.values())) != len(over) + len(among):
        return None
    (whole,) = over
    if part.powers.get(whole, 0) >= 0 and not range_of(whole).positive:
        return None
    of_part = _summands(among[0]) if among else [op.constant(1, whole.dtype)]
    rest, taken = _without_common(_summands(whole), of_part)
    if len(taken) == len(of_part) or not (rest or taken):
        return None
    left = functools.reduce(op.add, rest + [-one for one in taken])
    return node * (left / whole)


def _without_common(some: Sequence[Node], others: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Return what is left of two lists of summands without those that both have."""
    rest, left = list(some), []
    for one in others:
        place = next((k for k, other in enumerate(rest) if _are_alike(one, other)), None)
        if place is None:
            left.append(one)
        else:
            del rest[place]
    return rest, left


def _are_alike(one: Node, other: Node) -> bool:
    """Tell whether two summands are the same: numbers may be repeated or not."""
    return one is other or (repeats(one, 1.0) and repeats(other, 1.0))


def _summands(node: Node) -> list[Node]:
    """What a sum of a few adds up."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.operator is o.ADD and len(waiting) + len(found) <= MOST_PARTS:
            waiting += reversed(current.operands)
        else:
            found.append(current)
    return found


_OTHERWISE: Mapping[Primitive, Callable[[Node], Node | None]] = {
    o.LOG: _logarithm, o.SUBTRACT: _difference, o.ADD: _sum,
}  # fmt: skip
