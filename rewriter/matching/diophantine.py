"""Linear Diophantine equations: the arithmetic beneath unification modulo AC.

Unifying two sums asks how often each atom of one side may be shared with each of the other; the
answers are the non-negative solutions of one homogeneous equation, and all are sums of finitely
many minimal ones (Stickel 1981, "A unification algorithm for associative-commutative functions").

>>> minimal_solutions((2,), (1, 1))
[(1, 0, 2), (1, 1, 1), (1, 2, 0)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

__all__ = ["Vector", "covers", "minimal_solutions"]

Vector = tuple[int, ...]


def minimal_solutions(
    left: Vector,
    right: Vector,
    limits: Vector | None = None,
    spend: Callable[[], None] | None = None,
) -> list[Vector]:
    """Return the minimal solutions x, y ≥ 0, not all 0, of Σ left·x = Σ right·y, sorted.

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
    size = len(weights)
    found: list[Vector] = []
    level = {tuple(int(place == at) for place in range(size)): weights[at] for at in range(size)}
    while level:
        solutions = [vector for vector, defect in level.items() if defect == 0]
        found.extend(solutions)
        grown: dict[Vector, int] = {}
        for vector, defect in level.items():
            if defect == 0:
                continue
            for at in range(size):
                if weights[at] * defect >= 0 or (limits and vector[at] >= limits[at]):
                    continue
                if spend is not None:
                    spend()
                bigger = (*vector[:at], vector[at] + 1, *vector[at + 1 :])
                if bigger not in grown and not any(_at_least(bigger, each) for each in found):
                    grown[bigger] = defect + weights[at]
        level = grown
    return sorted(found)


def _at_least(vector: Vector, other: Vector) -> bool:
    return all(mine >= theirs for mine, theirs in zip(vector, other, strict=True))


def covers(
    vectors: list[Vector], exact: list[bool], needed: bool, spend: Callable[[], None]
) -> Iterator[list[Vector]]:
    """Yield the sets of vectors by which each atom gets what it must.

    Args:
        vectors: minimal solutions.
        exact: for each component, whether it must add up to 1.
        needed: whether every other component must add up to at least 1. Where it need not (there is
            a unit), vectors that touch no exact component are always taken: their variables may be
            the unit, so the answer with them is the more general one.
        spend: called once a step, to bound the work.
    """
    touching = [v for v in vectors if any(n for n, one in zip(v, exact, strict=True) if one)]
    free = [vector for vector in vectors if vector not in touching]
    if not needed:
        for chosen in _subsets(touching, exact, exact, spend):
            yield [*chosen, *free]
    else:
        yield from _subsets([*touching, *free], exact, [True] * len(exact), spend)


def _subsets(
    vectors: list[Vector], exact: list[bool], needed: list[bool], spend: Callable[[], None]
) -> Iterator[list[Vector]]:
    """Yield subsets whose sum is 1 at exact components and positive at needed ones, depth first."""
    size = len(exact)
    later = [[False] * size]  # whether some vector from a place on touches a component
    for vector in reversed(vectors):
        later.append([some or bool(n) for some, n in zip(later[-1], vector, strict=True)])
    later.reverse()
    stack: list[tuple[int, list[Vector], Vector]] = [(0, [], (0,) * size)]
    while stack:
        place, chosen, total = stack.pop()
        spend()
        missing = [at for at in range(size) if needed[at] and not total[at]]
        if any(not later[place][at] for at in missing):
            continue
        if place == len(vectors):
            yield chosen
            continue
        vector = vectors[place]
        stack.append((place + 1, chosen, total))
        added = tuple(mine + more for mine, more in zip(total, vector, strict=True))
        if all(not one or number <= 1 for number, one in zip(added, exact, strict=True)):
            stack.append((place + 1, [*chosen, vector], added))
