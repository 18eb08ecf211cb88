"""Numbers of twice the digits that floats have: sums of two floats that are not added up.

What is lost when floats are added is a float itself, and found by floats; so is what is lost when
they are multiplied, of halves of their digits.

A compiler may compute ``a*b + c`` with one rounding in place of two, here and not there, and what
the one rounding took would be sought after the other. So nothing is multiplied here whose product
has more digits than a float, wherever digits of it count: it is the same with one rounding or two.

Sources: D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B (sums); T. J. Dekker, A
Floating-Point Technique for Extending the Available Precision, Numerische Mathematik 18, 1971;
M. Joldes, J.-M. Muller & V. Popescu, Tight and Rigorous Error Bounds for Basic Building Blocks of
Double-Word Arithmetic, ACM Transactions on Mathematical Software 44(2), 2017 (algorithm 6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from rewriter.graph import operations as op
from rewriter.graph.node import Node

DOUBLE_WORD = "double_word"
"""The rule that is the origin of what is computed so."""

DIGITS = 53
"""Bits of a float's significand."""

_HALF = 2.0**25
"""The leading half of a significand is a multiple of its binade over this: 26 bits; 27 are left."""


@dataclass(frozen=True)
class DoubleWord:
    """``high + low``, elementwise.

    Attributes:
        high: a float64 tensor: what the sum is rounded to.
        low: another of that shape; None where it is 0.
        digits: bits of the significand that high has where there is no low.
    """

    high: Node
    low: Node | None = None
    digits: int = DIGITS


def negated(x: DoubleWord) -> DoubleWord:
    """``−x``."""
    return moved(x, op.negative)


def moved(x: DoubleWord, change: Callable[[Node], Node]) -> DoubleWord:
    """Return a number with its words changed alike, by what rounds neither."""
    return DoubleWord(change(x.high), None if x.low is None else change(x.low), x.digits)


def low_word(x: DoubleWord) -> Node:
    """The low word, zeros where there is none."""
    if x.low is not None:
        return x.low
    return op.broadcast_to(op.constant(0, x.high.dtype), x.high.shape)


def plus(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """``x + y``, wrong by some 2^-105 of both: what cancels is known as well as they are."""
    total, error = _sum(x.high, y.high)
    lows = [one.low for one in (x, y) if one.low is not None]
    return _settled(total, reduce(op.add, lows, error), total)


def minus(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """``x − y``."""
    return plus(x, negated(y))


def _sum(x: Node, y: Node) -> tuple[Node, Node]:
    """``x + y`` and what its rounding takes."""
    total = x + y
    taken = total - x
    return total, (x - (total - taken)) + (y - taken)


def _settled(high: Node, low: Node, rounded: Node) -> DoubleWord:
    """Return ``high + low``, low no more than some digits of high, with digits of its own in each.

    Where it is not finite it is what is rounded, and no more.
    """
    total = high + low
    rest = low - (total - high)
    known = op.isfinite(total)
    return DoubleWord(op.where(known, total, rounded), op.where(known, rest, 0))


def product(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """``x · y``."""
    if x.low is None and y.low is None and x.digits + y.digits <= DIGITS:
        return DoubleWord(x.high * y.high, None, x.digits + y.digits)
    parts = [_halves(x), _halves(y)]
    whole, *others = (p * q for p in parts[0] for q in parts[1])
    errors = [one.high * other.low for one, other in ((x, y), (y, x)) if other.low is not None]
    for other in others:
        whole, error = _sum(whole, other)
        errors.append(error)
    return _settled(whole, reduce(op.add, errors), x.high * y.high)


def _halves(x: DoubleWord) -> list[Node]:
    """The leading half of the digits of the high word, and the others."""
    if x.low is None and 2 * x.digits <= DIGITS:
        return [x.high]
    unit = op.stop_gradient(op.binade(x.high))
    leading = op.round(x.high / unit * _HALF) * (1 / _HALF) * unit
    return [leading, x.high - leading]


def quotient(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """``x / y``: the rounded quotient, and that of what it leaves."""
    near = x.high / y.high
    rest = minus(x, product(DoubleWord(near), y))
    return _settled(near, rest.high / y.high, near)


def chosen(condition: Node, x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """Return x where a condition holds, else y."""
    high, digits = op.where(condition, x.high, y.high), _most(x, y)
    if x.low is None and y.low is None:
        return DoubleWord(high, None, digits)
    return DoubleWord(high, op.where(condition, low_word(x), low_word(y)), digits)


def magnitude(x: DoubleWord) -> DoubleWord:
    """``|x|``."""
    low = None if x.low is None else op.where(op.less(x.high, 0), -x.low, x.low)
    return DoubleWord(op.absolute(x.high), low, x.digits)


def larger(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """The larger of two numbers."""
    return DoubleWord(op.maximum(x.high, y.high), chosen(less(x, y), y, x).low, _most(x, y))


def smaller(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """The smaller of two numbers."""
    return DoubleWord(op.minimum(x.high, y.high), chosen(less(y, x), y, x).low, _most(x, y))


def _most(*numbers: DoubleWord) -> int:
    return max(one.digits for one in numbers)


def less(x: DoubleWord, y: DoubleWord) -> Node:
    """``x < y``: by the high words, and the low ones where those are alike."""
    if x.low is None and y.low is None:
        return op.less(x.high, y.high)
    below = op.less(low_word(x), low_word(y))
    return op.logical_or(op.less(x.high, y.high), op.logical_and(op.equal(x.high, y.high), below))


def equal(x: DoubleWord, y: DoubleWord) -> Node:
    """``x = y``."""
    same = op.equal(x.high, y.high)
    if x.low is None and y.low is None:
        return same
    return op.logical_and(same, op.equal(low_word(x), low_word(y)))


def sum_over(x: DoubleWord, axes: Sequence[int], keepdims: bool, count: int) -> DoubleWord:
    """Return the sum over axes of so many places, by halves."""
    kept = [a for a in range(x.high.ndim) if a not in axes]
    shape = tuple(x.high.shape[a] for a in kept)

    def in_rows(part: Node) -> Node:
        return op.reshape(op.transpose(part, [*axes, *kept]), (count, *shape))

    rows = moved(x, in_rows)
    while count > 1:
        half = count // 2
        summed = plus(_rows(rows, 0, half), _rows(rows, half, 2 * half))
        rest = [_rows(rows, 2 * half, count)] if count % 2 else []
        rows, count = joined([summed, *rest], 0), half + count % 2
    left = tuple(1 if a in axes else x.high.shape[a] for a in range(x.high.ndim))
    return moved(rows, lambda part: op.reshape(part, left if keepdims else shape))


def _rows(x: DoubleWord, first: int, end: int) -> DoubleWord:
    return moved(x, lambda part: part[first:end])


def joined(parts: Sequence[DoubleWord], axis: int) -> DoubleWord:
    """Return numbers one after the other along an axis."""
    high = op.concatenate([one.high for one in parts], axis)
    if all(one.low is None for one in parts):
        return DoubleWord(high, None, _most(*parts))
    return DoubleWord(high, op.concatenate([low_word(one) for one in parts], axis))


def running_sum(x: DoubleWord, axis: int, reverse: bool, count: int) -> DoubleWord:
    """Return the sums of all up to each place of an axis of so many, by doubled strides."""
    summed, stride = x, 1
    while stride < count:
        summed, stride = plus(summed, _shifted(summed, axis, reverse, stride, count)), 2 * stride
    return summed


def _shifted(x: DoubleWord, axis: int, reverse: bool, by: int, count: int) -> DoubleWord:
    """Return a number moved along an axis of so many places, after 0."""
    kept = (slice(None),) * axis + (slice(by, None) if reverse else slice(count - by),)
    widths = [(0, 0)] * x.high.ndim
    widths[axis] = (0, by) if reverse else (by, 0)
    return moved(x, lambda part: op.pad(part[kept], widths))


def extreme(x: DoubleWord, axes: Sequence[int], keepdims: bool, largest: bool) -> DoubleWord:
    """Return the largest, or the least, over axes: of those with its high word, by the low ones."""
    reduce_over, beyond = (op.max, -float("inf")) if largest else (op.min, float("inf"))
    high = reduce_over(x.high, axis=tuple(axes), keepdims=True)
    ahead = op.equal(x.high, high)
    low = None
    if x.low is not None:
        low = reduce_over(op.where(ahead, x.low, beyond), axis=tuple(axes), keepdims=True)
        low = op.where(op.isfinite(low), low, 0)
    found = DoubleWord(high, low, x.digits)
    if keepdims:
        return found
    shape = tuple(n for a, n in enumerate(x.high.shape) if a not in axes)
    return moved(found, lambda part: op.reshape(part, shape))
