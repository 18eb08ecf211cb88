"""Index expressions: an axis, a fixed place, an affine function of an axis, or data.

``x[2:, ::2]`` reads ``x[i + 2, 2 j]``; ``x[labels]`` reads ``x[labels[i]]``, whose index is data.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced
from functools import lru_cache
from itertools import count
from typing import Any

from rewriter.graph.dimension import Dimension
from rewriter.graph.node import Node
from rewriter.matching.digest import digest_of_text
from rewriter.matching.index import Index


class Axis(Index):
    """A symbolic index that runs over ``extent`` places.

    Attributes:
        extent: the dimension it runs over; in a rule, the variable that stands for it.
        level: for the placeholder of a binder, how many binders are at or below it; else 0.
    """

    __slots__ = ("extent", "level")

    def __init__(self, name: str, extent: Dimension, level: int = 0) -> None:
        super().__init__(name)
        self.extent = extent
        self.level = level

    def fresh(self) -> Axis:
        """Return a new free axis of the same extent."""
        return Axis("k", self.extent)


@lru_cache(maxsize=4096)
def axis(number: int, extent: Dimension) -> Axis:
    """Return the axis that stands for axis ``number`` of the tensor being read."""
    made = Axis(f"i{number}", extent)
    made.number = _in_row(number - _ROWS, extent)
    return made


@lru_cache(maxsize=4096)
def placeholder(level: int, extent: Dimension) -> Axis:
    """Return the axis that a binder of that level binds; terms equal up to renaming share it."""
    return Axis(f"j{level}", extent, level)


@lru_cache(maxsize=4096)
def _opening(level: int, extent: Dimension, rank: int) -> Axis:
    made = Axis("k", extent)
    made.number = _in_row(_ROWS + rank - level, extent)
    return made


_ROWS = 2**32
"""Axes that stand for those of tensors come before any that is made, those to open binders at after
them, of outer binders first."""


def _in_row(row: int, extent: Dimension) -> int:
    """What axes that are the same each time are sorted by, whenever they were first asked for."""
    return (row << 64) + digest_of_text(str(extent))


def opening(bound: Axis, taken: Container[Axis]) -> Axis:
    """Return a free axis to open a binder at: the first of a row of them that is not taken.

    So what is made of the open body is the same term each time, and what is known of it is
    remembered.
    """
    if type(bound) is not Axis:
        return bound.fresh()
    axes = (_opening(bound.level, bound.extent, rank) for rank in count())
    return next(axis for axis in axes if axis not in taken)


@dataclass(frozen=True, slots=True)
class Fixed:
    """One place, counted from 0."""

    place: Dimension

    def __str__(self) -> str:
        return str(self.place)


@dataclass(frozen=True, slots=True)
class Affine:
    """``step * base + offset``."""

    base: Axis | Data | Index
    step: int
    offset: Dimension

    @property
    def variables(self) -> frozenset[Any]:
        """The pattern variables in it."""
        return variables_in(self.base)

    def __str__(self) -> str:
        scaled = str(self.base) if self.step == 1 else f"{self.step}·{self.base}"
        return f"{scaled}+{self.offset}".replace("+-", "-")


@dataclass(frozen=True, slots=True)
class Data:
    """An element of an integer tensor, used as an index.

    Attributes:
        node: the integer tensor.
        indices: where it is read.
        fills: what is read beyond the ends of an axis is nan, and not what is nearest.
    """

    node: Node
    indices: tuple[IndexExpression, ...]
    fills: bool = False

    @property
    def variables(self) -> frozenset[Any]:
        """The pattern variables in it."""
        return frozenset().union(*map(variables_in, self.indices))

    def __str__(self) -> str:
        name = self.node.attribute("name") or self.node.operator.name
        fills = "?" if self.fills else ""
        read = f"[{', '.join(map(str, self.indices))}]" if self.indices else ""
        return f"{name}{read}{fills}"


IndexExpression = Axis | Fixed | Affine | Data | Index


def variables_in(expression: object) -> frozenset[Any]:
    """Return the pattern variables in an index expression."""
    return getattr(expression, "variables", frozenset())


def axes_in(expression: object) -> frozenset[Axis]:
    """Return the axes in an index expression."""
    if isinstance(expression, Axis):
        return frozenset((expression,))
    if isinstance(expression, Affine):
        return axes_in(expression.base)
    if isinstance(expression, Data):
        return frozenset().union(*map(axes_in, expression.indices))
    return frozenset()


def extremes(expression: IndexExpression) -> tuple[int, int] | None:
    """Return the first and the last place that an index expression may be; None if unknown."""
    if isinstance(expression, Fixed) and isinstance(expression.place, int):
        return expression.place, expression.place
    if isinstance(expression, Axis) and isinstance(expression.extent, int):
        return 0, expression.extent - 1
    base = extremes(expression.base) if isinstance(expression, Affine) else None
    if base is None or not isinstance(expression, Affine) or not isinstance(expression.offset, int):
        return None
    first, last = sorted(expression.step * place + expression.offset for place in base)
    return first, last


def occurs(part: IndexExpression, expression: object) -> bool:
    """Tell whether an index expression is another one or a part of it."""
    if expression == part:
        return True
    if isinstance(expression, Affine):
        return occurs(part, expression.base)
    return isinstance(expression, Data) and any(occurs(part, e) for e in expression.indices)


def replace(
    expression: IndexExpression, mapping: Mapping[object, IndexExpression]
) -> IndexExpression:
    """Return an index expression with axes replaced."""
    if isinstance(expression, Affine):
        return affine(replace(expression.base, mapping), expression.step, expression.offset)
    if isinstance(expression, Data):
        if expression in mapping:
            return mapping[expression]
        places = tuple(replace(e, mapping) for e in expression.indices)
        return expression if places == expression.indices else _read_at(expression, places)
    return mapping.get(expression, expression)


def _read_at(data: Data, places: tuple[IndexExpression, ...]) -> IndexExpression:
    """Return data at other places; what two reshapes in turn tell of a place is one, or none."""
    from rewriter.terms.regrouping import described, place_tensor, stride

    moved = replaced(data, indices=places)
    found = described(data.node)
    if found is None:
        return moved
    before, position, after = found
    inner = [described(p.node) if isinstance(p, Data) else None for p in places]
    first = inner[0]
    if first is not None and inner == [(after, k, first[2]) for k in range(len(after))]:
        where = {p.indices for p in places if isinstance(p, Data)}
        if len(where) == 1:
            (there,) = where
            if first[2] == before:
                return there[position]
            return Data(place_tensor(before, position, first[2]), there)
    loose = [k for k, p in enumerate(places) if not isinstance(p, Fixed)]
    if len(before) == 1 and len(loose) < 2:
        offset = sum(p.place * stride(after, k) for k, p in enumerate(places)
                     if isinstance(p, Fixed) and isinstance(p.place, int))  # fmt: skip
        return affine(places[loose[0]], stride(after, loose[0]), offset) if loose else Fixed(offset)
    return moved


def affine(base: IndexExpression, step: int, offset: Dimension) -> IndexExpression:
    """Return ``step * base + offset``, simplified."""
    from rewriter.graph.dimension import add, multiply

    if isinstance(base, Fixed):
        return Fixed(add(multiply(base.place, step), offset))
    if isinstance(base, Affine):
        moved = add(multiply(base.offset, step), offset)
        return affine(base.base, base.step * step, moved)
    if step == 1 and offset == 0:
        return base
    return Affine(base, step, offset)


def index_key(expression: object) -> str:
    """Return the text that index expressions are ordered by."""
    if isinstance(expression, Axis):
        return f"a{expression.level}{expression.name}:{expression.extent}"
    return f"{type(expression).__name__}{expression}"
