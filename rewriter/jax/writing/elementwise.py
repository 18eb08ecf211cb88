"""Writers of elementwise nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from rewriter.graph import operators as o
from rewriter.graph.dtype import SIGNIFICAND_BITS, exponent_bits, is_float, largest_binade
from rewriter.graph.node import Node, topological
from rewriter.graph.primitive import Primitive
from rewriter.jax.writing.error_functions import erfcx
from rewriter.jax.writing.step import Sizes, Step, Writer, aligned, jax_dtype, plain, spread


def broadcast(function: Callable[..., Any]) -> Writer:
    """Return the writer of a function of several operands that broadcast."""

    def compute(sizes: Sizes, *values: Any) -> Any:
        return function(*aligned(values))

    return lambda node: Step(node.operands, compute)


def _difference(node: Node) -> Step:
    """``x − y``; of a product less a maximum of products the product is rounded before.

    So is a quotient: by numbers that are known it is a product with their inverses to XLA, which
    computes ``a·b − y`` with one rounding, ``fma(a, b, −y)``, where y is the maximum of what was
    rounded twice: at 1e36 they differ by 1e29, and the exponential of that is infinite. A choice
    between it and nan keeps it apart.
    """
    value, largest = node.operands
    if not (is_float(node.dtype) and _is_maximum_of_products(largest) and _is_product(value)):
        return broadcast(lax.sub)(node)

    def compute(sizes: Sizes, x: Any, y: Any) -> Any:
        undefined = lax.full_like(x, np.nan)
        return lax.sub(*aligned((lax.select(lax.ne(x, x), undefined, x), y)))

    return Step(node.operands, compute)


_SAME_VALUES = frozenset((
    o.NEGATIVE, o.RESHAPE, o.TRANSPOSE, o.BROADCAST_TO, o.STOP_GRADIENT, o.SLICE, o.REVERSE,
    o.GATHER,
))  # fmt: skip
"""What a compiler sees through, from what is moved to what it was."""


def _is_product(node: Node) -> bool:
    """Tell whether a tensor is a product, or one to XLA, or its opposite, moved or not."""
    while node.operator in _SAME_VALUES:
        node = node.operands[0]
    if node.operator is o.DIVIDE:
        return all(one.operator is not o.INPUT for one in topological(node.operands[1:]))
    return node.operator is o.MULTIPLY or node.attribute("spelling") == "integer_pow"


def _is_maximum_of_products(node: Node) -> bool:
    """Tell whether a tensor is a maximum of products, moved or not, or 0 where it is not finite."""
    found = False
    while node.operator in (o.WHERE, o.MAX) or node.operator in _SAME_VALUES:
        found = found or node.operator is o.MAX
        node = node.operands[1 if node.operator is o.WHERE else 0]
    return found and _is_product(node)


def _product(node: Node) -> Step:
    if node.attribute("spelling") == "square":
        return Step(node.operands[:1], lambda sizes, x: lax.square(x))
    return broadcast(lax.mul)(node)


def _power(node: Node) -> Step:
    base, exponent = node.operands
    spelling = node.attribute("spelling")
    if spelling == "integer_pow" and exponent.operator is o.CONSTANT:
        k = int(exponent.attribute("value").array)
        return Step((base,), lambda sizes, x: lax.integer_pow(x, k))
    if spelling == "converted exponent" and exponent.operator is o.ASTYPE:
        return Step((base, *exponent.operands), lambda sizes, x, y: lax.pow(*aligned((x, y))))
    return broadcast(lax.pow)(node)


def _logical(function: Callable[..., Any]) -> Writer:
    """Return the writer of a function of truth values: a number is true where it is not 0."""
    return broadcast(lambda *values: function(*map(_truth, values)))


def _truth(value: Any) -> Any:
    return value if value.dtype == bool else lax.ne(value, np.zeros((), value.dtype))


def _conversion(node: Node) -> Step:
    target = jax_dtype(node.dtype)
    return Step(node.operands, lambda sizes, x: lax.convert_element_type(x, target))


def _selection(node: Node) -> Step:
    def compute(sizes: Sizes, condition: Any, chosen: Any, other: Any) -> Any:
        shape = jnp.broadcast_shapes(condition.shape, chosen.shape, other.shape)
        test = spread(condition, shape) if condition.shape else condition
        return lax.select_n(test, spread(other, shape), spread(chosen, shape))

    return Step(node.operands, compute)


def _remainder(x: Any, y: Any) -> Any:
    return jnp.remainder(x, y)


def _binade(node: Node) -> Step:
    """Rounding away the whole significand leaves the nearest power of two."""
    exponent = largest_binade(node.dtype)
    index = _whole_index(node)
    if index is not None:
        return Step((index,), lambda sizes, k: _power_by_bits(k, node.dtype))
    bits = exponent_bits(node.dtype)

    def compute(sizes: Sizes, x: Any) -> Any:
        low, high = (np.asarray(2.0**e, x.dtype) for e in (-exponent, exponent))
        within = lax.min(lax.max(lax.abs(x), low), high)
        return lax.reduce_precision(within, exponent_bits=bits, mantissa_bits=0)

    return Step(node.operands, compute)


def _whole_index(node: Node) -> Node | None:
    """Return the k of the power of two nearest to ``2^k``, an integer as wide as the float."""
    power = node.operands[0]
    if power.operator is not o.EXP2 or power.operands[0].operator is not o.ASTYPE:
        return None
    (index,) = power.operands[0].operands
    return (
        index
        if index.dtype == f"int{exponent_bits(node.dtype) + SIGNIFICAND_BITS[node.dtype]}"
        else None
    )


def _power_by_bits(k: Any, dtype: str) -> Any:
    """``2^k`` by the bits of a float, for a k between its exponents."""
    target = jax_dtype(dtype)
    exponent = largest_binade(target.name)
    low, high, bias, place = (
        np.asarray(n, k.dtype)
        for n in (-exponent, exponent, exponent + 1, 2 ** (SIGNIFICAND_BITS[target.name] - 1))
    )
    biased = lax.add(lax.min(lax.max(k, low), high), bias)
    return lax.bitcast_convert_type(lax.mul(biased, place), target)


def _constant(node: Node) -> Step:
    value = node.attribute("value").array
    return Step((), lambda sizes: np.asarray(value, jax_dtype(node.dtype)))


WRITERS: dict[Primitive, Writer] = {
    o.CONSTANT: _constant,
    o.ADD: broadcast(lax.add),
    o.SUBTRACT: _difference,
    o.MULTIPLY: _product,
    o.DIVIDE: broadcast(lax.div),
    o.POWER: _power,
    o.NEGATIVE: plain(lax.neg),
    o.ABSOLUTE: plain(lax.abs),
    o.SIGN: plain(lax.sign),
    o.MAXIMUM: broadcast(lax.max),
    o.MINIMUM: broadcast(lax.min),
    o.REMAINDER: broadcast(_remainder),
    o.FLOOR_DIVIDE: broadcast(jnp.floor_divide),
    o.FLOOR: plain(lax.floor),
    o.CEIL: plain(lax.ceil),
    o.ROUND: plain(lax.round, lax.RoundingMethod.TO_NEAREST_EVEN),
    o.EXP: plain(lax.exp),
    o.EXP2: plain(lax.exp2),
    o.EXPM1: plain(lax.expm1),
    o.LOG: plain(lax.log),
    o.LOG2: plain(jnp.log2),
    o.LOG1P: plain(lax.log1p),
    o.LOGADDEXP: plain(jnp.logaddexp),
    o.LOGISTIC: plain(lax.logistic),
    o.SQRT: plain(lax.sqrt),
    o.RSQRT: plain(lax.rsqrt),
    o.SIN: plain(lax.sin),
    o.COS: plain(lax.cos),
    o.TAN: plain(lax.tan),
    o.ARCTAN: plain(lax.atan),
    o.SINH: plain(lax.sinh),
    o.COSH: plain(lax.cosh),
    o.TANH: plain(lax.tanh),
    o.ERF: plain(lax.erf),
    o.ERFC: plain(lax.erfc),
    o.ERFCX: plain(erfcx),
    o.BINADE: _binade,
    o.EQUAL: broadcast(lax.eq),
    o.NOT_EQUAL: broadcast(lax.ne),
    o.LESS: broadcast(lax.lt),
    o.LESS_EQUAL: broadcast(lax.le),
    o.GREATER: broadcast(lax.gt),
    o.GREATER_EQUAL: broadcast(lax.ge),
    o.LOGICAL_AND: _logical(lax.bitwise_and),
    o.LOGICAL_OR: _logical(lax.bitwise_or),
    o.LOGICAL_NOT: _logical(lax.bitwise_not),
    o.ISFINITE: plain(lax.is_finite),
    o.ISNAN: plain(jnp.isnan),
    o.WHERE: _selection,
    o.STOP_GRADIENT: plain(lax.stop_gradient),
    o.ASTYPE: _conversion,
}
