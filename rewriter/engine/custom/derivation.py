"""Derivations: rewrites at places of a graph, counted against a budget, with loops told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rewriter.authoring.loops import brief
from rewriter.authoring.trace import REWRITES, traced
from rewriter.authoring.written_rule import READERS
from rewriter.engine.custom.cost import operations
from rewriter.engine.custom.rules import build
from rewriter.engine.custom.window import Window
from rewriter.engine.result import Result, Step
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.terms.as_written import FlatReader, as_contractions
from rewriter.terms.naming import weight_of
from rewriter.terms.term import Combination
from rewriter.text.printing import pprint

LARGEST_DERIVATION = 32
"""Rewrites at one node; a derivation that is longer is broken off and reported."""

SHOWN = 3
"""Of a derivation that does not end, so many rewrites are reported."""


class Derivation:
    """Rewrites of one graph.

    Args:
        result: takes the steps, the matches that were blocked, and notes.
        budget: how many rewrites there may be.
    """

    def __init__(self, result: Result, budget: int) -> None:
        self.result, self.budget, self.left = result, budget, budget
        self.held_back: set[Any] = set()
        self.reader, self.comparing = Window(), Window(compares=True)
        self.written = WrittenWindows()

    def read(self, node: Node, rules: Sequence[Any]) -> Combination:
        """Return the term of a node, with comparisons where one of the rules has any."""
        return (self.comparing if any(map(compares, rules)) else self.reader)(node)

    def rewritten(self, node: Node, rules: Sequence[Any]) -> Node:
        """Return a node rewritten by the first rule that fires, once."""
        if not is_rewritten(node):
            return node
        match = self._first_proved(self.read(node, rules), rules, node)
        return self._as_written(node, rules) if match is None else self._step(node, match)

    def exhausted(self, node: Node, rules: Sequence[Any]) -> Node:
        """Return a node rewritten until no rule fires; of a loop the smallest term is kept."""
        seen, names = [node], list[str]()
        while is_rewritten(node) and len(seen) <= LARGEST_DERIVATION:
            matches = self._derived(self.read(node, rules), rules, node)
            if matches:
                return self._built(node, rules, matches)
            after = self._as_written(node, rules)
            if after is node:
                return node
            names.append(self.result.steps[-1].applied[0].rule.name)
            if len(names) > 1 and self._is_among(after, seen):
                self.note(_loop_as_written([*seen, after], names))
                return min(seen, key=lambda one: operations((one,)))
            seen.append(after)
            node = after
        if len(seen) > LARGEST_DERIVATION:
            self.note(_loop_as_written(seen, names))
        return node

    def _is_among(self, node: Node, others: Sequence[Node]) -> bool:
        """Tell whether an expression is another, as they are written but for brackets."""
        term = self.written(node, True, FlatReader)
        return any(self.written(other, True, FlatReader) is term for other in others)

    def _built(self, node: Node, rules: Sequence[Any], matches: list[Any]) -> Node:
        """Build what a derivation by the theory came to; of a loop the smallest term."""
        term = self.read(node, rules)
        terms = [term, *(match.result for match in matches)]
        if len(matches) == LARGEST_DERIVATION or terms[-1] in terms[:-1]:
            self.note(_loop(node, terms, matches))
            matches = matches[: min(range(len(terms)), key=lambda k: weight_of(terms[k]))]
        for match in matches:
            before = node
            node = self._step(node, match)
            if node is before:
                break
        return node

    def _derived(self, term: Combination, rules: Sequence[Any], node: Node) -> list[Any]:
        """Return the matches by which a term is rewritten, until no rule fires or one returns."""
        matches: list[Any] = []
        seen = {term}
        while len(matches) < LARGEST_DERIVATION:
            match = self._first_proved(term, rules, node)
            if match is None:
                break
            matches.append(match)
            term = match.result
            if term in seen:
                break
            seen.add(term)
        return matches

    def _as_written(self, node: Node, rules: Sequence[Any]) -> Node:
        """Return a node rewritten by the first rule of which it is the left side as written."""
        if self.left <= 0:
            return node
        for rule in rules:
            for match in written_matches(rule, node, self.written):
                if not match.proved:
                    self._hold_back(node, match)
                    continue
                after = self._step(node, match)
                if after is not node:
                    self._spend()
                    return after
        return node

    def _first_proved(self, term: Combination, rules: Sequence[Any], node: Node) -> Any:
        if self.left <= 0:
            return None
        for rule in rules:
            for match in matches_of(rule, term):
                if not match.proved:
                    self.result.blocked.append((node, match))
                    self.held_back.add((node, match.rule))
                elif match.result is not term:
                    self._spend()
                    return match
        return None

    def _hold_back(self, node: Node, match: Any) -> None:
        """Report a match with a condition that is not proved, where the theory had none."""
        if (node, match.rule) not in self.held_back:
            self.held_back.add((node, match.rule))
            self.result.blocked.append((node, match))

    def _spend(self) -> None:
        self.left -= 1
        if not self.left:
            self.note(f"the budget of {self.budget} rewrites is spent; what was reached is kept")

    def _step(self, node: Node, match: Any) -> Node:
        result = match.result
        try:
            if getattr(match, "as_written", False):
                result = as_contractions(result)
            after = build(node, result, match.rule.name)
        except OverflowError:
            self.note(f"{match.rule} makes a number that no float holds; it was not applied")
            return node
        self.result.steps.append(Step(node, after, "", [match], None))
        write = traced(REWRITES)
        if write is not None:
            write(f"rewrite at {node.origin} by {match.rule.name}: {brief(self.reader(node))} → "
                  f"{brief(match.result)}")  # fmt: skip
        return after

    def note(self, text: str) -> None:
        """Say what stopped a derivation, once."""
        if text not in self.result.notes:
            self.result.notes.append(text)

    def returned(
        self, rounds: Sequence[tuple[Node, ...]], cost: Callable[[tuple[Node, ...]], float]
    ) -> tuple[Node, ...]:
        """Note that a repeated strategy comes back, and return the cheapest of what it went by."""
        names = dict.fromkeys(m.rule.name for step in self.result.steps for m in step.applied)
        terms = [brief(self.reader(roots[0])) for roots in (*rounds, rounds[0])]
        self.note(
            f"the rules loop ({', '.join(names)}): {' → '.join(terms)}; "
            "the cheapest of them is kept"
        )
        return min(rounds, key=cost)


def matches_of(rule: Any, term: Combination) -> Iterator[Any]:
    """Yield a rule's matches, those of its other spellings too."""
    found: Iterator[Any] = (
        rule.matches(term, spelled=True) if hasattr(rule, "spellings") else rule.matches(term)
    )
    return found


class WrittenWindows:
    """Reads nodes as they are written, in each of the ways that rules are matched."""

    def __init__(self) -> None:
        self.windows: dict[Any, Window] = {}

    def __call__(self, node: Node, compares: bool, kind: Any) -> Combination:
        """Return the term of a node as it is written."""
        window = self.windows.setdefault((compares, kind), Window(compares, kind))
        return window(node)


def written_matches(rule: Any, node: Node, read: WrittenWindows) -> Iterator[Any]:
    """Yield the ways in which a node is a rule's left side as it is written, changed by it.

    Args:
        rule: the rule.
        node: the node.
        read: reads nodes as they are written.
    """
    written = getattr(rule, "as_written", None)
    if written is None or not written.may_be(node):
        return
    for kind in READERS:
        term = read(node, compares(rule), kind)
        found = [m for m in rule.matches_as_written(term, kind) if m.result is not term]
        yield from found
        if any(match.proved for match in found):
            return


def compares(rule: Any) -> bool:
    """Tell whether a rule's left side has a comparison."""
    return bool(getattr(rule, "compares", False))


def is_rewritten(node: Node) -> bool:
    """Rules rewrite floats that are computed."""
    return node.operator not in (o.INPUT, o.CONSTANT) and is_float(node.dtype)


def _loop_as_written(nodes: Sequence[Node], names: Sequence[str]) -> str:
    """Say by which rules expressions, as they are written, go on or come back."""
    chain = "".join(
        f"{brief(pprint(one))} → ({name}) " for one, name in zip(nodes[:-1], names, strict=True)
    )
    return (
        f"the rules loop ({', '.join(dict.fromkeys(names))}): what stands at {nodes[0].origin}: "
        f"{chain}{brief(pprint(nodes[-1]))}; of the expressions on the way the cheapest is kept"
    )


def _loop(node: Node, terms: Sequence[Combination], matches: Sequence[Any]) -> str:
    """Say by which rules a derivation comes back to where it was, or goes on for ever."""
    begin = terms.index(terms[-1])
    returns = begin < len(terms) - 1
    shown = range(begin, len(terms) - 1) if returns else range(min(SHOWN, len(matches)))
    rules = ", ".join(dict.fromkeys(matches[k].rule.name for k in shown))
    chain = "".join(f"{brief(terms[k])} → ({matches[k].rule.name}) " for k in shown)
    end = brief(terms[-1]) if returns else "…"
    said = "comes back" if returns else f"does not end within {LARGEST_DERIVATION} rewrites"
    return (
        f"the rules loop ({rules}): what stands at {node.origin} {said}: {chain}{end}; "
        "of the terms on the way the smallest is kept"
    )
