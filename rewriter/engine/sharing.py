"""Finding what was built already, under other names of its indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from rewriter.engine.labelled import Labelled
from rewriter.terms.algebra import as_combination, plain
from rewriter.terms.binding import replace
from rewriter.terms.index import Axis, axis
from rewriter.terms.term import Term

LARGEST_RENAMING = 4
"""Axes of a root, and of a term, up to which renamings are tried."""


def renamed(term: Term, shared: Mapping[Term, Labelled]) -> Labelled | None:
    """Return what was built for the same term at other free axes, relabelled, or None."""
    free = sorted(term.free, key=lambda one: one.number)
    if not free or len(free) > LARGEST_RENAMING:
        return None
    places = [[axis(k, one.extent) for k in range(LARGEST_RENAMING)] for one in free]
    for chosen in _assignments(places):
        if chosen == tuple(free):
            continue
        other = plain(replace(as_combination(term), dict(zip(free, chosen, strict=True))))
        found = shared.get(other)
        if found is not None and set(found.labels) <= set(chosen):
            back = dict(zip(chosen, free, strict=True))
            return Labelled(found.node, tuple(back[a] for a in found.labels))
    return None


def _assignments(places: list[list[Axis]]) -> Iterator[tuple[Axis, ...]]:
    for chosen in product(*places):
        if len({(one.name) for one in chosen}) == len(chosen):
            yield chosen
