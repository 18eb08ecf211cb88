"""Linear Diophantine equations: the arithmetic beneath unification modulo AC.

Unifying two sums asks how often each atom of one side may be shared with each of the other; the
answers are the non-negative solutions of one homogeneous equation, and all are sums of finitely
many minimal ones (Stickel 1981, "A unification algorithm for associative-commutative functions").

A vector is kept as pairs of a place and the number there, those that are not 0: of 2x = y + z,

>>> for vector in minimal_solutions((2,), (1, 1)):
...     print(vector)
((0, 1), (2, 2))
((0, 1), (1, 1), (2, 1))
((0, 1), (1, 2))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import compress

from rewriter.matching.backtracking import choices_in_turn

__all__ = ["Vector", "covers", "minimal_solutions"]

Vector = tuple[tuple[int, int], ...]


def minimal_solutions(
    left: Sequence[int],
    right: Sequence[int],
    limits: Sequence[int] | None = None,
    spend: Callable[[], None] = lambda: None,
) -> list[Vector]:
    """Return the minimal solutions x, y ≥ 0, not all 0, of Σ left·x = Σ right·y, in lexicographic
    order.

    Grows vectors from one unit, on the side that is behind, until the sides meet; a vector above a
    solution is given up (Contejean & Devie 1994, "An efficient incremental algorithm for solving
    systems of linear Diophantine equations").

    Args:
        left: positive coefficients.
        right: positive coefficients.
        limits: the largest value of each component, where one is wanted.
        spend: called once a vector, to bound the work.
    """
    weights = (*left, *(-each for each in right))
    behind = range(len(left)), range(len(left), len(weights))
    found: list[Vector] = []
    by_place: dict[int, list[Vector]] = {}
    level: dict[Vector, int] = {((at, 1),): weights[at] for at in range(len(weights))}
    while level:
        for vector in (vector for vector, defect in level.items() if defect == 0):
            found.append(vector)
            for at, _ in vector:
                by_place.setdefault(at, []).append(vector)
        grown: dict[Vector, int] = {}
        for vector, defect in level.items():
            for at in behind[defect > 0] if defect else ():
                more = _grown(vector, at, limits)
                if more is not None:
                    spend()
                    if not any(_at_least(more, each) for each in by_place.get(at, ())):
                        grown[tuple(sorted(more.items()))] = defect + weights[at]
        level = grown
    return sorted(found, key=lambda vector: [(-at, number) for at, number in vector])


def _grown(vector: Vector, at: int, limits: Sequence[int] | None) -> dict[int, int] | None:
    """Return the numbers of a vector with one more at a place, None beyond its limit."""
    numbers = dict(vector)
    numbers[at] = numbers.get(at, 0) + 1
    return None if limits and numbers[at] > limits[at] else numbers


def _at_least(numbers: dict[int, int], vector: Vector) -> bool:
    return all(numbers.get(at, 0) >= number for at, number in vector)


def covers(
    vectors: list[Vector], exact: Sequence[bool], needed: bool, spend: Callable[[], None]
) -> Iterator[list[Vector]]:
    """Yield the sets of vectors by which each atom gets what it must.

    Args:
        vectors: minimal solutions, of which no component that must be 1 is more.
        exact: for each component, whether it must add up to 1.
        needed: whether every other component must add up to at least 1. Where it need not (there is
            a unit), vectors that touch no exact component are always taken: their variables may be
            the unit, so the answer with them is the more general one.
        spend: called once a step, to bound the work.
    """
    touching: list[Vector] = []
    free: list[Vector] = []
    for vector in vectors:
        (touching if any(exact[at] for at, _ in vector) else free).append(vector)
    if not needed:
        for chosen in _subsets(touching, exact, exact, spend):
            yield [*chosen, *free]
    else:
        yield from _subsets([*touching, *free], exact, [True] * len(exact), spend)


def _subsets(
    vectors: list[Vector], exact: Sequence[bool], needed: Sequence[bool], spend: Callable[[], None]
) -> Iterator[list[Vector]]:
    """Yield subsets whose sum is 1 at exact components and positive at needed ones, depth first."""
    last = {at: place for place, vector in enumerate(vectors) for at, _ in vector}
    if not all(at in last for at, one in enumerate(needed) if one):
        return
    decided: list[list[int]] = [[] for _ in vectors]  # components that none but this can touch yet
    for at, place in last.items():
        if needed[at]:
            decided[place].append(at)
    total = [0] * len(exact)

    def choice(place: int) -> Iterator[bool]:
        """Yield True where a vector may be taken, then False where it may be left."""
        spend()
        vector = vectors[place]
        if not any(exact[at] and total[at] for at, _ in vector):
            for at, number in vector:
                total[at] += number
            yield True
            for at, number in vector:
                total[at] -= number
        if all(total[at] for at in decided[place]):
            yield False

    for taken in choices_in_turn(len(vectors), choice):
        yield list(compress(vectors, taken))
