"""What a lowered graph takes: arguments are counted, converted and measured against the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rewriter.errors import DataTypeError, EvaluationError, ShapeError
from rewriter.graph.dimension import shape_text
from rewriter.graph.dtype import COMPLEX, FLOATS, INTEGERS
from rewriter.graph.node import Node
from rewriter.jax.writing.step import Sizes, jax_dtype, sized

_KINDS = (("bool",), INTEGERS, FLOATS, COMPLEX)


def arrays_for(inputs: Sequence[Node], arguments: Sequence[Any]) -> list[Any]:
    """Return the arguments as arrays of the inputs' dtypes.

    Raises:
        EvaluationError: there are too few or too many arguments.
        DataTypeError: an argument is of a kind that does not convert: a float for an integer.
    """
    if len(arguments) != len(inputs):
        names = ", ".join(str(node.attribute("name")) for node in inputs)
        reason = f"the graph takes {len(inputs)} arguments ({names})"
        raise EvaluationError(reason, culprit=len(arguments))
    return [_converted(value, node) for value, node in zip(arguments, inputs, strict=True)]


def _converted(value: Any, node: Node) -> Any:
    array = value if isinstance(value, (jax.Array, np.ndarray)) else np.asarray(value)
    given = array.dtype.name
    if given == node.dtype:
        return array
    if _rank(given) > _rank(node.dtype):
        name = node.attribute("name")
        raise DataTypeError(f"input {name!r} is {node.dtype}", culprit=given)
    return jnp.asarray(array, jax_dtype(node.dtype))


def _rank(dtype: str) -> int:
    return next((rank for rank, names in enumerate(_KINDS) if dtype in names), len(_KINDS))


def sizes_of(inputs: Sequence[Node], shapes: Sequence[tuple[Any, ...]]) -> Sizes:
    """Return the size of each named dimension, as the arguments have it.

    Raises:
        ShapeError: an argument's rank or a size does not fit its input.
    """
    sizes: dict[str, Any] = {}
    for node, shape in zip(inputs, shapes, strict=True):
        for dimension, size in zip(node.shape, shape, strict=False):
            if isinstance(dimension, str):
                sizes.setdefault(dimension, size)
    for node, shape in zip(inputs, shapes, strict=True):
        if len(shape) != node.ndim or sized(node.shape, sizes) != tuple(shape):
            reason = f"input {node.attribute('name')!r} has shape {shape_text(node.shape)}"
            raise ShapeError(reason, culprit=shape_text(shape))
    return sizes
