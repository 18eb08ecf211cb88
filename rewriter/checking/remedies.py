"""Remedies: conditions under which a law that is refuted holds after all.

A law may be right but for an empty axis, or for the place at which a divisor vanishes. Conditions
are tried one after the other, the weakest first: of those that shut a counterexample out, the one
after which none is found is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rewriter.authoring.condition import Condition, condition_of
from rewriter.authoring.pattern import BOUND_SUM, UNKNOWN
from rewriter.checking import balls
from rewriter.checking.elaboration import Law
from rewriter.checking.points import Values
from rewriter.errors import RewriterError
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.node import Node, apply, topological
from rewriter.matching.variable import Applied

MOST_CONDITIONS = 3
"""Conditions of one remedy."""
MOST_TRIED = 6
"""Conditions that are tried against one counterexample."""


@dataclass(frozen=True)
class Remedy:
    """Conditions that a law lacks.

    Attributes:
        conditions: the conditions.
        source: each as a rule has it, ``rw.not_equal(y, 0)``.
        empty: that an axis is not empty is all they say.
    """

    conditions: tuple[Condition, ...]
    source: tuple[str, ...]
    empty: bool

    def __str__(self) -> str:
        where = "for an empty axis alone" if self.empty else "without a condition alone"
        return f"it is false {where}: with when=[{', '.join(self.source)}] it is proved"


@dataclass(frozen=True)
class _Candidate:
    condition: Condition
    source: str
    counts: bool


def remedy(law: Law, sizes: dict[str, int], values: Values, proves: Any) -> Remedy | None:
    """Return conditions with which a law is proved, or None where none are found.

    Args:
        law: the law.
        sizes: those of a counterexample.
        values: its numbers, each array with a leading axis of 1.
        proves: tells of a law whether it is proved.
    """
    added: list[_Candidate] = []
    while len(added) < MOST_CONDITIONS:
        found = _next(law, added, sizes, values)
        if found is None:
            return None
        candidate, failure = found
        added.append(candidate)
        if failure is None:
            break
        sizes, values = dict(failure.sizes), failure.values
    changed = _with(law, added)
    if failure is not None or not proves(changed):
        return None
    return Remedy(tuple(one.condition for one in added), tuple(one.source for one in added),
                  all(one.counts for one in added))  # fmt: skip


def _with(law: Law, added: Iterable[_Candidate]) -> Law:
    return Law(law.left, law.right, (*law.conditions, *(one.condition for one in added)))


def _next(
    law: Law, added: Sequence[_Candidate], sizes: dict[str, int], values: Values
) -> tuple[_Candidate, balls.Failure | None] | None:
    """Return the condition to add, and a counterexample that is left, of which the law has none."""
    best, tried = None, 0
    for candidate in _candidates(law):
        changed = _with(law, [*added, candidate])
        if not _shuts_out(changed, sizes, values):
            continue
        tried += 1
        failure = _failure(changed)
        if failure is None:
            return candidate, None
        best = best or (candidate, failure)
        if tried == MOST_TRIED:
            break
    return best


def _shuts_out(law: Law, sizes: dict[str, int], values: Values) -> bool:
    try:
        report = balls.Examiner(law).examine(sizes, values)
    except RewriterError:
        return False
    return bool(report.outside) and not report.failures


def _failure(law: Law) -> balls.Failure | None:
    for report in balls.searches(law):
        if report.failures:
            return report.failures[0]
    return None


# What may be missing ------------------------------------------------------------------------------


def _candidates(law: Law) -> Iterator[_Candidate]:
    """Yield conditions, the weakest first."""
    nodes = list(topological([law.left, law.right]))
    for node in nodes:
        if node.operator is BOUND_SUM or _is_applied(node):
            yield from _counts(node)
    atoms = [node for node in nodes if node.operator is UNKNOWN]
    divisors = [node.operands[1] for node in nodes if node.operator is o.DIVIDE]
    for node in dict.fromkeys((*atoms, *divisors)):
        yield from _compared(node, e.not_equal, "rw.not_equal({}, 0)")
    roots = [node.operands[0] for node in nodes if node.operator in (o.SQRT, o.RSQRT, o.LOG)]
    for node in dict.fromkeys((*atoms, *roots)):
        yield from _compared(node, e.greater_equal, "{} >= 0")
        yield from _compared(node, e.greater, "{} > 0")
    for node in atoms:
        yield from _compared(node, e.less_equal, "{} <= 0")


def _is_applied(node: Node) -> bool:
    return node.operator is UNKNOWN and isinstance(node.attribute("variable"), Applied)


def _counts(node: Node) -> Iterator[_Candidate]:
    """That there is a place, for each index."""
    applied = node.attribute("variable")
    axes = [node.attribute("index")] if applied is None else list(applied.arguments)
    for axis in axes:
        count = apply(BOUND_SUM, [e.as_node(1.0, "float64")], {"index": axis})
        source = f"rw.sum(1.0, over={axis.name}) > 0"
        yield _Candidate(condition_of(e.greater(count, 0.0)), source, True)


def _compared(node: Node, compare: Any, text: str) -> Iterator[_Candidate]:
    if node.operator is o.CONSTANT or node.shape != ():
        return
    try:
        yield _Candidate(condition_of(compare(node, 0.0)), text.format(source_of(node)), False)
    except RewriterError:
        return


_INFIX = {o.ADD: "+", o.SUBTRACT: "-", o.MULTIPLY: "*", o.DIVIDE: "/", o.POWER: "**"}


def source_of(root: Node) -> str:
    """Return an expression of a rule's variables as Python."""
    made: dict[Node, str] = {}
    for node in topological((root,)):
        parts = [made[p] for p in node.operands]
        if node.operator not in _INFIX:
            parts = [_bare(p, text) for p, text in zip(node.operands, parts, strict=True)]
        if node.operator is UNKNOWN:
            made[node] = str(node.attribute("variable"))
        elif node.operator is o.CONSTANT:
            made[node] = f"{node.attribute('value').array.item():g}"
        elif node.operator is BOUND_SUM:
            made[node] = f"rw.sum({parts[0]}, over={node.attribute('index').name})"
        elif node.operator in _INFIX:
            made[node] = f"({parts[0]} {_INFIX[node.operator]} {parts[1]})"
        else:
            made[node] = f"rw.{node.operator.name}({', '.join(parts)})"
    return _bare(root, made[root])


def _bare(node: Node, text: str) -> str:
    return text[1:-1] if node.operator in _INFIX else text
