"""Statements from nodes: a value used twice gets a name, one used once is nested while it is short.

A variable is dropped after its last use, so that its memory is used again: for large arrays, fresh
memory costs more than arithmetic. A sum that is also there with its axes kept is read off that one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from rewriter.graph import operators as o
from rewriter.graph.declared import declaration_of
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.lowering.numpy_backend import elementwise_rules, index_rules, reduction_rules
from rewriter.lowering.numpy_backend.phrase import ATOM, Phrase, names_of
from rewriter.lowering.numpy_backend.scope import Scope

LONGEST_NESTED = 44
"""An expression of more characters than this is not nested into another."""

DEEPEST_NESTED = 3
"""Nor is one in which more than so many calls and operators are nested."""

LONGEST_WITHOUT_RELEASE = 3
"""A function of more statements than this drops its variables; a short one holds little anyway."""

LONGEST_RETURN = 80
"""Results that take more characters stand on a line each."""

RULES = {**elementwise_rules.RULES, **reduction_rules.RULES, **index_rules.RULES}

_TRANSPARENT = frozenset((o.STOP_GRADIENT,))
_REDUCTIONS = frozenset((o.SUM, o.PROD, o.MAX, o.MIN, o.ALL, o.ANY))
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z")


class Writer:
    """Writes the source of one graph.

    Args:
        graph: the graph.
        opaque: how an opaque call's node, or that of an operator that a user declared, becomes a
            function on NumPy arrays.
    """

    def __init__(self, graph: Graph, opaque: Callable[[Node], Any]) -> None:
        self.scope = Scope(graph, opaque)
        self._graph = graph
        self._kept = {_reduced(node): node for node in graph.nodes() if _keeps_axes(node)}
        self._uses = _use_counts(graph, self._kept)
        self._phrases: dict[Node, Phrase] = {}
        self._statements: list[tuple[str | None, Phrase]] = []

    def source(self) -> str:
        """Return the text of a module that defines the function."""
        for node in self._graph.nodes():
            self._write(node)
        results = [self._phrases[node] for node in self._graph.outputs]
        if len(results) == 1 and self._statements and self._statements[-1][0] == results[0].code:
            results = [self._statements.pop()[1]]
        self._statements.append((None, _returned(results)))
        arguments = ", ".join(self.scope.inputs[node] for node in self._graph.inputs)
        body = [*self.scope.size_lines(), *self._body()]
        lines = [*self._heading(), '@np.errstate(all="ignore")',
                 f"def {self.scope.function}({arguments}):"]  # fmt: skip
        return "\n".join([*lines, *("    " + line for line in body)]) + "\n"

    def _heading(self) -> list[str]:
        lines = ["import numpy as np"]
        if self.scope.types:
            lines.append(f"from ml_dtypes import {', '.join(sorted(self.scope.types))}")
        if self.scope.helpers:
            helpers = ", ".join(sorted(self.scope.helpers))
            lines += ["", f"from rewriter.lowering.numpy_backend.runtime import {helpers}"]
        lines += [f"{name} = {text}" for name, text in self.scope.constants.items()]
        return [*lines, "", ""]

    def _write(self, node: Node) -> None:
        if node in self._phrases:
            return
        operands = [self._phrases[operand] for operand in node.operands]
        twin = self._kept.get(_reduced(node), node)
        if twin is node:
            phrase = _rule(node)(node, operands, self.scope)
        else:
            self._write(twin)
            phrase = reduction_rules.squeezed(node, self._phrases[twin])
        if not self._nests(node, phrase):
            first = operands[0].code if operands and _IDENTIFIER.match(operands[0].code) else None
            name = self.scope.names.for_node(node, first)
            self._statements.append((name, phrase))
            phrase = Phrase(name, ATOM, (name,))
        self._phrases[node] = phrase

    def _nests(self, node: Node, phrase: Phrase) -> bool:
        if phrase.depth == 0 and node.operator in (o.INPUT, o.CONSTANT):
            return True
        if node.operator in _TRANSPARENT:
            return True
        short = len(phrase.code) <= LONGEST_NESTED and phrase.depth <= DEEPEST_NESTED
        return short and self._uses[node] <= 1

    def _body(self) -> list[str]:
        release = len(self._statements) > LONGEST_WITHOUT_RELEASE
        given = set(self.scope.inputs.values())
        last: dict[str, int] = {}
        if release:
            for place, (_, phrase) in enumerate(self._statements):
                last.update(dict.fromkeys(phrase.names, place))
        dying: dict[int, list[str]] = {}
        for variable, place in last.items():
            if variable not in given:
                dying.setdefault(place, []).append(variable)
        lines = []
        for place, (name, phrase) in enumerate(self._statements):
            lines.append(f"{name} = {phrase.code}" if name else f"return {phrase.code}")
            if name and place in dying:
                lines.append(f"del {', '.join(dying[place])}")
        return lines


def _rule(node: Node) -> elementwise_rules.Rule:
    if declaration_of(node.operator) is not None:
        return elementwise_rules.declared
    return RULES.get(node.operator, elementwise_rules.unknown)


def _returned(results: list[Phrase]) -> Phrase:
    ends = [result.code for result in results]
    text = ", ".join(ends) or "()"
    if len(ends) > 1 and len(text) > LONGEST_RETURN:
        text = "\n".join(["(", *(f"        {end}," for end in ends), "    )"])
    return Phrase(text, ATOM, names_of(results))


def _keeps_axes(node: Node) -> bool:
    return node.operator in _REDUCTIONS and bool(node.attribute("keepdims"))


def _reduced(node: Node) -> Hashable:
    """What a reduction computes, whether it keeps its axes or not; None for other nodes."""
    if node.operator not in _REDUCTIONS:
        return None
    return (node.operator, node.operands, node.attribute("axis"), node.dtype)


def _use_counts(graph: Graph, kept: Mapping[Hashable, Node]) -> Counter[Node]:
    """How often each value is read; what passes a value through hands its uses on."""
    counts: Counter[Node] = Counter(graph.outputs)
    counts.update(kept[_reduced(node)] for node in graph.nodes() if _reduced(node) in kept)
    counts.subtract(kept.values())
    for node in reversed(list(graph.nodes())):
        for operand in node.operands:
            counts[operand] += counts[node] if node.operator in _TRANSPARENT else 1
    return counts
