"""Contractions on exact tensors: products, then sums over the indices that are not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rewriter.graph.dtype import is_float
from rewriter.graph.inference import contraction_letters
from rewriter.graph.node import Node
from rewriter.lowering.exact_backend import arithmetic as a
from rewriter.lowering.exact_backend.tensor import Array, folded, from_array, mapped, reduced
from rewriter.lowering.numpy_backend.contraction import aligned
from rewriter.lowering.numpy_backend.runtime import contract

_product = mapped(a.multiply)
_total = reduced(folded(a.add, 0.0))


def _diagonal(text: str, array: Array) -> tuple[str, Array]:
    """Keep the elements at which equal letters have equal indices."""
    for letter in dict.fromkeys(text):
        while text.count(letter) > 1:
            first, second = [place for place, c in enumerate(text) if c == letter][:2]
            array = np.moveaxis(np.diagonal(array, 0, first, second), -1, 0)
            rest = [c for place, c in enumerate(text) if place not in (first, second)]
            text = letter + "".join(rest)
    return text, array


def _sum_out(text: str, array: Array, kept: str) -> tuple[str, Array]:
    axes = [place for place, c in enumerate(text) if c not in kept]
    if axes:
        array = _total(array, axes, False)
    return "".join(c for c in text if c in kept), array


def evaluate(node: Node, operands: Sequence[Array], sizes: Mapping[str, int]) -> Array:
    """Return what a contraction gives."""
    spec = node.attribute("spec")
    if not is_float(node.dtype):
        return contract(spec, *operands, dtype=node.dtype)
    exact = [
        array if is_float(operand.dtype) else from_array(array)
        for array, operand in zip(operands, node.operands, strict=True)
    ]
    letters, output = contraction_letters(spec)
    text, current = _diagonal(letters[0], exact[0])
    for place in range(1, len(exact)):
        needed = output + "".join(letters[place:])
        text, current = _sum_out(text, current, needed)
        other, array = _diagonal(letters[place], exact[place])
        joint = "".join(dict.fromkeys(text + other))
        current = _product(aligned(current, text, joint), aligned(array, other, joint))
        text = joint
    text, current = _sum_out(text, current, output)
    return current.transpose([text.index(c) for c in output])
