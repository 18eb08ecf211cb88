"""explain: what was found where, which law cured it on which facts, and what was left and why."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence
from typing import Any

from rewriter.engine.optimizer import rewrite_graph
from rewriter.engine.result import Result, Step
from rewriter.facts.verdict import PROVED
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.terms.pairing import pair
from rewriter.terms.sign import interval_of
from rewriter.terms.term import Combination, Evaluated
from rewriter.text.printing import pprint


class Explanation:
    """The derivation of an optimized graph; its text is what a person reads.

    Attributes:
        result: the graphs and the steps between them.
    """

    def __init__(self, result: Result) -> None:
        self.result = result

    def __str__(self) -> str:
        return "\n".join(_report(self.result))

    def __repr__(self) -> str:
        return f"<Explanation of {len(self.result.steps)} rewrites>"


def explain(graph: Graph, rules: Sequence[Any] | None = None) -> Explanation:
    """Return what `optimize` does to a graph and why; arguments as for `optimize`."""
    return Explanation(rewrite_graph(graph, rules))


def _report(result: Result) -> Iterator[str]:
    count = len(result.steps)
    yield f"{count} rewrite{'' if count == 1 else 's'}" if count else "nothing to cure"
    for number, step in enumerate(result.steps, 1):
        yield ""
        yield from _step(number, step)
    for entry in result.left:
        yield ""
        yield f"left as it is  {_place(entry.node)}"
        yield f"  {pprint(entry.node)}"
        yield f"  hazard: {entry.hazard}; no law in force bounds it"
    for node, match in result.blocked:
        yield ""
        yield f"blocked  {match.rule.name}  {_place(node)}"
        yield f"  {pprint(node)}"
        yield from (f"  not proved: {f}" for f in match.facts if f.answer is not PROVED)
    for note in result.notes:
        yield f"note: {note}"


def _place(node: Node) -> str:
    origin = node.origin
    line = linecache.getline(origin.file, origin.line).strip() if origin.file else ""
    return f"{origin}: {line}" if line else str(origin)


def _step(number: int, step: Step) -> Iterator[str]:
    yield f"{number}. {_place(step.before)}"
    yield from _indented("was     ", pprint(step.before))
    yield from _indented("became  ", pprint(step.after))
    entry = step.entry
    if entry is not None:
        yield f"   reads   {entry.term}"
        for name, statement, substitution in _names(entry.term):
            yield f"   is      {statement}"
            yield f"           {name} with {substitution}"
    if step.hazard:
        yield f"   hazard  {step.hazard}"
    for match in step.matches:
        yield f"   law     {match.rule.name}: {match.rule.statement}"
        yield f"           {_values(match.substitution)}"
        yield from (f"   fact    {fact}" for fact in match.facts)
    if not step.matches:
        yield "   law     cancellation in the normal form"
    if entry is not None and entry.scaled is not None:
        yield from (f"   fact    {fact}" for fact in _facts(entry.scaled.term))


def _indented(label: str, text: str) -> Iterator[str]:
    first, *others = text.splitlines()
    yield f"   {label}{first}"
    yield from (f"           {line.strip()}" for line in others)


def _values(substitution: Any) -> str:
    shown = ((str(name), value) for name, value in substitution.items())
    return ", ".join(f"{name} := {value}" for name, value in shown if name != "remainder")


def _names(term: Combination) -> Iterator[tuple[str, str, str]]:
    """The forms that people know by name which the term is, by matching."""
    from rules import NAMED_FORMS

    for rule in NAMED_FORMS:
        match = next(iter(rule.matches(term)), None)
        if match is not None:
            yield rule.name, rule.statement, _values(match.substitution)
            return


def _facts(term: Combination) -> list[str]:
    """The bounds that the rewrite rests on: differences from maxima, sums that are at least 1."""
    found: dict[str, None] = {}
    paired = [pair(product.exponent) for product in term.products]
    for one in (*pair(term).differences, *(d for p in paired for d in p.differences)):
        if one.coefficient > 0 or one in pair(term).differences:
            found[f"{one.value} - {_short(one.maximum)} <= 0, a value less the largest"] = None
    for product in term.products:
        for base, _ in product.factors:
            if isinstance(base, Evaluated) and interval_of(base).low >= 1:
                found["its divisor >= 1, since the largest term is exp(0)"] = None
    return list(found)


def _short(maximum: Any) -> str:
    from rewriter.terms.functions import without_stop

    return str(without_stop(maximum))
