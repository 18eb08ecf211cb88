"""The reader of ``dot_general``: a contraction that names its indices.

A matrix product reads as ``"ab,bc->ac"``: batch indices first in the result, then those of the left
operand, then those of the right one. Letters follow the left operand's axes, except that contracted
letters are in the order in which JAX contracts them; so the dimension numbers can be told again.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax.extend.core import JaxprEqn
from jax.lax import Precision

from rewriter.graph import elementwise
from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.jax.compatibility import is_unspecified
from rewriter.jax.reading.program import Operands, Reader, Reading, result_dtype


def contraction(reading: Reading, equation: JaxprEqn, operands: Operands) -> Node | None:
    """``dot_general`` of operands of one dtype, or of floats accumulated in the wider of two.

    The attribute ``precision`` holds the names of JAX's two precisions; ``dtype`` the accumulated
    dtype where it is not the operands'; ``spelling`` says that JAX was free to choose it.
    """
    left, right = widened(operands, result_dtype(equation))
    parameters = equation.params
    precision = _precision(parameters["precision"])
    if left.dtype != right.dtype or precision is None:
        return None
    if not is_unspecified(parameters["out_sharding"]):
        return None
    spec = specification(parameters["dimension_numbers"], left, right)
    attributes: dict[str, Any] = {"spec": spec}
    if precision:
        attributes["precision"] = precision
    preferred = parameters["preferred_element_type"]
    if preferred is None:
        attributes["spelling"] = "dot_general"
    elif result_dtype(equation) != left.dtype:
        attributes["dtype"] = result_dtype(equation)
    return reading.apply(o.EINSUM, left, right, **attributes)


def widened(operands: Operands, accumulated: str) -> tuple[Node, ...]:
    """Return floats of two dtypes in the wider one, if that is what they are accumulated in.

    Widening a float is exact, so the contraction means the same.
    """
    dtypes = {node.dtype for node in operands}
    floats = all(jnp.issubdtype(jnp.dtype(dtype), jnp.floating) for dtype in dtypes)
    if len(dtypes) < 2 or not floats or jnp.promote_types(*dtypes) != accumulated:
        return tuple(operands)
    return tuple(elementwise.astype(node, accumulated) for node in operands)


def _precision(given: Any) -> tuple[str, ...] | None:
    """Names of the precisions, none for the default; None where it is an algorithm."""
    if given is None:
        return ()
    both = given if isinstance(given, tuple) else (given, given)
    return tuple(p.name for p in both) if all(isinstance(p, Precision) for p in both) else None


def specification(numbers: Any, left: Node, right: Node) -> str:
    """Return dimension numbers in index notation."""
    (left_sums, right_sums), (left_batch, right_batch) = numbers
    letters = list(string.ascii_letters[: left.ndim])
    for axis, letter in zip(left_sums, sorted(letters[a] for a in left_sums), strict=True):
        letters[axis] = letter
    fresh = iter(string.ascii_letters[left.ndim :])
    shared = dict(zip((*right_sums, *right_batch), (*left_sums, *left_batch), strict=True))
    others = [letters[shared[a]] if a in shared else next(fresh) for a in range(right.ndim)]
    batch = [letters[a] for a in left_batch]
    kept = [letters[a] for a in range(left.ndim) if a not in (*left_sums, *left_batch)]
    free = [others[a] for a in range(right.ndim) if a not in (*right_sums, *right_batch)]
    return f"{_text(letters)},{_text(others)}->{_text([*batch, *kept, *free])}"


def _text(letters: Sequence[str]) -> str:
    return "".join(letters)


READERS: dict[str, Reader] = {"dot_general": contraction}
