"""Random JAX programs keep their answers under the engine, at ordinary numbers, ties and zeros.

A cut of what tests/benchmarks/fuzz.py runs, where the programs and the judgement are: ball
arithmetic says who is right where the answers differ.
"""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import pytest
from fuzzing import Program, judge, modes, random_program
from fuzzing.invariants import under_hash_seeds, unsettled
from fuzzing.points import ORDINARY

SPOILED = {"wrong", "nan for number", "crash", "signature", "timeout"}
SEEDS = range(100, 128)
PARTS = 4


@pytest.fixture(autouse=True)
def wide_numbers():
    with jax.enable_x64(True):
        yield
    jax.clear_caches()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_program_is_spoiled(part):
    judged = 0
    for seed in SEEDS[part::PARTS]:
        program = random_program(seed)
        found = judge(program, ORDINARY, longest=None)
        spoiled = [f for f in found or () if f.kind in SPOILED]
        assert not spoiled, "\n".join([program.text, *map(str, spoiled)])
        judged += found is not None
    assert judged >= 5


PROGRAM = Program(0, ("a0 = jnp.exp(x) / jnp.sum(jnp.exp(x))",), ("a0",), (3,), "float32", "value")
SPOILERS = {
    "wrong": lambda f: lambda *inputs: [jnp.sqrt(y) for y in f(*inputs)],
    "nan for number": lambda f: lambda *inputs: [y + jnp.log(-1 - y) for y in f(*inputs)],
    "worse": lambda f: lambda *inputs: [y * (1 + 2e-5) for y in f(*inputs)],
    "signature": lambda f: lambda *inputs: [y.astype("float64") for y in f(*inputs)],
    "crash": lambda f: lambda *inputs: f(),
}


@pytest.mark.parametrize("kind", SPOILERS)
def test_what_is_spoiled_is_found(kind, monkeypatch):
    mode = replace(modes.MODES["value"], stable=SPOILERS[kind])
    monkeypatch.setitem(modes.MODES, "value", mode)
    found = judge(PROGRAM, ("moderate", "ties"), longest=None)
    assert {finding.kind for finding in found} == {kind}


def test_what_is_cured_is_not_taken_for_spoiled():
    """As written it is nan at huge numbers, where the engine has the truth."""
    assert judge(PROGRAM, ORDINARY, longest=None) == []


@pytest.mark.filterwarnings("ignore")
def test_optimised_graphs_are_settled_under_every_hash_seed():
    last = SEEDS.start + 12
    settled = [unsettled(random_program(seed)) for seed in range(SEEDS.start, last)]
    assert settled.count([]) >= 8
    assert not any(settled)
    assert under_hash_seeds(SEEDS.start, last) == []


def test_a_seed_is_a_program():
    assert random_program(3) == random_program(3)
    assert len({random_program(seed).text for seed in range(8)}) == 8
