"""The table of writers, keyed by the graph's primitives."""

from __future__ import annotations

from rewriter.graph.primitive import Primitive
from rewriter.jax.writing import calls, elementwise, gathering, indexing, reduction
from rewriter.jax.writing.step import Writer

WRITERS: dict[Primitive, Writer] = {
    **elementwise.WRITERS,
    **reduction.WRITERS,
    **indexing.WRITERS,
    **gathering.WRITERS,
    **calls.WRITERS,
}
