"""Writers of gathers and scatters: index tensors become JAX's tensor of index vectors again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax import lax

from rewriter.graph import operators as o
from rewriter.graph.dtype import COMPLEX, FLOATS
from rewriter.graph.inference import broadcast_shapes
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.jax.writing.step import Sizes, Step, Writer, sized, spread

_MODES = {
    "clip": lax.GatherScatterMode.CLIP,
    "fill": lax.GatherScatterMode.FILL_OR_DROP,
    "promise": lax.GatherScatterMode.PROMISE_IN_BOUNDS,
}


@dataclass(frozen=True, slots=True)
class Places:
    """The index tensors of a gather or scatter.

    Attributes:
        batching: for each axis that runs along with an axis of the indices, that axis.
        indexed: the other axes, in order.
        vectors: the node that holds their index vectors already, or None.
        parts: the index tensor of each of these axes.
        ndim: rank of the indices, broadcast.
    """

    batching: dict[int, int]
    indexed: tuple[int, ...]
    vectors: Node | None
    parts: tuple[Node, ...]
    shape: Any

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes whose values ``vector`` takes."""
        return self.parts if self.vectors is None else (self.vectors,)

    def vector(self, sizes: Sizes, values: Sequence[Any]) -> Any:
        """Return the tensor of index vectors."""
        if self.vectors is not None:
            return values[0]
        shape = sized(self.shape, sizes)
        if not values:
            return jnp.zeros((*shape, 0), "int32")
        dtype = jnp.result_type(*values)
        spreads = [spread(lax.convert_element_type(v, dtype), shape) for v in values]
        columns = [lax.expand_dims(v, (len(shape),)) for v in spreads]
        return columns[0] if len(columns) == 1 else lax.concatenate(columns, len(shape))


def places_of(target: Node, indices: Sequence[Node], axes: Sequence[int]) -> Places:
    """Sort out which axes run along with the indices, and which are looked up."""
    shape = broadcast_shapes([one.shape for one in indices])
    order = sorted(range(len(axes)), key=lambda k: axes[k] % target.ndim)
    batching: dict[int, int] = {}
    looked_up = []
    for k in order:
        along = _running_axis(indices[k], shape)
        taken = along is None or along in batching.values()
        if taken or along is None or shape[along] != target.shape[axes[k]]:
            looked_up.append(k)
        else:
            batching[axes[k] % target.ndim] = along
    indexed = tuple(axes[k] % target.ndim for k in looked_up)
    parts = tuple(indices[k] for k in looked_up)
    return Places(batching, indexed, _whole(parts, shape), parts, shape)


def _running_axis(index: Node, shape: Any) -> int | None:
    """Return the axis of the indices that an index tensor counts along; None where it does not."""
    if index.operator in (o.RESHAPE, o.BROADCAST_TO):
        inner = index.operands[0]
        if inner.operator is not o.IOTA or inner.ndim != 1:
            return None
        long = [axis for axis, size in enumerate(index.shape) if size != 1]
        if len(long) != 1 or index.shape[long[0]] != inner.shape[0]:
            return None
        axis: int = long[0]
    elif index.operator is o.IOTA:
        axis = index.attribute("axis") % index.ndim
    else:
        return None
    return axis + len(shape) - index.ndim


def _whole(parts: Sequence[Node], shape: Any) -> Node | None:
    """Return the node whose last axis the index tensors are cut from, all of it and in order."""
    found: Node | None = None
    for place, part in enumerate(parts):
        cut = part.operands[0] if part.operator is o.RESHAPE else None
        if cut is None or cut.shape != (*shape, 1) or part.shape != shape:
            return None
        source, start = cut, 0
        if cut.operator is o.SLICE:
            source, start = cut.operands[0], cut.attribute("start")[-1]
        if start != place or found not in (None, source):
            return None
        if source.shape != (*shape, len(parts)):
            return None
        found = source
    return found


def _options(node: Node) -> dict[str, Any]:
    names = ("indices_are_sorted", "unique_indices")
    options = {name: bool(node.attribute(name, False)) for name in names}
    return {"mode": _MODES[node.attribute("mode", "promise")], **options}


def _gather(node: Node) -> Step:
    target, *indices = node.operands
    axes = tuple(axis % target.ndim for axis in node.attribute("axes"))
    if node.attribute("mode") == "clip" and all(one.shape == () for one in indices):
        return _dynamic_slice(node, axes)
    places = places_of(target, indices, axes)
    rank = len(places.shape)
    numbers = lax.GatherDimensionNumbers(
        offset_dims=tuple(range(rank, node.ndim)),
        collapsed_slice_dims=tuple(sorted(places.indexed)),
        start_index_map=places.indexed,
        operand_batching_dims=tuple(places.batching),
        start_indices_batching_dims=tuple(places.batching.values()),
    )

    fill = None if node.dtype in (*FLOATS, *COMPLEX) else 0

    def compute(sizes: Sizes, x: Any, *values: Any) -> Any:
        window = tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
        vector = places.vector(sizes, values)
        return lax.gather(x, vector, numbers, window, fill_value=fill, **_options(node))

    return Step((target, *places.nodes), compute)


def _dynamic_slice(node: Node, axes: Sequence[int]) -> Step:
    def compute(sizes: Sizes, x: Any, *starts: Any) -> Any:
        """Return the slice at the starts, without the axes that they index."""
        places = dict(zip(axes, starts, strict=True))
        zero = jnp.zeros((), jnp.result_type(*starts)) if starts else 0
        window = [1 if axis in places else size for axis, size in enumerate(x.shape)]
        first = [places.get(axis, zero) for axis in range(x.ndim)]
        cut = lax.dynamic_slice(x, first, window, allow_negative_indices=False)
        return lax.squeeze(cut, axes)

    return Step(node.operands, compute)


def _scatter_add(node: Node) -> Step:
    target, updates, *indices = node.operands
    axes = tuple(axis % target.ndim for axis in node.attribute("axes"))
    places = places_of(target, indices, axes)
    numbers = lax.ScatterDimensionNumbers(
        update_window_dims=tuple(range(len(places.shape), updates.ndim)),
        inserted_window_dims=tuple(sorted(places.indexed)),
        scatter_dims_to_operand_dims=places.indexed,
        operand_batching_dims=tuple(places.batching),
        scatter_indices_batching_dims=tuple(places.batching.values()),
    )

    def compute(sizes: Sizes, x: Any, addends: Any, *values: Any) -> Any:
        vector = places.vector(sizes, values)
        return lax.scatter_add(x, vector, addends, numbers, **_options(node))

    return Step((target, updates, *places.nodes), compute)


WRITERS: dict[Primitive, Writer] = {o.GATHER: _gather, o.SCATTER_ADD: _scatter_add}
