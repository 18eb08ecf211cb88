"""Choices: what a condition selects away need be no number, nor need its derivative.

``where(x > 0, log(x), 0)`` is sound where x is 0, and its derivative is not: autodiff writes
``where(x > 0, g, 0)·(1/x)``, in which 0 stands beside an infinity. Over the reals an indicator is a
strong zero, and the product may as well be taken before the choice: ``where(x > 0, g·(1/x), 0)``.
So it is where a factor may be undefined or overflow; the number of operations stays.

Source: JAX's FAQ, "Gradients contain NaN where using ``where``".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rewriter.engine.passes.chosen_first import LAYOUTS
from rewriter.engine.result import Result, Step
from rewriter.facts.domains import Demand
from rewriter.facts.ranges import lies_within, range_of
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.inference import broadcast_shapes
from rewriter.graph.node import Node, apply, make_node, with_operands
from rewriter.graph.origin import Origin, origin_of
from rewriter.graph.primitive import Kind

LARGEST_FACTOR = 48
"""Operations of a factor that are looked through."""

HAZARD = "a zero beside a value that may be infinite where a choice is not taken"

_LINEAR = LAYOUTS | {o.NEGATIVE, o.SUM}


class Choice(NamedTuple):
    """A value where a condition holds, or where it does not, and 0 elsewhere."""

    condition: Node
    holds: bool
    value: Node

    def node(self) -> Node:
        """Return it as a node."""
        zero = op.as_node(0.0, self.value.dtype)
        pair = (self.value, zero) if self.holds else (zero, self.value)
        return op.where(self.condition, *pair)

    def truth(self) -> Node:
        """Return where the value is taken."""
        return self.condition if self.holds else op.logical_not(self.condition)


def cure_choices(graph: Graph, result: Result) -> Graph:
    """Return the graph with products taken before choices, where a factor may be undefined.

    Args:
        graph: any graph.
        result: takes the steps.
    """
    choices: dict[Node, Choice] = {}

    def change(node: Node, made: Mapping[Node, Node]) -> Node | None:
        """Return a node with products before choices, None for one that is no float."""
        if not is_float(node.dtype):
            return None
        after = with_operands(node, tuple(made[p] for p in node.operands))
        with origin_of(Origin(node.origin.file, node.origin.line, "strong zero")):
            choice, fails = _choice(after, choices)
            if choice is not None and fails:
                after = choice.node()
                result.steps.append(Step(node, after, HAZARD, [], None))
        if choice is not None:
            choices[after] = choice
        return after

    return graph.rebuilt(change)


def _choice(node: Node, choices: Mapping[Node, Choice]) -> tuple[Choice | None, bool]:
    """Return a node as a choice, and whether it may be undefined as it stands."""
    operands = node.operands
    if node.operator is o.WHERE:
        return _of_choices(node, choices), False
    if node.operator in _LINEAR and operands[0] in choices:
        return _along(node, choices[operands[0]]), False
    if node.operator is o.DIVIDE and operands[0] in choices:
        fails = not lies_within(node, Demand.FINITE) or _may_fail(operands[1])
        return _multiple(node, 0, choices[operands[0]]), fails
    if node.operator is o.MULTIPLY:
        for place, other in ((0, operands[1]), (1, operands[0])):
            if operands[place] in choices and other not in choices:
                return _multiple(node, place, choices[operands[place]]), _may_fail(other)
    return None, False


def _of_choices(node: Node, choices: Mapping[Node, Choice]) -> Choice | None:
    """``where(c, where(d, a, 0), 0)`` is a where both c and d hold.

    What a law has built chooses where it has to already: beside an infinite logarithm, for one.
    """
    if node.origin.rule:
        return None
    condition, first, second = node.operands
    for holds, value, other in ((True, first, second), (False, second, first)):
        if _is_number(other, 0):
            outer = Choice(condition, holds, value)
            inner = choices.get(value)
            if inner is None:
                return outer
            return Choice(op.logical_and(outer.truth(), inner.truth()), True, inner.value)
    return None


def _is_number(node: Node, value: float) -> bool:
    bounds = range_of(node)
    return bounds.low == value == bounds.high


def _may_fail(node: Node) -> bool:
    """Tell whether an operation that a value is made of, element by element, may be undefined."""
    found = [node]
    for one in found:
        if not lies_within(one, Demand.FINITE):
            return True
        elementwise = one.operator.kind is Kind.ELEMENTWISE and one.operator is not o.WHERE
        if elementwise or one.operator in LAYOUTS:
            found += [p for p in one.operands if is_float(p.dtype) and p not in found]
        if len(found) > LARGEST_FACTOR:
            break
    return False


def _multiple(node: Node, place: int, choice: Choice) -> Choice | None:
    """A multiple of a choice, or a quotient of one."""
    operands = list(node.operands)
    operands[place] = choice.value
    if node.operator is o.MULTIPLY and _is_number(choice.value, 1):
        value = operands[1 - place]
    else:
        value = apply(node.operator, operands)
    return _like(node, Choice(choice.condition, choice.holds, value))


def _along(node: Node, choice: Choice) -> Choice | None:
    """A layout of a choice, or a sum along axes on which its condition is one."""
    (operand,) = node.operands
    value = with_operands(node, (op.broadcast_to(choice.value, operand.shape),))
    if node.operator is o.NEGATIVE:
        return _like(node, Choice(choice.condition, choice.holds, value))
    condition = op.broadcast_to(choice.condition, operand.shape)
    if node.operator is not o.SUM:
        parts = (node.operator, (condition,), node.attributes, node.shape, "bool")
        return _like(node, Choice(make_node(*parts), choice.holds, value))
    inner = condition.operands[0] if condition.operator is o.BROADCAST_TO else condition
    gone = node.attribute("axis")
    if inner.ndim != condition.ndim or any(inner.shape[axis] != 1 for axis in gone):
        return None
    kept = tuple(n for axis, n in enumerate(inner.shape) if axis not in gone)
    there = op.reshape(inner, inner.shape if node.attribute("keepdims") else kept)
    return _like(node, Choice(there, choice.holds, value))


def _like(node: Node, choice: Choice) -> Choice | None:
    shape = broadcast_shapes([choice.condition.shape, choice.value.shape])
    return choice if (shape, choice.value.dtype) == (node.shape, node.dtype) else None
