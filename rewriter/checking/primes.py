"""Towers of prime fields in which the exponential is a homomorphism, as often as it is nested.

``p[k]`` is a prime that is 1 modulo 8 with ``p[k-1]`` dividing ``p[k] − 1``; ``g[k]`` generates
the units of order ``p[k-1]`` of the field of p[k] elements. ``exp`` maps the field of p[k-1] to
those units by ``x -> g[k]^x``, and ``exp(x + y) = exp(x)·exp(y)`` there. −1 is a square, so there
is an i with i² = −1 in both fields, and ``exp(i·x)`` gives the sine and the cosine. 2, 5 and 7 are
squares, so that they have roots.

Sources: Schwartz, "Fast probabilistic algorithms for verification of polynomial identities" (1980)
and Zippel, "Probabilistic algorithms for sparse polynomials" (1979); Wu et al., "Mirage: a
multi-level superoptimizer for tensor programs" (2025), whose two fields with q | p − 1 are the case
of one exponential.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from flint import fmpz

BITS = 256
"""Size of the smallest prime."""

SQUARES = (2, 5, 7)


@dataclass(frozen=True)
class Field:
    """One storey of a tower.

    Attributes:
        p: the prime.
        below: the prime of the storey below, 0 for the lowest.
        generator: of the units of order ``below``; 0 for the lowest.
        i: a square root of −1.
    """

    p: int
    below: int
    generator: int
    i: int

    def power(self, base: int, exponent: int) -> int:
        """Return ``base ** exponent``."""
        return int(pow(fmpz(base), exponent, fmpz(self.p)))

    def square_root(self, value: int) -> int | None:
        """Return a square root, None where there is none (Tonelli and Shanks)."""
        if value == 0:
            return 0
        if pow(value, (self.p - 1) // 2, self.p) != 1:
            return None
        return tonelli_shanks(value, self.p)

    def root(self, value: int, degree: int) -> int | None:
        """Return a root of the given degree, None where there is none or it is not known.

        Among the units of odd order there is one root of each degree prime to that order, and the
        roots of products are the products of roots.
        """
        odd = (self.p - 1) // ((self.p - 1) & (1 - self.p))
        if degree % 2 == 0 and math.gcd(degree, odd) == 1 and self.power(value, odd) == 1:
            return self.power(value, pow(degree, -1, odd))
        while degree % 2 == 0:
            found = self.square_root(value)
            if found is None:
                return None
            value, degree = found, degree // 2
        if degree == 1:
            return value
        try:
            return pow(value, pow(degree, -1, self.p - 1), self.p)
        except ValueError:
            return None


def tonelli_shanks(value: int, p: int) -> int:
    """Return a square root of a square modulo a prime."""
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    other = next(n for n in range(2, p) if pow(n, (p - 1) // 2, p) == p - 1)
    c, t, root = pow(other, odd, p), pow(value, odd, p), pow(value, (odd + 1) // 2, p)
    while t != 1:
        order, square = 0, t
        while square != 1:
            square, order = square * square % p, order + 1
        b = pow(c, 1 << (twos - order - 1), p)
        twos, c, root = order, b * b % p, root * b % p
        t = t * c % p
    return root


@functools.lru_cache(maxsize=32)
def tower(height: int, bits: int = BITS) -> tuple[Field, ...]:
    """Return the storeys of a tower in which ``height`` exponentials nest; deterministic."""
    start = 2 ** (bits - 1) + 1
    p = next(n for n in range(start - start % 8 + 1, 2**bits, 8) if _fits(n))
    fields = [Field(p, 0, 0, tonelli_shanks(p - 1, p))]
    for _ in range(height):
        below = fields[-1].p
        factor = 8
        while not _fits(below * factor + 1):
            factor += 8
        fields.append(_storey(below * factor + 1, below, factor))
    return tuple(fields)


def _storey(p: int, below: int, factor: int) -> Field:
    base = 2
    while pow(base, factor, p) == 1:
        base += 1
    return Field(p, below, pow(base, factor, p), tonelli_shanks(p - 1, p))


def _fits(n: int) -> bool:
    """A prime of which 2, 5 and 7 are squares, with one cube root and one fifth root each."""
    if any(n % small == 0 for small in (3, 5, 7, 11, 13)) or n % 3 == 1 or n % 5 == 1:
        return False
    if any(pow(a, (n - 1) // 2, n) != 1 for a in SQUARES):
        return False
    return bool(fmpz(n).is_prime())
