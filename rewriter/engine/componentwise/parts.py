"""Parts: a value as its limit and what is beside it, built as the laws have it.

Each is built when it is asked for, operands first; what the laws of `rules.componentwise` say of an
operation is said there of nodes too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rewriter.engine.componentwise.held import HELD
from rewriter.engine.componentwise.limits import LINEAR, Limits, tensors_of, times
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.node import Node, with_operands
from rewriter.graph.origin import Origin, origin_of

SUMS = frozenset((o.SUM, o.EINSUM))

LAWS = {
    o.EXP: "exponential_beside_its_limit",
    o.MULTIPLY: "product_beside_its_limit",
    o.EINSUM: "product_beside_its_limit",
    o.DIVIDE: "quotient_beside_its_limit",
    o.SQRT: "root_beside_its_limit",
    o.LOGISTIC: "sigmoid_beside_its_limit",
    o.LOG: "logarithm_beside_its_limit",
}
"""The law that an operation's parts, or a logarithm, are built by."""


class Parts(NamedTuple):
    """The limit of a node, and what is beside it; None for 0."""

    limit: Node | None
    beside: Node | None


Key = tuple[Node, bool]
"""A node, and whether its parts are meant or its value."""


class Building:
    """Builds values and parts of nodes, each once.

    Args:
        limits: which nodes have parts.
        cured: nodes of which the value is built from parts: their own, a logarithm from its
            operand's.
    """

    def __init__(self, limits: Limits, cured: set[Node]) -> None:
        self.limits, self.cured = limits, cured
        self.values: dict[Node, Node] = {}
        self.parts: dict[Node, Parts] = {}
        self._parted: set[Node] = set()

    def __call__(self, outputs: Sequence[Node]) -> list[Node]:
        """Return the values of nodes."""
        goals = [(output, False) for output in outputs]
        self._parted = {node for node, as_parts in self._order(goals) if as_parts}
        for node, as_parts in self._order(goals):
            law = LAWS.get(node.operator, node.origin.rule)
            with origin_of(Origin(node.origin.file, node.origin.line, law)):
                if as_parts:
                    self.parts[node] = self._parts_of(node)
                else:
                    self.values[node] = self._value_of(node)
        return [self.values[output] for output in outputs]

    def _order(self, goals: list[Key]) -> list[Key]:
        """What is to be built for some goals, what it needs first."""
        order: dict[Key, None] = {}
        stack, opened = list(goals), set[Key]()
        while stack:
            key = stack[-1]
            if key in order:
                stack.pop()
            elif key in opened:
                order[key] = None
                stack.pop()
            else:
                opened.add(key)
                stack += [need for need in self._needs(*key) if need not in order]
        return list(order)

    def _needs(self, node: Node, as_parts: bool) -> list[Key]:
        if not as_parts:
            if node.operator is o.LOG and node in self.cured:
                return [(node.operands[0], True)]
            return [(node, True)] if self._is_of_parts(node) else _values(node.operands)
        if not self._has_parts(node):
            return [(node, False)]
        if node.operator in (o.EXP, o.LOGISTIC):
            return _values(node.operands)
        tensors = tensors_of(node)
        rest = node.operands
        if node.operator in LINEAR:
            rest = rest[:1] if node.operator is o.WHERE else rest[len(tensors) :]
        return [*((operand, True) for operand in tensors), *_values(rest)]

    def _has_parts(self, node: Node) -> bool:
        return node in self.limits.has and self.limits.has[node].limit

    def _is_of_parts(self, node: Node) -> bool:
        """Tell whether a value is the sum of parts: also a sum that has them anyway."""
        if node in self.cured:
            return True
        return node.operator in SUMS and node in self._parted and self._has_parts(node)

    # Values --------------------------------------------------------------------------------------

    def _value_of(self, node: Node) -> Node:
        if node.operator is o.LOG and node in self.cured:
            from rules.componentwise import logarithm

            limit, beside = self.parts[node.operands[0]]
            assert limit is not None
            assert beside is not None
            return shaped(logarithm(limit, beside, _as_it_is), node)
        if node.operator is HELD:
            return self.values[node.operands[0]]
        if self._is_of_parts(node):
            found = added(self.parts[node])
            return shaped(op.as_node(0.0, node.dtype) if found is None else found, node)
        return with_operands(node, tuple(self.values[p] for p in node.operands))

    # Parts ---------------------------------------------------------------------------------------

    def _parts_of(self, node: Node) -> Parts:
        if node not in self.limits.has:
            return Parts(self.values[node], None)
        if not self._has_parts(node):
            return Parts(None, self.values[node])
        found = self._built(node)
        return Parts(*(None if part is None else shaped(part, node) for part in found))

    def _built(self, node: Node) -> Parts:
        from rules.componentwise import exponential, root, sigmoid

        if node.operator in (o.EXP, o.LOGISTIC):
            law = exponential if node.operator is o.EXP else sigmoid
            return Parts(*law(self.values[node.operands[0]], _as_it_is))
        below = [self.parts[operand] for operand in tensors_of(node)]
        if node.operator in LINEAR:
            return Parts(*(self._linear(node, list(part)) for part in zip(*below, strict=True)))
        if node.operator is o.DIVIDE:
            return _quotient(*below)
        if node.operator is o.SQRT:
            return Parts(*root(*below[0], _as_it_is))
        values = [self.values[operand] for operand in tensors_of(node)]
        if node.operator is o.POWER:
            return self._power(below[0], values[0], times(node))
        return _product(lambda *p: with_operands(node, p), below, values)

    def _power(self, base: Parts, value: Node, exponent: int) -> Parts:
        """Powers by products: ``x·x``, ``x·x²`` and so on."""
        found, whole = base, value
        for _ in range(exponent - 1):
            found = _product(op.multiply, [base, found], [value, whole])
            whole = value * whole
        return found

    def _linear(self, node: Node, operands: list[Node | None]) -> Node | None:
        """A linear operation on one part of its operands."""
        if all(operand is None for operand in operands):
            return None
        if node.operator in (o.ADD, o.SUBTRACT):
            left, right = operands
            if node.operator is o.SUBTRACT and right is not None:
                return -right if left is None else None if left is right else left - right
            return added((left, right))
        whole = tensors_of(node)
        filled = [
            shaped(op.as_node(0.0, one.dtype), one) if operand is None else operand
            for one, operand in zip(whole, operands, strict=True)
        ]
        rest = [p for p in node.operands if p not in whole]
        before = [self.values[p] for p in rest] if node.operator is o.WHERE else []
        after = [] if before else [self.values[p] for p in rest]
        return with_operands(node, (*before, *filled, *after))


def _values(nodes: Sequence[Node]) -> list[Key]:
    return [(node, False) for node in nodes]


def _as_it_is(node: Node) -> Node:
    return node


def added(parts: Sequence[Node | None]) -> Node | None:
    """Return the sum of what there is."""
    total: Node | None = None
    for part in parts:
        if part is not None:
            total = part if total is None else total + part
    return total


def shaped(part: Node, like: Node) -> Node:
    """Return a part in the shape and dtype of its node."""
    return op.broadcast_to(op.astype(part, like.dtype), like.shape)


def _product(
    multiply: Callable[..., Node], below: Sequence[Parts], values: Sequence[Node]
) -> Parts:
    """``(a + b)·(c + d)``, and so on for more factors."""
    limits = [parts.limit for parts in below]
    terms: list[Node] = []
    for place, parts in enumerate(below):
        before = limits[:place]
        if parts.beside is not None and all(limit is not None for limit in before):
            terms.append(multiply(*before, parts.beside, *values[place + 1 :]))
    limit = None if any(one is None for one in limits) else multiply(*limits)
    return Parts(limit, added(terms))


def _quotient(above: Parts, divisor: Parts) -> Parts:
    from rules.componentwise import quotient

    if divisor.beside is None:
        return Parts(*(None if part is None else part / divisor.limit for part in above))
    if above.limit is None or divisor.limit is None:
        whole = added(divisor)
        return Parts(None, None if above.beside is None else above.beside / whole)
    beside = 0.0 if above.beside is None else above.beside
    return Parts(*quotient(above.limit, beside, *divisor, _as_it_is))
