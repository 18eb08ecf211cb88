"""Dealing the operands that are left to rest variables: every way once, none by permuting equals.

The ways to deal the copies of one operand do not depend on the others, so an operand that cannot be
dealt at all is seen at once.

>>> list(distributions([("a", 1), ("b", 1)], [[True, True]] * 2, (1, 1), required=True))
[(('a',), ('b',)), (('b',), ('a',))]
>>> list(distributions([("a", 3)], [[True]], (2,), required=False))
[]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, compress, product, repeat
from typing import Any

__all__ = ["distributions", "ways"]

FEW = 4
"""Among so many rests few of all choices leave one empty, and one that does not comes soon."""

Numbers = tuple[int, ...]
Parts = tuple[tuple[Any, ...], ...]


@lru_cache(maxsize=4096)
def ways(count: int, multiplicities: Numbers, takers: tuple[bool, ...]) -> tuple[Numbers, ...]:
    """Return how `count` copies may be dealt: a number for each rest, times its multiplicity, adds
    up to the count.
    """
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
    takers: Sequence[Sequence[bool]] | None,
    multiplicities: Numbers,
    required: bool,
    covered: Sequence[bool] | None = None,
) -> Iterator[Parts]:
    """Return what each rest gets, as tuples of operands in the order given.

    Args:
        elements: distinct operands and how many copies are left of each.
        takers: for each operand, which rests may take it; None where all may take all.
        multiplicities: how often each rest occurs in the pattern.
        required: whether each rest must get something.
        covered: for an idempotent operator, which operands need no taker.
    """
    rests = len(multiplicities)
    names, counts = zip(*elements, strict=True) if elements else ((), ())
    options = _options(counts, takers, multiplicities, covered)
    if not all(options):
        return iter(())
    single = covered is not None or _SINGLE.issuperset(counts)
    if not required:
        return _dealt(names, product(*options), rests, single)
    if takers is None and rests <= FEW and 2 * rests <= len(options):
        return filter(all, _dealt(names, product(*options), rests, single))
    return _dealt(names, _pruned(options, rests), rests, single)


_SINGLE = frozenset((1,))


def _options(
    counts: Numbers,
    takers: Sequence[Sequence[bool]] | None,
    multiplicities: Numbers,
    covered: Sequence[bool] | None,
) -> list[tuple[Numbers, ...]]:
    """Return for each operand how its copies may be dealt."""
    anyone = (True,) * len(multiplicities)
    if covered is not None:
        return list(map(coverings, covered, map(tuple, takers) if takers else repeat(anyone)))
    if takers is not None:
        dealt_to = map(tuple, takers)
        return [
            ways(count, multiplicities, who) for count, who in zip(counts, dealt_to, strict=True)
        ]
    dealt = {count: ways(count, multiplicities, anyone) for count in set(counts)}
    return [dealt[count] for count in counts]


def _dealt(
    names: Sequence[Any], dealt: Iterable[Sequence[Numbers]], rests: int, single: bool
) -> Iterator[Parts]:
    if not names:
        for _ in dealt:
            yield ((),) * rests
    elif single:
        for numbers in dealt:
            yield tuple([tuple(compress(names, taken)) for taken in zip(*numbers, strict=True)])
    else:
        for numbers in dealt:
            columns = zip(*numbers, strict=True)
            yield tuple([tuple(chain.from_iterable(map(repeat, names, each))) for each in columns])


def _pruned(options: list[tuple[Numbers, ...]], rests: int) -> Iterator[tuple[Numbers, ...]]:
    """Yield the choices that leave no rest empty, cutting off a branch where a rest can get nothing
    any more.
    """
    if not options:
        if rests == 0:
            yield ()
        return
    reach, most = _prospects(options, rests)
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


def _prospects(options: list[tuple[Numbers, ...]], rests: int) -> tuple[list[int], list[int]]:
    """Return, from each place on, which rests can still get something, and how many at most."""
    reach = [0] * (len(options) + 1)
    most = [0] * (len(options) + 1)
    for place in range(len(options) - 1, -1, -1):
        served = [
            sum(1 << rest for rest in range(rests) if numbers[rest]) for numbers in options[place]
        ]
        for each in served:
            reach[place] |= each
        most[place] = most[place + 1] + max(each.bit_count() for each in served)
        reach[place] |= reach[place + 1]
    return reach, most
