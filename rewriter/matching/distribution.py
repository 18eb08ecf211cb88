"""Dealing the operands that are left to rest variables: every way once, none by permuting equals.

The ways to deal the copies of one operand do not depend on the others, so an operand that cannot be
dealt at all is seen at once. Where they are many, they are made as they are asked for.

>>> list(distributions("ab", (1, 1), [[True, True]] * 2, (1, 1), required=True))
[(('a',), ('b',)), (('b',), ('a',))]
>>> list(distributions("a", (3,), [[True]], (2,), required=False))
[]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, reduce
from itertools import chain, compress, product, repeat
from operator import or_
from typing import Any

from rewriter.matching.backtracking import choices_in_turn
from rewriter.matching.ways import Coverings, Numbers, Ways, served_by

__all__ = ["distributions"]

FEW = 4
"""Among so many rests few of all choices leave one empty, and one that does not comes soon."""

Parts = tuple[tuple[Any, ...], ...]
BYTE = 256
_SINGLE = frozenset((1,))
_SOLE = (1,)


def distributions(
    names: Sequence[Any],
    counts: Numbers,
    takers: Sequence[Sequence[bool]] | None,
    multiplicities: Numbers,
    required: bool,
    covered: Sequence[bool] | None = None,
    spend: Callable[[], None] = lambda: None,
) -> Iterator[Parts]:
    """Return what each rest gets, as tuples of operands in the order given.

    Args:
        names: distinct operands.
        counts: how many copies are left of each, one or more.
        takers: for each operand, which rests may take it; None where all may take all.
        multiplicities: how often each rest occurs in the pattern.
        required: whether each rest must get something.
        covered: for an idempotent operator, which operands need no taker.
        spend: called once a step where a choice may lead nowhere, to bound the work.
    """
    single = covered is not None or _SINGLE.issuperset(counts)
    if takers is None and covered is None and multiplicities == _SOLE:
        everything = tuple(names) if single else _repeated(names, counts)
        return iter(((everything,),) if everything or not required else ())
    rests = len(multiplicities)
    few = takers is None and rests <= FEW and 2 * rests <= len(names)
    apart = single and takers is None and covered is None and _SINGLE.issuperset(multiplicities)
    if apart and rests < BYTE and (few or not required):
        return _each_to_one(names, rests, required)
    options, different = _options(counts, takers, multiplicities, covered)
    if not all(different):
        return iter(())
    kept = all(type(each) is tuple for each in different)
    if required and not few:
        return _dealt(names, _choices_serving_all(options, rests, spend), rests, single)
    chosen = product(*options) if kept else _chosen(options)
    dealt = _dealt(names, chosen, rests, single)
    return filter(all, dealt) if required else dealt


def _each_to_one(names: Sequence[Any], rests: int, required: bool) -> Iterator[Parts]:
    """Yield the ways to give each operand to one of the rests, of which any may take it."""
    takes = [_whether_it_is(rest) for rest in range(rests)]
    for takers in product(range(rests), repeat=len(names)):
        if not required or len(set(takers)) == rests:
            dealt = bytes(takers)
            yield tuple([tuple(compress(names, dealt.translate(take))) for take in takes])


@cache
def _whether_it_is(rest: int) -> bytes:
    """Return the table of a number's being that of a rest."""
    return bytes(each == rest for each in range(BYTE))


def _options(
    counts: Numbers,
    takers: Sequence[Sequence[bool]] | None,
    multiplicities: Numbers,
    covered: Sequence[bool] | None,
) -> tuple[list[Any], Iterable[Any]]:
    """Return for each operand how its copies may be dealt, and the different ones of these."""

    def option(each: int, who: tuple[bool, ...]) -> Any:
        return Ways.of(each, multiplicities, who) if covered is None else Coverings.of(each, who)

    given = counts if covered is None else covered
    if takers is not None:
        options = [option(each, tuple(who)) for each, who in zip(given, takers, strict=True)]
        return options, options
    anyone = (True,) * len(multiplicities)
    dealt = {each: option(each, anyone) for each in frozenset(given)}
    return [dealt[each] for each in given], dealt.values()


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
            yield tuple([_repeated(names, taken) for taken in zip(*numbers, strict=True)])


def _repeated(names: Sequence[Any], counts: Numbers) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(map(repeat, names, counts)))


def _chosen(options: list[Any]) -> Iterator[tuple[Numbers, ...]]:
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
        """Yield the ways to deal an operand that can still leave no rest empty."""
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
