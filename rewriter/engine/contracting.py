"""Contractions of numbers that are made of several tensors: products along their axes, summed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Protocol, TypeVar

from rewriter.graph import operations as op
from rewriter.graph.inference import contraction_letters
from rewriter.graph.node import Node

Number = TypeVar("Number")


class Arithmetic(Protocol[Number]):
    """What a contraction asks of numbers."""

    def product(self, x: Number, y: Number, /) -> Number:
        """``x · y``."""

    def moved(self, x: Number, change: Callable[[Node], Node], /) -> Number:
        """Return a number with its parts changed alike, by an index map."""

    def sum_over(self, x: Number, axes: Sequence[int], count: int, /) -> Number:
        """Return the sum over axes of so many places."""


def contracted(
    node: Node, operands: Sequence[Number], arithmetic: Arithmetic[Number], most: int
) -> Number | None:
    """Return the product of all operands, each along its own axes, summed.

    None where an axis is taken twice, its size is not known, or the product has more elements
    than so many.
    """
    letters, output = contraction_letters(node.attribute("spec"))
    every = sorted(set("".join(letters)))
    sizes = {
        letter: size
        for text, operand in zip(letters, node.operands, strict=True)
        for letter, size in zip(text, operand.shape, strict=True)
    }
    known = {letter: size for letter, size in sizes.items() if isinstance(size, int)}
    if any(len(set(text)) < len(text) for text in letters) or len(known) < len(sizes):
        return None
    if math.prod(known.values()) > most:
        return None

    def along(operand: Number, text: str) -> Number:
        order = sorted(range(len(text)), key=lambda k: text[k])
        missing = tuple(k for k, letter in enumerate(every) if letter not in text)
        return arithmetic.moved(
            operand, lambda part: op.expand_dims(op.transpose(part, order), missing)
        )

    whole = reduce(arithmetic.product, map(along, operands, letters))
    shape = tuple(sizes[letter] for letter in every)
    whole = arithmetic.moved(whole, lambda part: op.broadcast_to(part, shape))
    summed = [k for k, letter in enumerate(every) if letter not in output]
    if summed:
        count = math.prod(known[every[k]] for k in summed)
        whole = arithmetic.sum_over(whole, summed, count)
    left = [letter for letter in every if letter in output]
    return arithmetic.moved(whole, lambda part: op.transpose(part, [left.index(c) for c in output]))


def places_along(node: Node, axes: Sequence[int]) -> int | None:
    """Return how many places axes have; None where that is not known, or there is none."""
    sizes = [size for a in axes if isinstance(size := node.shape[a], int)]
    return math.prod(sizes) or None if len(sizes) == len(axes) else None
