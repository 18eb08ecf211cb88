"""Marks: the image of a real number in a finite field, by which true zeros are told.

Balls can show that a number is not zero; no precision shows that it is. So every number carries,
beside its ball, what the same arithmetic gives in the field of P elements: ``(a + b) - a - b`` has
mark 0. A number whose mark is 0 is taken to be 0, which is wrong with a probability of about
2**-127 a number: the identity test of Schwartz (1980) and Zippel (1979).

exp is a homomorphism from the field of Q elements (P = 2·Q + 1, both prime) to the squares of the
field of P: ``exp(a)`` has mark ``base ** twin(a)``, so ``exp(a)·exp(b) - exp(a + b)`` has mark 0.
The twin is the image in the field of Q; the image of what is no sum, product or quotient (a
logarithm, a sine) is drawn by a hash of the argument's mark.
"""

from __future__ import annotations

import functools
import hashlib
from typing import NamedTuple

from flint import fmpz, fmpz_mod, fmpz_mod_ctx

P = 2**127 - 2721
"""The largest safe prime below 2**127 of which 2 is a square (it is 7 modulo 8)."""

Q = (P - 1) // 2

MARKS = fmpz_mod_ctx(fmpz(P))
TWINS = fmpz_mod_ctx(fmpz(Q))
ZERO = MARKS(0)


class Image(NamedTuple):
    """What stands for a real number: its mark (modulo P) and its twin (modulo Q)."""

    mark: fmpz_mod
    twin: fmpz_mod


@functools.lru_cache(maxsize=1 << 16)
def dyadic(mantissa: int, exponent: int = 0) -> Image:
    """Return the image of ``mantissa · 2**exponent``."""
    two, twin_of_two = MARKS(2), TWINS(2)
    return Image(MARKS(mantissa) * two**exponent, TWINS(mantissa) * twin_of_two**exponent)


def drawn(name: str, *marks: fmpz_mod) -> Image:
    """Return the image of a function's value, a hash of its name and its arguments' marks."""
    text = ",".join([name, *(str(int(mark)) for mark in marks)])
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=32).digest(), "little")
    return Image(MARKS(number), TWINS(number))


def is_canonical(mark: fmpz_mod) -> bool:
    """Tell which of a mark and its negative is the one that even and odd functions hash."""
    return int(mark) <= Q


LOG_OF_TWO = drawn("logarithm of two")
"""The image of log 2; the base is chosen so that ``exp(n·log 2)`` has the mark of ``2**n``."""

_BASE = MARKS(2) ** int(1 / LOG_OF_TWO.twin)


def exponential(twin: fmpz_mod) -> Image:
    """Return the image of ``exp(a)``, given the twin of ``a``."""
    mark = _BASE ** int(twin)
    return Image(mark, TWINS(int(mark)))
