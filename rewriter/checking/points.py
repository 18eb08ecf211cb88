"""Points: floats at which a law is tried, from the simplest to the most hostile.

Small whole numbers meet zeros, ties and signs; ordinary numbers meet what is generic; wild ones
overflow, underflow and cancel. A condition that bounds one variable by a number is kept to, so that
few points are wasted. Numbers that are written in a law are drawn too, and some next to them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rewriter.authoring import pattern
from rewriter.checking.elaboration import Input, Law, Sizes
from rewriter.graph import operators as o
from rewriter.graph.node import Node, topological

Array = np.ndarray[Any, Any]
Values = dict[str, Array]

TAME = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0)
WILD = (
    1e-3, 1e-8, -1e-8, 1e-20, -1e-20, 1e-300, -1e-300, 5e-324, 10.0, -10.0, 37.0, 100.0, -100.0,
    700.0, -700.0, 745.0, -745.0, 800.0, -800.0, 1e3, -1e3, 1e8, -1e8, 1e16, 1e18, -1e18, 1e154,
    1e200, -1e200, 1.7e308, -1.7e308, 1.0 + 2.0**-52, 1.0 - 2.0**-53,
)  # fmt: skip
COPIES = (6, 9, 13, 17, 24, 40, 100, 1009, 10**6, 10**12)
BESIDE = (0.01, 0.1, 0.5, 1.0 - 2.0**-53, 1.0, 1.0 + 2.0**-52, 2.0, 10.0)
"""What a number that is written in a law is multiplied by."""
LARGEST_SIZE = 2.0**52
GENERIC = ("everyday", "moderate", "near")
"""Regimes in which no two numbers are the same on purpose: nothing is chosen to cancel."""


@dataclass(frozen=True)
class Domain:
    """The numbers that a variable is drawn from: ``low`` to ``high``, each an end or beyond it."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    hole: float | None = None

    def holds(self, value: float) -> bool:
        """Tell whether a number is in it."""
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below and value != self.hole

    def nearest(self, value: float, rng: random.Random) -> float:
        """Return a number in it that is made of another."""
        base = self.low if math.isfinite(self.low) else self.high
        candidates = [value, -value]
        if math.isfinite(base):
            candidates += [base + abs(value), base - abs(value)]
        if math.isfinite(self.low) and math.isfinite(self.high):
            share = rng.random()
            candidates.append(self.low + share * (self.high - self.low))
        candidates += [base + 1.0, base - 1.0, 1.0, -1.0, 0.0]
        return next((c for c in candidates if math.isfinite(c) and self.holds(c)), value)


_MIRROR = {
    o.GREATER: o.LESS, o.LESS: o.GREATER, o.GREATER_EQUAL: o.LESS_EQUAL,
    o.LESS_EQUAL: o.GREATER_EQUAL, o.NOT_EQUAL: o.NOT_EQUAL,
}  # fmt: skip


def domains(law: Law, without: int | None = None) -> dict[Any, Domain]:
    """Return the domain of each variable as far as single conditions bound it by a number.

    Args:
        law: the law.
        without: the place of a condition that is left out.
    """
    found: dict[Any, Domain] = {}
    for variable, one in zip(law.variables, law.inputs, strict=True):
        found[variable] = Domain(0.0, low_open=True) if one.positive else Domain()
    for place, condition in enumerate(law.conditions):
        node = condition.expression
        if place == without or node is None or condition.index is not None:
            continue
        bound = _bound(node)
        if bound is not None:
            head, operator, value = bound
            found[head] = _narrowed(found[head], operator, value)
    return found


def _bound(node: Node) -> tuple[Any, Any, float] | None:
    left, right = node.operands
    operator = node.operator
    if left.operator is o.CONSTANT:
        left, right, operator = right, left, _MIRROR[operator]
    if left.operator is not pattern.UNKNOWN or right.operator is not o.CONSTANT:
        return None
    variable = left.attribute("variable")
    head = getattr(variable, "function", variable)
    return head, operator, float(right.attribute("value").array)


def _narrowed(domain: Domain, operator: Any, value: float) -> Domain:
    low, high, low_open, high_open, hole = (
        domain.low, domain.high, domain.low_open, domain.high_open, domain.hole
    )  # fmt: skip
    if operator is o.NOT_EQUAL:
        hole = value
    elif operator in (o.GREATER, o.GREATER_EQUAL) and value >= low:
        low, low_open = value, operator is o.GREATER
    elif operator in (o.LESS, o.LESS_EQUAL) and value <= high:
        high, high_open = value, operator is o.LESS
    return Domain(low, high, low_open, high_open, hole)


class Points:
    """Draws points of a law.

    Args:
        law: the law.
        seed: the same seed gives the same points.
        without: the place of a condition that is not kept to.
    """

    def __init__(self, law: Law, seed: int = 0, without: int | None = None) -> None:
        self.law = law
        self.rng = random.Random(seed)
        self.domains = domains(law, without)

    def draw(self, sizes: Sizes, count: int, regime: str) -> Values:
        """Return ``count`` points as arrays with a leading axis.

        Args:
            sizes: how many places each size name stands for.
            count: how many points.
            regime: "tame", "ordinary", "near", "moderate", "everyday", "wild" or "written".
        """
        columns: dict[str, list[Array]] = {one.name: [] for one in self.law.inputs}
        for _ in range(count):
            same = regime not in GENERIC and self.rng.random() < 0.15
            shared = self._number(regime)
            for variable, one in zip(self.law.variables, self.law.inputs, strict=True):
                value = self._array(variable, one, sizes, regime, shared if same else None)
                columns[one.name].append(value)
        return {
            one.name: np.array(columns[one.name], np.float64).reshape(
                (count, *self.law.shape(one, sizes))
            )
            for one in self.law.inputs
        }

    def _array(
        self, variable: Any, one: Input, sizes: Sizes, regime: str, shared: float | None
    ) -> Array:
        shape = self.law.shape(one, sizes)
        domain = self.domains[variable]
        size = math.prod(shape)
        if shared is None and size and regime not in GENERIC and self.rng.random() < 0.12:
            shared = self._number(regime)
        if shared is not None:
            sign = self.rng.choice((1.0, 1.0, -1.0))
            return np.full(shape, domain.nearest(sign * shared, self.rng))
        numbers = [domain.nearest(self._number(regime), self.rng) for _ in range(size)]
        if size > 1 and regime not in GENERIC and self.rng.random() < 0.2:
            numbers[self.rng.randrange(size)] = numbers[0]
        return np.array(numbers, np.float64).reshape(shape)

    def _number(self, regime: str) -> float:
        rng = self.rng
        if regime == "tame":
            return rng.choice(TAME)
        if regime == "everyday":
            if rng.random() < 0.25:
                return 0.0
            low = 690.0 if rng.random() < 0.25 else 0.0
            return round(rng.choice((-1.0, 1.0)) * rng.uniform(low, 760.0), 3)
        if regime == "moderate":
            return rng.choice((-1.0, 1.0)) * float(10.0 ** rng.uniform(-12, 3))
        if regime == "written":
            return rng.choice(self.law.constants or TAME) * rng.choice(BESIDE)
        if regime == "wild" and rng.random() < 0.6:
            return rng.choice(WILD)
        if regime == "wild" and rng.random() < 0.3:
            return rng.choice(TAME)
        return round(rng.gauss(0.0, 1.0) * rng.choice((0.3, 1.0, 5.0, 30.0)), rng.choice((2, 5, 9)))


def size_choices(law: Law) -> Iterator[dict[str, int]]:
    """Yield the sizes at which a law is tried: 1, 2, different ones, 3, 5, and none of each."""
    names = law.size_names
    if not names:
        yield {}
        return
    yield dict.fromkeys(names, 1)
    yield dict.fromkeys(names, 2)
    if len(names) > 1:
        yield {name: 2 + k % 2 for k, name in enumerate(names)}
    yield dict.fromkeys(names, 3)
    yield dict.fromkeys(names, 5)
    for empty in names:
        yield {name: 0 if name == empty else 2 for name in names}


def larger_sizes(law: Law) -> Iterator[dict[str, int]]:
    """Yield sizes beyond the usual ones, for laws that hold at a few sizes by chance."""
    for size in (4, 7, 12) if law.size_names else ():
        yield dict.fromkeys(law.size_names, size)


def numbers_of_copies(law: Law) -> list[int]:
    """Return how many equal places the first is to stand for, in turn.

    Sizes from a few to very many, and those next to the numbers that are written in the law.
    """
    if not any(node.operator is pattern.BOUND_SUM for node in topological([law.left, law.right])):
        return []
    beside = {math.floor(c) + k for c in law.constants if 2 < c < LARGEST_SIZE for k in (-1, 0, 1)}
    return sorted(beside | set(COPIES))


def count_of(values: Mapping[str, Array]) -> int:
    """Return how many points there are; one where there are no variables."""
    return len(next(iter(values.values()))) if values else 1


def slices(values: Mapping[str, Array], place: int) -> Values:
    """Return one point of many, with a leading axis of 1."""
    return {name: array[place : place + 1] for name, array in values.items()}
