"""The table of readers, keyed by the name of JAX's primitive."""

from __future__ import annotations

from rewriter.jax.reading import calls, contraction, elementwise, gathering, indexing, reduction
from rewriter.jax.reading.program import Reader

READERS: dict[str, Reader] = {
    **elementwise.READERS,
    **reduction.READERS,
    **contraction.READERS,
    **indexing.READERS,
    **gathering.READERS,
    **calls.READERS,
}
