"""Dimensions: an integer, a name, or a polynomial of names with integer coefficients.

``n + m - 1`` is what concatenating ``n`` and ``m`` rows and dropping one gives; ``2*n*m`` is what
flattening gives. Equal polynomials are equal dimensions. A name stands for an integer of at least
1: over an empty axis a maximum has no value, and a mean none either.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rewriter.errors import ShapeError

Monomial = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A dimension that is neither a plain integer nor a plain name, in canonical order."""

    terms: tuple[tuple[Monomial, int], ...]

    def __str__(self) -> str:
        text = "+".join(_monomial_text(names, factor) for names, factor in self.terms)
        return text.replace("+-", "-")

    __repr__ = __str__


Dimension = int | str | Polynomial
Shape = tuple[Dimension, ...]

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
_PRODUCT = r"(?:[A-Za-z_]\w*|\d+)(?:\*(?:[A-Za-z_]\w*|\d+))*"
_SUM = re.compile(rf"[+-]?{_PRODUCT}(?:[+-]{_PRODUCT})*", re.ASCII)
_SPACE_AROUND_SIGN = re.compile(r"\s*([-+*])\s*")


def _monomial_text(names: Monomial, factor: int) -> str:
    if not names:
        return str(factor)
    product = "*".join(names)
    return {1: product, -1: f"-{product}"}.get(factor, f"{factor}*{product}")


def _terms(dimension: Dimension) -> dict[Monomial, int]:
    if isinstance(dimension, int):
        return {(): dimension} if dimension else {}
    if isinstance(dimension, str):
        return {(dimension,): 1}
    return dict(dimension.terms)


def _dimension(terms: Mapping[Monomial, int]) -> Dimension:
    kept = sorted(((names, c) for names, c in terms.items() if c), key=lambda term: _rank(term[0]))
    if not kept:
        return 0
    if len(kept) == 1:
        names, factor = kept[0]
        if not names:
            return factor
        if len(names) == 1 and factor == 1:
            return names[0]
    return Polynomial(tuple(kept))


def checked_dimension(value: object) -> Dimension:
    """Return ``value`` as a dimension; text such as ``"2*n+1"`` is read as a polynomial.

    Raises:
        ShapeError: it is negative, or neither an integer nor text of that form.
    """
    if isinstance(value, Polynomial):
        return value
    if isinstance(value, str):
        read = value if _NAME.match(value) else parse_dimension(value)
        return read if isinstance(read, (str, Polynomial)) else _not_negative(read)
    try:
        return _not_negative(operator.index(value))  # type: ignore[arg-type]
    except TypeError:
        raise ShapeError("a dimension is an int or a name", culprit=repr(value)) from None


def _not_negative(number: int) -> int:
    if number < 0:
        raise ShapeError("a dimension is not negative", culprit=number)
    return int(number)


def parse_dimension(text: str) -> Dimension:
    """Read ``"2*n*m-1"`` back into the dimension that prints so.

    Raises:
        ShapeError: the text is not a sum of products of integers and names.
    """
    terms: dict[Monomial, int] = {}
    tight = _SPACE_AROUND_SIGN.sub(r"\1", text.strip())
    if not _SUM.fullmatch(tight):
        raise ShapeError("a dimension is an int or a name", culprit=repr(text))
    for piece in re.findall(r"[+-]?[^+-]+", tight):
        sign = -1 if piece[0] == "-" else 1
        names: list[str] = []
        for factor in piece.lstrip("+-").split("*"):
            if factor.isdecimal():
                sign *= int(factor)
            else:
                names.append(factor)
        key = tuple(sorted(names))
        terms[key] = terms.get(key, 0) + sign
    return _dimension(terms)


def add(left: Dimension, right: Dimension) -> Dimension:
    """Return ``left + right``: ``add("n", 2)`` is ``n+2``."""
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    terms = _terms(left)
    for names, factor in _terms(right).items():
        terms[names] = terms.get(names, 0) + factor
    return _dimension(terms)


def subtract(left: Dimension, right: Dimension) -> Dimension:
    """Return ``left - right``."""
    return add(left, multiply(right, -1))


def multiply(left: Dimension, right: Dimension) -> Dimension:
    """Return ``left * right``."""
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    terms: dict[Monomial, int] = {}
    for names, factor in _terms(left).items():
        for others, other in _terms(right).items():
            key = tuple(sorted(names + others))
            terms[key] = terms.get(key, 0) + factor * other
    return _dimension(terms)


def divide_exactly(left: Dimension, right: Dimension) -> Dimension | None:
    """Return ``left / right`` where that is a dimension, else None.

    Division of polynomials by one divisor, leading term by leading term.
    """
    divisor, rest = _terms(right), _terms(left)
    if not divisor:
        return None
    leading = min(divisor, key=_rank)
    quotient: dict[Monomial, int] = {}
    while rest:
        names = min(rest, key=_rank)
        factor = _without(names, leading)
        if factor is None or rest[names] % divisor[leading]:
            return None
        quotient[factor] = times = rest[names] // divisor[leading]
        for others, other in divisor.items():
            key = tuple(sorted(factor + others))
            rest[key] = rest.get(key, 0) - times * other
            if not rest[key]:
                del rest[key]
    return _dimension(quotient)


def _rank(names: Monomial) -> tuple[int, Monomial]:
    """Order of monomials: by degree, then by name."""
    return -len(names), names


def _without(names: Monomial, others: Monomial) -> Monomial | None:
    """Return a monomial divided by another, or None where it is not divisible."""
    rest = list(names)
    for name in others:
        if name not in rest:
            return None
        rest.remove(name)
    return tuple(rest)


def size(shape: Iterable[Dimension]) -> Dimension:
    """Return the number of elements of a tensor of that shape."""
    total: Dimension = 1
    for dimension in shape:
        total = multiply(total, dimension)
    return total


def evaluate(dimension: Dimension, sizes: Mapping[str, int]) -> int:
    """Return the integer that a dimension is, given the size of each name.

    Raises:
        ShapeError: a name has no size.
    """
    total = 0
    for names, factor in _terms(dimension).items():
        for name in names:
            if name not in sizes:
                raise ShapeError(f"dimension {dimension} has no size here", culprit=name)
            factor *= sizes[name]
        total += factor
    return total


def shape_text(shape: Shape) -> str:
    """Return a shape as people write it: ``(n, 5)``, ``(3,)``, ``()``."""
    inner = ", ".join(map(str, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def squeezed_axes(
    before: Sequence[object], after: Sequence[object]
) -> list[tuple[int, int]] | None:
    """Return which axis goes where in a reshape that only adds or drops ones, else None."""
    old = [a for a, d in enumerate(before) if d != 1]
    new = [a for a, d in enumerate(after) if d != 1]
    if [before[a] for a in old] != [after[a] for a in new]:
        return None
    return list(zip(old, new, strict=True))
