"""Writers of reductions, cumulations and contractions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from rewriter.graph import operators as o
from rewriter.graph.inference import contraction_letters
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.jax.writing.step import Sizes, Step, Writer, jax_dtype


def _over_axes(function: Callable[..., Any]) -> Writer:
    def write(node: Node) -> Step:
        """Return the step that reduces over a node's axes."""
        axes, keepdims = node.attribute("axis"), node.attribute("keepdims")

        def compute(sizes: Sizes, x: Any) -> Any:
            reduced = function(x, axes)
            return lax.expand_dims(reduced, axes) if keepdims and axes else reduced

        return Step(node.operands, compute)

    return write


def _first_of(extreme: Callable[..., Any], x: Any, axis: int, dtype: Any) -> Any:
    """The first place along an axis at which x is its extreme, or is no number."""
    whole = lax.expand_dims(extreme(x, (axis,)), (axis,))
    there = (x == whole) | (x != x)
    places = lax.broadcasted_iota(dtype, x.shape, axis)
    return lax.reduce_min(lax.select(there, places, lax.full_like(places, x.shape[axis])), (axis,))


def _index_of(function: Callable[..., Any], extreme: Callable[..., Any]) -> Writer:
    def write(node: Node) -> Step:
        """Return the step that finds a place along a node's axis."""
        axis, keepdims = node.attribute("axis"), node.attribute("keepdims")
        dtype, is_wide = jax_dtype(node.dtype), node.operands[0].dtype == "float64"

        def compute(sizes: Sizes, x: Any) -> Any:
            place = axis % x.ndim
            if is_wide:  # what JAX lowers to is of float32 where `jax_enable_x64` is not set
                found = _first_of(extreme, x, place, dtype)
            else:
                found = function(x, place, dtype)
            return lax.expand_dims(found, (place,)) if keepdims else found

        return Step(node.operands, compute)

    return write


def _running(function: Callable[..., Any]) -> Writer:
    def write(node: Node) -> Step:
        axis, reverse = node.attribute("axis"), node.attribute("reverse")
        return Step(node.operands, lambda sizes, x: function(x, axis % x.ndim, reverse))

    return write


def dimension_numbers(spec: str) -> Any:
    """Return JAX's dimension numbers for a contraction of two operands.

    None where ``dot_general`` does not give its result as it stands.
    """
    letters, output = contraction_letters(spec)
    if len(letters) != 2 or any(len(set(text)) != len(text) for text in letters):
        return None
    left, right = letters
    batch = [c for c in output if c in left and c in right]
    summed = sorted(c for c in left if c in right and c not in output)
    free = [c for c in left + right if (c in left) != (c in right)]
    if [*batch, *free] != list(output):
        return None
    return (
        (tuple(left.index(c) for c in summed), tuple(right.index(c) for c in summed)),
        (tuple(left.index(c) for c in batch), tuple(right.index(c) for c in batch)),
    )


def _precision(names: tuple[str, ...] | None) -> Any:
    return tuple(lax.Precision[name] for name in names) if names else None


def _contraction(node: Node) -> Step:
    spec, numbers = node.attribute("spec"), dimension_numbers(node.attribute("spec"))
    precision = _precision(node.attribute("precision"))
    accumulated = None if node.attribute("spelling") == "dot_general" else jax_dtype(node.dtype)

    def compute(sizes: Sizes, *values: Any) -> Any:
        """Return the contraction of the values."""
        options: Any = {"precision": precision, "preferred_element_type": accumulated}
        if numbers is None:
            return jnp.einsum(_ascii(spec), *values, **options)
        return lax.dot_general(values[0], values[1], numbers, **options)

    return Step(node.operands, compute)


def _ascii(spec: str) -> str:
    """Rename indices to letters that ``jnp.einsum`` takes."""
    names = sorted({c for c in spec if c.isalpha()})
    plain = {c: c for c in names if c.isascii()}
    spare = (chr(k) for k in (*range(97, 123), *range(65, 91)) if chr(k) not in plain)
    plain.update((c, next(spare)) for c in names if c not in plain)
    return "".join(plain.get(c, c) for c in spec)


WRITERS: dict[Primitive, Writer] = {
    o.SUM: _over_axes(lax.reduce_sum),
    o.PROD: _over_axes(lax.reduce_prod),
    o.MAX: _over_axes(lax.reduce_max),
    o.MIN: _over_axes(lax.reduce_min),
    o.ALL: _over_axes(lax.reduce_and),
    o.ANY: _over_axes(lax.reduce_or),
    o.ARGMAX: _index_of(lax.argmax, lax.reduce_max),
    o.ARGMIN: _index_of(lax.argmin, lax.reduce_min),
    o.CUMSUM: _running(lax.cumsum),
    o.CUMPROD: _running(lax.cumprod),
    o.CUMMAX: _running(lax.cummax),
    o.EINSUM: _contraction,
}
