"""The ways to deal the copies of one operand to rest variables: a number for each rest.

A few ways are kept as a tuple; many are made as they are asked for, and when some rests must still
be served, only those that serve them.

>>> Ways.of(2, (1, 1), (True, True))
((2, 0), (1, 1), (0, 2))
>>> Ways.of(3, (2, 2), (True, True))
()
>>> thirty = Ways.of(30, (1,) * 10, (True,) * 10)
>>> next(iter(thirty)), next(thirty.serving(forced=0b11, wanted=0b1111, least=3))
((30, 0, 0, 0, 0, 0, 0, 0, 0, 0), (28, 1, 1, 0, 0, 0, 0, 0, 0, 0))
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Any

from rewriter.matching.backtracking import choices_in_turn

__all__ = ["Coverings", "Numbers", "Ways", "served_by"]

Numbers = tuple[int, ...]

MANY = 1024
"""So many ways to deal one operand are kept."""


def served_by(numbers: Numbers) -> int:
    """Return the set, in bits, of the rests that get something."""
    return sum(1 << place for place, number in enumerate(numbers) if number)


class Ways:
    """All ways to deal some copies: the numbers, times their multiplicities, add up to the count.

    Args:
        count: how many copies there are.
        multiplicities: how many of them a rest takes with each that it gets.
        takers: which rests may get any.

    Attributes:
        reach: the rests that some way serves, in bits.
        most: so many rests, and no more, can be served at once.
    """

    __slots__ = ("_cheapest", "_payable", "count", "most", "multiplicities", "reach", "takers")

    def __init__(self, count: int, multiplicities: Numbers, takers: tuple[bool, ...]) -> None:
        self.count, self.multiplicities, self.takers = count, multiplicities, takers
        self._payable = [1]  # from a place on: the numbers of copies that can be dealt, in bits
        self._cheapest = [count + 1]
        for multiplicity, taker in zip(reversed(multiplicities), reversed(takers), strict=True):
            self._payable.append(_with_multiples(self._payable[-1], multiplicity * taker, count))
            cost = multiplicity if taker else count + 1
            self._cheapest.append(min(self._cheapest[-1], cost))
        self._payable.reverse()
        self._cheapest.reverse()
        places = list(enumerate(zip(multiplicities, takers, strict=True)))
        self.reach = sum(
            1 << place
            for place, (cost, taker) in places
            if taker and cost <= count and self._payable[0] >> (count - cost) & 1
        )
        self.most = 0
        for cost in sorted(cost for place, (cost, _) in places if self.reach >> place & 1):
            count -= cost
            self.most += count >= 0

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(count: int, multiplicities: Numbers, takers: tuple[bool, ...]) -> Any:
        """Return the ways, in a tuple where they are few."""
        ways = Ways(count, multiplicities, takers)
        first = tuple(islice(ways, MANY + 1))
        return first if len(first) <= MANY else ways

    def __iter__(self) -> Iterator[Numbers]:
        return self.serving(0, 0, 0)

    def serving(self, forced: int, wanted: int, least: int) -> Iterator[Numbers]:
        """Return the ways that serve all forced rests, and of the wanted ones at least so many."""
        size = len(self.multiplicities)
        left = [self.count] * (size + 1)
        served = [0] * (size + 1)

        def numbers(place: int) -> Iterator[int]:
            """Yield how many copies a rest may get, the most first."""
            multiplicity, beyond = self.multiplicities[place], place + 1
            payable, cheapest = self._payable[beyond], self._cheapest[beyond]
            still_forced = (forced >> beyond).bit_count()
            still_wanted = (wanted >> beyond).bit_count()
            most = left[place] // multiplicity if self.takers[place] else 0
            for number in range(most, -1 if not forced >> place & 1 else 0, -1):
                after = left[place] - number * multiplicity
                servable = after // cheapest
                now = served[place] + (number > 0 and wanted >> place & 1)
                if servable < still_forced or now + min(servable, still_wanted) < least:
                    continue
                if payable >> after & 1:
                    left[beyond], served[beyond] = after, now
                    yield number

        return choices_in_turn(size, numbers) if self._payable[0] >> self.count & 1 else iter(())


def _with_multiples(payable: int, multiplicity: int, count: int) -> int:
    """Return which numbers up to a count are some of these plus a multiple."""
    shift = multiplicity
    while 0 < shift <= count:
        payable |= payable << shift
        shift *= 2
    return payable & (1 << count + 1) - 1


class Coverings:
    """All ways to let rests take an operand of an idempotent operator: somebody, if nobody has yet.

    Args:
        covered: whether somebody has.
        takers: which rests may take it.

    Attributes:
        reach: the rests that may take it, in bits.
        most: how many these are.
    """

    __slots__ = ("covered", "most", "reach", "takers")

    def __init__(self, covered: bool, takers: tuple[bool, ...]) -> None:
        self.covered, self.takers = covered, takers
        self.reach = served_by(takers)
        self.most = sum(takers)

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(covered: bool, takers: tuple[bool, ...]) -> Any:
        """Return the ways, in a tuple where they are few."""
        ways = Coverings(covered, takers)
        return tuple(ways) if 1 << ways.most <= MANY else ways

    def __iter__(self) -> Iterator[Numbers]:
        return self.serving(0, 0, 0)

    def serving(self, forced: int, wanted: int, least: int) -> Iterator[Numbers]:
        """Return the ways that serve all forced rests; others may have to be passed over."""
        dealt = (
            ((1,) if forced >> place & 1 else (1, 0)) if taker else (0,)
            for place, taker in enumerate(self.takers)
        )
        return (numbers for numbers in product(*dealt) if self.covered or any(numbers))
