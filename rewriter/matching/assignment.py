"""Assigning elements of a subject to variables for one operand each, when nothing else is left.

While other problems wait, a variable is assigned at a time and the others look again; here all are
assigned in one loop, which costs a microsecond where a step of the search costs ten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rewriter.matching.search import Bindings, Search

__all__ = ["assignments"]


def assignments(
    variables: list[tuple[Any, int]], elements: list[tuple[Any, int]], search: Search
) -> Iterator[Bindings]:
    """Yield every way to let each variable stand for an element.

    Args:
        variables: what is to be assigned, and how many copies of its element it takes.
        elements: distinct elements, and how many copies of each are there.
        search: what guards and scopes are asked of, and what pays.
    """
    left = [count for _, count in elements]
    allowed = [
        [search.assignable(variable, each) for each, _ in elements] for variable, _ in variables
    ]
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
        yield {
            variable: elements[place][0]
            for (variable, _), place in zip(variables, places, strict=True)
        }
