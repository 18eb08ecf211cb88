"""Choosing at one place after another, depth first and without recursion.

>>> list(choices_in_turn(2, lambda place: iter("ab")))
[('a', 'a'), ('a', 'b'), ('b', 'a'), ('b', 'b')]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

__all__ = ["choices_in_turn"]

Choice = TypeVar("Choice")


def choices_in_turn(
    size: int, choices: Callable[[int], Iterator[Choice]]
) -> Iterator[tuple[Choice, ...]]:
    """Yield, depth first, every way to make a choice at each of some places.

    Args:
        size: the number of places.
        choices: what may be chosen at a place; asked after each choice at the place before.
    """
    if not size:
        yield ()
        return
    chosen: list[Choice] = []
    stack = [choices(0)]
    while stack:
        for choice in stack[-1]:
            if len(stack) == size:
                yield (*chosen, choice)
            else:
                chosen.append(choice)
                stack.append(choices(len(stack)))
                break
        else:
            stack.pop()
            del chosen[len(stack) - 1 :]
