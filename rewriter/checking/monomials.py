"""Positive values as ``Π atom^r · exp(rest)``, so that their logarithms and roots are known.

A product is taken apart; a sum is divided by its largest summand at the drawn point, so that
``exp(u) + exp(v)`` and ``exp(v)·(1 + exp(u − v))`` have one logarithm. Where a summand is divided
by a sum, all are brought over the common denominator first (`rewriter.checking.denominators`), so
that ``1 − exp(x)/(1 + exp(x))`` has the logarithm of ``1/(1 + exp(x))``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

from rewriter.checking.values import Atom, Undecided, Value
from rewriter.checking.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        for _, summand in _summands(value) or ():
            yield summand


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
    return Monomial(_product_of(left.atoms, right.atoms), world.add(left.rest, right.rest))


def _power(world: World, value: Value) -> Monomial:
    inner, n = value.recipe[1].monomial, value.recipe[2]
    atoms = {atom: r * n for atom, r in inner.atoms.items()}
    return Monomial(atoms, world.multiply(world.constant(n), inner.rest))


def _exponential(world: World, value: Value) -> Monomial:
    _, logs, rest = value.recipe
    return Monomial(dict(logs), rest)


def _sum(world: World, value: Value) -> Monomial | None:
    from rewriter.checking.denominators import cleared

    found = _summands(value)
    if found is None:
        return None
    summands, divisors = cleared(world, [_signed(world, *one) for one in found])
    if len(summands) == 1:
        return _divided(monomial(world, summands[0]), divisors)
    largest = _largest(summands)
    if largest is world.zero:
        return None
    total = reduce(world.add, summands) if divisors else value
    ratio = world.divide(total, largest)
    ratio.recipe = None
    own = _itself(world, ratio)
    for atom in own.atoms:
        if atom.summands is None and len(own.atoms) == 1:
            sign = world.constant(Fraction(world.sign(ratio)))
            atom.summands = [world.multiply(sign, world.divide(one, largest)) for one in summands]
    content = monomial(world, largest)
    return _divided(Monomial(_product_of(content.atoms, own.atoms), content.rest), divisors)


def _largest(summands: list[Value]) -> Value:
    largest = summands[0]
    for one in summands[1:]:
        if one.ball.abs_lower() > largest.ball.abs_upper():
            largest = one
    return largest


def _divided(found: Monomial, divisors: Mapping[Atom, int]) -> Monomial:
    below = {atom: Fraction(-power) for atom, power in divisors.items()}
    return Monomial(_product_of(found.atoms, below), found.rest) if below else found


def _product_of(one: Mapping[Atom, Fraction], other: Mapping[Atom, Fraction]) -> dict[
        Atom, Fraction]:  # fmt: skip
    atoms = dict(one)
    for atom, r in other.items():
        atoms[atom] = atoms.get(atom, Fraction(0)) + r
    return {atom: r for atom, r in atoms.items() if r}


def _summands(value: Value) -> list[tuple[int, Value]] | None:
    """Return the summands of a sum with their signs, None where they are many."""
    found: list[tuple[int, Value]] = []
    stack = [(1, value)]
    while stack:
        sign, current = stack.pop()
        kind = current.recipe[0] if current.recipe else ""
        if kind in ("add", "subtract"):
            second = sign if kind == "add" else -sign
            stack += [(second, current.recipe[2]), (sign, current.recipe[1])]
        elif kind == "negative":
            stack.append((-sign, current.recipe[1]))
        else:
            found.append((sign, current))
        if len(found) + len(stack) > LARGEST_SUM:
            return None
    return found


def _signed(world: World, sign: int, value: Value) -> Value:
    if sign > 0 or value is world.zero:
        return value
    opposite = world.negative(value)
    opposite.monomial = value.monomial
    return opposite


_MAKERS: dict[str, Any] = {
    "constant": _constant, "variable": _variable, "negative": _negative, "multiply": _product,
    "power": _power, "exp": _exponential, "add": _sum, "subtract": _sum,
}  # fmt: skip
