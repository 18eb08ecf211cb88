"""What index maps mean: they rename indices, and pick or place elements by indicators."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewriter.facts.ranges import stays_inside
from rewriter.graph import dimension as dim
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float
from rewriter.graph.inference import broadcast_shapes
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.terms.algebra import add, multiply
from rewriter.terms.binding import bound_sum, replace
from rewriter.terms.index import Axis, Data, Fixed, IndexExpression, affine, axis
from rewriter.terms.index import replace as replace_index
from rewriter.terms.indicators import delta, within
from rewriter.terms.integer_tensors import index_at
from rewriter.terms.logarithms import holds_logarithm
from rewriter.terms.regrouping import groups_of, place_tensor, repeats_many
from rewriter.terms.term import INDICATORS, Combination
from rewriter.terms.traversal import parts_of

LARGEST_SPREAD = 16
"""Elements that are told one by one where zeros are put between them."""

Terms = Sequence[Combination]
Rule = Callable[[Node, Terms], "Combination | None"]


def aligned(node: Node, position: int, term: Combination) -> Combination:
    """Return an operand's term at the axes of the node that broadcasts it."""
    operand = node.operands[position]
    shift = node.ndim - operand.ndim
    if not shift or not term.free:
        return term
    return replace(term, {axis(a, d): axis(a + shift, d) for a, d in enumerate(operand.shape)})


def _reshape(node: Node, terms: Terms) -> Combination | None:
    operand = node.operands[0]
    pairs = dim.squeezed_axes(operand.shape, node.shape)
    if pairs is None:
        return _regrouped(node, terms[0])
    moved = {axis(a, operand.shape[a]): axis(b, node.shape[b]) for a, b in pairs if a != b}
    return replace(terms[0], moved) if moved else terms[0]


def _regrouped(node: Node, term: Combination) -> Combination | None:
    """Read exponentials through a reshape that splits axes or joins them; all else is left."""
    before, after = node.operands[0].shape, node.shape
    groups = groups_of(before, after) if term.wild or holds_logarithm(term) else None
    if groups is None:
        return None
    mapping: dict[object, IndexExpression] = {}
    for old, new in groups:
        sizes = [tuple(s for s in side if isinstance(s, int)) for side in
                 ([before[a] for a in old], [after[b] for b in new])]  # fmt: skip
        places = tuple(axis(b, after[b]) for b in new)
        for k, a in enumerate(old):
            one = len(old) == len(new) == 1
            told = places[0] if one else Data(place_tensor(sizes[0], k, sizes[1]), places)
            mapping[axis(a, before[a])] = told
    found = replace(term, mapping)
    return None if any(map(repeats_many, parts_of(found))) else found


def _transpose(node: Node, terms: Terms) -> Combination | None:
    axes = node.attribute("axes")
    return replace(terms[0], {axis(a, node.shape[b]): axis(b, node.shape[b])
                              for b, a in enumerate(axes)})  # fmt: skip


def _broadcast(node: Node, terms: Terms) -> Combination | None:
    operand = node.operands[0]
    shift = node.ndim - operand.ndim
    if not shift or not terms[0].free:
        return terms[0]
    return replace(terms[0], {axis(a, d): axis(a + shift, d) for a, d in enumerate(operand.shape)})


def _place(node: Node, a: int) -> IndexExpression:
    size = node.shape[a]
    return Fixed(0) if size == 1 else axis(a, size)


def _slice(node: Node, terms: Terms) -> Combination | None:
    operand = node.operands[0]
    start, step = node.attribute("start"), node.attribute("step")
    mapping: dict[object, IndexExpression] = {}
    for a, size in enumerate(operand.shape):
        mapping[axis(a, size)] = affine(_place(node, a), step[a], start[a])
    return replace(terms[0], mapping)


def _reverse(node: Node, terms: Terms) -> Combination | None:
    mapping: dict[object, IndexExpression] = {}
    for a in node.attribute("axes"):
        size = node.shape[a]
        mapping[axis(a, size)] = affine(_place(node, a), -1, dim.subtract(size, 1))
    return replace(terms[0], mapping)


def _pad(node: Node, terms: Terms) -> Combination | None:
    """What is padded inside, the value outside of it, an axis after the other."""
    operand, interior = node.operands[0], node.attribute("interior")
    low, (term, value) = node.attribute("low"), terms
    spread = {a: operand.shape[a] for a, gap in enumerate(interior) if gap}
    if spread and value.products:
        return None
    sizes = enumerate(operand.shape)
    padded = [a for a, size in sizes if size != node.shape[a] and a not in spread]
    for a, extent in spread.items():
        if not isinstance(extent, int) or extent > LARGEST_SPREAD:
            return None
        term = _spread(node, a, extent, term)
    starts = {axis(a, operand.shape[a]): dim.multiply(low[a], -1) for a in padded}
    places = zip(starts.items(), padded, strict=True)
    result = replace(term, {one: affine(_place(node, a), 1, start) for (one, start), a in places})
    for a in padded:
        here, end = _place(node, a), dim.add(operand.shape[a], low[a])
        result = multiply(within(here, low[a], end), result)
        if value.products:
            before, after = within(here, 0, low[a]), within(here, end, node.shape[a])
            result = add([result, multiply(before, value), multiply(after, value)])
    return result


def _spread(node: Node, a: int, extent: int, term: Combination) -> Combination:
    """``Σ_k δ(i, first + k·step)·x[k]``: elements with zeros between them."""
    first, step = node.attribute("low")[a], node.attribute("interior")[a] + 1
    here = _place(node, a)
    places = ((Fixed(k), Fixed(first + k * step)) for k in range(extent))
    return add(
        multiply(delta(here, there), replace(term, {axis(a, extent): k})) for k, there in places
    )


def _concatenate(node: Node, terms: Terms) -> Combination | None:
    a = node.attribute("axis")
    here = _place(node, a)
    offset: dim.Dimension = 0
    parts = []
    for operand, term in zip(node.operands, terms, strict=True):
        size = operand.shape[a]
        end = dim.add(offset, size)
        moved = replace(term, {axis(a, size): affine(here, 1, dim.multiply(offset, -1))})
        parts.append(multiply(within(here, offset, end), moved))
        offset = end
    return add(parts)


def _index_places(
    node: Node, target: Node, indices: Sequence[Node], count: int
) -> list[IndexExpression]:
    """Return what each index tensor picks, at the first ``count`` axes of the gather's result."""
    found = []
    for tensor, a in zip(indices, node.attribute("axes"), strict=True):
        size = target.shape[a]
        clips = node.attribute("mode") == "clip" and isinstance(size, int)
        if clips and not _stay_inside(target, [tensor], [a]):
            tensor = op.minimum(op.maximum(tensor, 0), size - 1)
        shift = count - tensor.ndim
        places = tuple(
            Fixed(0) if d == 1 else axis(a + shift, d) for a, d in enumerate(tensor.shape)
        )
        index = index_at(tensor, places)
        if (
            node.attribute("mode") == "fill"
            and node.operator is o.GATHER
            and isinstance(index, Data)
        ):
            index = Data(index.node, index.indices, not _stay_inside(target, [tensor], [a]))
        found.append(index)
    return found


def _stay_inside(target: Node, indices: Sequence[Node], axes: Sequence[int]) -> bool:
    """Tell whether index tensors are proved to lie within the axes that they index."""
    return all(stays_inside(t, target.shape[a]) for t, a in zip(indices, axes, strict=True))


def _is_read_along(
    target: Node, indices: Sequence[Node], axes: Sequence[int], term: Combination
) -> bool:
    """Tell whether a term reads floats at each index that may lie beyond its axis: nan is there.

    What an indicator says of such a place, or what is free of it, would be a number.
    """
    if not is_float(target.dtype):
        return False
    beyond = {
        axis(a, target.shape[a])
        for a, tensor in zip(axes, indices, strict=True)
        if not _stay_inside(target, [tensor], [a])
    }
    return beyond <= term.free and not any(
        isinstance(part, INDICATORS) and not beyond.isdisjoint(part.free) for part in parts_of(term)
    )


def _gather(node: Node, terms: Terms) -> Combination | None:
    target, *indices = node.operands
    axes = node.attribute("axes")
    fills = node.attribute("mode") == "fill" and not _stay_inside(target, indices, axes)
    if fills and not _is_read_along(target, indices, axes, terms[0]):
        return None
    count = len(broadcast_shapes([t.shape for t in indices]))
    picked = dict(zip(axes, _index_places(node, target, indices, count), strict=True))
    rest = iter(range(count, node.ndim))
    mapping: dict[object, IndexExpression] = {}
    for a, size in enumerate(target.shape):
        place = picked[a] if a in picked else axis(next(rest), size)
        mapping[axis(a, size)] = place
    return replace(terms[0], mapping)


def _scatter_add(node: Node, terms: Terms) -> Combination | None:
    """``target[i] + Σ_b δ(i, index[b])·updates[b]``."""
    _, updates, *indices = node.operands
    axes = node.attribute("axes")
    shape = broadcast_shapes([t.shape for t in indices])
    count = len(shape)
    bound = [Axis("b", d) for d in shape]
    opened: dict[object, IndexExpression] = {
        axis(k, d): b for k, (d, b) in enumerate(zip(shape, bound, strict=True))
    }
    kept = [a for a in range(node.ndim) if a not in axes]
    mapping = dict(opened)
    for k, a in enumerate(kept, count):
        mapping[axis(k, updates.shape[k])] = _place(node, a)
    result = replace(terms[1], mapping)
    for a, place in zip(axes, _index_places(node, node, indices, count), strict=True):
        chosen = delta(_place(node, a), replace_index(place, opened))
        result = multiply(chosen, result)
    for b in bound:
        if b.extent != 1:
            result = bound_sum(b, result)
        else:
            result = replace(result, {b: Fixed(0)})
    return add((terms[0], result))


INDEX_MEANINGS: dict[Primitive, Rule] = {
    o.RESHAPE: _reshape,
    o.TRANSPOSE: _transpose,
    o.BROADCAST_TO: _broadcast,
    o.SLICE: _slice,
    o.REVERSE: _reverse,
    o.PAD: _pad,
    o.CONCATENATE: _concatenate,
    o.GATHER: _gather,
    o.SCATTER_ADD: _scatter_add,
}
