"""The last step of a problem: dealing what is left of a subject to the rest variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    problem: Multiset,
    names: Sequence[Any],
    counts: tuple[int, ...],
    rests: tuple[tuple[Any, int], ...],
    search: Search,
    known: Bindings,
) -> Iterator[Bindings]:
    """Yield the ways to deal elements, all that is left of a problem, to rests of different
    variables.
    """
    operator, canonical = problem.operator, problem.profile.canonical
    takers = None
    if search.opened:
        takers = [[in_scope(rest, each, search) for rest, _ in rests] for each in names]
    covered = [each in problem.taken for each in names] if operator.idempotent else None
    multiplicities = tuple([count for _, count in rests])
    required = operator.unit is None
    dealt = distributions(names, counts, takers, multiplicities, required, covered, search.spend)
    operands = [rest for rest, _ in rests]
    for rest in operands:
        if kind_of(rest) is not Kind.MANY or rest.accepts is not None:
            return _bound(problem, operands, dealt, search, known)
    if len(operands) == 1:
        return ({**known, rest: combine(operator, part, canonical)} for (part,) in dealt)
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
        for each, available in zip(*problem.remaining(), strict=True)
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
