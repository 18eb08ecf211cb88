"""The range of every node over the reals, for finite inputs, computed once and only where asked.

``exp(x)`` is in (0, inf), ``sum(exp(x))`` too, ``exp(x) * exp(x) + 1`` in (1, inf).

What is proved further of a node while a graph is looked at (`refine`) holds for that while
(`ranges_apart`): what becomes of a graph depends on no graph that was looked at before.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from rewriter.facts import interval as i
from rewriter.facts.conditions import given
from rewriter.facts.domains import DOMAINS, Demand, holds
from rewriter.facts.interval import ANYTHING, INFINITY, Interval
from rewriter.facts.shares import is_share
from rewriter.facts.wrapping import unless_wrapped
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float, is_integer
from rewriter.graph.node import Node, topological, worked_out
from rewriter.graph.primitive import Kind, Primitive

Rule = Callable[[Node, list[Interval]], Interval]

RIGHT_ANGLE = math.nextafter(math.pi / 2, math.inf)
"""A float above π/2."""

Ranges = MutableMapping[Node, Interval]

_ALWAYS: Ranges = weakref.WeakKeyDictionary()
_ranges: ContextVar[Ranges] = ContextVar("ranges", default=_ALWAYS)


def range_of(node: Node) -> Interval:
    """Return the range that is proved for a node's elements."""
    known = _ranges.get()
    found = known.get(node)
    if found is not None:
        return found
    return worked_out(node, known, lambda one: _range(one, known), _read)


@contextmanager
def ranges_apart() -> Iterator[bool]:
    """In the block, ranges are worked out anew, and refined for it alone.

    Yields:
        Whether it is the outermost such block; those within share its ranges.
    """
    if _ranges.get() is not _ALWAYS:
        yield False
        return
    token = _ranges.set(weakref.WeakKeyDictionary())
    try:
        yield True
    finally:
        _ranges.reset(token)


def _read(node: Node) -> tuple[Node, ...]:
    """What a range depends on: operands, and those of conditions that something is chosen by."""
    return node.operands if _is_ruled(node) or node.dtype == "bool" else ()


def _is_ruled(node: Node) -> bool:
    return node.operator in _RULES


def _range(node: Node, known: Ranges) -> Interval:
    if not _is_ruled(node):
        return ANYTHING
    found = _RULES[node.operator](node, [known[p] for p in node.operands])
    return unless_wrapped(node, found)


def fix(primitive: Primitive, bounds: Interval) -> None:
    """Record that whatever an operator gives lies in ``bounds``."""
    _RULES[primitive] = _fixed(bounds)


def refine(node: Node, bounds: Interval) -> None:
    """Record that a node is also proved to lie in ``bounds``, inside of `ranges_apart`."""
    global _refinements
    known = range_of(node)
    low = max((known.low, known.low_open), (bounds.low, bounds.low_open))
    high = min((known.high, not known.high_open), (bounds.high, not bounds.high_open))
    narrower = Interval(low[0], high[0], low[1], not high[1])
    narrower = i.without_zero(narrower) if known.apart or bounds.apart else narrower
    if narrower != known:
        _ranges.get()[node] = narrower
        _refinements += 1


_refinements = 0


def refinements() -> int:
    """Return how often more has become known of a node: what was drawn from less may be more."""
    return _refinements


def _constant(node: Node, operands: list[Interval]) -> Interval:
    array = node.attribute("value").array
    if array.size == 0 or array.dtype.kind not in "fiub" or (array != array).any():
        return ANYTHING
    found = Interval(float(array.min()), float(array.max()))
    return i.without_zero(found) if array.all() else found


def _product(node: Node, operands: list[Interval]) -> Interval:
    """Of numbers from 0 to 1, the product is one; of positive numbers it is positive."""
    (x,) = operands
    if not x.nonnegative:
        return ANYTHING
    return Interval(0.0, 1.0 if x.high <= 1 else INFINITY, x.positive)


def _subtract(node: Node, operands: list[Interval]) -> Interval:
    if node.operands[0] is node.operands[1]:
        return i.point(0.0)
    return i.add(operands[0], i.negate(operands[1]))


def _multiply(node: Node, operands: list[Interval]) -> Interval:
    left, right = node.operands
    if left is right:
        return i.power(operands[0], 2)
    if left.operator is o.NEGATIVE and left.operands[0] is right:
        return i.negate(i.power(operands[1], 2))
    return i.multiply(operands[0], operands[1])


def _divide(node: Node, operands: list[Interval]) -> Interval:
    found = i.multiply(operands[0], i.reciprocal(operands[1]))
    if found.nonnegative and found.high > 1 and is_share(node, range_of):
        return replace(found, high=1.0, high_open=False)
    return found


def _power(node: Node, operands: list[Interval]) -> Interval:
    base, exponent = operands
    if exponent.low == exponent.high:
        return i.power(base, exponent.low)
    return i.POSITIVE if base.positive else ANYTHING


def _sum(node: Node, operands: list[Interval]) -> Interval:
    return _added(operands[0], [node.operands[0].shape[axis] for axis in node.attribute("axis")])


def _added(x: Interval, extents: Iterable[Any]) -> Interval:
    """The range of a sum over axes of what lies in x."""
    count = 1
    for size in extents:
        if not isinstance(size, int):
            return _sign_only(x)
        count *= size
    if not count:
        return i.point(0.0)
    total = i.multiply(x, i.point(float(count)))
    return replace(total, apart=False)  # of values of both signs the sum may be 0


def _sign_only(x: Interval) -> Interval:
    low = 0.0 if x.low >= 0 else -INFINITY
    high = 0.0 if x.high <= 0 else INFINITY
    return Interval(low, high, x.positive, x.negative)


def _extreme(node: Node, operands: list[Interval]) -> Interval:
    return operands[0]


def _einsum(node: Node, operands: list[Interval]) -> Interval:
    product = i.point(1.0)
    for operand in operands:
        product = i.multiply(product, operand)
    given, kept = node.attribute("spec").split("->")
    sizes = {
        letter: size
        for letters, operand in zip(given.split(","), node.operands, strict=True)
        for letter, size in zip(letters, operand.shape, strict=True)
    }
    return _added(product, [size for letter, size in sizes.items() if letter not in kept])


def _iota(node: Node, operands: list[Interval]) -> Interval:
    size = node.shape[node.attribute("axis")]
    return Interval(0.0, float(max(size - 1, 0)) if isinstance(size, int) else INFINITY)


def _hull(node: Node, operands: list[Interval]) -> Interval:
    joined = operands[0]
    for operand in operands[1:]:
        joined = i.hull(joined, operand)
    return joined


def _fixed(interval: Interval) -> Rule:
    return lambda node, operands: interval


def _of(function: Callable[..., Interval]) -> Rule:
    return lambda node, operands: function(*operands)


def _astype(node: Node, operands: list[Interval]) -> Interval:
    if node.operands[0].dtype == "bool":
        return i.UNIT
    if is_float(node.dtype) or is_integer(node.operands[0].dtype):
        return operands[0]
    return Interval(0.0 if operands[0].low >= 0 else -INFINITY, INFINITY)


def _same(node: Node, operands: list[Interval]) -> Interval:
    return operands[0]


def _slice(node: Node, operands: list[Interval]) -> Interval:
    """What a slice has of a tensor that is joined of parts: the range of these."""
    (joined,) = node.operands
    if joined.operator is not o.CONCATENATE:
        return operands[0]
    axis, first = joined.attribute("axis"), 0
    start, stop = node.attribute("start")[axis], node.attribute("stop")[axis]
    found = []
    for part in joined.operands:
        extent = part.shape[axis]
        if not all(isinstance(size, int) for size in (extent, start, stop)):
            return operands[0]
        if first < stop and start < first + extent:
            found.append(range_of(part))
        first += extent
    return _hull(node, found) if found else operands[0]


def _where(node: Node, operands: list[Interval]) -> Interval:
    condition, first, second = node.operands
    known = decided(condition)
    if known is not None:
        return operands[1 if known else 2]
    chosen = given(condition, True, first, range_of)
    return i.hull(chosen, given(condition, False, second, range_of))


def _increasing(function: Callable[[float], float], low: float, high: float) -> Rule:
    return lambda node, operands: i.increasing(function, operands[0], low, high)


def _sigmoid(value: float) -> float:
    """``1/(1 + exp(−x))``, of which the smaller exponential is taken."""
    small = math.exp(-abs(value))
    return (1.0 if value >= 0 else small) / (1.0 + small)


def _input(node: Node, operands: list[Interval]) -> Interval:
    """What is assumed of an input (`rewriter.engine.assumptions`); mostly nothing."""
    assumed = node.attribute("assumed")
    return ANYTHING if assumed is None else assumed


_RULES: dict[Primitive, Rule] = {
    o.INPUT: _input,
    o.CONSTANT: _constant,
    o.IOTA: _iota,
    o.ADD: _of(i.add),
    o.SUBTRACT: _subtract,
    o.MULTIPLY: _multiply,
    o.DIVIDE: _divide,
    o.POWER: _power,
    o.NEGATIVE: _of(i.negate),
    o.ABSOLUTE: _of(i.absolute),
    o.SIGN: _fixed(i.SYMMETRIC_UNIT),
    o.BINADE: _fixed(i.POSITIVE),
    o.MAXIMUM: _of(i.maximum),
    o.LOGADDEXP: _of(i.logaddexp),
    o.MINIMUM: _of(i.minimum),
    o.EXP: _of(i.exponential),
    o.EXP2: _fixed(i.POSITIVE),
    o.EXPM1: _increasing(math.expm1, -1.0, INFINITY),
    o.LOG: _of(i.logarithm),
    o.LOG1P: lambda node, x: i.logarithm(i.add(x[0], i.point(1.0))),
    o.LOGISTIC: _increasing(_sigmoid, 0.0, 1.0),
    o.SQRT: lambda node, x: i.power(i.nonnegative_part(x[0]), 0.5),
    o.RSQRT: _fixed(i.POSITIVE),
    o.SIN: _fixed(i.SYMMETRIC_UNIT),
    o.COS: _fixed(i.SYMMETRIC_UNIT),
    o.TANH: _increasing(math.tanh, -1.0, 1.0),
    o.SINH: _increasing(math.sinh, -INFINITY, INFINITY),
    o.COSH: _fixed(Interval(1.0, INFINITY)),
    o.ERF: _increasing(math.erf, -1.0, 1.0),
    o.ARCTAN: _increasing(math.atan, -RIGHT_ANGLE, RIGHT_ANGLE),
    o.ERFC: _fixed(Interval(0.0, 2.0, low_open=True, high_open=True)),
    o.ERFCX: _fixed(i.POSITIVE),
    o.WHERE: _where,
    o.STOP_GRADIENT: _same,
    o.ASTYPE: _astype,
    o.SUM: _sum,
    o.MAX: _extreme,
    o.MIN: _extreme,
    o.PROD: _product,
    o.CUMPROD: _product,
    o.EINSUM: _einsum,
    o.RESHAPE: _same,
    o.TRANSPOSE: _same,
    o.BROADCAST_TO: _same,
    o.SLICE: _slice,
    o.REVERSE: _same,
    o.PAD: _hull,
    o.CONCATENATE: _hull,
}


def _gather(node: Node, operands: list[Interval]) -> Interval:
    """What is read beyond the ends of an axis may be nan."""
    target, *indices = node.operands
    places = zip(indices, node.attribute("axes"), strict=True)
    inside = all(stays_inside(index, target.shape[a]) for index, a in places)
    return operands[0] if inside or node.attribute("mode") != "fill" else ANYTHING


def stays_inside(index: Node, size: object) -> bool:
    """Tell whether an index tensor is proved to lie within an axis of that size."""
    x = range_of(index)
    return isinstance(size, int) and x.low >= 0 and x.high < size


_RULES[o.GATHER] = _gather
assert all(p.kind is not Kind.OPAQUE for p in _RULES)


def decided(condition: Node) -> bool | None:
    """Return what a comparison is proved to be at every element, None where it is not.

    What may be nan, like the root of a number below 0, is less than no number, nor equal to one.
    """
    if condition.operator not in _COMPARISONS:
        return None
    left, right = (range_of(operand) for operand in condition.operands)
    found = _COMPARISONS[condition.operator](left, right)
    if found is None or found is (condition.operator is o.NOT_EQUAL):
        return found
    return None if any(map(_may_be_nan, topological((condition,)))) else found


def _may_be_nan(node: Node) -> bool:
    return not lies_within(node, Demand.DEFINED)


def lies_within(node: Node, demand: Demand) -> bool:
    """Tell whether an operation is proved to be what is asked of it, for finite operands."""
    if node.operator not in DOMAINS:
        return True
    return holds(node.operator, [range_of(p) for p in node.operands], demand, node.dtype)


def _greater(left: Interval, right: Interval) -> bool | None:
    if left.low > right.high:
        return True
    return False if left.high <= right.low else None


def _are_apart(left: Interval, right: Interval) -> bool:
    return left.low > right.high or left.high < right.low


_COMPARISONS: dict[Primitive, Callable[[Interval, Interval], bool | None]] = {
    o.GREATER: _greater,
    o.LESS: lambda left, right: _greater(right, left),
    o.EQUAL: lambda left, right: False if _are_apart(left, right) else None,
    o.NOT_EQUAL: lambda left, right: True if _are_apart(left, right) else None,
}


MOST_OF_CONSTANTS = 8
"""Operations up to which it is told that no input has a part in a value."""


def is_of_constants(node: Node) -> bool:
    """Tell whether a node is a constant, or computed from such alone by few operations."""
    stack = [node]
    for _ in range(MOST_OF_CONSTANTS):
        one = stack.pop()
        if not one.operands and one.operator is not o.CONSTANT:
            return False
        stack += one.operands
        if not stack:
            return True
    return False
