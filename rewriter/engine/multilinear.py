"""Multilinear forms: what trees of slices, paddings, sums and products of a tensor's elements are.

Element by element, such a tree is a sum of products, in each of which an element of the tensor is
a factor at most once: the product of all elements is one, and so are its derivatives in any
direction, ``Σ_k t[k]·Π_{j≠k} x[j]``. Elements of other tensors are coefficients.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.terms.digests import node_digest

MOST_ELEMENTS = 1024
MOST_MONOMIALS = 4096
"""Elements of a tensor, and monomials of all its elements together, up to which trees are read."""

Array = np.ndarray[Any, Any]


class Monomial(NamedTuple):
    """A product of elements.

    Attributes:
        places: bit k is set where element k, in row-major order, of the tensor is a factor.
        others: (node, place) of elements of other tensors.
    """

    places: int = 0
    others: tuple[tuple[Node, int], ...] = ()

    def times(self, other: Monomial) -> Monomial:
        """Return the product of two that share no element of the tensor."""
        others = self.others + other.others
        if self.others and other.others:
            others = tuple(sorted(others, key=_place_of))
        return Monomial(self.places | other.places, others)


Form = Mapping[Monomial, int]
"""A sum of monomials, and how often each is in it."""

ZERO: Form = {}
ONE: Form = {Monomial(): 1}


def _place_of(element: tuple[Node, int]) -> tuple[int, int]:
    """What elements are sorted by, the same in every process."""
    node, place = element
    return node_digest(node), place


def shape_of(node: Node) -> tuple[int, ...] | None:
    """The shape of a float tensor that is read; None of one with sizes unknown, or too large."""
    shape = tuple(n for n in node.shape if isinstance(n, int))
    known = is_float(node.dtype) and len(shape) == node.ndim
    return shape if known and math.prod(shape) <= MOST_ELEMENTS else None


class FormReader:
    """Reads operations on one tensor as multilinear forms, element by element.

    Args:
        tensor: the tensor.
    """

    def __init__(self, tensor: Node) -> None:
        self.tensor = tensor
        self.known: dict[Node, Array] = {}
        self._leaves: dict[Node, Array | None] = {}
        own = shape_of(tensor)
        if own is not None:
            places = [{Monomial(1 << place): 1} for place in range(math.prod(own))]
            self.known[tensor] = _filled(places, own)

    def read(self, node: Node) -> Array | None:
        """Return the forms of an operation on what is known; None where it is no such form."""
        shape = shape_of(node)
        if shape is None or all(p not in self.known for p in node.operands):
            return None
        if node.operator in (o.MULTIPLY, o.ADD, o.SUBTRACT):
            parts = [self._form(p) for p in node.operands]
            left, right = (None if p is None else np.broadcast_to(p, shape) for p in parts)
            return None if left is None or right is None else _combined(node, left, right)
        first = self.known.get(node.operands[0])
        if first is None:
            return None
        if node.operator is o.NEGATIVE:
            return _filled([_scaled(form, -1) for form in first.flat], shape)
        return _cumulated(node, first) if node.operator is o.CUMPROD else _moved(node, first)

    def _form(self, node: Node) -> Array | None:
        return self.known[node] if node in self.known else self._leaf(node)

    def _leaf(self, node: Node) -> Array | None:
        """The elements of another tensor, by their places in what it is a part of."""
        if node in self._leaves:
            return self._leaves[node]
        path = [node]
        while path[-1].operator in LAYOUTS and shape_of(path[-1].operands[0]) is not None:
            path.append(path[-1].operands[0])
        found: Array | None = None
        for each in reversed(path):
            found = None if found is None else _moved(each, found)
            found = _own_elements(each) if found is None else found
        self._leaves[node] = found
        return found


def _own_elements(node: Node) -> Array | None:
    shape = shape_of(node)
    if shape is None:
        return None
    return _filled([{Monomial(0, ((node, k),)): 1} for k in range(math.prod(shape))], shape)


def _filled(forms: list[Any], shape: tuple[int, ...]) -> Array:
    elements = np.empty(len(forms), dtype=object)
    elements[:] = forms
    return elements.reshape(shape)


LAYOUTS = frozenset((o.SLICE, o.RESHAPE, o.PAD, o.BROADCAST_TO, o.TRANSPOSE, o.REVERSE))


def _moved(node: Node, first: Array) -> Array | None:
    """The forms of an index map, None of an operation that is none."""
    shape = shape_of(node)
    if shape is None:
        return None
    if node.operator is o.SLICE:
        bounds = zip(*(node.attribute(name) for name in ("start", "stop", "step")), strict=True)
        return first[tuple(slice(*bound) for bound in bounds)]
    if node.operator is o.RESHAPE:
        return first.reshape(shape)
    if node.operator is o.BROADCAST_TO:
        return np.broadcast_to(first, shape)
    if node.operator is o.REVERSE:
        return np.flip(first, node.attribute("axes"))
    if node.operator is o.TRANSPOSE:
        return first.transpose(node.attribute("axes"))
    return _padded(node, first, shape) if node.operator is o.PAD else None


def _padded(node: Node, inner: Array, shape: tuple[int, ...]) -> Array | None:
    value = node.operands[1]
    if value.operator is not o.CONSTANT or any(node.attribute("interior")):
        return None
    number = float(value.attribute("value").array)
    low, high = node.attribute("low"), node.attribute("high")
    if number not in (0.0, 1.0) or min((*low, *high), default=0) < 0:
        return None
    elements: Array = np.empty(shape, dtype=object)
    elements.fill(ONE if number else ZERO)
    elements[tuple(slice(a, a + n) for a, n in zip(low, inner.shape, strict=True))] = inner
    return elements


def _cumulated(node: Node, forms: Array) -> Array | None:
    """The running products of forms, None where they are not multilinear."""
    axis, reverse = node.attribute("axis"), node.attribute("reverse")
    moved = np.moveaxis(np.flip(forms, axis) if reverse else forms, axis, 0)
    lines = [line.ravel() for line in np.split(moved, moved.shape[0])] if moved.size else []
    made: list[Form] = []
    for place, line in enumerate(lines):
        before = made[-line.size :] if place else [ONE] * line.size
        for one, other in zip(before, line.flat, strict=True):
            product = _product(one, other)
            if product is None:
                return None
            made.append(product)
    if sum(map(len, made)) > MOST_MONOMIALS:
        return None
    cumulated = np.moveaxis(_filled(made, moved.shape), 0, axis)
    return np.flip(cumulated, axis) if reverse else cumulated


def _combined(node: Node, left: Array, right: Array) -> Array | None:
    """The products, sums or differences of forms; None where they are not multilinear, or long."""
    made: list[Form] = []
    total = 0
    for one, other in zip(left.flat, right.flat, strict=True):
        if node.operator is o.MULTIPLY:
            form = _product(one, other)
        else:
            form = _sum(one, other if node.operator is o.ADD else _scaled(other, -1))
        total += 0 if form is None else len(form)
        if form is None or total > MOST_MONOMIALS:
            return None
        made.append(form)
    return _filled(made, left.shape)


def _product(left: Form, right: Form) -> Form | None:
    if len(left) * len(right) > MOST_MONOMIALS:
        return None
    found: dict[Monomial, int] = {}
    for one, times in left.items():
        for other, count in right.items():
            if one.places & other.places:
                return None
            made = one.times(other)
            found[made] = found.get(made, 0) + times * count
    return found


def _sum(left: Form, right: Form) -> Form:
    if not left or not right:
        return left or right
    found = dict(left)
    for one, times in right.items():
        found[one] = found.get(one, 0) + times
    return {one: times for one, times in found.items() if times}


def _scaled(form: Form, times: int) -> Form:
    return {one: times * count for one, count in form.items()}
