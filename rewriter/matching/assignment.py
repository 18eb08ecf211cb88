"""Assigning elements of a subject to variables for one operand each, when nothing else is left.

While other problems wait, a variable is assigned at a time and the others look again; here all are
assigned in one loop, which costs a microsecond where a step of the search costs ten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rewriter.matching.search import Bindings, Search

__all__ = ["assignments"]


def assignments(
    variables: list[tuple[Any, int]],
    names: Sequence[Any],
    counts: Sequence[int],
    search: Search,
) -> Iterator[tuple[Bindings, list[int]]]:
    """Yield every way to let each variable stand for an element, and the copies that are left.

    Args:
        variables: what is to be assigned, and how many copies of its element it takes.
        names: distinct elements.
        counts: how many copies of each are there.
        search: what guards and scopes are asked of, and what pays.
    """
    left = list(counts)
    allowed = [[search.assignable(variable, each) for each in names] for variable, _ in variables]
    last = len(variables) - 1
    places = [-1] * len(variables)
    depth = 0
    while depth >= 0:
        count = variables[depth][1]
        place = places[depth]
        if place >= 0:
            left[place] += count
        place += 1
        while place < len(left) and (left[place] < count or not allowed[depth][place]):
            place += 1
        if place == len(left):
            places[depth] = -1
            depth -= 1
            continue
        search.spend()
        places[depth] = place
        left[place] -= count
        if depth < last:
            depth += 1
            continue
        found = {variable: names[at] for (variable, _), at in zip(variables, places, strict=True)}
        yield found, left
