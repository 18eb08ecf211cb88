"""Unification of sequences: operands under an operator that is associative only.

There may be infinitely many unifiers (x·a = a·x), so a variable is split at most as often as the
horizon says, and the horizon notes where that cut something (Plotkin 1972, "Building-in equational
theories").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rewriter.matching.collapsing import apart, may_vanish
from rewriter.matching.unifier import Node, Posed, Settling
from rewriter.matching.variable import Kind, Rest, kind_of

__all__ = ["branches_of_words"]


def branches_of_words(
    posed: Posed, left: list[Any], right: list[Any], settling: Settling
) -> Iterator[Node]:
    """Yield the nodes that equate the first operands of two sequences."""
    while left and right and left[0] is right[0]:
        left, right = left[1:], right[1:]
    while left and right and left[-1] is right[-1]:
        left, right = left[:-1], right[:-1]
    unit = posed.operator.unit
    if not left or not right:
        others = left or right
        if not others:
            yield settling.node()
        elif unit is not None and all(may_vanish(each) for each in others):
            yield settling.node(tuple((each, unit) for each in others))
        return
    yield from _heads(posed, left, right, settling)


def _heads(posed: Posed, left: list[Any], right: list[Any], settling: Settling) -> Iterator[Node]:
    operator, unit = posed.operator, posed.operator.unit
    first, other = left[0], right[0]
    general = (kind_of(first) is Kind.MANY, kind_of(other) is Kind.MANY)
    strict = tuple(
        (each, operator) for each, many in zip((first, other), general, strict=True) if not many
    )

    def after(lefts: list[Any], rights: list[Any], depth: int) -> tuple[Posed, ...]:
        return (Posed(operator, tuple(lefts), tuple(rights), depth),)

    if unit is not None:
        for many, each, lefts, rights in (
            (general[0], first, left[1:], right),
            (general[1], other, left, right[1:]),
        ):
            if many:
                yield settling.node(((each, unit),), after(lefts, rights, posed.depth))
    if all(general) or not apart(first, other):
        yield settling.node(((first, other),), after(left[1:], right[1:], posed.depth), strict)
    for longer, shorter, is_left in ((first, other, True), (other, first, False)):
        if not general[0 if is_left else 1]:
            continue
        if posed.depth <= 0:
            settling.search.horizon.cut(f"{longer} may be longer than the horizon")
            continue
        tail = Rest()
        equation = (longer, operator(shorter, tail))
        mine = [tail, *(left if is_left else right)[1:]]
        theirs = (right if is_left else left)[1:]
        problem = after(mine, theirs, posed.depth - 1)
        yield settling.node((equation,), problem, strict)
