"""What a rule's body returns: two sides and conditions, refused where they are ill-sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rewriter.authoring.condition import Condition, condition_of
from rewriter.authoring.counts import share_counts
from rewriter.authoring.pattern import SCALAR
from rewriter.errors import DataTypeError, PatternError, ShapeError
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float, is_integer
from rewriter.graph.elementwise import as_node, astype, where
from rewriter.graph.node import Node, apply, topological


@dataclass(frozen=True)
class Rewrite:
    """What a rule's body returns.

    Attributes:
        left, right: the two sides.
        conditions: where they are equal.
        worth: where of those the right side is preferred.
    """

    left: Node
    right: Node
    conditions: tuple[Condition, ...]
    worth: tuple[Condition, ...] = ()


def rewrite(left: Any, *, to: Any, when: Any = (), worth: Any = ()) -> Rewrite:
    """State that the left side may be replaced by ``to`` wherever all conditions are proved.

    Sides are scalar expressions of the operations of graphs. What runs over an index ``i`` names
    it: ``rw.sum(b[i], over=i)``, ``rw.mean``, ``rw.min``, ``rw.max(x[i], over=i, where=w[i])`` of
    the places at which the weight is not 0; ``rw.sum(1.0, over=i)`` is the number of places, and
    ``rw.where(x > y, x, y)`` a choice. Conditions are comparisons (``x > 0``, ``x <= y``,
    ``rw.not_equal(x, 0)``), of a function at all places, `rewriter.free_of`,
    `rewriter.is_constant`, and those declared by `rewriter.condition`.

    Args:
        left: an expression of the rule's variables.
        to: what it is replaced by.
        when: what the law needs in order to be true, one condition or several; `rewriter.check`
            assumes it, and finds numbers at which the law fails without it.
        worth: what makes the right side the better one; the law is true without it, and is checked
            without it.

    Raises:
        PatternError: the left side is no scalar expression of the rule's variables.
        ShapeError, DataTypeError: the right side is no scalar, or no real number.
        ConditionError: something in ``when`` or ``worth`` is no condition.
    """
    if not isinstance(left, Node) or left.shape != ():
        raise PatternError("a rule's left side is a scalar expression of its variables", repr(left))
    right = as_node(to, SCALAR)
    if right.shape != ():
        raise ShapeError("a rule's right side is a scalar, as its left side is", repr(right))
    left, right = (_real(side) for side in (left, right))
    when, worth = (
        [given] if isinstance(given, (Node, Condition)) else given for given in (when, worth)
    )
    compared = [c for c in (*when, *worth) if isinstance(c, Node)]
    share_counts([left, right, *compared])
    conditions, preferred = (tuple(condition_of(c) for c in given) for given in (when, worth))
    return Rewrite(left, right, conditions, preferred)


def _real(side: Node) -> Node:
    """Return a side as a real number: whole ones, ``where(x > 0, 1, 0)``, are taken as such."""
    _check_inputs(side)
    side = _without_integers(side)
    if is_integer(side.dtype):
        return astype(side, SCALAR)
    if not is_float(side.dtype):
        raise DataTypeError("a side of a rule is a real number", repr(side))
    return side


def _without_integers(side: Node) -> Node:
    """Return a side in which what is chosen, or a number, is not of integers: 1.0 for 1."""
    made: dict[Node, Node] = {}
    for node in topological((side,)):
        operands = [made[p] for p in node.operands]
        if node.operator is o.CONSTANT and is_integer(node.dtype):
            made[node] = astype(node, SCALAR)
        elif node.operator is o.WHERE and is_integer(node.dtype):
            made[node] = where(*operands)
        elif all(a is b for a, b in zip(operands, node.operands, strict=True)):
            made[node] = node
        else:
            made[node] = apply(node.operator, operands, dict(node.attributes))
    return made[side]


def _check_inputs(side: Node) -> None:
    for node in topological((side,)):
        if node.operator is o.INPUT:
            raise PatternError("an input of a graph stands in a rule; its variables are its "
                               "parameters", culprit=node.attribute("name"))  # fmt: skip
