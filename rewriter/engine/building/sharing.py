"""Finding what was built already, under other names of its indices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from rewriter.engine.building.labelled import Labelled
from rewriter.graph.node import Node
from rewriter.terms.algebra import as_combination, plain
from rewriter.terms.binding import replace
from rewriter.terms.index import Axis, axis
from rewriter.terms.term import Term

LARGEST_RENAMING = 4
"""Axes of a root, and of a term, up to which renamings are tried."""


class Shared(dict[Term, Labelled]):
    """What was built, by term; terms equal up to their free axes have one outline."""

    def __init__(self) -> None:
        super().__init__()
        self.outlines: dict[int, list[Term]] = {}

    def __setitem__(self, term: Term, built: Labelled) -> None:
        if term not in self and term.free:
            self.outlines.setdefault(outline(term), []).append(term)
        super().__setitem__(term, built)

    def renamed(self, term: Term) -> Labelled | None:
        """Return what was built for the same term at other free axes, relabelled, or None."""
        free = sorted(term.free, key=lambda one: one.number)
        if not free or len(free) > LARGEST_RENAMING:
            return None
        known = {each.free for each in self.outlines.get(outline(plain(term)), ())}
        if not known:
            return None
        places = [[axis(k, one.extent) for k in range(LARGEST_RENAMING)] for one in free]
        for chosen in _assignments(places):
            if frozenset(chosen) not in known or chosen == tuple(free):
                continue
            other = plain(replace(as_combination(term), dict(zip(free, chosen, strict=True))))
            found = self.get(other)
            if found is not None and set(found.labels) <= set(chosen):
                back = dict(zip(chosen, free, strict=True))
                return Labelled(found.node, tuple(back[a] for a in found.labels))
        return None


def _assignments(places: list[list[Axis]]) -> Iterator[tuple[Axis, ...]]:
    for chosen in product(*places):
        if len({(one.name) for one in chosen}) == len(chosen):
            yield chosen


def outline(term: Term) -> int:
    """Return a number that terms have in common which are equal up to their axes.

    What a term is made of counts, not in which order; of an axis, only what it runs over.
    """
    cache = term.__dict__
    found = cache.get("outline")
    if found is None:
        found = cache["outline"] = hash((type(term), _outline_of_parts(term.parts)))
    return int(found)


def _outline_of_parts(parts: tuple[Any, ...]) -> int:
    return hash(tuple(sorted(map(_outline_of_part, parts))))


def _outline_of_part(part: Any) -> int:
    if isinstance(part, Term):
        return outline(part)
    if isinstance(part, tuple):
        return _outline_of_parts(part)
    if isinstance(part, Axis):
        return hash(part.extent)
    return hash(part if isinstance(part, (int, Node)) else type(part))
