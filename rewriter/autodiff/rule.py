"""What a derivative rule is, and the way elementwise rules are written."""

from __future__ import annotations

from collections.abc import Callable

from rewriter.autodiff.broadcasting import unbroadcast
from rewriter.graph.node import Node

Rule = Callable[[Node, Node, int], Node | None]
"""(node, its cotangent, place of an operand) to that operand's cotangent; None stands for zero."""

Partial = Callable[..., Node | None]
"""(cotangent g, the node z, its operands x, y, …) to the cotangent of one operand, or None."""


def partials(*each: Partial | None) -> Rule:
    """Return the rule of an elementwise primitive: one function an operand, None for no derivative.

    What a function returns has the shape of the node; it is summed to the operand's shape.
    """

    def rule(node: Node, cotangent: Node, position: int) -> Node | None:
        """Return an operand's cotangent, at the operand's own shape."""
        partial = each[position]
        if partial is None:
            return None
        contribution = partial(cotangent, node, *node.operands)
        if contribution is None:
            return None
        return unbroadcast(contribution, node.operands[position].shape)

    return rule
