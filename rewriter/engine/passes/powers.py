"""Where a graph has roots of sums of powers, and what of it has to be read for them.

Found from the operations alone, in one pass: below a root (or a divisor), sums, multiples and index
maps are passed through down to powers, ``x·x`` or ``|x|**3``; what is raised there is a leaf.
"""

from __future__ import annotations

import math

from rewriter.facts.ranges import decided, range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import LARGEST_EXPONENT, is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.terms.reading import Reader, meaning
from rewriter.terms.sign import interval_of
from rewriter.terms.term import Binder, Combination, Term

INDEX_MAPS = frozenset((
    o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.SLICE, o.REVERSE, o.GATHER, o.NEGATIVE,
))  # fmt: skip
SUMS = frozenset((o.SUM, o.ADD, o.SUBTRACT, o.EINSUM))
ROOTS = frozenset((o.SQRT, o.RSQRT, o.POWER, o.DIVIDE))
MULTIPLES = frozenset((o.MULTIPLY, o.DIVIDE, o.ASTYPE))
SumOfPowers = tuple[set[Node], set[Node]]
_PRODUCTS = frozenset((
    o.MULTIPLY, o.DIVIDE, o.POWER, o.ABSOLUTE, o.WHERE, o.SUM, o.EINSUM, o.ASTYPE,
))  # fmt: skip

LARGEST_SUM = 64
"""Operations below a root that are looked through."""

MOST_REDUCTIONS = 2
"""Reductions that a numerator is followed through."""


class Powers:
    """The roots of sums of powers in a graph.

    Args:
        graph: any graph.

    Attributes:
        roots: the nodes that take a root of a sum of powers, or divide by one.
        leaves: what is raised in such sums.
        twins: nodes that are a leaf in another layout, ``x − m`` for ``x − reshape(m)``.
    """

    def __init__(self, graph: Graph) -> None:
        self.roots: set[Node] = set()
        self.leaves: set[Node] = set()
        self._sums: set[Node] = set()
        known: dict[tuple[Node, bool], SumOfPowers | None] = {}
        for node in graph.ordered:
            if node.operator in ROOTS and is_float(node.dtype):
                base = _base(node)
                if base is None:
                    continue
                key = base, _is_quotient(node)
                if key not in known:
                    known[key] = _sum_of_powers(*key)
                found = known[key]
                if found is not None:
                    self.roots.add(node)
                    self._sums |= found[0]
                    self.leaves |= found[1]
        self._levels = _levels(graph, self.leaves, self._sums) if self.roots else {}
        self.twins = _twins(graph, self.leaves) if self.roots else {}

    def opens(self, node: Node) -> bool:
        """Tell whether a node is read through to its operands."""
        if node in self.leaves or node.dtype not in _DTYPES:
            return node.operator is o.CONSTANT or node.dtype == "bool"
        if node in self._sums or node.operator is o.CONSTANT or passed(node) is not None:
            return True
        if node.operator in (o.ADD, o.SUBTRACT):
            return node in self._levels or _number(node) is not None
        return node in self._levels and node.operator in _PRODUCTS


_DTYPES = frozenset((*LARGEST_EXPONENT, "bool"))


def passed(node: Node) -> Node | None:
    """Return what an index map maps, or a selection that is decided selects; else None."""
    if node.operator in INDEX_MAPS:
        return node.operands[0]
    known = decided(node.operands[0]) if node.operator is o.WHERE else None
    return None if known is None else node.operands[1 if known else 2]


def _base(node: Node) -> Node | None:
    """Return the sum that a node takes a root of, or divides by, behind maps and multiples."""
    operator, operands = node.operator, node.operands
    if operator is o.POWER:
        exponent = _number(operands[1])
        if exponent is None or (exponent > 0 and exponent == int(exponent)):
            return None
    base = operands[1] if operator is o.DIVIDE else operands[0]
    while base.operator in INDEX_MAPS or base.operator in MULTIPLES or base.operator is o.WHERE:
        below = passed(base)
        if below is None and base.operator is o.WHERE:
            return None
        if below is None:
            first, last = base.operands[0], base.operands[-1]
            below = last if _number(first) is not None else first
        base = below
    return base if base.operator in SUMS and is_float(base.dtype) else None


def _number(node: Node) -> float | None:
    """Return the number that a node is, or that a difference of two is, to a few roundings."""
    if node.operator in (o.ADD, o.SUBTRACT):
        parts = [_number(p) if p.operator is o.CONSTANT else None for p in node.operands]
        if None in parts:
            return None
        left, right = (float(part or 0) for part in parts)
        return left + right if node.operator is o.ADD else left - right
    x = range_of(node)
    return x.low if x.low == x.high and math.isfinite(x.low) else None


def _is_quotient(node: Node) -> bool:
    """Tell whether a node divides by a sum, or by a whole power of it."""
    if node.operator is o.POWER:
        exponent = _number(node.operands[1])
        return exponent is not None and exponent == int(exponent)
    return node.operator is o.DIVIDE


def _sum_of_powers(root: Node, quotient: bool) -> SumOfPowers | None:
    """Return (the operations of a sum of powers, what is raised in it), None where it is none.

    A sum to which a constant is added does not vanish; it is one only where that is elementwise and
    under a root.
    """
    opened: set[Node] = set()
    leaves: set[Node] = set()
    constant, reduced = False, quotient
    stack = [(root, True)]
    while stack:
        node, within_sum = stack.pop()
        if node in opened:
            continue
        raised = _raised(node)
        if raised is not None:
            opened.add(node)
            leaf = _leaf(raised, opened)
            if _is_scaled(leaf):
                return None
            leaves.add(leaf)
            reduced = reduced or node.operator is o.EINSUM
        elif below := _below(node, within_sum):
            opened.add(node)
            stack += below
            reduced = reduced or node.operator in (o.SUM, o.EINSUM)
            if node.operator in (o.ADD, o.SUBTRACT):
                constant = constant or any(_number(p) is not None for p in node.operands)
        if len(opened) > LARGEST_SUM or (constant and reduced):
            return None
    return (opened - leaves, leaves) if leaves else None


def _raised(node: Node) -> Node | None:
    """Return what a node raises to a power above 1, None where it does not."""
    operands = node.operands
    if node.operator is o.MULTIPLY or node.operator is o.EINSUM:
        same = len(operands) == 2 and operands[0] is operands[1]
        factors = _factors(node) if node.operator is o.MULTIPLY and not same else operands
        return next((p for k, p in enumerate(factors) if p in factors[:k]), None)
    exponent = _number(operands[1]) if node.operator is o.POWER else None
    return operands[0] if exponent is not None and exponent > 1 else None


def _factors(node: Node) -> tuple[Node, ...]:
    """The factors of a product; of a weighted square ``w·x·x``, all three."""
    found: list[Node] = []
    for operand in node.operands:
        found += operand.operands if operand.operator is o.MULTIPLY else (operand,)
    return tuple(p for p in found if p.operator is not o.CONSTANT)


def _below(node: Node, within_sum: bool) -> list[tuple[Node, bool]]:
    """What is looked through from a node on, and whether a sum there still is a sum."""
    operands = node.operands
    below = operands[0] if node.operator is o.ASTYPE else passed(node)
    if below is not None:
        return [(below, within_sum)] if is_float(below.dtype) else []
    if node.operator in SUMS:
        sums = within_sum and is_float(node.dtype)
        return [(p, node.operator is not o.EINSUM) for p in operands] if sums else []
    if node.operator is o.MULTIPLY:
        return [(p, _number(q) is not None) for p, q in (operands, operands[::-1])]
    if node.operator is o.DIVIDE:
        return [(operands[0], _number(operands[1]) is not None)]
    if node.operator is o.WHERE:
        return [(p, False) for p in operands[1:]]
    return []


def _leaf(node: Node, opened: set[Node]) -> Node:
    below = node.operands[0] if node.operator is o.ABSOLUTE else passed(node)
    while below is not None:
        opened.add(node)
        node = below
        below = node.operands[0] if node.operator is o.ABSOLUTE else passed(node)
    return node


def _is_scaled(leaf: Node) -> bool:
    """Tell whether something is divided by its own largest, or by a power of two next to that."""
    if leaf.operator is not o.DIVIDE:
        return False
    value, stack = _leaf(leaf.operands[0], set()), [leaf.operands[1]]
    for node in stack:  # which grows
        if node.operator in _BOUNDS or node.operator in INDEX_MAPS:
            stack += [p for p in node.operands if p.operator is not o.CONSTANT]
        elif node is value:
            return any(one.operator in (o.MAX, o.MAXIMUM) for one in stack)
    return False


_BOUNDS = frozenset((o.BINADE, o.STOP_GRADIENT, o.ABSOLUTE, o.MAX, o.MAXIMUM, o.MINIMUM))


def _twins(graph: Graph, leaves: set[Node]) -> dict[Node, Node]:
    """The sums and differences that read as one that is a leaf does, which share an operand."""
    wanted = [leaf for leaf in leaves if leaf.operator in (o.ADD, o.SUBTRACT)]
    if not wanted:
        return {}
    reader = Reader(lambda one: one.operator in _LAYOUT)
    found: dict[Node, Node] = {}
    meanings = {_meaning(leaf, reader): leaf for leaf in wanted}
    shared = {(leaf.operator, leaf.operands[0], leaf.shape) for leaf in wanted}
    for node in graph.ordered:
        if node.operands and (node.operator, node.operands[0], node.shape) in shared:
            leaf = meanings.get(_meaning(node, reader))
            if leaf is not None and leaf is not node:
                found[node] = leaf
    return found


def _meaning(node: Node, reader: Reader) -> Combination:
    return meaning(node, [reader(operand) for operand in node.operands])


_LAYOUT = INDEX_MAPS | {o.CONSTANT, o.MULTIPLY, o.DIVIDE}


def _levels(graph: Graph, leaves: set[Node], sums: set[Node]) -> dict[Node, int]:
    """Products of leaves, and sums of them, with how many reductions they go through."""
    levels = dict.fromkeys(leaves, 0)
    for node in graph.ordered:
        operator = node.operator
        added = operator is o.ADD or operator is o.SUBTRACT
        if added or operator in _PRODUCTS or operator in INDEX_MAPS or node in sums:
            below = [levels[p] for p in node.operands if p in levels]
            whole = not added or node in sums or len(below) == len(node.operands)
            if below and whole and node not in levels:
                level = max(below) + (operator in SUMS and not added)
                if level <= MOST_REDUCTIONS:
                    levels[node] = level
    return levels


# Hazards -----------------------------------------------------------------------------------------


def at_risk(base: Term, dtype: str) -> bool:
    """Tell whether a sum of powers may overflow or vanish where what is made of it need not.

    A constant keeps it from vanishing; then only a sum without a reduction is at risk.
    """
    products = base.products if isinstance(base, Combination) else ()
    constant = any(not p.factors for p in products)
    if constant and any(isinstance(b, Binder) for p in products for b, _ in p.factors):
        return False
    limit = 2.0 ** (LARGEST_EXPONENT[dtype] // 2 - 8)
    values = interval_of(base)
    bounded = -limit * limit <= values.low and values.high <= limit * limit
    return not (bounded and (constant or values.low > 1 / limit))
