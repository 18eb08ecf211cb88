"""Mutants: rules with one small mistake, as people make them.

A sign, an exponent, a factor, a swapped or diagonal index, a sum for a maximum, one operator for
another, a condition dropped or turned round: each makes one mutant of a rule. The checker must
refute every mutant that is not an equivalence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rewriter.authoring import pattern
from rewriter.authoring.condition import Condition, condition_of
from rewriter.authoring.rewriting import Rewrite
from rewriter.checking.checker import check_law
from rewriter.checking.elaboration import Law
from rewriter.checking.verdict import Verdict
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.node import Node, apply, topological
from rewriter.graph.primitive import Primitive
from rewriter.matching.variable import Applied

__all__ = ["Mutant", "mutants"]

Change = Callable[[Node], Node | None]


@dataclass(frozen=True, eq=False)
class Mutant:
    """A rule with a mistake in it.

    Attributes:
        rule: the rule's name.
        mistake: what was changed, and where.
        body: the two sides and the conditions.
    """

    rule: str
    mistake: str
    body: Rewrite

    def verdict(self) -> Verdict:
        """Check the mutant."""
        law = Law(self.body.left, self.body.right, self.body.conditions)
        return check_law(f"{self.rule}: {self.mistake}", law)


def mutants(rule: Any) -> Iterator[Mutant]:
    """Yield every mutant of a rule; each differs from it, and from those before, as a graph."""
    body: Rewrite = rule.written
    seen = {(body.left, body.right, len(body.conditions))}
    for side in ("right", "left"):
        root = getattr(body, side)
        other = body.left if side == "right" else body.right
        for mistake, changed in _changed(root, _indices(body)):
            pair = (other, changed) if side == "right" else (changed, other)
            if not _needs_nothing_new(*pair) or (*pair, len(body.conditions)) in seen:
                continue
            seen.add((*pair, len(body.conditions)))
            yield Mutant(rule.name, f"{mistake} on the {side}", Rewrite(*pair, body.conditions))
    yield from _with_other_conditions(rule.name, body)


def _with_other_conditions(name: str, body: Rewrite) -> Iterator[Mutant]:
    for place, condition in enumerate(body.conditions):
        rest = [c for k, c in enumerate(body.conditions) if k != place]
        without = Rewrite(body.left, body.right, tuple(rest))
        yield Mutant(name, f"without the condition {condition.statement}", without)
        opposite = _opposite(condition)
        if opposite is not None:
            turned = Rewrite(body.left, body.right, (*rest, opposite))
            yield Mutant(name, f"with {opposite.statement} for {condition.statement}", turned)


_OPPOSITE = {
    o.GREATER: o.LESS, o.GREATER_EQUAL: o.LESS_EQUAL, o.LESS: o.GREATER,
    o.LESS_EQUAL: o.GREATER_EQUAL,
}  # fmt: skip


def _opposite(condition: Condition) -> Condition | None:
    node = condition.expression
    if node is None or condition.index is not None or node.operator not in _OPPOSITE:
        return None
    return condition_of(apply(_OPPOSITE[node.operator], node.operands))


def _needs_nothing_new(left: Node, right: Node) -> bool:
    """A rule whose right side has a variable of its own is refused anyway."""
    return _heads(right) <= _heads(left)


def _heads(root: Node) -> set[Any]:
    found = set()
    for node in topological([root]):
        variable = node.attribute("variable")
        if variable is not None:
            found.add(getattr(variable, "function", variable))
    return found


def _indices(body: Rewrite) -> list[Any]:
    found: dict[Any, None] = {}
    for node in topological([body.left, body.right]):
        variable = node.attribute("variable")
        if isinstance(variable, Applied):
            found.update(dict.fromkeys(variable.arguments))
        if node.attribute("index") is not None:
            found[node.attribute("index")] = None
    return list(found)


def _changed(root: Node, indices: list[Any]) -> Iterator[tuple[str, Node]]:
    """Yield a side with one node changed, in every way and at every place.

    The weight of a maximum that is a number says that all places take part: it is left alone.
    """
    nodes = list(topological([root]))
    weights = {n.operands[1] for n in nodes if n.operator is pattern.BOUND_MAXIMUM}
    for place, node in enumerate(nodes):
        if node in weights and node.operator is o.CONSTANT:
            continue
        for mistake, changed in _mistakes(node, indices):
            if changed is not None and changed is not node:
                label = f"{mistake} at {node.operator.name} {place}"
                yield label, _replaced(root, node, changed)


def _replaced(root: Node, old: Node, new: Node) -> Node:
    made: dict[Node, Node] = {old: new}
    for node in topological([root]):
        if node not in made:
            operands = [made[p] for p in node.operands]
            same = all(a is b for a, b in zip(operands, node.operands, strict=True))
            made[node] = node if same else apply(node.operator, operands, dict(node.attributes))
    return made[root]


_SWAPS: dict[Primitive, tuple[Primitive, ...]] = {
    o.ADD: (o.SUBTRACT, o.MULTIPLY), o.SUBTRACT: (o.ADD,), o.MULTIPLY: (o.DIVIDE, o.ADD),
    o.DIVIDE: (o.MULTIPLY,), o.MAXIMUM: (o.MINIMUM, o.ADD), o.MINIMUM: (o.MAXIMUM,),
    o.EXP: (o.EXPM1, o.LOGISTIC), o.LOG: (o.LOG1P, o.LOG2), o.SQRT: (o.RSQRT, o.ABSOLUTE),
    o.SIN: (o.COS,), o.COS: (o.SIN,), o.LOGISTIC: (o.TANH,), o.LOGADDEXP: (o.MAXIMUM,),
    o.ABSOLUTE: (o.SIGN,), o.POWER: (o.MULTIPLY,),
}  # fmt: skip


def _mistakes(node: Node, indices: list[Any]) -> Iterator[tuple[str, Node | None]]:
    operator = node.operator
    for other in _SWAPS.get(operator, ()):
        yield f"{other.name} for {operator.name}", apply(other, node.operands)
    if operator is o.CONSTANT:
        value = float(node.attribute("value").array)
        yield "a number one too large", e.constant(value + 1, node.dtype)
        if value:
            yield "the sign of a number", e.constant(-value, node.dtype)
        return
    if node.dtype == "bool":
        return
    yield "a sign", e.negative(node)
    yield "a factor 2", e.multiply(node, 2.0)
    yield from _lost(node)
    yield from _bound(node)
    yield from _other_indices(node, indices)
    if operator is pattern.UNKNOWN:
        yield "a square", e.multiply(node, node)


def _lost(node: Node) -> Iterator[tuple[str, Node | None]]:
    """An operand lost, the operands swapped, or a function forgotten."""
    operator, operands = node.operator, node.operands
    if len(operands) == 2 and operator in _SWAPS:
        yield "the second operand lost", operands[0]
        if operator in (o.SUBTRACT, o.DIVIDE, o.POWER):
            yield "operands swapped", apply(operator, (operands[1], operands[0]))
        if operator in (o.ADD, o.MULTIPLY):
            yield "the first operand lost", operands[1]
    elif len(operands) == 1 and operator in (o.EXP, o.LOG, o.SQRT, o.NEGATIVE, o.ABSOLUTE):
        yield f"{operator.name} forgotten", operands[0]


def _bound(node: Node) -> Iterator[tuple[str, Node | None]]:
    """A sum for a maximum and the other way round."""
    if node.operator is pattern.BOUND_SUM:
        weight = e.constant(1.0, pattern.SCALAR)
        operands = [node.operands[0], weight]
        index = {"index": node.attribute("index")}
        yield "a maximum for a sum", apply(pattern.BOUND_MAXIMUM, operands, index)
    if node.operator is pattern.BOUND_MAXIMUM:
        index = {"index": node.attribute("index")}
        yield "a sum for a maximum", apply(pattern.BOUND_SUM, [node.operands[0]], index)


def _other_indices(node: Node, indices: list[Any]) -> Iterator[tuple[str, Node | None]]:
    """An index of a function, or of a binder, replaced by another of the rule."""
    variable = node.attribute("variable")
    if isinstance(variable, Applied):
        for place in range(len(variable.arguments)):
            for other in indices:
                changed = list(variable.arguments)
                changed[place] = other
                yield "another index", pattern.unknown(variable.function[tuple(changed)])
        if len(variable.arguments) == 2:
            turned = variable.function[variable.arguments[::-1]]
            yield "indices swapped", pattern.unknown(turned)
    bound = node.attribute("index")
    if bound is not None:
        for other in indices:
            yield "another bound index", apply(node.operator, node.operands, {"index": other})
