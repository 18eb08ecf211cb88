"""Reshapes that split axes, or join them: each old axis as a place told by the new ones.

Of ``y = reshape(x, (2, 4))``, y[i, j] is ``x[t[i, j]]`` where t is ``reshape(iota(8), (2, 4))``;
reshaped back, t is undone. So what is read through such a reshape is still that of one tensor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dimension import Dimension
from rewriter.graph.node import Node

MOST_REPEATED = 1024
"""Places up to which a tensor may be read more than once at each."""

Group = tuple[tuple[int, ...], tuple[int, ...]]
"""Old axes, and the new ones that hold the same elements in the same order."""

Description = tuple[tuple[int, ...], int, tuple[int, ...]]
"""The sizes of old axes, which of them, and the sizes of new ones."""


def groups_of(before: Sequence[Dimension], after: Sequence[Dimension]) -> list[Group] | None:
    """Return the smallest groups of axes that a reshape keeps apart; None where sizes tell none.

    Axes of size 1 are in none.
    """
    old = [a for a, size in enumerate(before) if size != 1]
    new = [a for a, size in enumerate(after) if size != 1]
    groups: list[Group] = []
    while old and new:
        left, right = [old.pop(0)], [new.pop(0)]
        while (short := _shorter([before[a] for a in left], [after[a] for a in right])) is not None:
            side, rest = (left, old) if short == "left" else (right, new)
            if not rest:
                return None
            side.append(rest.pop(0))
        groups.append((tuple(left), tuple(right)))
    return None if old or new else groups


def _shorter(left: Sequence[Dimension], right: Sequence[Dimension]) -> str | None:
    """Tell which of two groups of axes holds fewer elements; None where they hold as many."""
    if list(left) == list(right):
        return None
    if not all(isinstance(size, int) and size for size in (*left, *right)):
        return "left"  # which runs out of axes: no named size is taken apart
    one, other = (math.prod(s for s in side if isinstance(s, int)) for side in (left, right))
    return None if one == other else "left" if one < other else "right"


def place_tensor(before: tuple[int, ...], position: int, after: tuple[int, ...]) -> Node:
    """Return where on an old axis each element is, as a tensor over the new axes."""
    return op.reshape(op.iota(before, position, "int32"), after)


def described(node: Node) -> Description | None:
    """Return (before, position, after) of such a tensor, None of any other."""
    if node.operator is not o.RESHAPE or node.operands[0].operator is not o.IOTA:
        return None
    (counted,) = node.operands
    before = tuple(size for size in counted.shape if isinstance(size, int) and size > 1)
    after = tuple(size for size in node.shape if isinstance(size, int) and size > 1)
    known = len(before) == counted.ndim and len(after) == node.ndim
    return (before, counted.attribute("axis"), after) if known else None


def stride(sizes: tuple[int, ...], position: int) -> int:
    """Return how many elements lie between neighbours along an axis."""
    return math.prod(sizes[position + 1 :])


def repeats_many(part: object) -> bool:
    """Tell whether a tensor is read at many more places than it has.

    Where axes are joined over which not all is summed, ``Σ_k x[t[i], k]`` reads rows of x that are
    the same: each would be summed as often as it is read.
    """
    from rewriter.terms.index import Data, axes_in
    from rewriter.terms.term import Element

    if not isinstance(part, Element) or not any(isinstance(i, Data) for i in part.indices):
        return False
    extents = [axis.extent for axis in frozenset().union(*map(axes_in, part.indices))]
    if not all(isinstance(size, int) for size in (*extents, *part.node.shape)):
        return True
    count = math.prod(size for size in extents if isinstance(size, int))
    whole = math.prod(size for size in part.node.shape if isinstance(size, int))
    return count > max(whole, MOST_REPEATED)
