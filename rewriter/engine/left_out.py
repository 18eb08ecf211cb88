"""Products along an axis but for a few factors: derivatives of a product, written as such.

The first derivative of ``Π_j x[j]`` in a direction is ``Σ_k t[k]·Π_{j≠k} x[j]``, its gradient
``Π_{j≠i} x[j]``, the derivative of that ``Σ_{k≠i} t[k]·Π_{j≠i,k} x[j]``. A table of multilinear
forms is one of these, or a sum of them, by which elements each of its monomials leaves out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from rewriter.engine.multilinear import Array, Form, Monomial, shape_of
from rewriter.graph import operations as op
from rewriter.graph.node import Node
from rewriter.graph.origin import origin_of

MOST_LEFT_OUT = 2
"""Factors that a product may be without."""

ABSENT = -1
"""Stands for the place of what is not there."""

ALL = -1
"""Stands for how many factors are left out of what has none of them: a coefficient alone."""


@dataclass(frozen=True)
class Lines:
    """The lines of a tensor along one of its axes.

    Attributes:
        tensor: the tensor.
        axis: the axis.
        length: how long each line is.
        places: the places on each line.
        masks: of each line, the set of its places.
    """

    tensor: Node
    axis: int
    length: int
    places: Array
    masks: tuple[int, ...]

    def of(self, form: Form) -> int | None:
        """Return the line that all monomials of a form are products along, if there is one."""
        first = next((one.places for one in form if one.places), 0)
        found = next((k for k, mask in enumerate(self.masks) if mask & first), None)
        if found is None or any(one.places & ~self.masks[found] for one in form):
            return None
        return found

    def left_out(self, line: int, one: Monomial) -> list[int]:
        """Return the positions on a line at which a monomial has no factor."""
        gone = self.masks[line] & ~one.places
        return [k for k, place in enumerate(self.places[line]) if gone >> int(place) & 1]


def lines_of(tensor: Node, axis: int) -> Lines:
    """Return the lines of a tensor along an axis."""
    shape = shape_of(tensor) or ()
    places: Array = np.moveaxis(np.arange(math.prod(shape)).reshape(shape), axis, -1)
    places = places.reshape(-1, shape[axis])
    masks = tuple(sum(1 << int(place) for place in line) for line in places)
    return Lines(tensor, axis, shape[axis], places, masks)


@dataclass
class Group:
    """What of a table of forms has coefficients from the same tensors, and leaves out as many.

    Attributes:
        others: the tensors of the coefficients.
        left_out: how many factors each product is without.
        times: how often each is there.
        found: at each element, (positions left out, places of the coefficients) of each product.
    """

    others: tuple[Node, ...]
    left_out: int
    times: int
    found: list[list[tuple[list[int], list[int]]]] = field(default_factory=list)


def written(node: Node, forms: Array, tensor: Node) -> Node | None:
    """Return a table of forms as sums of products along an axis; None where they are no such."""
    if not forms.size or any(not form for form in forms.flat):
        return None
    for axis, length in enumerate(shape_of(tensor) or ()):
        lines = lines_of(tensor, axis) if length > 1 else None
        groups = None if lines is None else _grouped(forms, lines)
        if groups is None or lines is None:
            continue
        _, line = groups
        with origin_of(node.origin):
            terms = [_written(group, line, lines, forms.shape) for group in groups[0]]
            if all(term is not None for term in terms):
                whole = reduce(op.add, [term for term in terms if term is not None])
                return op.broadcast_to(whole, node.shape)
    return None


def _grouped(forms: Array, lines: Lines) -> tuple[list[Group], Array] | None:
    """Return (groups, line of each element); None where some product is of few factors, or none."""
    line = np.zeros(forms.size, dtype=int)
    groups: dict[tuple[tuple[Node, ...], int, int], Group] = {}
    for number, form in enumerate(forms.flat):
        found = lines.of(form)
        if found is None:
            return None
        line[number] = found
        for one, times in form.items():
            positions = lines.left_out(found, one) if one.places else []
            if len(positions) > MOST_LEFT_OUT:
                return None
            others = tuple(node for node, _ in one.others)
            key = others, len(positions) if one.places else ALL, times
            group = groups.setdefault(key, Group(*key))
            group.found += [[] for _ in range(number + 1 - len(group.found))]
            group.found[number].append((positions, [place for _, place in one.others]))
    least = min(group.left_out for group in groups.values() if group.left_out != ALL)
    several = lines.length - least > 1
    return (list(groups.values()), line.reshape(forms.shape)) if several else None


def _written(group: Group, line: Array, lines: Lines, shape: tuple[int, ...]) -> Node | None:
    """Return the sum of a group's products, None where it does not have all of one kind."""
    if len(group.found) < line.size:
        return None
    for own in (None, *(a for a, n in enumerate(shape) if n == lines.length)):
        free = max(group.left_out, 0) - (own is not None)
        expected = {0: 1, 1: lines.length - (own is not None)}.get(free)
        if expected is None or (free and group.left_out == MOST_LEFT_OUT and own is None):
            continue
        if any(len(one) != expected for one in group.found):
            continue
        table = _table(group, lines, line, own, shape)
        if table is not None:
            return _summed(group, lines, table, (*shape, lines.length) if free else shape, free)
    return None


@dataclass
class Table:
    """Which product stands where, and which coefficients with it: places, or `ABSENT`."""

    products: Array
    others: list[Array]


def _table(
    group: Group, lines: Lines, line: Array, own: int | None, shape: tuple[int, ...]
) -> Table | None:
    """Return the places of a group's products and coefficients.

    Args:
        group: the group.
        lines: the lines that it is read along.
        line: the line of each element.
        own: the axis that tells a position that each element leaves out; None if there is none.
        shape: the shape of the elements.
    """
    free = max(group.left_out, 0) - (own is not None)
    positions = None if own is None else np.indices(shape)[own].ravel()
    whole = (line.size, lines.length) if free else (line.size, 1)
    products = np.full(whole, ABSENT)
    others = [np.full(whole, ABSENT) for _ in group.others]
    for number, found in enumerate(group.found):
        here = line.flat[number]
        for left, places in found:
            rest = list(left)
            if positions is not None:
                if positions[number] not in rest:
                    return None
                rest.remove(int(positions[number]))
            column = rest[0] if free else 0
            if products[number, column] != ABSENT:
                return None
            products[number, column] = _place_of_product(lines, int(here), left, rest)
            for table, place in zip(others, places, strict=True):
                table[number, column] = place
    index = (*shape, lines.length) if free else shape
    return Table(products.reshape(index), [one.reshape(index) for one in others])


def _place_of_product(lines: Lines, line: int, left: list[int], rest: list[int]) -> int:
    """Return where in the tensor of such products one is: by its line, and what it leaves out."""
    if not left:
        return line
    if len(left) == 1:
        return int(lines.places[line][left[0]])
    own = next(position for position in left if position not in rest)
    return int(lines.places[line][own]) * lines.length + rest[0]


def _summed(
    group: Group, lines: Lines, table: Table, index: tuple[int, ...], free: int
) -> Node | None:
    """Return ``Σ_k c[k]·Π_j x[j]``, the j those that are not left out."""
    factors = list(zip(group.others, table.others, strict=True))
    if group.left_out != ALL:
        factors.insert(0, (_products(lines, group.left_out), table.products))
    arranged = [_arranged(node, places, index) for node, places in factors]
    found = [factor for factor in arranged if factor is not None]
    if len(found) < len(arranged):
        return None
    one = op.as_node(1.0, lines.tensor.dtype)
    product = reduce(lambda made, factor: op.multiply(factor, made), found) if found else one
    if group.times != 1:
        product = op.multiply(product, float(group.times))
    return op.sum(product, -1) if free else product


def _arranged(node: Node, places: Array, index: Sequence[int]) -> Node | None:
    """Return a tensor with its axes where its places say that they are, else None."""
    sizes = [n for n in node.shape if isinstance(n, int) and n != 1]
    there = places != ABSENT
    coordinates = np.unravel_index(np.where(there, places, 0), sizes) if sizes else ()
    where: list[int] = []
    for coordinate, size in zip(coordinates, sizes, strict=True):
        axes = (a for a, n in enumerate(index) if n == size and a not in where)
        found = next((a for a in axes if _runs_along(coordinate, a, there)), None)
        if found is None:
            return None
        where.append(found)
    order = sorted(range(len(where)), key=where.__getitem__)
    moved = op.reshape(node, sizes)
    if order != list(range(len(where))):
        moved = op.transpose(moved, order)
    return op.reshape(moved, [n if a in where else 1 for a, n in enumerate(index)])


def _runs_along(coordinate: Array, axis: int, there: Array) -> bool:
    """Tell whether a coordinate is the index on an axis, wherever something is."""
    return bool((coordinate == np.indices(coordinate.shape)[axis])[there].all())


def _products(lines: Lines, left_out: int) -> Node:
    """Return the products along an axis: of all, of all others, or of all others than two.

    What is left out stands where it is on the axis, the second on a new last axis; there is no
    product of all others than one and the same, but 0.
    """
    tensor, axis, length = lines.tensor, lines.axis, lines.length
    if not left_out:
        return op.prod(tensor, axis)
    places = op.arange(length, "int32")
    apart = (*tensor.shape, length)
    own = op.reshape(places, [length if a == axis else 1 for a in range(tensor.ndim + 1)])
    other = op.not_equal(own, places)
    moved = op.swapaxes(op.expand_dims(tensor, -1), axis, -1)
    factors = op.where(other, op.broadcast_to(moved, apart), 1.0)
    if left_out == 1:
        return op.prod(factors, -1)
    second = op.reshape(places, [1] * tensor.ndim + [length, 1])
    beyond = op.broadcast_to(op.expand_dims(factors, -2), (*apart, length))
    product = op.prod(op.where(op.not_equal(second, places), beyond, 1.0), -1)
    return op.where(other, product, 0.0)
