"""Property: on random graphs, numpy, jax and exact agree as far as rounding allows.

How far that is, plain ball arithmetic at the bits of the dtype tells: its radius follows every
rounding through the graph. The exact value must lie in that ball, and the floats in the ball made
16 times wider (a function may be wrong by some ulps where a ball takes half of one).
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

BITS = {"float64": 53, "float32": 24}
SMALLEST_EXPONENT = {"float64": -960, "float32": -120}
"""What is smaller than this power of two may have been flushed to 0."""

WIDER = 16


def plain_balls(graph: rw.Graph, arguments: list[np.ndarray], dtype: str) -> np.ndarray:
    """Elements by ball arithmetic at the precision of the dtype, one ball a number."""
    arrays, sizes = Signature(graph).bind(arguments)
    inputs = [from_array(a) if a.dtype.kind == "f" else a for a in arrays]
    with pytest.MonkeyPatch.context() as patch, flint.ctx.workprec(BITS[dtype]):
        patch.setattr(real, "gap", lambda: 10**30)
        (elements,) = evaluate(graph, inputs, sizes)
    return elements


def is_in_range(graph: rw.Graph, arguments: list[np.ndarray], dtype: str) -> bool:
    """Tell whether NumPy neither overflows nor underflows on the way."""
    nodes = [node for node in graph.nodes() if is_float(node.dtype)]
    values = compile(graph.with_outputs(nodes))(*arguments)
    flat = np.concatenate([np.ravel(v) for v in (values if len(nodes) > 1 else (values,))])
    least = 2.0 ** SMALLEST_EXPONENT[dtype]
    return bool(np.all(np.isfinite(flat) & ((np.abs(flat) > least) | (flat == 0))))


def check_agreement(seed: int, steps: int, dtype: str, backend: str) -> None:
    """Compare a backend with exact on one random graph."""
    graph = random_graph(seed, steps, dtype)
    arguments = random_arguments(graph, seed)
    assume(is_in_range(graph, arguments, dtype))
    try:
        enclosures = plain_balls(graph, arguments, dtype).ravel().tolist()
    except PrecisionNeeded:
        assume(False)
    found = np.asarray(compile(graph, backend)(*arguments))
    assert found.dtype == graph.outputs[0].dtype
    truths = balls(graph, *arguments)
    assert found.shape == truths.shape
    for value, truth, wide in zip(
        found.ravel().tolist(), truths.ravel().tolist(), enclosures, strict=True
    ):
        if isinstance(wide, Unresolved):
            continue
        enclosure = ball(wide)
        assert enclosure.overlaps(truth), (seed, steps)
        slack = WIDER * (enclosure.rad() + abs(enclosure) * flint.arb(2) ** -BITS[dtype])
        allowed = slack.upper() + flint.arb(2) ** SMALLEST_EXPONENT[dtype]
        assert abs(flint.arb(value) - truth) <= allowed, (seed, steps, value, truth)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@given(seed=st.integers(0, 10**6), steps=st.integers(3, 14))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_numpy_agrees_with_exact(dtype: str, seed: int, steps: int) -> None:
    check_agreement(seed, steps, dtype, "numpy")


@given(seed=st.integers(0, 10**6), steps=st.integers(3, 8))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_jax_agrees_with_exact(seed: int, steps: int) -> None:
    check_agreement(seed, steps, "float32", "jax")


@given(seed=st.integers(0, 10**6), dtype=st.sampled_from(["float16", "bfloat16", "float32"]))
@settings(max_examples=60, deadline=None, derandomize=True)
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
        kept += is_in_range(graph, random_arguments(graph, seed), "float64")
    assert kept >= 20


def test_graphs_are_the_same_for_the_same_seed() -> None:
    assert all(random_graph(seed) is random_graph(seed) for seed in range(20))
    assert len({random_graph(seed) for seed in range(20)}) == 20


def test_every_step_is_taken_by_some_graph() -> None:
    for step in STEPS:
        others = [name for name in STEPS if name != step]
        graph = random_graph(3, 2, without=others)
        assert graph.outputs[0] is not graph.inputs[0], step
