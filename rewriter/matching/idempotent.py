"""Unions that are to be equal: unification under an operator that is idempotent too.

x ∪ c =? y ∪ c      x = z, y = z      x = z ∪ c, y = z      x = z, y = z ∪ c

What stands for several operands is a set, and each element of a set is a place in the equation: the
set of variables that hold it. A place that no constant is in solves the equation if one side holds
it exactly when the other does; the places of that kind that are no union of others each give a new
variable. A constant's place is chosen among those that are no union of a smaller one and such a
place (Baader & Büttner 1988, "Unification in commutative idempotent monoids").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product
from typing import Any, NamedTuple

from rewriter.matching.backtracking import choices_in_turn
from rewriter.matching.collapsing import apart, is_general
from rewriter.matching.operands import combine
from rewriter.matching.protocol import Operator, is_ground
from rewriter.matching.unifier import Node, Settling
from rewriter.matching.variable import Kind, Rest, kind_of

__all__ = ["unions"]

Place = tuple[Any, ...]


class Sides(NamedTuple):
    """The variables for sets: on both sides of an equation, on the left alone, on the right."""

    both: tuple[Any, ...]
    left: tuple[Any, ...]
    right: tuple[Any, ...]

    def places(self) -> Iterator[Place]:
        """Yield the places of what is no constant, those that are no union of others."""
        for each in self.both:
            yield (each,)
            for one in (*self.left, *self.right):
                yield (each, one)
        yield from product(self.left, self.right)

    def places_of_constant(self, on_left: bool, on_right: bool) -> Iterator[Place]:
        """Yield the places of what stands on one side, or on both, as itself."""
        if on_left and on_right:
            return chain(((),), _subsets(self.left), _subsets(self.right))
        held = ((each,) for each in self.both)
        return chain(held, _subsets(self.right if on_left else self.left))


def _subsets(variables: tuple[Any, ...]) -> Iterator[Place]:
    """Yield the sets of some variables that are not empty, small ones first."""
    return chain.from_iterable(
        combinations(variables, size) for size in range(1, len(variables) + 1)
    )


def unions(
    operator: Operator, left: list[Any], right: list[Any], settling: Settling
) -> Iterator[Node]:
    """Yield the ways to make two unions equal."""
    on_left, on_right = dict.fromkeys(left), dict.fromkeys(right)
    atoms = {**on_left, **on_right}
    general = [each for each in atoms if is_general(each)]
    sides = Sides(
        tuple(each for each in general if each in on_left and each in on_right),
        tuple(each for each in general if each not in on_right),
        tuple(each for each in general if each not in on_left),
    )
    free = list(spending(sides.places(), settling))
    rigid = [each for each in atoms if not is_general(each)]
    strict = tuple((each, operator) for each in rigid)
    for classes in partitions(rigid, settling):
        equations = tuple((each[0], other) for each in classes for other in each[1:])

        def places(at: int, classes: list[list[Any]] = classes) -> Iterator[Place]:
            found = [any(each in side for each in classes[at]) for side in (on_left, on_right)]
            return spending(sides.places_of_constant(*found), settling)

        for chosen in choices_in_turn(len(classes), places):
            held = [(each[0], place) for each, place in zip(classes, chosen, strict=True)]
            for values in assembled(operator, general, free, held, settling):
                yield settling.node((*equations, *values), strict=strict)


def spending(choices: Iterable[Place], settling: Settling) -> Iterator[Place]:
    """Yield choices, each for a step of the budget."""
    for choice in choices:
        settling.search.spend()
        yield choice


def partitions(rigid: list[Any], settling: Settling) -> Iterator[list[list[Any]]]:
    """Yield the ways to say which of some operands, each one element, are equal.

    Those without variables come last: they differ from each other, and are compared with the rest.
    """
    rigid = sorted(rigid, key=lambda atom: (is_fixed(atom), kind_of(atom) is not Kind.TERM))
    loose = sum(not is_fixed(atom) for atom in rigid)
    classes: list[list[Any]] = []

    def home(at: int) -> Iterator[None]:
        """Put an operand into each class in turn that it may be in, one of its own the last."""
        atom = rigid[at]
        for members in classes[:loose]:
            settling.search.spend()
            if not any(apart(each, atom) for each in members):
                members.append(atom)
                yield
                members.pop()
        settling.search.spend()
        classes.append([atom])
        yield
        classes.pop()

    for _ in choices_in_turn(len(rigid), home):
        yield [list(members) for members in classes]


def is_fixed(atom: Any) -> bool:
    """Whether an atom equals no other: it has no variables and keeps its root."""
    return kind_of(atom) is Kind.TERM and is_ground(atom)


def assembled(
    operator: Operator,
    general: list[Any],
    places: list[Place],
    held: list[tuple[Any, Place]],
    settling: Settling,
) -> Iterator[tuple[tuple[Any, Any], ...]]:
    """Yield what the variables are, given the elements that they hold: these and new variables.

    A new variable may be the unit; where there is none, each is there or not, and nothing is empty.
    """
    for chosen in subsets_by_size(places) if operator.unit is None else (places,):
        settling.search.spend()
        parts: dict[Any, list[Any]] = {each: [] for each in general}
        for element, place in (*held, *((Rest(), place) for place in chosen)):
            for each in place:
                parts[each].append(element)
        if operator.unit is not None or all(parts.values()):
            yield tuple(
                (each, combine(operator, tuple(of_it), False)) for each, of_it in parts.items()
            )


def subsets_by_size(places: list[Place]) -> Iterator[tuple[Place, ...]]:
    """Yield the sets of some places, large ones first: the answers that are more general."""
    return chain.from_iterable(combinations(places, size) for size in range(len(places), -1, -1))
