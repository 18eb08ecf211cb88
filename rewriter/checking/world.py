"""Numbers that live in fields and among the reals at once, and the arithmetic on them.

A `Value` has an image on every storey of a tower of fields (`rewriter.checking.primes`) and a ball
around a real number. The images tell whether two values are equal as functions; the ball decides
every branch, so that a maximum, an absolute value or a selection is one of its branches and the
test is made on one piece of a piecewise function at a time.

The delicate point is a term that is needed as an exponent and as a value. Here is the model:

* A variable is drawn as ``x = σ·exp(ξ)``, σ its sign at the drawn point: on storey k > 0 its image
  is ``σ·g[k]^(ξ[k-1])``, and the image of ``log|x|`` is ``ξ[k]``; all ξ[k] are drawn independently.
* ``exp(v)`` on storey k > 0 is ``g[k]^(v[k-1])``: a homomorphism. On storey 0, where there is none,
  it is an uninterpreted function of v (a hash): the same input gives the same value. So is, on the
  storeys that a nested exponential does not reach, a product with such a factor: what only an
  exponent reads of it is that it is the same product. Sums stay sums on every storey.
* A value known as ``Π a^r·exp(λ)`` has the logarithm ``Σ r·log a + λ``. Each a is an *atom*: a
  variable, a prime number, or a sum divided by its largest summand; the logarithm of the latter
  two is uninterpreted, and ``exp(r·log a)`` is ``a^r`` again.
* A root is taken in the field; where there is none the draw is *tainted*: a disagreement in it
  says nothing.
* Sines and cosines are ``exp(i·x)``; error functions, arc tangents and opaque calls are
  uninterpreted.

Every uninterpreted function makes the test stricter: what agrees agrees for each interpretation.
"""

from __future__ import annotations

import hashlib
import math
from fractions import Fraction
from typing import Any

from flint import arb

from rewriter.checking.primes import Field
from rewriter.checking.values import (
    EXPONENT,
    Atom,
    Logs,
    Undecided,
    Value,
    are_constants,
    combined,
)

LARGEST_ROOTS = 64


class World:
    """One draw: a tower, and what is uninterpreted in it.

    Args:
        fields: the tower.
        seed: of the uninterpreted functions.

    Attributes:
        taints: storeys on which a root was taken that does not exist, or an exponent holds one.
        hashes: how many values were compared by their images.
        generators: what exp is a power of on each storey; drawn, so that numbers differ too.
        roots: the least common multiple of the roots that were taken of what is no variable.
    """

    def __init__(self, fields: tuple[Field, ...], seed: int) -> None:
        self.fields = fields
        self.primes = tuple(f.p for f in fields)
        self.top = len(fields) - 1
        self.seed = seed
        self.taints: set[int] = set()
        self.hashes = 0
        self.roots = 1
        self.zero = Value(arb(0), (0,) * len(fields))
        self.zero.recipe = ("constant", Fraction(0))
        self.generators = tuple(
            f.power(f.generator, self.hashed("generator", k) % (f.below - 1) + 1) if k else 0
            for k, f in enumerate(fields)
        )
        self.atoms: dict[Any, Atom] = {}
        self._constants: dict[Fraction, Value] = {Fraction(0): self.zero}

    @property
    def tainted(self) -> bool:
        """What is compared may be made of a root that does not exist."""
        return self.top in self.taints

    # What is drawn ----------------------------------------------------------------------------

    def hashed(self, *parts: Any) -> int:
        """Return a number drawn by a hash of the parts."""
        text = f"{self.seed}:{parts}"
        return int.from_bytes(hashlib.blake2b(text.encode()).digest(), "little")

    def drawn(self, *parts: Any) -> tuple[int, ...]:
        """Return images drawn by a hash of the parts."""
        self.hashes += 1
        return tuple(self.hashed(*parts, k) % p for k, p in enumerate(self.primes))

    def variable(self, name: str, number: float) -> Value:
        """Return a variable that is near a number, which is not 0."""
        logs = self.drawn("variable", name)
        root = self.hashed("root", name) % self.primes[0]
        images = [self.fields[0].power(root, EXPONENT)]
        for k in range(1, len(self.fields)):
            images.append(self.fields[k].power(self.generators[k], logs[k - 1]))
        size = Value(arb(abs(number)), tuple(images))
        atom = Atom(size, logs, True, root, name)
        size.recipe = ("variable", atom)
        return size if number > 0 else self.negative(size)

    def constant(self, number: Fraction) -> Value:
        """Return a rational number."""
        known = self._constants.get(number)
        if known is None:
            top, bottom = number.numerator, number.denominator
            images = tuple(top * pow(bottom, -1, p) % p for p in self.primes)
            known = Value(arb(top) / bottom, images, ("constant", number))
            self._constants[number] = known
        return known

    def uninterpreted(self, name: str, *arguments: Value, ball: arb) -> Value:
        """Return what a function without laws gives."""
        return Value(ball, self.drawn(name, *(a.images[self.top] for a in arguments)))

    def atom(self, value: Value) -> Atom:
        """Return the atom that a positive value is."""
        key = value.images[self.top]
        found = self.atoms.get(key)
        if found is None:
            found = Atom(value, self.drawn("log", key), False, None, "")
            self.atoms[key] = found
        return found

    # Arithmetic -------------------------------------------------------------------------------

    def sign(self, x: Value) -> int:
        """Return -1, 0 or 1.

        Raises:
            Undecided: the ball does not tell.
        """
        if not x.images[self.top]:
            return 0
        if x.ball > 0:
            return 1
        if x.ball < 0:
            return -1
        raise Undecided("the sign of a value is not decided", culprit=x.ball)

    def add(self, x: Value, y: Value) -> Value:
        """Return x + y."""
        if are_constants(x, y):
            return self.constant(x.recipe[1] + y.recipe[1])
        images = tuple(
            [(a + b) % p for a, b, p in zip(x.images, y.images, self.primes, strict=True)]
        )
        if not images[self.top]:
            return self.zero
        logs = None if x.logs is y.logs is None else combined(x.logs, y.logs, 1)
        return Value(x.ball + y.ball, images, ("add", x, y), logs, max(x.floor, y.floor))

    def subtract(self, x: Value, y: Value) -> Value:
        """Return x - y."""
        if are_constants(x, y):
            return self.constant(x.recipe[1] - y.recipe[1])
        images = tuple(
            [(a - b) % p for a, b, p in zip(x.images, y.images, self.primes, strict=True)]
        )
        if not images[self.top]:
            return self.zero
        logs = None if x.logs is y.logs is None else combined(x.logs, y.logs, -1)
        return Value(x.ball - y.ball, images, ("subtract", x, y), logs, max(x.floor, y.floor))

    def negative(self, x: Value) -> Value:
        """Return -x."""
        if are_constants(x):
            return self.constant(-x.recipe[1])
        images = tuple([-a % p for a, p in zip(x.images, self.primes, strict=True)])
        logs = None if x.logs is None else combined(None, x.logs, -1)
        return Value(-x.ball, images, ("negative", x), logs, x.floor)

    def multiply(self, x: Value, y: Value) -> Value:
        """Return x · y."""
        if x is self.zero or y is self.zero:
            return self.zero
        if are_constants(x, y):
            return self.constant(x.recipe[1] * y.recipe[1])
        images = tuple([a * b % p for a, b, p in zip(x.images, y.images, self.primes, strict=True)])
        logs, floor = None, max(x.floor, y.floor)
        for one, other in ((x, y), (y, x)):
            if one.recipe and one.recipe[0] == "constant":
                logs = other.logs and combined(None, other.logs, one.recipe[1])
                break
        else:
            first = min(floor, self.top)
            images = (*self._drawn_below(first, images[self.top]), *images[first:])
        return Value(x.ball * y.ball, images, ("multiply", x, y), logs, floor)

    def _drawn_below(self, first: int, image: int) -> list[int]:
        """Return images that are uninterpreted below a storey."""
        return [self.hashed(image, k) % self.primes[k] for k in range(first)]

    def divide(self, x: Value, y: Value) -> Value:
        """Return x / y; y is not 0."""
        return self.multiply(x, self.integer_power(y, -1))

    def integer_power(self, x: Value, n: int) -> Value:
        """Return ``x**n``; x is not 0 where n is negative."""
        if n == 1:
            return x
        if x.recipe and x.recipe[0] == "constant" and abs(n) < 64:
            return self.constant(Fraction(x.recipe[1]) ** n)
        try:
            first = min(x.floor, self.top)
            pairs = zip(self.fields[first:], x.images[first:], strict=True)
            above = [field.power(a, n) for field, a in pairs]
        except (ValueError, ZeroDivisionError):
            raise Undecided("a draw met a zero by chance", culprit="division") from None
        images = (*self._drawn_below(first, above[-1]), *above)
        return Value(x.ball**n, images, ("power", x, Fraction(n)), None, x.floor)

    def exponential(self, x: Value) -> Value:
        """Return ``exp(x)``."""
        logs = x.logs or {}
        rest = x if not logs else self.without_logs(x)
        return self.from_logs(logs, rest, x.ball.exp())

    def without_logs(self, x: Value) -> Value:
        """Return a value without the logarithms that it is known to hold."""
        images = list(x.images)
        ball = x.ball
        for atom, r in (x.logs or {}).items():
            for k, p in enumerate(self.primes):
                images[k] = (images[k] - self.scaled(atom.logs[k], r, p)) % p
            ball = ball - atom.value.ball.log() * _arb(r)
        if not images[self.top]:
            return self.zero
        return Value(ball, tuple(images), floor=x.floor)

    def scaled(self, image: int, r: Fraction, p: int) -> int:
        """Return ``r · image`` modulo p."""
        if r.denominator == 1:
            return image * r.numerator % p
        return image * r.numerator * pow(r.denominator, -1, p) % p

    def from_logs(self, logs: Logs, rest: Value, ball: arb) -> Value:
        """Return ``Π atom^r · exp(rest)``."""
        images = [0] * len(self.fields)
        for k in range(self.top, -1, -1):
            field = self.fields[k]
            self._taint_above(k - 1, rest)
            if rest is self.zero:
                images[k] = 1
            elif k:
                images[k] = field.power(self.generators[k], rest.images[k - 1])
            else:
                images[k] = self.hashed("exp", rest.images[self.top]) % field.p
            for atom, r in logs.items():
                images[k] = images[k] * self.raised(atom, r, k) % field.p
        storey = 0 if rest is self.zero else rest.floor + 1
        floor = max([storey, *(atom.value.floor for atom in logs)])
        return Value(ball, tuple(images), ("exp", logs, rest), None, floor)

    def _taint_above(self, k: int, exponent: Value) -> None:
        """What is on the storey above is a power of what may be made of a root on this one."""
        if k in self.taints and exponent is not self.zero:
            self.taints.add(k + 1)

    def raised(self, atom: Atom, r: Fraction, k: int) -> int:
        """Return the image of ``atom^r`` on storey k."""
        field = self.fields[k]
        if r.denominator == 1:
            return field.power(atom.value.images[k], r.numerator)
        if atom.variable and k:
            return field.power(self.generators[k], self.scaled(atom.logs[k - 1], r, field.below))
        if atom.root is not None and EXPONENT % r.denominator == 0:
            return field.power(atom.root, int(EXPONENT * r))
        found = field.root(atom.value.images[k], r.denominator)
        if found is None:
            self.taints.add(k)
            found = self.hashed("root", atom.value.images[self.top], r.denominator) % field.p
        if k == self.top and self.roots < LARGEST_ROOTS:
            self.roots = math.lcm(self.roots, r.denominator)
        return field.power(found, r.numerator)

    def logarithm(self, x: Value) -> Value:
        """Return ``log(x)`` of a positive value."""
        from rewriter.checking.monomials import monomial

        found = monomial(self, x)
        images = list(found.rest.images)
        for atom, r in found.atoms.items():
            for k, p in enumerate(self.primes):
                images[k] = (images[k] + self.scaled(atom.logs[k], r, p)) % p
        if not images[self.top]:
            return self.zero
        return Value(x.ball.log(), tuple(images), ("log",), found.atoms or None, x.floor)

    def power(self, x: Value, r: Fraction) -> Value:
        """Return ``x**r`` of a positive value, for a rational r."""
        scaled = self.multiply(self.constant(r), self.logarithm(x))
        return self.exponential(scaled)

    def rotation(self, x: Value) -> tuple[Value, Value]:
        """Return the cosine and the sine of x: the halves of ``exp(i·x)`` and ``exp(-i·x)``."""
        cosine, sine = [], []
        for k, field in enumerate(self.fields):
            self._taint_above(k - 1, x)
            if k:
                turn = self.fields[k - 1].i * x.images[k - 1] % field.below
                e = field.power(self.generators[k], turn)
            else:
                e = self.hashed("rotation", x.images[self.top]) % field.p
            back, half = pow(e, -1, field.p), pow(2, -1, field.p)
            cosine.append((e + back) * half % field.p)
            sine.append((e - back) * half * pow(field.i, -1, field.p) % field.p)
        floor = x.floor + 1
        return (
            Value(x.ball.cos(), tuple(cosine), floor=floor),
            Value(x.ball.sin(), tuple(sine), floor=floor),
        )

    def equal(self, x: Value, y: Value) -> bool:
        """Tell whether two values are equal as functions, as far as the images show."""
        if x.images[self.top] == y.images[self.top]:
            return True
        gap = self.subtract(x, y)
        if gap.logs and not all(atom.variable for atom in gap.logs):
            whole = math.lcm(*(r.denominator for r in gap.logs.values()))
            powers = self.exponential(self.multiply(self.constant(Fraction(whole)), gap))
            return powers.images[self.top] == 1
        return self._same_power(x, y)

    def _same_power(self, x: Value, y: Value) -> bool:
        """Tell whether two values differ by which root of a number the field has.

        ``√(x² + 2x + 1)`` is ``x + 1`` or its opposite; the field does not know which, the reals
        do. Two real numbers of one sign are equal where their powers are.
        """
        if self.roots == 1 or not x.ball.overlaps(y.ball) or 0 in x.ball or 0 in y.ball:
            return False
        p, top = self.primes[self.top], self.top
        return pow(x.images[top], self.roots, p) == pow(y.images[top], self.roots, p)


def _arb(r: Fraction) -> arb:
    return arb(r.numerator) / r.denominator
