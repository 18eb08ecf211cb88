"""Rules that rewrite for ever, found where they are written or put together.

A rule is applied to its own left side, with its variables taken as constants of which the
conditions hold. What comes out, or a part of it, may be a redex again; if a chain of such rewrites
meets an instance of the left side that it began with, it can be gone through once more, and again
(the loops of dependency pairs: Arts & Giesl 2000, "Termination of term rewriting using dependency
pairs"). Every chain that is reported is a derivation that does not end; that none is found is no
proof of termination, for which the budget stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from rewriter.authoring.instantiation import instance
from rewriter.errors import LoopError, PatternError
from rewriter.facts import interval as i
from rewriter.facts.ranges import refine
from rewriter.graph import operators as o
from rewriter.graph.graph import input
from rewriter.graph.node import Node
from rewriter.matching.protocol import operands_of, variables_of
from rewriter.matching.variable import Abstraction, Function, IndexVariable
from rewriter.terms.algebra import as_combination
from rewriter.terms.binding import extent_term
from rewriter.terms.index import Axis
from rewriter.terms.term import Element
from rewriter.terms.views import term_of, view

LARGEST_SEARCH = 48
"""Rewrites that are tried from one rule's left side."""

MOST_PARTS = 64
"""Parts of a term that are looked at."""

LONGEST_TERM = 80
"""Characters of a term in a report."""

Step = tuple[Any, Any]
"""A rule and the term that it rewrites."""


def refuse_loops(rules: Sequence[Any]) -> None:
    """Refuse rules that rewrite for ever when each is applied wherever it matches.

    Raises:
        LoopError: with the rules, their lines and the cycle.
    """
    for rule in rules:
        found = cycle_from(rule, rules)
        if found:
            raise loop_error(found)


def loops_among(rules: Sequence[Any]) -> list[LoopError]:
    """Return the cycles of several rules that rewrite for ever together, each once.

    Of an equation, which loops with itself, the forward direction is taken; rules that loop alone
    were stated to be applied once.
    """
    found: dict[frozenset[Any], LoopError] = {}
    directed = [rule for rule in rules if not getattr(rule, "turned", False)]
    for rule in directed:
        steps = cycle_from(rule, [one for one in directed if one is rule or not _loops(one)])
        if steps and len({one for one, _ in steps}) > 1:
            found.setdefault(frozenset(one for one, _ in steps), loop_error(steps))
    return list(found.values())


def _loops(rule: Any) -> bool:
    return cycle_from(rule, [rule]) is not None


def orient(rule: Any) -> None:
    """Refuse a rule that loops alone; one that only permutes what it has is oriented instead.

    A law such as ``Σ_i Σ_j f[i,j] = Σ_j Σ_i f[i,j]`` has sides of one size that are instances of
    one another. It then fires only where its result comes first in the order of terms (ordered
    rewriting: Martin & Nipkow 1990, "Ordered rewriting and confluence").

    Raises:
        LoopError: with the rule's line and the cycle.
    """
    found = cycle_from(rule, [rule])
    if found and len({len(str(term)) for _, term in found}) == 1:
        rule.ordered = True
        found = cycle_from(rule, [rule])
    if found:
        raise loop_error(found)


def comes_first(one: Any, other: Any) -> bool:
    """Tell whether a term is smaller than another: by its size, then by its structure."""
    return bool((len(str(one)), one.order) < (len(str(other)), other.order))


def loop_error(steps: Sequence[Step]) -> LoopError:
    """Return the error that names a cycle; its last step rewrites an instance of the first's."""
    names = list(dict.fromkeys(str(rule) for rule, _ in steps))
    own = f"{steps[0][0].name}:"
    chain = " → ".join(
        (f"({rule.name}) " if rule is not None else "") + brief(term).replace(own, "")
        for rule, term in _shown(steps)
    )
    who = "the rule rewrites" if len(names) == 1 else "the rules rewrite"
    cycle = tuple((rule.name, str(rule.origin), str(term).replace(own, "")) for rule, term in steps)
    return LoopError(f"{who} for ever: {chain} → …", culprit=", ".join(names), cycle=cycle)


def _shown(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield each term with the rule that made it; the first term with none."""
    rule = None
    for made_by, term in steps:
        yield rule, term
        rule = made_by


def brief(term: object) -> str:
    """Return a term as text, cut where it is long."""
    text = str(term)
    return text if len(text) <= LONGEST_TERM else f"{text[:LONGEST_TERM]}…"


def cycle_from(rule: Any, rules: Sequence[Any]) -> list[Step] | None:
    """Return a chain of rewrites from a rule's left side to an instance of it, or None.

    Args:
        rule: the rule that begins and ends the chain.
        rules: those that may be applied between, earlier ones first.
    """
    if not hasattr(rule, "written") or rule.known:
        return None
    start = instance(term_of(rule.left), constants(rule))
    first = _first(start, rules)
    if first is None or first.rule is not rule:
        return None
    seen: set[Any] = set()
    waiting: list[list[Any]] = [[(rule, start), first.result]]
    for path in waiting:  # which grows
        *steps, result = path
        for part in parts(result):
            found = None if part in seen else _first(part, rules)
            if found is None:
                continue
            seen.add(part)
            if found.rule is rule:
                return [*steps, (rule, part)]
            if len(waiting) < LARGEST_SEARCH:
                waiting.append([*steps, (found.rule, part), found.result])
    return None


def _first(term: Any, rules: Sequence[Any]) -> Any:
    """Return the first match that rewrites a term to another, as the rules are ordered."""
    for rule in rules:
        with suppress(PatternError):  # no pattern that terms can be matched with: it never fires
            for match in rule.matches(term):
                if match.proved and match.result is not term:
                    return match
    return None


def parts(term: Any) -> Iterator[Any]:
    """Yield a term and what it is made of, the whole first."""
    stack, count = [view(term)], 0
    seen: set[Any] = set()
    while stack and count < MOST_PARTS:
        current = stack.pop(0)
        if current in seen:
            continue
        seen.add(current)
        count += 1
        yield term_of(current)
        stack += [p for p in operands_of(current) if not isinstance(p, Axis)]


def constants(rule: Any) -> Mapping[Any, Any]:
    """Return a constant for each variable of a rule, of which its conditions hold by assumption."""
    values: dict[Any, Any] = {}
    nodes: dict[Any, Node] = {}
    arity = _arities(rule.left) | _arities(rule.right)
    for variable in sorted(variables_of(rule.left) | rule.counts.wanted, key=str):
        if variable in rule.counts.wanted:
            values[variable] = view(extent_term(Axis(str(variable), "n")))
            continue
        if isinstance(variable, IndexVariable):
            values[variable] = Axis(str(variable), "n")
            continue
        axes = tuple(Axis(f"i{k}", "n") for k in range(arity.get(variable, 0)))
        node = input(f"{rule.name}:{variable}", ("n",) * len(axes), "float64")
        nodes[variable] = node
        body = view(as_combination(Element.make(node, axes)))
        values[variable] = Abstraction(axes, body) if axes else body
        if isinstance(variable, Function) and not axes:
            values[variable] = body
        if getattr(variable, "accepts", None) is not None:
            refine(node, i.POSITIVE)
    for condition in rule.conditions:
        assume(condition, nodes)
    return values


def _arities(term: Any) -> dict[Any, int]:
    found: dict[Any, int] = {}
    stack = [term_of(term)]
    seen: set[Any] = set()
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, tuple):
            stack.extend(current)
        elif hasattr(current, "function") and hasattr(current, "arguments"):
            found[current.function] = len(current.arguments)
        elif hasattr(current, "parts"):
            stack.extend(current.parts)
    return found


def assume(condition: Any, nodes: Mapping[Any, Node]) -> None:
    """Take a comparison of a variable with a number as a fact about its constant."""
    compared = condition.expression
    if compared is None or condition.index is not None or compared.operator not in _BOUNDS:
        return
    left, right = compared.operands
    variable = left.attribute("variable")
    head = getattr(variable, "function", variable)
    if head in nodes and right.operator is o.CONSTANT:
        refine(nodes[head], _BOUNDS[compared.operator](float(right.attribute("value").array)))


_BOUNDS = {
    o.GREATER: lambda c: i.Interval(c, low_open=True),
    o.GREATER_EQUAL: lambda c: i.Interval(c),
    o.LESS: lambda c: i.Interval(high=c, high_open=True),
    o.LESS_EQUAL: lambda c: i.Interval(high=c),
}
