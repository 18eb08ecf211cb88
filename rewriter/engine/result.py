"""What optimizing a graph did, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rewriter.engine.entry import Entry
from rewriter.engine.region import Region
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node


@dataclass
class Step:
    """One rewrite.

    Attributes:
        before, after: what a node was and what it became.
        hazard: why its evaluation as it stood goes wrong; "" where a user's rule asked.
        applied: the matches of a user's rule.
        entry: what the engine knew of the node, or None for a user's rule.
        region: where it knew that from; what was put off is computed when it is asked for.
    """

    before: Node
    after: Node
    hazard: str
    applied: list[Any]
    entry: Entry | None
    region: Region | None = None

    @property
    def matches(self) -> list[Any]:
        """The matches of laws or rules, in the order in which they were used."""
        if self.entry is None or self.entry.scaled is None:
            return self.applied
        return self.entry.scaled.evidence.matches


@dataclass
class Result:
    """What optimizing a graph did.

    Attributes:
        before, after: the graphs.
        steps: the rewrites, operands first.
        left: nodes with a hazard that no law could cure.
        blocked: (node, match) pairs whose conditions were not all proved.
        notes: budgets that were met.
    """

    before: Graph
    after: Graph
    steps: list[Step] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)
    blocked: list[tuple[Node, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
