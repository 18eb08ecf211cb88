"""The last step of a problem: dealing what is left of a subject to the rest variables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from rewriter.matching.distribution import Parts, distributions
from rewriter.matching.operands import combine, function_of
from rewriter.matching.search import MISSING, Bindings, Search
from rewriter.matching.variable import Abstraction, Kind, kind_of

if TYPE_CHECKING:
    from rewriter.matching.multiset import Multiset

__all__ = ["deal_to_all", "deal_to_one"]


def deal_to_all(
    problem: Multiset, rests: list[tuple[Any, int]], search: Search, known: Bindings
) -> Iterator[Bindings]:
    """Yield the ways to deal all that is left of a problem to rests of different variables."""
    operator = problem.operator
    elements = problem.remaining_elements()
    takers = None
    if search.opened:
        takers = [[in_scope(rest, each, search) for rest, _ in rests] for each, _ in elements]
    covered = [each in problem.taken for each, _ in elements] if operator.idempotent else None
    multiplicities = tuple(count for _, count in rests)
    required = operator.unit is None
    dealt = distributions(elements, takers, multiplicities, required, covered, search.spend)
    operands = [rest for rest, _ in rests]
    if not all(kind_of(rest) is Kind.MANY and rest.accepts is None for rest in operands):
        return _bound(problem, operands, dealt, search, known)
    canonical = problem.profile.canonical
    return (
        {
            **known,
            **{
                rest: combine(operator, part, canonical)
                for rest, part in zip(operands, parts, strict=True)
            },
        }
        for parts in dealt
    )


def _bound(
    problem: Multiset, rests: list[Any], dealt: Iterator[Parts], search: Search, known: Bindings
) -> Iterator[Bindings]:
    for parts in dealt:
        search.spend()
        bindings = dict(known)
        for rest, part in zip(rests, parts, strict=True):
            value = value_of(problem, rest, part, search)
            if value is MISSING:
                break
            bindings[function_of(rest)] = value
        else:
            yield bindings


def deal_to_one(
    problem: Multiset, rest: Any, count: int, search: Search, known: Bindings
) -> Iterator[Bindings]:
    """Yield what one rest may take, while other operands wait for it."""
    operator = problem.operator
    most = [
        (each, 1 if operator.idempotent else available // count)
        for each, available in problem.remaining_elements()
        if in_scope(rest, each, search)
    ]
    for numbers in product(*(range(number, -1, -1) for _, number in most)):
        search.spend()
        part = tuple(
            each for (each, _), number in zip(most, numbers, strict=True) for _ in range(number)
        )
        if not part and operator.unit is None:
            continue
        value = value_of(problem, rest, part, search)
        if value is not MISSING:
            yield {**known, function_of(rest): value}


def in_scope(rest: Any, element: Any, search: Search) -> bool:
    """Whether a rest may take an element, by the bound indices that occur in it."""
    return search.in_scope(element, rest.arguments if kind_of(rest) is Kind.APPLIED else ())


def value_of(problem: Multiset, rest: Any, part: tuple[Any, ...], search: Search) -> Any:
    """Return what a rest stands for when it takes a part; MISSING where its guard says no."""
    value = combine(problem.operator, part, problem.profile.canonical)
    if kind_of(rest) is Kind.APPLIED:
        value = Abstraction(rest.arguments, value)
    return value if search.accepts(function_of(rest), value) else MISSING
