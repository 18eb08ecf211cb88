"""Property: on random graphs, numpy and exact agree as far as rounding allows.

How far that is, plain ball arithmetic at 53 bits tells: its radius follows every rounding through
the graph. The exact value must lie in that ball, and NumPy's in the ball made 16 times wider
(NumPy's functions may be wrong by an ulp where a ball takes half of one).
"""

from __future__ import annotations

import flint
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_graphs import STEPS, random_arguments, random_graph

import rewriter as rw
from rewriter.graph.dtype import is_float
from rewriter.lowering import balls, compile
from rewriter.lowering.array_type import array_type
from rewriter.lowering.exact_backend import real
from rewriter.lowering.exact_backend.element import PrecisionNeeded, Unresolved, ball
from rewriter.lowering.exact_backend.evaluation import evaluate
from rewriter.lowering.exact_backend.tensor import from_array
from rewriter.lowering.signature import Signature

FLOAT64_BITS = 53
WIDER = 16


def plain_balls(graph: rw.Graph, arguments: list[np.ndarray]) -> np.ndarray:
    """Elements by ball arithmetic at the precision of float64, one ball a number."""
    arrays, sizes = Signature(graph).bind(arguments)
    inputs = [from_array(a) if a.dtype.kind == "f" else a for a in arrays]
    keep = pytest.MonkeyPatch()
    with keep.context() as patch, flint.ctx.workprec(FLOAT64_BITS):
        patch.setattr(real, "gap", lambda: 10**30)
        (elements,) = evaluate(graph, inputs, sizes)
    return elements


def is_in_range(graph: rw.Graph, arguments: list[np.ndarray]) -> bool:
    """Tell whether NumPy neither overflows nor underflows on the way."""
    nodes = [node for node in graph.nodes() if is_float(node.dtype)]
    values = compile(graph.with_outputs(nodes))(*arguments)
    flat = np.concatenate([np.ravel(v) for v in (values if len(nodes) > 1 else (values,))])
    return bool(np.all(np.isfinite(flat) & ((np.abs(flat) > 1e-290) | (flat == 0))))


@given(seed=st.integers(0, 10**6), steps=st.integers(3, 14))
@settings(max_examples=150, deadline=None)
def test_numpy_agrees_with_exact(seed: int, steps: int) -> None:
    graph = random_graph(seed, steps)
    arguments = random_arguments(graph, seed)
    assume(is_in_range(graph, arguments))
    try:
        enclosures = plain_balls(graph, arguments).ravel().tolist()
    except PrecisionNeeded:
        assume(False)
    found = compile(graph)(*arguments)
    truths = balls(graph, *arguments).ravel().tolist()
    for value, truth, wide in zip(found.ravel().tolist(), truths, enclosures, strict=True):
        if isinstance(wide, Unresolved):
            continue
        enclosure = ball(wide)
        assert enclosure.overlaps(truth), (seed, steps)
        slack = WIDER * (enclosure.rad() + abs(enclosure) * flint.arb(2) ** -FLOAT64_BITS)
        assert abs(flint.arb(value) - truth) <= slack.upper(), (seed, steps, value, truth)


@given(seed=st.integers(0, 10**6), dtype=st.sampled_from(["float16", "bfloat16", "float32"]))
@settings(max_examples=60, deadline=None)
def test_shape_and_dtype_are_those_of_the_graph(seed: int, dtype: str) -> None:
    graph = random_graph(seed, 8, dtype=dtype)
    wide = random_graph(seed, 8, dtype="float64")
    arguments = random_arguments(wide, seed)
    found = compile(graph)(
        *(a.astype(array_type(n.dtype)) for a, n in zip(arguments, graph.inputs, strict=True))
    )
    assert found.dtype == array_type(graph.outputs[0].dtype)
    assert found.shape == compile(wide)(*arguments).shape


def test_most_graphs_take_part_in_the_comparison() -> None:
    """The property above would be empty if its assumptions held for few graphs only."""
    kept = 0
    for seed in range(40):
        graph = random_graph(seed, 8)
        kept += is_in_range(graph, random_arguments(graph, seed))
    assert kept >= 20


def test_graphs_are_the_same_for_the_same_seed() -> None:
    assert all(random_graph(seed) is random_graph(seed) for seed in range(20))
    assert len({random_graph(seed) for seed in range(20)}) == 20


def test_every_step_is_taken_by_some_graph() -> None:
    for step in STEPS:
        others = [name for name in STEPS if name != step]
        graph = random_graph(3, 2, without=others)
        assert graph.outputs[0] is not graph.inputs[0], step
