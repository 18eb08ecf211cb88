"""Sums over places that data choose: ``Σ_b δ(i, data[b])·u[b]`` adds each u[b] where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.engine.building.elements import index_tensor
from rewriter.engine.building.labelled import Labelled
from rewriter.graph import operations as op
from rewriter.terms.digests import node_digest
from rewriter.terms.index import Affine, Axis, Data, IndexExpression, axes_in
from rewriter.terms.term import Delta, Product

if TYPE_CHECKING:
    from rewriter.engine.building.builder import Builder


def scattered(builder: Builder, product: Product, axis: Axis) -> Labelled | None:
    """Build ``Σ_axis`` of a product whose deltas place it by data, or return None if none does.

    A contraction with the deltas as tensors would be larger by the number of places.
    """
    found: list[tuple[Axis, IndexExpression]] = []
    kept = []
    for factor in product.factors:
        placed = _placed(factor[0], axis) if isinstance(factor[0], Delta) else None
        if placed is None:
            kept.append(factor)
        else:
            found.append(placed)
    found.sort(key=lambda pair: _by_data(pair[1]))
    targets, indices = [target for target, _ in found], [index for _, index in found]
    rest = Product.make(product.coefficient, tuple(kept), product.exponent)
    if not any(isinstance(index, Data) for index in indices):
        return None
    if len(set(targets)) < len(targets) or not rest.free.isdisjoint(targets):
        return None
    places = [index_tensor(builder, index) for index in indices]
    if any(place.labels != (axis,) for place in places):
        return None
    value = builder.product(rest)
    others = builder.frame.sorted([label for label in value.labels if label is not axis])
    labels = (*targets, *others)
    empty = op.broadcast_to(builder.number(0).node, tuple(one.extent for one in labels))
    updates = value.full((axis, *others))
    nodes = [place.node for place in places]
    return Labelled(op.scatter_add(empty, updates, nodes, range(len(targets)), "fill"), labels)


def _placed(delta: Delta, axis: Axis) -> tuple[Axis, IndexExpression] | None:
    """Return (where, by what) of a delta that places what the axis runs over."""
    for target, index in (delta.parts, delta.parts[::-1]):
        if isinstance(target, Axis) and target is not axis and axis in axes_in(index):
            return target, index
    return None


def _by_data(index: IndexExpression) -> int:
    """What places are sorted by: the data, whatever runs over it; the same sum is built once."""
    if isinstance(index, Affine):
        return _by_data(index.base) if isinstance(index.base, Data) else 0
    return node_digest(index.node) if isinstance(index, Data) else 0
