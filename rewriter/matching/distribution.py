"""Dealing the operands that are left to rest variables: every way once, none by permuting equals.

The ways to deal the copies of one operand do not depend on the others, so an operand that cannot be
dealt at all is seen at once. Where they are many, they are made as they are asked for.

>>> list(distributions([("a", 1), ("b", 1)], [[True, True]] * 2, (1, 1), required=True))
[(('a',), ('b',)), (('b',), ('a',))]
>>> list(distributions([("a", 3)], [[True]], (2,), required=False))
[]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain, compress, product, repeat
from operator import or_
from typing import Any

from rewriter.matching.ways import Coverings, Numbers, Ways, choices_in_turn, served_by

__all__ = ["distributions"]

FEW = 4
"""Among so many rests few of all choices leave one empty, and one that does not comes soon."""

Parts = tuple[tuple[Any, ...], ...]
_SINGLE = frozenset((1,))


def distributions(
    elements: Sequence[tuple[Any, int]],
    takers: Sequence[Sequence[bool]] | None,
    multiplicities: Numbers,
    required: bool,
    covered: Sequence[bool] | None = None,
    spend: Callable[[], None] = lambda: None,
) -> Iterator[Parts]:
    """Return what each rest gets, as tuples of operands in the order given.

    Args:
        elements: distinct operands and how many copies are left of each.
        takers: for each operand, which rests may take it; None where all may take all.
        multiplicities: how often each rest occurs in the pattern.
        required: whether each rest must get something.
        covered: for an idempotent operator, which operands need no taker.
        spend: called once a step where a choice may lead nowhere, to bound the work.
    """
    rests = len(multiplicities)
    names, counts = zip(*elements, strict=True) if elements else ((), ())
    options = _options(counts, takers, multiplicities, covered)
    if not all(options):
        return iter(())
    single = covered is not None or _SINGLE.issuperset(counts)
    if not required:
        return _dealt(names, _all_choices(options), rests, single)
    if takers is None and rests <= FEW and 2 * rests <= len(options):
        return filter(all, _dealt(names, _all_choices(options), rests, single))
    return _dealt(names, _choices_serving_all(options, rests, spend), rests, single)


def _options(
    counts: Numbers,
    takers: Sequence[Sequence[bool]] | None,
    multiplicities: Numbers,
    covered: Sequence[bool] | None,
) -> list[Any]:
    """Return for each operand how its copies may be dealt."""
    anyone = (True,) * len(multiplicities)
    dealt_to = list(map(tuple, takers)) if takers is not None else [anyone] * len(counts)
    if covered is not None:
        return [Coverings.of(*each) for each in zip(covered, dealt_to, strict=True)]
    if takers is not None:
        found = zip(counts, dealt_to, strict=True)
        return [Ways.of(count, multiplicities, who) for count, who in found]
    dealt = {count: Ways.of(count, multiplicities, anyone) for count in set(counts)}
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


def _all_choices(options: list[Any]) -> Iterator[tuple[Numbers, ...]]:
    if all(isinstance(each, tuple) for each in options):
        return product(*options)
    return choices_in_turn(len(options), lambda place: iter(options[place]))


def _choices_serving_all(
    options: list[Any], rests: int, spend: Callable[[], None]
) -> Iterator[tuple[Numbers, ...]]:
    """Return the choices that leave no rest empty; where a rest could get nothing any more, what
    leads there is cut off.
    """
    if not options:
        return iter(() if rests else ((),))
    reach, most = _prospects(options)
    empty = [(1 << rests) - 1] * (len(options) + 1)

    def serving(place: int) -> Iterator[Numbers]:
        forced = empty[place] & ~reach[place + 1]
        least = empty[place].bit_count() - most[place + 1]
        option = options[place]
        if not isinstance(option, tuple):
            option = option.serving(forced, empty[place], least)
        for numbers in option:
            spend()
            served = empty[place] & served_by(numbers)
            if not forced & ~served and served.bit_count() >= least:
                empty[place + 1] = empty[place] & ~served
                yield numbers

    return choices_in_turn(len(options), serving)


def _prospects(options: list[Any]) -> tuple[list[int], list[int]]:
    """Return, from each place on, which rests can still get something, and how many at most."""
    reach, most = [0], [0]
    for option in reversed(options):
        if isinstance(option, tuple):
            served = [served_by(numbers) for numbers in option]
            reach.append(reduce(or_, served, reach[-1]))
            most.append(most[-1] + max(each.bit_count() for each in served))
        else:
            reach.append(reach[-1] | option.reach)
            most.append(most[-1] + option.most)
    return reach[::-1], most[::-1]
