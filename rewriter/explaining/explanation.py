"""explain: what was found where, which law cured it on which facts, and what was left and why."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rewriter.engine.optimizer import rewrite_graph
from rewriter.engine.result import Result
from rewriter.explaining.account import Account, Held, account_of, held_back
from rewriter.explaining.excerpt import Setting, excerpt, setting_of
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node


class Explanation:
    """The derivation of an optimized graph; its text is what a person reads.

    Attributes:
        result: the graphs and the steps between them.
    """

    def __init__(self, result: Result) -> None:
        self.result = result

    @cached_property
    def accounts(self) -> list[Account]:
        """One account for each step, operands first."""
        return [account_of(k, step, self.setting) for k, step in enumerate(self.result.steps, 1)]

    @cached_property
    def setting(self) -> Setting:
        """What the steps are called in one another's formulas."""
        return setting_of(self.result)

    def formula(self, node: Node) -> str:
        """Return a node as a formula in which what steps speak of has the step's name."""
        return excerpt(node, self.setting.around(node))

    @cached_property
    def held(self) -> list[Held]:
        """The places where a law has the form of what stands there, and a condition holds it."""
        return held_back(self.result.blocked)

    def __str__(self) -> str:
        from rewriter.explaining.text import lines_of

        return "\n".join(lines_of(self))

    def html(self) -> str:
        """Return one page that needs nothing else: both graphs drawn, and each step."""
        from rewriter.explaining.page import page

        return page(self)

    def __repr__(self) -> str:
        return f"<Explanation of {len(self.result.steps)} rewrites>"


def explain(
    graph: Graph, rules: Any = None, accuracy: str = "normwise", assuming: Any = ()
) -> Explanation:
    """Return what `optimize` does to a graph and why; arguments as for `optimize`."""
    return Explanation(rewrite_graph(graph, rules, accuracy, assuming))
