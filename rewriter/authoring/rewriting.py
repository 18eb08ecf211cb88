"""What a rule's body returns: two sides and conditions, refused where they are ill-sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rewriter.authoring.condition import Condition, condition_of
from rewriter.authoring.pattern import SCALAR
from rewriter.errors import DataTypeError, PatternError, ShapeError
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float, is_integer
from rewriter.graph.elementwise import as_node, astype
from rewriter.graph.node import Node, topological


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


def rewrite(left: Any, *, to: Any, when: Sequence[Any] = (), worth: Sequence[Any] = ()) -> Rewrite:
    """State that the left side may be replaced by ``to`` wherever all conditions are proved.

    Args:
        left: an expression of the rule's variables.
        to: what it is replaced by.
        when: what the law needs in order to be true; `rewriter.check` assumes it, and finds numbers
            at which the law fails without it.
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
    conditions, preferred = (tuple(condition_of(c) for c in given) for given in (when, worth))
    return Rewrite(left, right, conditions, preferred)


def _real(side: Node) -> Node:
    """Return a side as a real number: whole ones, ``where(x > 0, 1, 0)``, are taken as such."""
    _check_inputs(side)
    if is_integer(side.dtype):
        return astype(side, SCALAR)
    if not is_float(side.dtype):
        raise DataTypeError("a side of a rule is a real number", repr(side))
    return side


def _check_inputs(side: Node) -> None:
    for node in topological((side,)):
        if node.operator is o.INPUT:
            raise PatternError("an input of a graph stands in a rule; its variables are its "
                               "parameters", culprit=node.attribute("name"))  # fmt: skip
