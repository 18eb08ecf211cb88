"""Laurent series about 0 with rational coefficients, and proved bounds of what is left out.

``(exp(u) − 1)/u = 1 + u/2 + u²/6 + …``: the first coefficients are exact, of the others the sum of
absolute values on a circle is bounded, by the series that majorise them. On discs such sums are a
norm under which products and compositions are bounded by those of the norms (Wiener's algebra).

Source: van der Hoeven, "Majorants for formal power series" (2003); Tucker, "Validated Numerics"
(Princeton 2011), chapter 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rewriter.terms.rational import Rational, absolute, quotient

RADII = tuple(2.0**k for k in range(-16, 9))
"""The radii of the circles on which what is left out is bounded."""

ROUNDING = 1e-12
"""What the floats in which bounds are computed may be wrong by, beside their size."""

Bounds = tuple[float, ...]


@dataclass(frozen=True)
class Series:
    """``u^order · (c[0] + c[1]·u + … )``, c[0] not 0.

    Attributes:
        order: the power of the first summand.
        coefficients: c, exact, as many as are known.
        tail: for each of `RADII`, a bound of ``Σ |c[n]|·r^n`` over all other n; infinite where the
            series need not converge.
    """

    order: int
    coefficients: tuple[Rational, ...]
    tail: Bounds

    def norms(self) -> Bounds:
        """Return, for each of `RADII`, a bound of ``Σ |c[n]|·r^n`` over all n."""
        return tuple(
            _size(self.coefficients, r) + tail for r, tail in zip(RADII, self.tail, strict=True)
        )

    def shifted(self, power: int) -> Series:
        """Return it times a power of u."""
        return Series(self.order + power, self.coefficients, self.tail)

    def is_one_at_zero(self) -> bool:
        """Tell whether its value at 0 is 1."""
        return self.order == 0 and self.coefficients[0] == 1


def constant(value: Rational, terms: int) -> Series:
    """Return the series of a number that is not 0, with so many coefficients."""
    return Series(0, (value, *[0] * (terms - 1)), (0.0,) * len(RADII))


def add(left: Series, right: Series) -> Series | None:
    """Return a sum; None where nothing of it is known."""
    order = min(left.order, right.order)
    shifts = [one.order - order for one in (left, right)]
    known = min(
        len(one.coefficients) + shift for one, shift in zip((left, right), shifts, strict=True)
    )
    dense = []
    for one, shift in zip((left, right), shifts, strict=True):
        padded: list[Rational] = [0] * shift
        dense.append([*padded, *one.coefficients])
    total = [a + b for a, b in zip(dense[0][:known], dense[1][:known], strict=True)]
    tails = []
    for position, r in enumerate(RADII):
        beyond = sum(_size(part[known:], r) * r**known for part in dense)
        own = sum(
            one.tail[position] * r**shift for one, shift in zip((left, right), shifts, strict=True)
        )
        tails.append((beyond + own) * (1 + ROUNDING))
    return _stripped(order, total, tails)


def _stripped(
    order: int, coefficients: Sequence[Rational], tails: Sequence[float]
) -> Series | None:
    zeros = next((n for n, c in enumerate(coefficients) if c), None)
    if zeros is None:
        return None
    shrunk = tuple(tail / r**zeros for r, tail in zip(RADII, tails, strict=True))
    return Series(order + zeros, tuple(coefficients[zeros:]), shrunk)


def multiply(left: Series, right: Series) -> Series:
    """Return a product."""
    a, b = left.coefficients, right.coefficients
    known = min(len(a), len(b))
    product = tuple(sum(a[k] * b[n - k] for k in range(n + 1)) for n in range(known))
    sizes = [list(map(_float, map(absolute, one))) for one in (a, b)]
    seen = [sum(sizes[0][k] * sizes[1][n - k] for k in range(n + 1)) for n in range(known)]
    tail = tuple(
        _left(p * q, _size(seen, r))
        for r, p, q in zip(RADII, left.norms(), right.norms(), strict=True)
    )
    return Series(left.order + right.order, product, tail)


def power(series: Series, exponent: Rational) -> Series | None:
    """Return a power; of one that is no integer, only of what is 1 at 0."""
    first, q = series.coefficients[0], exponent
    if q.denominator != 1 and not series.is_one_at_zero():
        return None
    near = _scaled(series, quotient(1, first)).shifted(-series.order)
    magnitude = -absolute(q)

    def grown(h: Sequence[Any], size: Any) -> list[Any]:
        """Return the coefficients of ``h^size``, where h is 1 at 0."""
        result: list[Any] = [1]
        for n in range(1, len(h)):
            total = sum((size * k - (n - k)) * h[k] * result[n - k] for k in range(1, n + 1))
            result.append(quotient(total, n) if type(total) is not float else total / n)
        return result

    found = _composed(
        near,
        lambda h: grown(h, q),
        lambda h: grown([0.0, *(-one for one in h[1:])], float(magnitude)),
        lambda norm: (1 - norm) ** float(magnitude),
        1.0,
    )
    if found is None:
        return None
    if q.denominator != 1:
        return found
    return _scaled(found, quotient(1, 1) * _integral(first, q)).shifted(series.order * int(q))


def _integral(base: Rational, q: Rational) -> Rational:
    return quotient(1, base ** -int(q)) if q < 0 else base ** int(q)


def exponential(series: Series) -> Series | None:
    """Return ``exp`` of a series that is 0 at 0, else None."""
    if series.order < 1:
        return None

    def grown(h: Sequence[Any]) -> list[Any]:
        """Return the coefficients of ``exp(h)``, where h is 0 at 0."""
        result: list[Any] = [1]
        for n in range(1, len(h)):
            total = sum(k * h[k] * result[n - k] for k in range(1, n + 1))
            result.append(quotient(total, n) if type(total) is not float else total / n)
        return result

    return _composed(series, grown, grown, _exp, math.inf)


def logarithm(series: Series) -> Series | None:
    """Return ``log`` of a series that is 1 at 0, else None; of 1 itself, None."""
    if not series.is_one_at_zero():
        return None

    def grown(h: Sequence[Any], sign: int) -> list[Any]:
        """Return the coefficients of ``log(h)``, or of a series that bounds them."""
        result: list[Any] = [0]
        for n in range(1, len(h)):
            total = sum(k * result[k] * h[n - k] for k in range(1, n))
            share = quotient(total, n) if type(total) is not float else total / n
            result.append(h[n] - sign * share)
        return result

    return _composed(
        series,
        lambda h: grown(h, 1),
        lambda h: grown(h, -1),
        lambda norm: -math.log1p(-norm),
        1.0,
    )


def _composed(
    series: Series,
    exact: Callable[[Sequence[Rational]], Sequence[Rational]],
    majorant: Callable[[Sequence[float]], Sequence[float]],
    total: Callable[[float], float],
    limit: float,
) -> Series | None:
    """Return ``f(s)`` of a series s less its value at 0, which is 0 or 1.

    Args:
        series: s.
        exact: the coefficients of f of a series that starts with u.
        majorant: those of a series F that majorises f, of absolute values.
        total: ``F(norm)``.
        limit: the norm below which F converges.
    """
    known = len(series.coefficients)
    inner: list[Rational] = [*[0] * series.order, *series.coefficients][:known]
    inner[0] = 0
    found = exact(inner)
    bounds = majorant([_float(absolute(one)) for one in inner])
    tails = []
    for r, norm in zip(RADII, series.norms(), strict=True):
        size = norm * r**series.order - (0 if series.order else 1)
        size += ROUNDING * (1 + size)
        tails.append(_left(total(size), _size(bounds, r)) if size < limit else math.inf)
    return _stripped(0, found, tails)


def _scaled(series: Series, factor: Rational) -> Series:
    size = _float(absolute(factor))
    scaled = tuple(factor * one for one in series.coefficients)
    return Series(series.order, scaled, tuple(size * tail for tail in series.tail))


def _size(coefficients: Sequence[Any], radius: float) -> float:
    """``Σ |c[n]|·r^n``."""
    total = 0.0
    for one in reversed(coefficients):
        total = total * radius + _float(absolute(one))
    return total


def _left(total: float, seen: float) -> float:
    """What is left of a sum of absolute values when some were seen."""
    return max(total - seen, 0.0) + ROUNDING * total if total < math.inf else math.inf


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _exp(value: float) -> float:
    return math.exp(value) if value < _LARGEST_EXPONENT else math.inf


_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Polynomial:
    """What a series is replaced by where u is small.

    Attributes:
        radius: below which ``|u|`` is to be.
        order: the power of u it is multiplied by.
        coefficients: c, the polynomial ``Σ c[n]·u^n``.
    """

    radius: float
    order: int
    coefficients: tuple[Rational, ...]


def truncated(series: Series, error: float, most: int) -> Polynomial | None:
    """Return a polynomial as near a series as asked, on the largest disc on which it is.

    Args:
        series: it.
        error: how far they may differ, beside the first summand.
        most: the number of coefficients that it may have.
    """
    discs = [
        (share * r, share, tail)
        for share in SHARES
        for r, tail in zip(RADII, series.tail, strict=True)
    ]
    for radius, share, tail in sorted(discs, reverse=True):
        known = len(series.coefficients)
        beyond = tail * share**known
        sizes = [_float(absolute(c)) * radius**n for n, c in enumerate(series.coefficients)]
        if not sum(sizes[1:]) + beyond <= LEAST_LEFT * sizes[0]:
            continue
        while beyond + sizes[known - 1] <= error * sizes[0]:
            known -= 1
            beyond += sizes[known]
        if beyond <= error * sizes[0] and known <= most:
            return Polynomial(radius, series.order, series.coefficients[:known])
    return None


SHARES = (13 / 16, 5 / 8, 3 / 8)
"""The radii on which a polynomial is used, as parts of those on which the rest is bounded:
binary fractions, which every float holds."""

LEAST_LEFT = 0.75
"""So much of the first summand the others may take away, so that its digits are kept."""
