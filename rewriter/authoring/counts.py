"""How many places an index of a rule runs over: ``Σ_i 1``, which only a match tells.

In a pattern it is a variable of its own. What it stands for is read off a function of the index:
where ``b`` is ``λk. x[k]``, i runs as far as k. On a rule's left side, as in ``Σ_i b[i] / Σ_i 1``,
it may be a number that has gone into a coefficient, ``Σ_i x[i] / 3``; so the extents that a subject
has are put in its place, one after the other, before the subject is matched.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rewriter.authoring.pattern import BOUND_MAXIMUM, BOUND_SUM, UNKNOWN
from rewriter.errors import ShapeError
from rewriter.graph.node import Node, topological
from rewriter.matching.protocol import variables_of
from rewriter.matching.variable import Abstraction, Applied, Variable
from rewriter.terms.binding import extent_term
from rewriter.terms.index import Axis, axes_in
from rewriter.terms.term import Binder, Element
from rewriter.terms.traversal import parts_of
from rewriter.terms.views import term_of, view

MOST_EXTENTS = 4
"""Different extents of a subject that are tried."""


def count_of(name: str) -> Variable:
    """Return the variable for the number of places of an index."""
    found: Variable = Variable(f"count({name})")
    return found


def leaders(nodes: Iterable[Node]) -> dict[Any, Any]:
    """Return, for each axis of some patterns, the axis that stands for all of its size.

    Axes that one function is applied to, in one place, have one size.
    """
    leader: dict[Any, Any] = {}

    def find(axis: Any) -> Any:
        while leader.setdefault(axis, axis) is not axis:
            axis = leader[axis]
        return axis

    first: dict[Any, Any] = {}
    for node in nodes:
        variable = node.attribute("variable")
        if node.operator is UNKNOWN and isinstance(variable, Applied):
            for place, axis in enumerate(variable.arguments):
                known = first.setdefault((variable.function, place), axis)
                leader[find(axis)] = find(known)
        if node.operator in (BOUND_SUM, BOUND_MAXIMUM):
            find(node.attribute("index"))
    return {axis: find(axis) for axis in leader}


def share_counts(roots: Sequence[Node]) -> None:
    """Give axes that have one size one count.

    Raises:
        ShapeError: a function is applied to different numbers of indices.
    """
    taken: dict[Any, int] = {}
    for node in topological(roots):
        variable = node.attribute("variable")
        if node.operator is UNKNOWN and isinstance(variable, Applied):
            count = len(variable.arguments)
            if taken.setdefault(variable.function, count) != count:
                raise ShapeError(f"a function is applied to {taken[variable.function]} and to "
                                 f"{count} indices", culprit=variable.function)  # fmt: skip
    for axis, leader in leaders(topological(roots)).items():
        axis.extent = leader.extent


class Counts:
    """The counts of a rule, and what tells them.

    Args:
        roots: the sides as they are written.
        left: the left side as a pattern.
        others: the right side, and what conditions speak of.

    Attributes:
        wanted: the counts that the rule speaks of.
        told: those of them that a function on the left side tells.
    """

    def __init__(self, roots: Sequence[Node], left: Any, others: Iterable[Any]) -> None:
        known: dict[Any, list[tuple[Any, int]]] = {}
        extents = set()
        for node in topological(roots):
            variable = node.attribute("variable")
            if node.operator in (BOUND_SUM, BOUND_MAXIMUM):
                extents.add(node.attribute("index").extent)
            if node.operator is not UNKNOWN or not isinstance(variable, Applied):
                continue
            for place, axis in enumerate(variable.arguments):
                extents.add(axis.extent)
                if variable.function in variables_of(left):
                    known.setdefault(axis.extent, []).append((variable.function, place))
        spoken = variables_of(left).union(*others)
        self.wanted = frozenset(extents & spoken)
        self._on_the_left = sorted(self.wanted & variables_of(left), key=str)
        self._known = {count: known[count] for count in self.wanted if count in known}
        self.told = frozenset(self._known)

    def choices(self, subject: Any) -> Iterator[Mapping[Any, Any]]:
        """Yield what the counts on the left side may stand for in a subject."""
        if not self._on_the_left:
            yield {}
            return
        extents = list(dict.fromkeys(_extents(term_of(subject))))[:MOST_EXTENTS]
        for chosen in itertools.product(extents, repeat=len(self._on_the_left)):
            yield dict(zip(self._on_the_left, chosen, strict=True))

    def read(self, found: Mapping[Any, Any]) -> dict[Any, Any] | None:
        """Return what the counts stand for, None where the functions do not tell."""
        counts = {}
        for count, places in self._known.items():
            axes = {_extent(found.get(function), place) for function, place in places} - {None}
            if len(axes) != 1:
                return None
            (counts[count],) = axes
        return counts


def _extent(function: Any, place: int) -> Any:
    parameters = function.parameters if isinstance(function, Abstraction) else ()
    axis = parameters[place] if place < len(parameters) else None
    if not isinstance(axis, Axis) or isinstance(axis.extent, Variable):
        return None
    return view(extent_term(axis))


def _extents(term: Any) -> Iterator[Any]:
    for part in parts_of(term):
        if isinstance(part, Binder) and part.axis is not None:
            yield view(extent_term(part.axis))
        elif isinstance(part, Element):
            for index in part.indices:
                for axis in axes_in(index):
                    yield view(extent_term(axis))
