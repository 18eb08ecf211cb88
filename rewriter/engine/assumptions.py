"""Assumptions: what a user says holds of the values of a graph.

>>> import rewriter as rw
>>> @rw.rule
... def log_of_square(x: rw.Real):
...     \"\"\"log x² = 2·log|x|, for x ≠ 0.\"\"\"
...     return rw.rewrite(rw.log(x * x), to=2 * rw.log(rw.absolute(x)), when=rw.not_equal(x, 0))
>>> x = rw.input("x", ())
>>> graph = rw.Graph([x], [rw.log(x * x)])
>>> print(str(rw.why_not(graph, log_of_square)).splitlines()[-1].strip())
to assume it: assuming=[rw.not_equal(x, 0)]
>>> given = [rw.not_equal(x, 0)]
>>> print(rw.pprint(rw.optimize(graph, rules=[log_of_square], assuming=given)))
log(absolute(x)) * 2

An input of which something is assumed is another input while the graph is looked at, so that
nothing that is known of it is known elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rewriter.authoring.assumed import SIGNS, in_force
from rewriter.errors import ConditionError
from rewriter.facts import interval as i
from rewriter.facts.interval import ANYTHING, Interval
from rewriter.facts.verdict import Fact
from rewriter.graph import operators as o
from rewriter.graph.calls import substitute
from rewriter.graph.dtype import LARGEST_EXPONENT, is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, make_node, topological
from rewriter.terms.traversal import nodes_in

__all__ = ["Assumptions", "assumption"]

_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "!=": "!="}


class Assumptions:
    """What is assumed of a graph.

    Args:
        graph: the graph.
        comparisons: nodes, ``x > 0``, ``a <= b``, ``rw.not_equal(y, 0)``, over its inputs.

    Raises:
        ConditionError: something is no comparison, or speaks of other inputs.

    Attributes:
        relations: those of them that compare more than an input with a number.
        of_inputs: the others.
        inside: for each input of which something is assumed, the one that stands for it.
    """

    def __init__(self, graph: Graph, comparisons: Sequence[Node] | Node = ()) -> None:
        several = [comparisons] if isinstance(comparisons, Node) else list(comparisons)
        bounds: dict[Node, Interval] = {}
        self.relations: list[Node] = []
        self.of_inputs: list[Node] = []
        for one in several:
            _check(one, graph)
            said = _of_an_input(one)
            if said is None:
                self.relations.append(one)
            else:
                self.of_inputs.append(one)
                node, known = said
                bounds[node] = _both(bounds.get(node, ANYTHING), known)
        self.inside = {node: _stand_in(node, known) for node, known in bounds.items()}
        self.outside = {inner: node for node, inner in self.inside.items()}

    def within(self, graph: Graph) -> Graph:
        """Return the graph of inputs of which it is known what is assumed."""
        return _replaced(graph, self.inside)

    def without(self, graph: Graph) -> Graph:
        """Return a graph of such inputs as one of the inputs as they were."""
        return _replaced(graph, self.outside)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """In the block, conditions of rules may rest on what is assumed."""
        from rewriter.text.printing import pprint

        inner = substitute(tuple(self.relations), self.inside)
        texts = [pprint(node) for node in self.relations]
        with in_force(list(zip(texts, inner, strict=True))):
            yield


def _check(node: Any, graph: Graph) -> None:
    if not isinstance(node, Node) or node.operator not in SIGNS:
        raise ConditionError("an assumption is a comparison of expressions of a graph, by <, <=, "
                             ">, >= or rw.not_equal", culprit=repr(node))  # fmt: skip
    for below in topological((node,)):
        if below.operator is o.INPUT and below not in graph.inputs:
            raise ConditionError("an assumption speaks of an input that the graph does not have",
                                 culprit=below.attribute("name"))  # fmt: skip


def _of_an_input(comparison: Node) -> tuple[Node, Interval] | None:
    left, right = map(_without_layout, comparison.operands)
    sign = SIGNS[comparison.operator]
    if right.operator is o.INPUT:
        left, right, sign = right, left, _MIRRORED[sign]
    if left.operator is not o.INPUT or right.operator is not o.CONSTANT:
        return None
    array = right.attribute("value").array
    if array.size != 1 or (sign == "!=" and array.flat[0] != 0):
        return None
    value = float(array.flat[0])
    return left, {
        ">": Interval(value, low_open=True), ">=": Interval(value),
        "<": Interval(high=value, high_open=True), "<=": Interval(high=value),
        "!=": i.without_zero(ANYTHING),
    }[sign]  # fmt: skip


def _without_layout(node: Node) -> Node:
    while node.operator in (o.RESHAPE, o.BROADCAST_TO, o.TRANSPOSE):
        (node,) = node.operands
    return node


def _both(one: Interval, other: Interval) -> Interval:
    low = max((one.low, one.low_open), (other.low, other.low_open))
    high = min((one.high, not one.high_open), (other.high, not other.high_open))
    both = Interval(low[0], high[0], low[1], not high[1])
    return i.without_zero(both) if one.apart or other.apart else both


def _stand_in(node: Node, known: Interval) -> Node:
    attributes = (("assumed", known), *node.attributes)
    return make_node(o.INPUT, (), attributes, node.shape, node.dtype, node.origin)


def _replaced(graph: Graph, replacements: dict[Node, Node]) -> Graph:
    if not replacements:
        return graph
    inputs = [replacements.get(node, node) for node in graph.inputs]
    return Graph(inputs, substitute(graph.outputs, replacements), graph.convention)


_DTYPE = re.compile(r", (b?float\d+)\)")
_CALL = re.compile(r"\b([a-z_]\w*)\(")


def assumption(fact: Fact) -> str | None:
    """Return what to write in ``assuming=[…]`` so that a fact is known; None of other facts."""
    from rewriter.engine.building.builder import Builder
    from rewriter.engine.building.sharing import Shared
    from rewriter.text.printing import pprint

    if fact.compared is None:
        return None
    term, sign = fact.compared
    axes = tuple(sorted(term.free, key=str))
    dtypes = [node.dtype for node in nodes_in(term) if is_float(node.dtype)]
    dtype = max(dtypes, key=LARGEST_EXPONENT.__getitem__, default="float64")
    builder = Builder(lambda node: node, axes, dtype, frozenset(), Shared())
    text = _CALL.sub(r"rw.\1(", pprint(builder.combination(term).full(axes)))
    text = _DTYPE.sub(r', "\1")', text)
    return f"rw.not_equal({text}, 0)" if sign == "!=" else f"{text} {sign} 0"
