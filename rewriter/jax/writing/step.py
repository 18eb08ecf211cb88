"""Steps: one node's place in a lowered program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import dtypes, lax

from rewriter.graph import dimension
from rewriter.graph.dimension import Shape
from rewriter.graph.node import Node

Sizes = Mapping[str, Any]
"""The size of each named dimension."""


@dataclass(frozen=True, slots=True)
class Step:
    """How one node is computed.

    Attributes:
        operands: the nodes whose values it takes; not always the node's own operands.
        compute: from the sizes of named dimensions and those values to the node's value.
    """

    operands: tuple[Node, ...]
    compute: Callable[..., Any]


Writer = Callable[[Node], Step]


def sized(shape: Shape, sizes: Sizes) -> tuple[Any, ...]:
    """Return a shape with every named dimension replaced by its size."""
    return tuple(d if isinstance(d, int) else dimension.evaluate(d, sizes) for d in shape)


def jax_dtype(name: str) -> Any:
    """Return the dtype that JAX computes with: 64 bits only where they are switched on."""
    return dtypes.canonicalize_dtype(jax.numpy.dtype(name))


def plain(function: Callable[..., Any], *fixed: Any) -> Writer:
    """Return the writer of a node that is one function of its operands."""

    def compute(sizes: Sizes, *values: Any) -> Any:
        return function(*values, *fixed)

    return lambda node: Step(node.operands, compute)


def aligned(values: Sequence[Any]) -> list[Any]:
    """Broadcast values as NumPy does; scalars stay scalars, since JAX's primitives take them."""
    shapes = {value.shape for value in values if value.shape}
    if len(shapes) <= 1:
        return list(values)
    shape = jax.numpy.broadcast_shapes(*shapes)
    return [spread(value, shape) if value.shape else value for value in values]


def spread(value: Any, shape: tuple[Any, ...]) -> Any:
    """Broadcast one value to a shape, by one primitive."""
    if value.shape == shape:
        return value
    first = len(shape) - len(value.shape)
    return lax.broadcast_in_dim(value, shape, range(first, len(shape)))
