"""Plausible rewrites of tensors that are false: the wrong axis, slice, mask or mean.

Each stands with the numbers at which it fails; `rules.rejected` has them with those of scalars.
"""

import numpy as np

import rewriter as rw
from rewriter.checking.rejection import Rejected, rejected_graphs
from rewriter.graph.node import Node

Pair = tuple[Node, Node]
X = rw.input("x", (2, 2), "float64")
V = rw.input("v", (3,), "float64")
SQUARE = [[0.0, 1.0], [2.0, 4.0]]


@rejected_graphs(x=SQUARE)
def softmax_over_the_other_axis() -> Pair:
    """e / Σ e over rows, for e / Σ e over columns."""
    e = rw.exp(X)
    return e / rw.sum(e, axis=1, keepdims=True), e / rw.sum(e, axis=0, keepdims=True)


@rejected_graphs(x=SQUARE)
def reduced_axis_broadcast_wrongly() -> Pair:
    """x − max(x, axis=1) without keepdims: of a square matrix it broadcasts, along the rows."""
    return X - rw.max(X, axis=1, keepdims=True), X - rw.max(X, axis=1)


@rejected_graphs(v=[0.0, 0.0, 1.0])
def difference_off_by_one() -> Pair:
    """v[1:] − v[:-1], with a slice that starts one too early."""
    return V[1:] - V[:-1], V[:-1] - V[:-1]


@rejected_graphs(v=[1.0, 0.0, 0.0])
def running_sum_from_the_end() -> Pair:
    """A running sum from the front for one from the end."""
    return rw.cumsum(V), rw.cumsum(V, reverse=True)


@rejected_graphs(x=SQUARE)
def reshape_for_transpose() -> Pair:
    """A reshape to the transposed shape for a transpose: the elements are read in rows."""
    wide = rw.concatenate([X, X[:, :1]], axis=1)
    return rw.transpose(wide), rw.reshape(wide, (3, 2))


@rejected_graphs(x=SQUARE)
def product_with_the_transpose() -> Pair:
    """x·xᵀ for xᵀ·x."""
    return rw.einsum("ij,kj->ik", X, X), rw.einsum("ji,jk->ik", X, X)


@rejected_graphs(v=[0.0, -1.0, -1.0])
def branch_not_taken_as_a_factor() -> Pair:
    """where(v > 0, log v, 0) = [v > 0]·log v: 0·nan is nan."""
    positive = V > 0
    return rw.where(positive, rw.log(V), 0.0), rw.astype(positive, "float64") * rw.log(V)


@rejected_graphs(v=[-1.0, -2.0, 1.0])
def maximum_under_a_mask_of_zeros() -> Pair:
    """The maximum of what is below 0, by multiplying with the mask: the zeros are the largest."""
    mask = V < 0
    kept = rw.max(rw.where(mask, V, -np.inf))
    return kept, rw.max(V * rw.astype(mask, "float64"))


@rejected_graphs(x=SQUARE)
def mean_for_a_sum() -> Pair:
    """A mean over an axis for a sum."""
    return rw.sum(X, axis=0), rw.mean(X, axis=0)


@rejected_graphs(x=SQUARE)
def log_of_mean_of_exponentials() -> Pair:
    """log mean e^x = mean x."""
    return rw.log(rw.mean(rw.exp(X), axis=1)), rw.mean(X, axis=1)


REJECTED_TENSORS = tuple(value for value in globals().values() if isinstance(value, Rejected))
"""All of them, in the order in which they are written."""
