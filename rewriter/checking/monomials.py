"""Positive values as ``Π atom^r · exp(rest)``, so that their logarithms and roots are known.

A product is taken apart; a sum is divided by its largest summand at the drawn point, so that
``exp(u) + exp(v)`` and ``exp(v)·(1 + exp(u − v))`` have one logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rewriter.checking.world import Atom, Undecided, Value, World

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_SUM = 48
"""Summands that are looked at to find the largest."""
LARGEST_MONOMIAL = 24
"""Atoms of a product; one with more is an atom itself."""


@dataclass(frozen=True)
class Monomial:
    """``|value| = Π atom^r · exp(rest)``."""

    atoms: dict[Atom, Fraction]
    rest: Value


def monomial(world: World, value: Value) -> Monomial:
    """Return a value's size as a product of powers of atoms and an exponential."""
    stack = [value]
    while stack:
        current = stack[-1]
        waiting = [p for p in _parts(current) if p.monomial is None and p is not world.zero]
        if current.monomial is not None:
            stack.pop()
        elif waiting:
            stack.extend(waiting)
        else:
            current.monomial = _made(world, current)
            stack.pop()
    found: Monomial = value.monomial
    return found


def _parts(value: Value) -> Iterator[Value]:
    kind = value.recipe[0] if value.recipe else ""
    if kind in ("multiply",):
        yield from value.recipe[1:]
    elif kind in ("power", "negative"):
        yield value.recipe[1]
    elif kind in ("add", "subtract"):
        summands = _summands(value)
        if summands is not None:
            yield from summands


def _made(world: World, value: Value) -> Monomial:
    maker = _MAKERS.get(value.recipe[0] if value.recipe else "")
    found: Monomial | None = None if maker is None else maker(world, value)
    if found is None or len(found.atoms) > LARGEST_MONOMIAL:
        return _itself(world, value)
    return found


def _itself(world: World, value: Value) -> Monomial:
    sign = world.sign(value)
    if not sign:
        raise Undecided("a monomial of zero", culprit=value.ball)
    small = _small_fraction(world, value if sign > 0 else world.negative(value))
    if small is not None:
        return _constant_monomial(world, small)
    size = value if sign > 0 else world.negative(value)
    return Monomial({world.atom(size): Fraction(1)}, world.zero)


def _constant_monomial(world: World, number: Fraction) -> Monomial:
    atoms: dict[Atom, Fraction] = {}
    for prime, power in factored(abs(number)):
        atoms[world.atom(world.constant(Fraction(prime)))] = Fraction(power)
    return Monomial(atoms, world.zero)


@lru_cache(maxsize=4096)
def factored(number: Fraction) -> tuple[tuple[int, int], ...]:
    """Return a positive rational as powers of primes below 100, and of what is left."""
    found = []
    for part, sign in ((number.numerator, 1), (number.denominator, -1)):
        left, factor = part, 2
        while factor < 100 and left > 1:
            count = 0
            while left % factor == 0:
                left, count = left // factor, count + 1
            if count:
                found.append((factor, sign * count))
            factor += 1
        if left > 1:
            found.append((left, sign))
    return tuple(found)


def _small_fraction(world: World, value: Value) -> Fraction | None:
    """Return the small rational that a value is, if it is one."""
    for bottom in (1, 2, 3, 4, 6):
        near = value.ball * bottom
        if not near.mid() < 64:
            continue
        top = round(float(near.mid()))
        image = value.images[world.top] * bottom % world.primes[world.top]
        if top > 0 and image == top:
            return Fraction(top, bottom)
    return None


def _constant(world: World, value: Value) -> Monomial | None:
    number: Fraction = value.recipe[1]
    return _constant_monomial(world, number) if number else None


def _variable(world: World, value: Value) -> Monomial:
    return Monomial({value.recipe[1]: Fraction(1)}, world.zero)


def _negative(world: World, value: Value) -> Monomial:
    found: Monomial = value.recipe[1].monomial
    return found


def _product(world: World, value: Value) -> Monomial:
    left, right = (part.monomial for part in value.recipe[1:])
    atoms = dict(left.atoms)
    for atom, r in right.atoms.items():
        atoms[atom] = atoms.get(atom, Fraction(0)) + r
    kept = {atom: r for atom, r in atoms.items() if r}
    return Monomial(kept, world.add(left.rest, right.rest))


def _power(world: World, value: Value) -> Monomial:
    inner, n = value.recipe[1].monomial, value.recipe[2]
    atoms = {atom: r * n for atom, r in inner.atoms.items()}
    return Monomial(atoms, world.multiply(world.constant(n), inner.rest))


def _exponential(world: World, value: Value) -> Monomial:
    _, logs, rest = value.recipe
    return Monomial(dict(logs), rest)


def _sum(world: World, value: Value) -> Monomial | None:
    summands = _summands(value)
    if summands is None:
        return None
    largest = summands[0]
    for one in summands[1:]:
        if one is not world.zero and one.ball.abs_lower() > largest.ball.abs_upper():
            largest = one
    if largest is world.zero:
        return None
    content: Monomial = largest.monomial
    ratio = world.divide(value, largest)
    ratio.recipe = None
    own = _itself(world, ratio)
    atoms = dict(content.atoms)
    for atom, r in own.atoms.items():
        atoms[atom] = atoms.get(atom, Fraction(0)) + r
    return Monomial({a: r for a, r in atoms.items() if r}, content.rest)


def _summands(value: Value) -> list[Value] | None:
    """Return the summands of a sum, None where they are many."""
    found: list[Value] = []
    stack = [value]
    while stack:
        current = stack.pop()
        kind = current.recipe[0] if current.recipe else ""
        if kind in ("add", "subtract"):
            stack += [current.recipe[2], current.recipe[1]]
        elif kind == "negative":
            stack.append(current.recipe[1])
        else:
            found.append(current)
        if len(found) + len(stack) > LARGEST_SUM:
            return None
    return found


_MAKERS: dict[str, Any] = {
    "constant": _constant, "variable": _variable, "negative": _negative, "multiply": _product,
    "power": _power, "exp": _exponential, "add": _sum, "subtract": _sum,
}  # fmt: skip
