"""Many patterns at once: an index from features of terms to the patterns that need them.

A feature is something that every instance of a pattern shows near its root: its operator, an
operand's operator under it, a constant operand, and the same one level below. A pattern waits under
the rarest feature that it needs, so a subject meets few patterns, however many there are, and a
subject that none can match is dismissed without a search; where many wait under one feature, they
are told apart by the rarest symbol that they have anywhere. (A discrimination net in the AC
setting: Bachmair, Chen & Ramakrishnan 1993, "Associative-commutative discrimination nets".)

>>> from rewriter.matching import Operator, constants, variables
>>> (a, b), (x, y) = constants("a b"), variables("x y")
>>> f, g = Operator("f"), Operator("g")
>>> patterns = PatternSet([(f(x, y), "pair"), (g(f(x, x)), "twins"), (g(a), "known")])
>>> patterns.candidates(g(f(a, b)))
['twins']
>>> [(name, str(found)) for name, found in patterns.matches(g(f(b, b)))]
[('twins', '{x: b}')]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from rewriter.matching.budget import Budget
from rewriter.matching.foreign import is_foreign
from rewriter.matching.matching import match, needed
from rewriter.matching.profile import may_collapse
from rewriter.matching.protocol import (
    is_ground,
    operands_of,
    operator_of,
    signature_of,
)
from rewriter.matching.remembering import Memory
from rewriter.matching.substitution import Substitution
from rewriter.matching.term import Constant, Term
from rewriter.matching.variable import Kind, kind_of

__all__ = ["PatternSet"]

Name = TypeVar("Name")
Feature = tuple[Any, ...]
DEPTH = 3
AT_ROOT_OR_BELOW = "at the root or right below"
FEW = 8
"""So many patterns under one feature are looked at one by one."""
MANY = 1024
"""Of a subject with more parts the symbols are not collected."""


class Entry(NamedTuple, Generic[Name]):
    """A pattern, what it is called, and what its instances show."""

    pattern: Any
    name: Name
    features: frozenset[Feature]
    signature: int
    number: int


class Group(Generic[Name]):
    """The patterns that wait under one feature; where they are many, each under a symbol of its
    own.
    """

    def __init__(self, entries: list[Entry[Name]]) -> None:
        self.entries = entries
        self._by_symbol: dict[Any, list[Entry[Name]]] = {}
        if len(entries) <= FEW:
            return
        symbols = [needed_symbols(entry.pattern) for entry in entries]
        frequency = Counter(chain.from_iterable(symbols))
        for entry, needs in zip(entries, symbols, strict=True):
            rarest = min(needs, key=lambda each: frequency[each], default=None)
            self._by_symbol.setdefault(rarest, []).append(entry)

    def entries_for(self, subject: Any) -> Iterable[Entry[Name]]:
        """Return the patterns whose symbols a subject has, and perhaps more."""
        if not self._by_symbol:
            return self.entries
        leaf = operator_of(subject) is None  # which would be kept alive by what it shows
        symbols = shown_symbols(subject) if leaf else _symbols.recall(subject, shown_symbols)
        if symbols is None:
            return self.entries
        present = (None, *(symbols & self._by_symbol.keys()))
        return chain.from_iterable(self._by_symbol.get(each, ()) for each in present)


class PatternSet(Generic[Name]):
    """Patterns and what each is called, indexed by what their instances show.

    Args:
        patterns: pairs of a pattern and its name (a rule, say).
    """

    def __init__(self, patterns: Iterable[tuple[Any, Name]] = ()) -> None:
        self._entries: list[Entry[Name]] = []
        self._waiting: dict[Feature | None, Group[Name]] | None = None
        for pattern, name in patterns:
            self.add(pattern, name)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, pattern: Any, name: Name) -> None:
        """Add a pattern."""
        features = frozenset(needed_features(pattern))
        number = len(self._entries)
        self._entries.append(Entry(pattern, name, features, needed(pattern), number))
        self._waiting = None

    def candidates(self, subject: Any) -> list[Name]:
        """Return the names of the patterns that could match, in the order of the patterns."""
        return [entry.name for entry in self._candidates(subject)]

    def matches(
        self, subject: Any, budget: int | Budget | None = None
    ) -> Iterator[tuple[Name, Substitution]]:
        """Yield lazily each pattern's name with each of its matches, in the order of the patterns.

        Raises:
            PatternError: where the subject has variables.
            BudgetExceeded: by the iterator, where the budget is met.
        """
        for entry in self._candidates(subject):
            for substitution in match(entry.pattern, subject, budget):
                yield entry.name, substitution

    def _candidates(self, subject: Any) -> list[Entry[Name]]:
        if self._waiting is None:
            self._waiting = self._arranged()
        leaf = operator_of(subject) is None
        shown = shown_features(subject) if leaf else _shown.recall(subject, shown_features)
        missing = ~signature_of(subject)
        found = [
            entry
            for feature in (None, *(shown & self._waiting.keys()))
            if feature in self._waiting
            for entry in self._waiting[feature].entries_for(subject)
            if not entry.signature & missing and entry.features <= shown
        ]
        return sorted(found, key=lambda entry: entry.number)

    def _arranged(self) -> dict[Feature | None, Group[Name]]:
        """Return the patterns, each under the rarest of the features that it needs."""
        frequency = Counter(feature for entry in self._entries for feature in entry.features)
        waiting: dict[Feature | None, list[Entry[Name]]] = {}
        for entry in self._entries:
            rarest = min(entry.features, key=lambda each: frequency[each], default=None)
            waiting.setdefault(rarest, []).append(entry)
        return {feature: Group(entries) for feature, entries in waiting.items()}


_shown: Memory[frozenset[Feature]] = Memory()
_symbols: Memory[frozenset[Any] | None] = Memory()


def needed_symbols(pattern: Any) -> set[Any]:
    """Return operators and constants that every instance of a pattern has somewhere."""
    found: set[Any] = set()
    stack = [pattern]
    seen: set[Any] = set()
    while stack:
        part = stack.pop()
        if kind_of(part) is not Kind.TERM or is_foreign(type(part)) or part in seen:
            continue
        seen.add(part)
        if is_ground(part) and type(part) not in (Term, Constant):
            continue
        operator = operator_of(part)
        if operator is None:
            found.add(part)
        elif is_ground(part) or not may_collapse(part):
            found.add(operator)
        stack.extend(operands_of(part))
    return found


def shown_symbols(subject: Any) -> frozenset[Any] | None:
    """Return the operators and constants of a subject; None where it is large."""
    seen: set[Any] = set()
    found: set[Any] = set()
    stack = [subject]
    while stack:
        part = stack.pop()
        if is_foreign(type(part)):
            return None
        if part in seen:
            continue
        seen.add(part)
        if len(seen) > MANY:
            return None
        operator = operator_of(part)
        found.add(part if operator is None else operator)
        stack.extend(operands_of(part))
    return frozenset(found)


def needed_features(pattern: Any) -> Iterator[Feature]:
    """Yield what every instance of a pattern shows, down to a few levels."""
    if may_collapse(pattern):
        for operand in operands_of(pattern):
            structured = kind_of(operand) is Kind.TERM and not is_ground(operand)
            if structured and not may_collapse(operand):
                yield (AT_ROOT_OR_BELOW, operator_of(operand))
        return
    level: list[tuple[Feature, Any]] = [((), pattern)]
    for depth in range(DEPTH):
        below: list[tuple[Feature, Any]] = []
        for path, part in level:
            if kind_of(part) is not Kind.TERM or may_collapse(part):
                continue
            if depth and is_ground(part) and _under_equational(path):
                continue  # it may have to be split off a larger operand
            root = operator_of(part)
            if root is None and is_foreign(type(part)):
                continue
            yield (*path, part if root is None else root)
            below.extend(_below(path, root, part))
        level = below


def shown_features(subject: Any) -> frozenset[Feature]:
    """Return what a subject shows, down to the same depth."""
    found: set[Feature] = {(AT_ROOT_OR_BELOW, operator_of(subject))}
    found.update((AT_ROOT_OR_BELOW, operator_of(operand)) for operand in operands_of(subject))
    level: list[tuple[Feature, Any]] = [((), subject)]
    for _ in range(DEPTH):
        below: list[tuple[Feature, Any]] = []
        for path, part in level:
            root = operator_of(part)
            if root is None and is_foreign(type(part)):
                continue
            found.add((*path, part if root is None else root))
            below.extend(_below(path, root, part))
        level = below
    return frozenset(found)


def _below(path: Feature, root: Any, part: Any) -> Iterator[tuple[Feature, Any]]:
    if root is not None and not root.binder:
        for place, operand in enumerate(operands_of(part)):
            yield (*path, root, None if root.equational else place), operand


def _under_equational(path: Feature) -> bool:
    return path[-1] is None
