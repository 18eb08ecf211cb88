"""Finding what was built already, under other names of its indices."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

from rewriter.engine.labelled import Labelled
from rewriter.terms.algebra import as_combination, plain
from rewriter.terms.binding import replace
from rewriter.terms.index import Axis
from rewriter.terms.term import Term

LARGEST_RENAMING = 4
"""Axes of a term up to which renamings are tried."""


def renamed(term: Term, shared: Mapping[Term, Labelled]) -> Labelled | None:
    """Return what was built for the same term at other free axes, relabelled, or None."""
    free = sorted(term.free, key=lambda a: a.number)
    if not free or len(free) > LARGEST_RENAMING:
        return None
    known = sorted({a for label in shared.values() for a in label.labels}, key=lambda a: a.number)
    places = [[a for a in known if a.extent == axis.extent] for axis in free]
    for chosen in _assignments(places):
        if chosen == tuple(free):
            continue
        other = plain(replace(as_combination(term), dict(zip(free, chosen, strict=True))))
        found = shared.get(other)
        if found is not None and set(found.labels) <= set(chosen):
            back = dict(zip(chosen, free, strict=True))
            return Labelled(found.node, tuple(back[a] for a in found.labels))
    return None


def _assignments(places: list[list[Axis]]) -> list[tuple[Axis, ...]]:
    everything = sorted({a for some in places for a in some}, key=lambda a: a.number)[-8:]
    count = len(places)
    return [
        chosen
        for chosen in permutations(everything, count)
        if all(axis in some for axis, some in zip(chosen, places, strict=True))
    ]
