"""Vectors of rational numbers, and the linear equations that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Vector = tuple[Fraction, ...]


def null_space(equations: Sequence[Vector], size: int) -> list[Vector]:
    """Return a basis of the vectors that solve all equations, by Gaussian elimination."""
    rows: list[tuple[int, list[Fraction]]] = []
    for equation in dict.fromkeys(equations):
        row = list(equation)
        for pivot, other in rows:
            row = [a - row[pivot] * b for a, b in zip(row, other, strict=True)]
        lead = next((k for k, value in enumerate(row) if value), None)
        if lead is None:
            continue
        row = [value / row[lead] for value in row]
        rows = [
            (pivot, [a - other[lead] * b for a, b in zip(other, row, strict=True)])
            for pivot, other in rows
        ]
        rows.append((lead, row))
    pivots = {pivot for pivot, _ in rows}
    basis = []
    for free in range(size):
        if free not in pivots:
            vector = [Fraction(free == k) for k in range(size)]
            for pivot, row in rows:
                vector[pivot] = -row[free]
            basis.append(tuple(vector))
    return basis


def along(vector: Vector, direction: Vector) -> Fraction:
    """Return how much a weight or an offset changes along a direction."""
    return sum((a * b for a, b in zip(vector, direction, strict=True)), Fraction(0))


def plus(left: Vector, right: Vector) -> Vector:
    """Add two vectors."""
    return tuple(a + b for a, b in zip(left, right, strict=True))


def less(left: Vector, right: Vector) -> Vector:
    """Subtract a vector."""
    return tuple(a - b for a, b in zip(left, right, strict=True))


def times(vector: Vector, number: Fraction) -> Vector:
    """Multiply a vector by a number."""
    return tuple(a * number for a in vector)
