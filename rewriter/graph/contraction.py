"""Contractions of the builder: einsum, and dot, matmul, outer in its terms."""

from __future__ import annotations

from typing import Any

from rewriter.errors import ShapeError
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.dimension import shape_text
from rewriter.graph.indexing import reshape
from rewriter.graph.inference import broadcast_shapes
from rewriter.graph.node import Node, apply

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum(spec: str, *operands: Any) -> Node:
    """Sum of products in index notation, ``einsum("ij,jk->ik", a, b)``.

    Without an arrow the result has the letters that occur once, in order, as in NumPy.

    Raises:
        AttributeValueError, ShapeError: the text is ill-formed or does not fit the operands.
    """
    text = spec.replace(" ", "")
    if "->" not in text:
        inputs = text.replace(",", "")
        text += "->" + "".join(sorted(c for c in set(inputs) if inputs.count(c) == 1))
    return apply(o.EINSUM, e.promoted(*operands), {"spec": text})


def matmul(x: Any, y: Any) -> Node:
    """``x @ y``: the last axis of x with the second last of y, leading axes broadcast.

    Raises:
        ShapeError: an operand is a scalar, or the contracted dimensions differ.
    """
    left, right = e.promoted(x, y)
    if not left.ndim or not right.ndim:
        raise ShapeError("matmul takes no scalars", culprit=shape_text(left.shape or right.shape))
    batch = max(left.ndim, right.ndim, 2) - 2
    leading = broadcast_shapes([left.shape[:-2], right.shape[:-2]])
    names = LETTERS[3 : 3 + batch]
    left, left_text = _batched(left, names, "a")
    right, right_text = _batched(right, names, "b")
    row = "a" if left.ndim > 1 else ""
    column = "b" if right.ndim > 1 else ""
    used = "".join(n for n in names if n in left_text or n in right_text)
    product = einsum(f"{left_text},{right_text}->{used}{row}{column}", left, right)
    return reshape(product, [*leading, *product.shape[len(used) :]])


def _batched(node: Node, names: str, own: str) -> tuple[Node, str]:
    """Drop leading axes of size 1, which broadcast, and name the others."""
    if node.ndim == 1:
        return node, "c"
    leading = node.shape[:-2]
    text = names[len(names) - len(leading) :]
    kept = [d for d in leading if d != 1]
    text = "".join(n for n, d in zip(text, leading, strict=True) if d != 1)
    core = "ac" if own == "a" else "cb"
    return reshape(node, [*kept, *node.shape[-2:]]), text + core


def dot(x: Any, y: Any) -> Node:
    """NumPy's dot: the last axis of x with the second last (or only) axis of y; scalars scale."""
    left, right = e.promoted(x, y)
    if not left.ndim or not right.ndim:
        return e.multiply(left, right)
    rows = LETTERS[1 : left.ndim]
    others = LETTERS[left.ndim : left.ndim + right.ndim - 1]
    right_text = others[:-1] + "a" + others[-1:] if right.ndim > 1 else "a"
    return einsum(f"{rows}a,{right_text}->{rows}{others}", left, right)


def outer(x: Any, y: Any) -> Node:
    """``x[i] * y[j]`` of two vectors."""
    return einsum("i,j->ij", x, y)
