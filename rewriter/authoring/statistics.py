"""How often each rule was tried, matched and fired, and how long its matching took.

>>> import rewriter as rw
>>> @rw.rule
... def double_sine(x: rw.Real):
...     \"\"\"2·sin x·cos x = sin 2x.\"\"\"
...     return rw.rewrite(2 * rw.sin(x) * rw.cos(x), to=rw.sin(2 * x))
>>> angle = rw.input("angle", ())
>>> with rw.statistics() as found:
...     graph = rw.Graph([angle], [rw.sin(angle) * 2 * rw.cos(angle)])
...     after = rw.optimize(graph, rules=[double_sine])
>>> found[double_sine].matches, found[double_sine].fired
(1, 1)
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from rewriter.authoring.trace import TRIES, traced


@dataclass
class Row:
    """What is counted of one rule.

    Attributes:
        tries: terms that it was put to.
        matches: ways in which its left side was one of them.
        fired: rewrites by it.
        seconds: time spent in matching.
    """

    tries: int = 0
    matches: int = 0
    fired: int = 0
    seconds: float = 0.0


class Statistics:
    """Counts by rule; as text, a table beside each rule's own line."""

    def __init__(self) -> None:
        self.rows: dict[Any, Row] = {}

    def __getitem__(self, rule: Any) -> Row:
        return self.rows.setdefault(rule, Row())

    def __str__(self) -> str:
        cells = [("rule", "tries", "matches", "fired", "ms", "line")]
        cells += [
            (rule.name, str(row.tries), str(row.matches), str(row.fired),
             f"{1e3 * row.seconds:.2f}", str(getattr(rule, "origin", "")).removeprefix(
                 f"rule {rule.name} at "))
            for rule, row in sorted(self.rows.items(), key=lambda pair: -pair[1].seconds)
        ]  # fmt: skip
        widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if 0 < k < 5 else cell.ljust(width)
                for k, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        )


_CURRENT: ContextVar[Statistics | None] = ContextVar("statistics", default=None)


@contextmanager
def statistics() -> Iterator[Statistics]:
    """Count what the rules do inside the ``with`` block; the shipped laws are among them."""
    found = Statistics()
    token = _CURRENT.set(found)
    try:
        yield found
    finally:
        _CURRENT.reset(token)


def counting() -> bool:
    """Tell whether anything is counted now."""
    return _CURRENT.get() is not None


def counted(rule: Any, term: object, matches: Iterable[Any]) -> Iterator[Any]:
    """Pass a rule's matches on, counted (and traced) where somebody asked for it."""
    current = _CURRENT.get()
    watched = traced(TRIES)
    if current is None and watched is None:
        return iter(matches)
    return _counted(rule, term, iter(matches), current)


def _counted(
    rule: Any, term: object, matches: Iterator[Any], current: Statistics | None
) -> Iterator[Any]:
    watched = traced(TRIES)
    row = Row() if current is None else current[rule]
    row.tries += 1
    if watched is not None:
        watched(f"try    {rule.name} on {term}")
    while True:
        begun = time.perf_counter()
        match = next(matches, None)
        row.seconds += time.perf_counter() - begun
        if match is None:
            return
        row.matches += 1
        if watched is not None:
            watched(f"match  {rule.name}: {match.substitution}")
        yield match


def count_fired(matches: Iterable[Any]) -> None:
    """Count matches that were used."""
    current = _CURRENT.get()
    for match in matches if current is not None else ():
        assert current is not None
        current[match.rule].fired += 1
