"""Readers of reductions and cumulations."""

from __future__ import annotations

from collections.abc import Iterable

from jax.extend.core import JaxprEqn

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.jax.compatibility import is_unspecified
from rewriter.jax.reading.elementwise import ANY, BOOL, REAL
from rewriter.jax.reading.program import Operands, Reader, Reading, result_dtype


def over_axes(operator: Primitive, dtypes: Iterable[str]) -> Reader:
    """Return the reader of a reduction over several axes."""
    taken = frozenset(dtypes)

    def read(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
        """Return the reduction, None for other dtypes or a sharding that is asked for."""
        (operand,), sharding = operands, equation.params.get("out_sharding")
        if operand.dtype not in taken or not is_unspecified(sharding):
            return None
        axes = tuple(sorted(int(a) for a in equation.params["axes"]))
        return reading.apply(operator, operand, axis=axes, keepdims=False)

    return read


def index_of(operator: Primitive) -> Reader:
    """Return the reader of argmax or argmin."""

    def read(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
        """Return the place along the one axis, None for other dtypes or several axes."""
        (operand,), axes = operands, equation.params["axes"]
        if operand.dtype not in REAL or len(axes) != 1:
            return None
        dtype = result_dtype(equation)
        return reading.apply(operator, operand, axis=int(axes[0]), keepdims=False, dtype=dtype)

    return read


def running(operator: Primitive, dtypes: Iterable[str]) -> Reader:
    """Return the reader of a cumulation."""
    taken = frozenset(dtypes)

    def read(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
        """Return the cumulation, None for other dtypes."""
        (operand,) = operands
        if operand.dtype not in taken:
            return None
        axis, reverse = int(equation.params["axis"]), bool(equation.params["reverse"])
        return reading.apply(operator, operand, axis=axis, reverse=reverse)

    return read


READERS: dict[str, Reader] = {
    "reduce_sum": over_axes(o.SUM, ANY - BOOL),
    "reduce_prod": over_axes(o.PROD, ANY - BOOL),
    "reduce_max": over_axes(o.MAX, REAL),
    "reduce_min": over_axes(o.MIN, REAL),
    "reduce_and": over_axes(o.ALL, BOOL),
    "reduce_or": over_axes(o.ANY, BOOL),
    "argmax": index_of(o.ARGMAX),
    "argmin": index_of(o.ARGMIN),
    "cumsum": running(o.CUMSUM, ANY - BOOL),
    "cumprod": running(o.CUMPROD, ANY - BOOL),
    "cummax": running(o.CUMMAX, REAL),
}
