"""Laws that are kept because they are false, each with the numbers that show it.

>>> import rewriter as rw
>>> @rejected(x=-1.0)
... def root_of_square(x: rw.Real):
...     \"\"\"√(x²) = x.\"\"\"
...     return rw.rewrite(rw.sqrt(x * x), to=x)
>>> print(root_of_square.failure())
the sides differ: 1.0 against -1.0
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rewriter.checking import balls, floats
from rewriter.checking.checker import check_rule
from rewriter.checking.elaboration import Law
from rewriter.checking.equivalence import equivalent
from rewriter.checking.evaluation import at_each_point
from rewriter.checking.verdict import Verdict
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, topological

Array = np.ndarray[Any, Any]

__all__ = ["Rejected", "rejected", "rejected_graphs"]


@dataclass(frozen=True, eq=False)
class Rejected:
    """A law that is false.

    Attributes:
        name: what it is called.
        statement: the law, and why one might believe it or why it fails.
        subject: the rule, or a pair of graphs.
        values: the numbers at which it fails.
    """

    name: str
    statement: str
    subject: Any
    values: dict[str, Array]

    def verdict(self) -> Verdict:
        """Return what the checker finds on its own."""
        if isinstance(self.subject, tuple):
            return equivalent(*self.subject)
        return check_rule(self.subject, needs=False)

    def failure(self) -> str:
        """Return how the law fails at the numbers kept with it; empty where it does not."""
        if isinstance(self.subject, tuple):
            return self._graphs_failure()
        written = self.subject.written
        law = Law(written.left, written.right, written.conditions)
        sizes = {
            name: size
            for one in law.inputs
            for name, size in zip(one.places, self.values[one.name].shape, strict=True)
        }
        values = {one.name: self.values[one.name][None] for one in law.inputs}
        report = balls.Examiner(law).examine(sizes, values)
        if report.failures:
            found = report.failures[0]
            return f"{found.reason}: {found.left} against {found.right}"
        return floats.loss_at(law, sizes, values)

    def _graphs_failure(self) -> str:
        before, after = self.subject
        arguments = [self.values[node.attribute("name")] for node in before.inputs]
        graph = Graph(before.inputs, [before.outputs[0], after.outputs[0]])
        found = at_each_point(graph, arguments)
        if found is None:
            return ""
        pairs = zip(found[0].ravel().tolist(), found[1].ravel().tolist(), strict=True)
        return next((reason for x, y in pairs if (reason := balls.compare(x, y))), "")


def rejected(**values: Any) -> Callable[[Callable[..., Any]], Rejected]:
    """Keep a rule that is false, with numbers for its variables at which it fails."""

    def keep(function: Callable[..., Any]) -> Rejected:
        """Return the rule that a function states, with the numbers."""
        from rewriter.authoring import rule

        stated = rule.once(function)
        return Rejected(stated.name, stated.statement, stated, _arrays(values))

    return keep


def rejected_graphs(**values: Any) -> Callable[[Callable[[], tuple[Node, Node]]], Rejected]:
    """Keep a rewrite of tensors that is false: a function that returns both expressions."""

    def keep(function: Callable[[], tuple[Node, Node]]) -> Rejected:
        """Return the graphs of both expressions, with the numbers."""
        left, right = function()
        inputs = [n for n in topological([left, right]) if n.operator is o.INPUT]
        statement = inspect.cleandoc(function.__doc__ or "")
        pair = (Graph(inputs, [left]), Graph(inputs, [right]))
        return Rejected(function.__name__, statement, pair, _arrays(values))

    return keep


def _arrays(values: dict[str, Any]) -> dict[str, Array]:
    return {
        name: np.asarray(value, bool if isinstance(value, np.ndarray) else np.float64)
        for name, value in values.items()
    }
