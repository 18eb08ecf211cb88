"""Excerpts: the part of a program that a step is about, down to what it leaves as it is.

A step deep in a program is ``exp(A) / sum(exp(A))``, and not the whole program up to there: A is a
tensor that its term reads, and ``step_3`` is what another step became.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rewriter.engine.result import Result
from rewriter.graph import operators as o
from rewriter.graph.node import Node, make_node, with_operands
from rewriter.text.printing import pprint


@dataclass(frozen=True)
class Setting:
    """What a step's surroundings are called.

    Attributes:
        inputs: the names of the graph's inputs.
        steps: what other steps rewrite, and what they make, with the step's name.
    """

    inputs: frozenset[str]
    steps: Mapping[Node, str]

    def around(self, *own: Node) -> dict[Node, str]:
        """Return the names of what other steps speak of."""
        return {node: name for node, name in self.steps.items() if node not in own}


def setting_of(result: Result) -> Setting:
    """Return the setting of all steps of a result."""
    inputs = frozenset(str(node.attribute("name")) for node in result.before.inputs)
    steps: dict[Node, str] = {}
    for number, step in enumerate(result.steps, 1):
        for node in (step.before, step.after):
            if node.operands:
                steps.setdefault(node, f"step_{number}")
    return Setting(inputs, steps)


def interior(root: Node, ends: Collection[Node]) -> list[Node]:
    """Return the nodes below a root and above ``ends``, operands first."""
    found: list[Node] = []
    seen: set[Node] = set()
    stack = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            found.append(node)
        elif node not in seen and (node not in ends or node is root):
            seen.add(node)
            stack.append((node, True))
            stack.extend((operand, False) for operand in reversed(node.operands))
    return found


def excerpt(root: Node, names: Mapping[Node, str]) -> str:
    """Return a node as a formula in which the nodes that have names stand as these."""
    made: dict[Node, Node] = {
        node: _named(node, name) for node, name in names.items() if node is not root
    }
    for node in interior(root, made):
        made[node] = with_operands(node, tuple(made[operand] for operand in node.operands))
    return pprint(made[root])


def _named(node: Node, name: str) -> Node:
    attributes = (("dtype", node.dtype), ("name", name), ("shape", node.shape))
    return make_node(o.INPUT, (), attributes, node.shape, node.dtype)
