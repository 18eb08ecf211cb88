"""Numbers of an extended exponent range: a principal part times a power of two of any size.

A product adds the indices, a sum aligns them, and neither rounds more than floats do: only the
range is larger, 2^±(2^30) where float32 ends at 2^±127, 2^±(2^62) where float64 ends at 2^±1023.

Source: D. W. Lozier & J. M. Smith, Algorithm 567, Extended-Range Arithmetic and Normalized Legendre
Polynomials, ACM Transactions on Mathematical Software 7(1), 1981.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

import numpy as np

from rewriter.facts.ranges import range_of
from rewriter.graph import operations as op
from rewriter.graph.constants import folded_constant, repeated_constant
from rewriter.graph.dimension import Shape
from rewriter.graph.dtype import largest_binade, promote
from rewriter.graph.node import Node

EXTENDED_RANGE = "extended_range"
"""The rule that is the origin of what is computed so."""

NARROWEST = "float32"
"""What principal parts are computed in at least."""

WHOLE = {"float32": "int32", "float64": "int64"}
"""The dtype of indices, by that of principal parts."""

ROOM = 2**14
"""Of indices that nearly reach as far as integers do."""
FARTHEST = {"int32": 2**31 - ROOM, "int64": 2**63 - ROOM}
"""More than any index that is kept."""
LARGEST_REACH = {"int32": 2**30 - ROOM, "int64": 2**62 - ROOM}
"""Indices above which a number is infinite, or below the opposite of which it is 0, where a product
would go farther."""

NORMALISED = 2
"""``|log2 |principal||`` is at most this where a number is normalised."""
MODERATE = 16
"""… of what is known to be of moderate size, …"""
LONGEST = 24
"""… more of what is summed of so many, …"""
UNKNOWN = 2**11
"""… where nothing is known of it."""
WIDEST = {"float32": 40, "float64": 460}
"""… up to which a number is multiplied and added as it is: twice as much, and the digits, are
within the exponents of floats."""
LEAST_DIFFERENCE = {"float32": 24, "float64": 53}
"""How much smaller than both the difference of two numbers may be; 0 is not smaller, but none."""


@dataclass(frozen=True)
class ExtendedNumber:
    """``principal · 2^index``, elementwise.

    Attributes:
        principal: a float tensor; 0, infinite or nan where the number is.
        index: integers, of the same shape.
        spread: ``|log2 |principal||`` is at most this wherever it is finite and not 0.
        reach: ``|index|`` is at most this.
    """

    principal: Node
    index: Node
    spread: int
    reach: int


def working_dtype(dtype: str) -> str:
    """Return the dtype that principal parts of a dtype are computed in."""
    return promote(dtype, NARROWEST)


def of_plain(node: Node) -> ExtendedNumber:
    """Return a plain tensor as numbers of the extended range."""
    wide = op.astype(node, working_dtype(node.dtype))
    nothing = op.broadcast_to(op.constant(0, WHOLE[wide.dtype]), wide.shape)
    moderate = _is_moderate(node)
    return normalised(ExtendedNumber(wide, nothing, MODERATE if moderate else UNKNOWN, 0))


def _is_moderate(node: Node) -> bool:
    """Tell whether what is not 0 of a plain tensor is proved to be of moderate size."""
    values, most = folded_constant(node), 2.0**MODERATE
    if values is not None:
        sizes = np.abs(np.asarray(values, "float64"))
        return bool(((sizes == 0) | ((sizes >= 1 / most) & (sizes <= most))).all())
    bounds = range_of(node)
    low, high = (bounds.low, bounds.high) if bounds.positive else (-bounds.high, -bounds.low)
    return 1 / most <= low and high <= most


def normalised(x: ExtendedNumber) -> ExtendedNumber:
    """Return the same number with a principal part near 1."""
    if x.spread <= NORMALISED:
        return x
    x, most = _guarded(x, _farthest(x)), largest_binade(x.principal.dtype)
    exponent = op.maximum(_exponent(x.principal, x.index.dtype), -most)
    principal = x.principal * _power_of_two(-exponent, x)
    return ExtendedNumber(principal, x.index + exponent, NORMALISED, x.reach + most)


def plain(x: ExtendedNumber, dtype: str) -> Node:
    """Return numbers as a plain tensor, infinite or 0 where no float of the dtype has them."""
    most = largest_binade(x.principal.dtype) - 2
    first = within(x.index, most)
    value = x.principal * _power_of_two(first, x) * _power_of_two(x.index - first, x)
    return op.astype(value, dtype)


def product(x: ExtendedNumber, y: ExtendedNumber) -> ExtendedNumber:
    """``x · y``."""
    x, y = _joinable(x, y)
    spread, reach = x.spread + y.spread, x.reach + y.reach
    principal = x.principal * y.principal
    return ExtendedNumber(principal, _index(x, y, op.add, principal), spread, reach)


def quotient(x: ExtendedNumber, y: ExtendedNumber) -> ExtendedNumber:
    """``x / y``."""
    x, y = _joinable(x, y)
    spread, reach = x.spread + y.spread, x.reach + y.reach
    principal = x.principal / y.principal
    return ExtendedNumber(principal, _index(x, y, op.subtract, principal), spread, reach)


def _index(x: ExtendedNumber, y: ExtendedNumber, joined: Callable[..., Node], like: Node) -> Node:
    """Return the index of a product or a quotient; an index that reaches nowhere is 0."""
    return op.broadcast_to(x.index if y.reach == 0 else joined(x.index, y.index), like.shape)


def negated(x: ExtendedNumber) -> ExtendedNumber:
    """``−x``."""
    return replace(x, principal=-x.principal)


def total(summands: Sequence[ExtendedNumber], positive: bool = False) -> ExtendedNumber:
    """Return the sum of two numbers, elementwise; of positive ones nothing cancels."""
    summands = [_narrow(one) for one in summands]
    reach = max(one.reach for one in summands)
    index = reduce(op.maximum, [_size(one, reach) for one in summands])
    principal = reduce(op.add, [_aligned(one, index) for one in summands])
    index = op.broadcast_to(index, principal.shape)
    spread = max(one.spread for one in summands) + 1
    spread += 0 if positive else LEAST_DIFFERENCE[principal.dtype]
    return ExtendedNumber(principal, index, spread, reach)


def sum_over(
    x: ExtendedNumber, axes: Sequence[int], keepdims: bool, positive: bool = False
) -> ExtendedNumber:
    """Return the sum over axes; of positive numbers nothing cancels."""
    x = _narrow(x)
    index = op.max(_size(x, x.reach), axis=tuple(axes), keepdims=True)
    principal = op.sum(_aligned(x, index), axis=tuple(axes), keepdims=keepdims)
    spread = x.spread + LONGEST if positive else UNKNOWN
    return ExtendedNumber(principal, op.reshape(index, principal.shape), spread, x.reach)


def largest_of(x: ExtendedNumber, axes: Sequence[int], keepdims: bool) -> ExtendedNumber:
    """Return the largest along axes of numbers none of which is negative."""
    return _attained(x, axes, keepdims, op.max)


def least_of(x: ExtendedNumber, axes: Sequence[int], keepdims: bool) -> ExtendedNumber:
    """Return the least along axes of numbers none of which is negative."""
    return _attained(x, axes, keepdims, op.min)


def _attained(
    x: ExtendedNumber, axes: Sequence[int], keepdims: bool, extreme: Callable[..., Node]
) -> ExtendedNumber:
    x = _guarded(_narrow(x), LARGEST_REACH[x.index.dtype])
    index = extreme(_size(x, x.reach), axis=tuple(axes), keepdims=True)
    principal = extreme(_aligned(x, index), axis=tuple(axes), keepdims=keepdims)
    return replace(x, principal=principal, index=op.reshape(index, principal.shape))


def product_over(
    x: ExtendedNumber, axes: Sequence[int], keepdims: bool, count: int
) -> ExtendedNumber:
    """Return the product over axes of so many places."""
    x = _guarded(normalised(x), _farthest(x) // count)
    principal = op.prod(x.principal, axis=tuple(axes), keepdims=keepdims)
    index = op.astype(op.sum(x.index, axis=tuple(axes), keepdims=keepdims), x.index.dtype)
    return ExtendedNumber(principal, index, UNKNOWN, count * x.reach)


def running_product(x: ExtendedNumber, axis: int, reverse: bool, count: int) -> ExtendedNumber:
    """Return the products of all up to each place of an axis of so many."""
    x = _guarded(normalised(x), _farthest(x) // count)
    index = op.astype(op.cumsum(x.index, axis, reverse), x.index.dtype)
    return ExtendedNumber(op.cumprod(x.principal, axis, reverse), index, UNKNOWN, count * x.reach)


def power(x: ExtendedNumber, exponent: Fraction) -> ExtendedNumber:
    """``x^q``: the index divided by q's denominator, what is left of it raised with the rest."""
    times = max(1, abs(exponent.numerator))
    x = _guarded(normalised(x), _farthest(x) // times)
    whole, principal = x.index, x.principal
    if exponent.denominator > 1:
        whole = op.floor_divide(x.index, exponent.denominator)
        principal = principal * _power_of_two(x.index - whole * exponent.denominator, x)
    spread = math.ceil(abs(exponent) * (exponent.denominator + NORMALISED))
    raised = op.power(principal, op.constant(float(abs(exponent)), principal.dtype))
    if exponent < 0:
        raised = op.reciprocal(raised)
    return ExtendedNumber(raised, whole * exponent.numerator, spread, times * x.reach)


def logarithm(x: ExtendedNumber) -> Node:
    """``log x``, a plain tensor."""
    x = normalised(x)
    return op.log(x.principal) + op.astype(x.index, x.principal.dtype) * math.log(2)


def binary_logarithm(x: ExtendedNumber) -> Node:
    """``log2 x``, a plain tensor."""
    x = normalised(x)
    return op.log2(x.principal) + op.astype(x.index, x.principal.dtype)


def chosen(condition: Node, x: ExtendedNumber, y: ExtendedNumber) -> ExtendedNumber:
    """Return x where a condition holds, else y."""
    principal = op.where(condition, x.principal, y.principal)
    index = op.where(condition, x.index, y.index)
    return ExtendedNumber(principal, index, max(x.spread, y.spread), max(x.reach, y.reach))


def moved(x: ExtendedNumber, change: Callable[[Node], Node]) -> ExtendedNumber:
    """Return numbers with their parts changed alike, by an index map."""
    return replace(x, principal=change(x.principal), index=change(x.index))


def constant(value: float, like: Node) -> ExtendedNumber:
    """Return one number everywhere, of a plain tensor's shape and dtype."""
    return of_plain(op.broadcast_to(op.constant(value, like.dtype), like.shape))


def zeros(shape: Shape, dtype: str) -> ExtendedNumber:
    """Return 0 everywhere."""
    parts = (dtype, WHOLE[dtype])
    principal, index = (op.broadcast_to(op.constant(0, one), shape) for one in parts)
    return ExtendedNumber(principal, index, 0, 0)


_HIGH_PART = {"float32": 355 / 512, "float64": float.fromhex("0x1.62e42feep-1")}
_LOW_PART = {"float32": -2.12194440054690583e-4, "float64": 1.90821492927058770002e-10}
"""log 2 in two parts, products of whole numbers with the first of which are exact.

Source: W. J. Cody & W. Waite, Software Manual for the Elementary Functions, 1980, chapter 6.
"""

_COARSE = 2.0**10
"""What part of a whole number is a multiple of, so that its product too has few enough digits."""

_LARGEST_ARGUMENT = {"float32": 2**26, "float64": 2**60}
_LARGEST_WITH_DIGITS = {"float32": 2**26, "float64": 2**51}
"""Arguments of which more is known than their index: above, floats are farther apart than that."""
_ARGUMENT_REACH = {"float32": 2**26 * 3 // 2, "float64": 2**60 * 3 // 2}
"""More than indices of exponentials of these."""
_REST = 6
"""Binary digits of the remainder of an exponent whose index, a float at first, is no nearer to it.
"""


def exponential(argument: Node) -> ExtendedNumber:
    """``exp(u) = exp(u − k·log 2)·2^k``, k whole.

    Where no index has a place u remains, whose exponential is 0, or infinite. Where the argument's
    own rounding is more than a power of two nothing remains, lest two places where it is computed
    come to different remainders.
    """
    u = op.astype(argument, working_dtype(argument.dtype))
    high, low = _HIGH_PART[u.dtype], _LOW_PART[u.dtype]
    index = op.round(within(u, _LARGEST_ARGUMENT[u.dtype]) * (1 / math.log(2)))
    coarse = op.round(index / _COARSE) * _COARSE
    rest = u - coarse * high - (index - coarse) * high - index * low
    largest, with_digits = _LARGEST_ARGUMENT[u.dtype], _LARGEST_WITH_DIGITS[u.dtype]
    size = op.absolute(u)
    far = u if with_digits == largest else op.where(op.less_equal(size, largest), 0, u)
    principal = op.exp(op.where(op.less_equal(size, with_digits), rest, far))
    whole, reach = op.astype(index, WHOLE[u.dtype]), _ARGUMENT_REACH[u.dtype]
    return ExtendedNumber(principal, whole, _REST, reach)


def binary_exponential(argument: Node) -> ExtendedNumber:
    """``2^u = 2^(u − k)·2^k``, k whole."""
    u = op.astype(argument, working_dtype(argument.dtype))
    index = op.round(within(u, _LARGEST_ARGUMENT[u.dtype]))
    whole, reach = op.astype(index, WHOLE[u.dtype]), _LARGEST_ARGUMENT[u.dtype]
    return ExtendedNumber(op.exp2(u - index), whole, NORMALISED, reach)


def _exponent(principal: Node, whole: str) -> Node:
    """The e for which ``|x|`` is near ``2^e``, where x is a number other than 0.

    It scales one part and is added to the other, so that it has to be the same number in both: a
    logarithm is nothing that a compiler takes twice, where bits that are cheap to read would be.
    """
    exponent = op.round(op.log2(op.binade(principal)))
    return op.astype(op.where(op.not_equal(principal, 0), exponent, 0), whole)


def _size(x: ExtendedNumber, reach: int) -> Node:
    """An index as it counts among others that reach no farther: the lowest for 0."""
    if _vanishes_nowhere(x):
        return x.index
    return op.where(op.not_equal(x.principal, 0), x.index, -reach)


def _vanishes_nowhere(x: ExtendedNumber) -> bool:
    values = repeated_constant(x.principal)
    return values is not None and bool((values != 0).all())


def _joinable(x: ExtendedNumber, y: ExtendedNumber) -> tuple[ExtendedNumber, ExtendedNumber]:
    """Return numbers whose parts may be multiplied."""
    widest = WIDEST[x.principal.dtype]
    if x.spread + y.spread > widest and x.spread >= y.spread:
        x = normalised(x)
    if x.spread + y.spread > widest:
        y = normalised(y)
    if x.spread + y.spread > widest:
        x = normalised(x)
    largest = LARGEST_REACH[x.index.dtype]
    x = _guarded(x, max(largest, _farthest(x) - y.reach))
    return x, _guarded(y, max(largest, _farthest(x) - x.reach))


def _narrow(x: ExtendedNumber) -> ExtendedNumber:
    """Return numbers that may be added up."""
    return normalised(x) if x.spread > WIDEST[x.principal.dtype] else x


def _farthest(x: ExtendedNumber) -> int:
    return FARTHEST[x.index.dtype]


def _guarded(x: ExtendedNumber, reach: int) -> ExtendedNumber:
    """Return numbers whose indices are no larger: those of larger ones are infinite or 0."""
    if x.reach <= reach:
        return x
    principal = op.where(op.greater(x.index, reach), x.principal * math.inf, x.principal)
    principal = op.where(op.less(x.index, -reach), x.principal * 0, principal)
    return ExtendedNumber(principal, within(x.index, reach), x.spread, reach)


def _aligned(x: ExtendedNumber, index: Node) -> Node:
    """The principal part at another index, about 0 where that is far below all digits."""
    own = x.index
    if 2 * x.reach > _farthest(x):
        own = op.maximum(own, index - ROOM // 2)
    return x.principal * _power_of_two(own - index, x)


def _power_of_two(whole: Node, like: ExtendedNumber) -> Node:
    """``2^k`` exactly; the largest, or the least, that the dtype has where k is beyond them."""
    return op.binade(op.exp2(op.astype(whole, like.principal.dtype)))


def within(x: Node, most: float) -> Node:
    """Return x between a number and its opposite."""
    return op.minimum(op.maximum(x, -most), most)
