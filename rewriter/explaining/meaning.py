"""What the letters of a legend stand for, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rewriter.explaining.excerpt import excerpt, is_short
from rewriter.graph.node import Node
from rewriter.terms.index import axis
from rewriter.terms.legend import Legend
from rewriter.terms.naming import definition_of
from rewriter.terms.traversal import levels_bound

MOST_DEFINITIONS = 12
"""Lines of definitions under one step; how many more there are is said."""

LONGEST = 100
"""Of longer formulas only the operation is named, since the program has them."""


def definitions(legend: Legend, around: Mapping[Node, str]) -> Iterator[str]:
    """Yield ``A = einsum("ab,bc->ac", q, k)`` for each tensor that got a name.

    A definition may bring further names: they follow, up to `MOST_DEFINITIONS`.

    Args:
        legend: the names.
        around: names of other nodes, which a formula may use.
    """
    done = 0
    while done < len(legend.tensors):
        node = list(legend.tensors)[done]
        if done == MOST_DEFINITIONS:
            yield f"and {len(legend.tensors) - done} more like these"
            return
        yield _definition(node, legend.tensors[node], legend, around)
        done += 1


def _definition(node: Node, name: str, legend: Legend, around: Mapping[Node, str]) -> str:
    meant = definition_of(node)
    if meant is None:
        if node in around:
            return f"{name} = {around[node]}"
        formula = excerpt(node, around) if is_short(node, around, LONGEST) else "\n"
        if len(formula) > LONGEST or "\n" in formula:
            formula = f"{node.operator.name}(…)"
        return f"{name} = {formula}, from {node.origin}"
    places = [axis(k, extent) for k, extent in enumerate(node.shape)]
    with legend.parameters(places, levels_bound(meant)) as letters:
        indices = f"[{', '.join(letters)}]" if letters else ""
        return f"{name}{indices} = {meant}"
