"""Excerpts: the part of a program that a step is about, down to what it leaves as it is.

A step deep in a program is ``exp(A) / sum(exp(A))``, and not the whole program up to there: A is a
tensor that its term reads, and ``step_3`` is what another step became.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from rewriter.engine.result import Result
from rewriter.graph import operators as o
from rewriter.graph.node import Node, make_node, topological, with_operands
from rewriter.text.printing import pprint


class Others(Mapping[Node, str]):
    """Names of nodes, but for some."""

    def __init__(self, names: Mapping[Node, str], own: Collection[Node]) -> None:
        self._names, self._own = names, own

    def __getitem__(self, node: Node) -> str:
        if node in self._own:
            raise KeyError(node)
        return self._names[node]

    def __iter__(self) -> Iterator[Node]:
        return (node for node in self._names if node not in self._own)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, node: object) -> bool:
        return node not in self._own and node in self._names


@dataclass(frozen=True)
class Setting:
    """What a step's surroundings are called.

    Attributes:
        inputs: the names of the graph's inputs.
        steps: what other steps rewrite, and what they make, with the step's name.
        rebuilt: what became of each node of the first graph whose operands were rewritten.
    """

    inputs: frozenset[str]
    steps: Mapping[Node, str]
    rebuilt: Mapping[Node, Node]

    def around(self, *own: Node) -> Mapping[Node, str]:
        """Return the names of what other steps speak of."""
        return Others(self.steps, own)

    def named(self, tensors: Mapping[Node, str], around: Mapping[Node, str]) -> Mapping[Node, str]:
        """Return the names of tensors, as they were and as they became, below those around."""
        became = {self.rebuilt[n]: name for n, name in tensors.items() if n in self.rebuilt}
        return ChainMap(around, dict(tensors), became)  # type: ignore[arg-type]


def setting_of(result: Result) -> Setting:
    """Return the setting of all steps of a result."""
    inputs = frozenset(str(node.attribute("name")) for node in result.before.inputs)
    steps: dict[Node, str] = {}
    rebuilt: dict[Node, Node] = {}
    for number, step in enumerate(result.steps, 1):
        for node in (step.before, step.after):
            if node.operands:
                steps.setdefault(node, f"step_{number}")
    for step in result.steps:
        rebuilt.setdefault(step.before, step.after)
    for node in topological(result.before.outputs):
        operands = tuple(rebuilt.get(p, p) for p in node.operands)
        if node not in rebuilt and operands != node.operands:
            rebuilt[node] = with_operands(node, operands)
    return Setting(inputs, steps, rebuilt)


def is_short(root: Node, ends: Collection[Node], most: int) -> bool:
    """Tell whether there are at most so many nodes below a root and above ``ends``."""
    found, stack = {root}, [root]
    while stack and len(found) <= most:
        more = [p for p in stack.pop().operands if p not in found and p not in ends]
        found.update(more)
        stack += more
    return len(found) <= most


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
    made: dict[Node, Node] = {}
    for node in interior(root, names):
        operands = (_made(operand, made, names) for operand in node.operands)
        made[node] = with_operands(node, tuple(operands))
    return pprint(made[root])


def _made(node: Node, made: Mapping[Node, Node], names: Mapping[Node, str]) -> Node:
    return made[node] if node in made else _named(node, names[node])


def _named(node: Node, name: str) -> Node:
    attributes = (("dtype", node.dtype), ("name", name), ("shape", node.shape))
    return make_node(o.INPUT, (), attributes, node.shape, node.dtype)
