"""Dealing the operands that are left to rest variables: every way once, none by permuting equals.

The ways to deal the copies of one operand do not depend on the others, so an operand that cannot be dealt at all is
seen at once.

>>> list(distributions([("a", 1), ("b", 1)], [[True, True]] * 2, (1, 1), required=True))
[(('a',), ('b',)), (('b',), ('a',))]
>>> list(distributions([("a", 3)], [[True]], (2,), required=False))
[]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

__all__ = ["distributions", "ways"]

Numbers = tuple[int, ...]


@lru_cache(maxsize=4096)
def ways(count: int, multiplicities: Numbers, takers: tuple[bool, ...]) -> tuple[Numbers, ...]:
    """Return how `count` copies may be dealt: a number for each rest, times its multiplicity, adds up to the count."""
    if not multiplicities:
        return ((),) if count == 0 else ()
    first, *others = multiplicities
    numbers = range(count // first if takers[0] else 0, -1, -1)
    return tuple(
        (number, *left)
        for number in numbers
        for left in ways(count - number * first, tuple(others), takers[1:])
    )


@lru_cache(maxsize=4096)
def coverings(covered: bool, takers: tuple[bool, ...]) -> tuple[Numbers, ...]:
    """Return who may take an operand of an idempotent operator: somebody, if nobody has yet."""
    dealt = product(*((1, 0) if taker else (0,) for taker in takers))
    return tuple(numbers for numbers in dealt if covered or any(numbers))


def distributions(
    elements: Sequence[tuple[Any, int]],
    takers: Sequence[Sequence[bool]],
    multiplicities: Numbers,
    required: bool,
    covered: Sequence[bool] | None = None,
) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """Yield what each rest gets, as tuples of operands in the order given.

    Args:
        elements: distinct operands and how many copies are left of each.
        takers: for each operand, which rests may take it.
        multiplicities: how often each rest occurs in the pattern.
        required: whether each rest must get something.
        covered: for an idempotent operator, which operands need no taker.
    """
    options: list[tuple[Numbers, ...]] = []
    for place, (_, count) in enumerate(elements):
        who = tuple(takers[place])
        found = (
            ways(count, multiplicities, who) if covered is None else coverings(covered[place], who)
        )
        if not found:
            return
        options.append(found)
    dealt = _pruned(options, len(multiplicities)) if required else product(*options)
    places = range(len(multiplicities))
    names = [element for element, _ in elements]
    if all(max(map(max, option), default=0) <= 1 for option in options):
        for numbers in dealt:
            yield tuple(
                tuple(name for name, each in zip(names, numbers, strict=True) if each[k])
                for k in places
            )
        return
    for numbers in dealt:
        yield tuple(
            tuple(
                name for name, each in zip(names, numbers, strict=True) for _ in range(each[place])
            )
            for place in places
        )


def _pruned(options: list[tuple[Numbers, ...]], rests: int) -> Iterator[tuple[Numbers, ...]]:
    """Yield the choices that leave no rest empty, cutting off a branch where a rest can get nothing any more."""
    if not options:
        if rests == 0:
            yield ()
        return
    reach = [0] * (
        len(options) + 1
    )  # which rests the operands from a place on can still serve, and how many at most
    most = [0] * (len(options) + 1)
    for place in range(len(options) - 1, -1, -1):
        served = [
            sum(1 << rest for rest in range(rests) if numbers[rest]) for numbers in options[place]
        ]
        for each in served:
            reach[place] |= each
        most[place] = most[place + 1] + max(each.bit_count() for each in served)
        reach[place] |= reach[place + 1]
    everyone = (1 << rests) - 1
    chosen: list[Numbers] = []
    served_before = [0]
    stack = [iter(options[0])]
    while stack:
        numbers = next(stack[-1], None)
        if numbers is None:
            stack.pop()
            if chosen:
                chosen.pop()
                served_before.pop()
            continue
        served_now = served_before[-1] | sum(1 << rest for rest in range(rests) if numbers[rest])
        empty = everyone & ~served_now
        place = len(stack)
        if empty & ~reach[place] or empty.bit_count() > most[place]:
            continue
        if place == len(options):
            yield (*chosen, numbers)
            continue
        chosen.append(numbers)
        served_before.append(served_now)
        stack.append(iter(options[place]))
