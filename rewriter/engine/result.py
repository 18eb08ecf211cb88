"""What optimizing a graph did, and on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rewriter.authoring.statistics import count_fired, counting
from rewriter.authoring.trace import CONDITIONS, REWRITES, traced
from rewriter.engine.entry import Entry
from rewriter.engine.region import Region
from rewriter.facts.verdict import PROVED
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
        reason: why it may be rewritten, where no law with variables says so.
    """

    before: Node
    after: Node
    hazard: str
    applied: list[Any]
    entry: Entry | None
    region: Region | None = None
    reason: str = "cancellation in the normal form"

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
        notes: budgets that were met, and a program that stays though laws would change it.
        unbounded: how many nodes were rebuilt from what nothing bounds.
        overflowing: how many outputs nothing is known to bound.
        narrow: of a graph that was taken to a wider type, what it was before; else None.
        numbers: what constants that the laws made are roundings of.
        carried: what was taken to the extended range, as it was before; else None.
    """

    before: Graph
    after: Graph
    steps: list[Step] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)
    blocked: list[tuple[Node, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unbounded: int = 0
    overflowing: int = 0
    narrow: Graph | None = None
    numbers: Mapping[Node, float] = field(default_factory=dict)
    carried: Graph | None = None

    @property
    def at_risk(self) -> int:
        """How many nodes are left with a hazard, or were rebuilt from what nothing bounds."""
        return self.unbounded + len(self.left)


def report(result: Result) -> None:
    """Count what was used, and write the trace, where somebody asked for it."""
    if counting():
        for step in result.steps:
            count_fired(step.matches)
    write = traced(REWRITES)
    if write is not None:
        for step in result.steps:
            for match in step.matches if step.entry is not None else ():
                write(f"rewrite at {step.before.origin} by {match.rule.name}: {step.hazard}")
    write = traced(CONDITIONS)
    if write is not None:
        for node, match in result.blocked:
            missing = "; ".join(str(f) for f in match.facts if f.answer is not PROVED)
            write(f"blocked at {node.origin}: {match.rule.name}: {missing}")
        for note in result.notes:
            write(f"note: {note}")
