"""Contractions on arrays: sums of products as matrix products, which BLAS computes.

``bqhd,bkhd->bhqk`` is a product of matrices q×d and d×k for every b and h.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from rewriter.graph.inference import contraction_letters

Array = np.ndarray[Any, Any]


class Roles(NamedTuple):
    """The letters of a contraction of two operands, by what they do."""

    batch: str
    contracted: str
    rows: str
    columns: str


def roles(left: str, right: str, output: str) -> Roles | None:
    """Return what each letter does, or None where it is no batched product of matrices."""
    if len(set(left)) < len(left) or len(set(right)) < len(right):
        return None
    shared = [c for c in left if c in right]
    own = [c for c in left + right if (c in left) != (c in right)]
    if any(c not in output for c in own):
        return None
    return Roles(
        "".join(c for c in shared if c in output),
        "".join(c for c in shared if c not in output),
        "".join(c for c in left if c not in right),
        "".join(c for c in right if c not in left),
    )


def _sum_out(text: str, array: Array, kept: str) -> tuple[str, Array]:
    """Sum over letters that nobody else has."""
    if len(set(text)) < len(text):
        distinct = "".join(dict.fromkeys(text))
        array, text = np.einsum(f"{text}->{distinct}", array), distinct
    gone = tuple(axis for axis, letter in enumerate(text) if letter not in kept)
    if gone:
        array = np.sum(array, axis=gone, dtype=array.dtype)
    return "".join(c for c in text if c in kept), array


def _matrices(array: Array, text: str, *groups: str) -> Array:
    """Transpose and reshape to one axis for each group of letters."""
    moved = array.transpose([text.index(c) for group in groups for c in group])
    sizes = dict(zip(text, array.shape, strict=True))
    return moved.reshape([math.prod(sizes[c] for c in group) for group in groups])


def aligned(array: Array, text: str, wanted: str) -> Array:
    """Put the axes in the order of the wanted letters, size 1 for those that it has not."""
    moved = array.transpose([text.index(c) for c in wanted if c in text])
    return moved.reshape([array.shape[text.index(c)] if c in text else 1 for c in wanted])


def _product(left: tuple[str, Array], right: tuple[str, Array], kept: str) -> tuple[str, Array]:
    """Contract two operands; letters in ``kept`` stay."""
    shared = "".join(c for c in left[0] if c in right[0])
    left_text, left_array = _sum_out(*left, kept + shared)
    right_text, right_array = _sum_out(*right, kept + shared)
    output = "".join(dict.fromkeys(c for c in left_text + right_text if c in kept))
    plan = roles(left_text, right_text, output)
    assert plan is not None
    if not plan.contracted:
        text = plan.batch + plan.rows + plan.columns
        return text, aligned(left_array, left_text, text) * aligned(right_array, right_text, text)
    sizes = dict(zip(left_text + right_text, left_array.shape + right_array.shape, strict=True))
    product = np.matmul(
        _matrices(left_array, left_text, plan.batch, plan.rows, plan.contracted),
        _matrices(right_array, right_text, plan.batch, plan.contracted, plan.columns),
    )
    text = plan.batch + plan.rows + plan.columns
    return text, product.reshape([sizes[c] for c in text])


def _order(spec: str, operands: Sequence[Array]) -> list[tuple[int, ...]]:
    """Which operands to contract in turn; each result goes to the end of the list."""
    if len(operands) <= 2:
        return [tuple(range(len(operands)))]
    path, _ = np.einsum_path(spec, *operands, optimize="greedy")
    return [tuple(step) for step in path[1:]]


def contracted(spec: str, operands: Sequence[Array]) -> Array:
    """Return ``einsum(spec, *operands)``; more than two operands in a cheap order."""
    letters, output = contraction_letters(spec)
    terms = list(zip(letters, operands, strict=True))
    for step in _order(spec, operands):
        chosen = [terms[place] for place in step]
        terms = [term for place, term in enumerate(terms) if place not in step]
        current = chosen[0]
        for place, term in enumerate(chosen[1:], 1):
            others = "".join(text for text, _ in (*terms, *chosen[place + 1 :]))
            current = _product(current, term, output + others)
        terms.append(current)
    text, array = _sum_out(*terms[0], output)
    return array.transpose([text.index(c) for c in output])
