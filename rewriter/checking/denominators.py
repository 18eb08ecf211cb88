"""Sums over a common denominator, so that what cancels in the numerator is seen to cancel.

``1 − 1/(1 + e)`` is ``(1 + e − 1)/(1 + e)``, which is ``e/(1 + e)``: a product, whose logarithm is
known by those of its factors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from rewriter.checking.monomials import LARGEST_SUM, monomial
from rewriter.checking.values import Atom, Value
from rewriter.checking.world import World


def cleared(world: World, summands: Sequence[Value]) -> tuple[list[Value], dict[Atom, int]]:
    """Return the summands times the sums that they are divided by, and the powers of these.

    Summands that are multiples of one another are added up. Where nothing is divided by a sum and
    nothing can cancel, or the numerator has too many summands, they are returned as they are.
    """
    kept = [one for one in summands if one is not world.zero]
    divisors = _divisors(world, kept)
    if not divisors and len({world.sign(one) for one in kept}) < 2:
        return list(summands), {}
    total: list[Value] = []
    for one in kept:
        total += _times(world, one, divisors)
        if len(total) > LARGEST_SUM:
            return list(summands), {}
    found = list(_collected(world, total))
    return (found, divisors) if found else (list(summands), {})


def _divisors(world: World, summands: Sequence[Value]) -> dict[Atom, int]:
    found: dict[Atom, int] = {}
    for one in summands:
        for atom, r in monomial(world, one).atoms.items():
            if atom.summands is not None and r < 0 and r.denominator == 1:
                found[atom] = max(found.get(atom, 0), -int(r))
    return found


def _times(world: World, one: Value, divisors: Mapping[Atom, int]) -> list[Value]:
    """Return the summands of a value times the divisors; those that it has are cancelled."""
    known = monomial(world, one).atoms
    base, left = one, {}
    for atom, power in divisors.items():
        own = known.get(atom, Fraction(0))
        if own.denominator != 1:
            left[atom] = power
            continue
        if own:
            base = world.divide(base, world.integer_power(atom.value, int(own)))
        left[atom] = power + int(own)
    found = [base]
    for atom, power in left.items():
        for _ in range(power):
            found = [world.multiply(x, y) for x in found for y in atom.summands or ()]
            if len(found) > LARGEST_SUM:
                return found
    return found


def _collected(world: World, summands: Sequence[Value]) -> Iterator[Value]:
    """Yield the summands, those that are rational multiples of one another added up."""
    groups: dict[Any, list[tuple[Fraction, Value]]] = {}
    for one in summands:
        key, factor = _taken_apart(world, one)
        groups.setdefault(key, []).append((factor, one))
    for group in groups.values():
        total, (first, value) = sum(factor for factor, _ in group), group[0]
        if total:
            yield (
                value
                if len(group) == 1
                else world.multiply(world.constant(Fraction(total) / first), value)
            )


def _taken_apart(world: World, value: Value) -> tuple[Any, Fraction]:
    """Return what a value is a rational multiple of, to compare by, and the multiple."""
    found = monomial(world, value)
    factor = Fraction(world.sign(value))
    atoms = set()
    for atom, r in found.atoms.items():
        number = atom.value.recipe[1] if _is_constant(atom) else None
        if number is not None and r.denominator == 1:
            factor *= Fraction(number) ** int(r)
        else:
            atoms.add((atom, r))
    return (frozenset(atoms), found.rest.images[world.top]), factor


def _is_constant(atom: Atom) -> bool:
    return atom.value.recipe is not None and atom.value.recipe[0] == "constant"
