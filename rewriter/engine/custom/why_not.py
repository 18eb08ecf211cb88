"""Why a rule does not fire: which condition is not proved where, or what differs from its form.

>>> import rewriter as rw
>>> @rw.rule
... def root_of_square(x: rw.Real):
...     \"\"\"√(sin²x) = sin x, for sin x > 0.\"\"\"
...     return rw.rewrite(rw.sqrt(rw.sin(x) * rw.sin(x)), to=rw.sin(x), when=[rw.sin(x) > 0])
>>> angle = rw.input("angle", ())
>>> graph = rw.Graph([angle], [rw.sqrt(rw.square(rw.sin(angle)))])
>>> rw.why_not(graph, root_of_square).reason
'not proved: sin(angle) > 0'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rewriter.authoring.loops import brief
from rewriter.authoring.unguarded import unguarded
from rewriter.engine.assumptions import Assumptions, assumption
from rewriter.engine.custom.derivation import (
    WrittenWindows,
    compares,
    is_rewritten,
    matches_of,
    written_matches,
)
from rewriter.engine.custom.nearness import NearMiss, nearest
from rewriter.engine.custom.window import Window
from rewriter.facts.verdict import PROVED, REFUTED, Fact
from rewriter.graph.dtype import is_float
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.graph.primitive import Kind
from rewriter.terms.views import view

__all__ = ["Blocked", "WhyNot", "why_not"]


@dataclass(frozen=True)
class Blocked:
    """A place where the left side matches and a condition is not proved.

    Attributes:
        node: the place.
        substitution: what each variable of the rule stands for there.
        missing: the facts that are refuted or unknown.
    """

    node: Node
    substitution: Any
    missing: tuple[Fact, ...]

    def __str__(self) -> str:
        lines = [f"at {self.node.origin}: {self.node!r}"]
        lines += [f"  {name} := {value}" for name, value in self.substitution.items()]
        for fact in self.missing:
            answer = "refuted" if fact.answer is REFUTED else "not proved"
            lines.append(f"  {answer}: {fact.statement} ({fact.reason})")
        unlocked = [assumption(fact) for fact in self.missing if fact.answer is not REFUTED]
        if len(unlocked) == len(self.missing) and all(unlocked):
            lines.append(f"  to assume it: assuming=[{', '.join(map(str, unlocked))}]")
        return "\n".join(lines)


@dataclass(frozen=True)
class WhyNot:
    """What keeps a rule from firing.

    Attributes:
        rule: the rule's name.
        fires: places at which it does fire.
        blocked: places at which a condition holds it back.
        held: places at which both of its sides are one term to the theory.
        known: both of its sides are one term to the theory, whatever its variables stand for.
        ordered: its sides are permutations of one another.
        looked_at: how many places there are.
        nearest: where no place is an instance of the left side, the one that has most of it.
        read: where nothing is near, what the theory reads the outputs as.
    """

    rule: str
    fires: tuple[Node, ...]
    blocked: tuple[Blocked, ...]
    looked_at: int
    nearest: NearMiss | None = None
    held: tuple[Node, ...] = ()
    read: tuple[str, ...] = ()
    known: bool = False
    ordered: bool = False

    @property
    def reason(self) -> str:
        """One line: the first missing condition, or what differs from the left side."""
        if self.fires:
            return f"it fires at {self.fires[0]!r}"
        if not self.blocked and self.held:
            return f"the theory holds it already: both sides are one term at {self.held[0]!r}"
        if not self.blocked and self.known:
            return "the theory holds it already: both of its sides are one term"
        if not self.blocked and self.ordered and self.nearest:
            return (
                f"its sides are permutations of one another, and {self.nearest.node!r} is the one "
                "that comes first already: a rule that went both ways would not end"
            )
        if not self.blocked:
            none = f"none of {self.looked_at} places is an instance of the left side"
            near = self.nearest.differences if self.nearest else ()
            return f"{none}: {near[0]}" if near else none
        fact = self.blocked[0].missing[0]
        answer = "refuted" if fact.answer is REFUTED else "not proved"
        return f"{answer}: {fact.statement}"

    def __str__(self) -> str:
        lines = [f"{self.rule}: {self.reason}"]
        lines += [f"  the theory reads {text}" for text in self.read]
        if self.nearest is not None:
            lines += [f"  {line}" for line in str(self.nearest).splitlines()]
        for place in self.blocked:
            lines += [f"  {line}" for line in str(place).splitlines()]
        return "\n".join(lines)


def why_not(graph: Graph, rule: Any, assuming: Any = ()) -> WhyNot:
    """Say why a rule does not fire in a graph.

    Args:
        graph: the graph.
        rule: the rule.
        assuming: comparisons that hold, by your word, as for `rewriter.optimize`.

    Raises:
        ConditionError: something assumed is no comparison of expressions of the graph.
    """
    given = Assumptions(graph, assuming)
    inside = given.within(graph)
    with given.in_force():
        found = _why_not(inside, rule)
        return found if found.nearest is None else _why_not(inside, unguarded(rule))


def _why_not(graph: Graph, rule: Any) -> WhyNot:
    reader = Window(compares(rule))
    written = WrittenWindows()
    fires: list[Node] = []
    blocked: dict[Any, Blocked] = {}
    held: list[Node] = []
    places = [(node, reader(node)) for node in graph.nodes() if is_float(node.dtype)]
    for node, term in places:
        found = list(matches_of(rule, term))
        held += [node for match in found if match.result is term]
        found = [match for match in found if match.result is not term]
        if is_rewritten(node) and not found:
            found += written_matches(rule, node, written)
        for match in found:
            missing = tuple(fact for fact in match.facts if fact.answer is not PROVED)
            if missing and node.operator.kind is not Kind.INDEXING:
                said = (node, frozenset(fact.statement for fact in missing))
                blocked.setdefault(said, Blocked(node, match.substitution, missing))
            elif not missing:
                fires.append(node)
    near, read = None, list[str]()
    if not fires and not blocked and not held and hasattr(rule, "left"):
        near = nearest(((node, view(term)) for node, term in places), rule.left)
        if near is None:
            read = [f"{node!r} as {brief(term)}" for node, term in places if node in graph.outputs]
    left, right = getattr(rule, "left", None), getattr(rule, "right", rule)
    return WhyNot(
        str(rule.name), tuple(fires), tuple(blocked.values()), len(places), near, tuple(held),
        tuple(read), left is right, bool(getattr(rule, "ordered", False)),
    )  # fmt: skip
