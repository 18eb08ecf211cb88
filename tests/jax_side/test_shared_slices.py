"""Random programs whose parameters are slices of one tensor: what is optimised stays what it was.

A cut of what tests/benchmarks/shared_slices.py runs. At moderate inputs the naive programs are
right, so that a rewrite which is not an equality shows itself, however finite its result. Expected
values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import numpy as np
import pytest
from accuracy_matrix import DERIVATIVES, RIGHT, bits, largest
from shared_slices import points, random_program

import rewriter as rw

FIRST, EACH, PARTS = 2, 4, 7


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(PARTS))
def test_what_was_right_stays_right(part):
    for seed in range(FIRST + part * EACH, FIRST + (part + 1) * EACH):
        program = random_program(seed)
        derivative = DERIVATIVES[program.mode.removesuffix(", inside")](program.function)
        x = points(program)["moderate"]
        graph = rw.from_jax(derivative, x)
        truth = rw.balls(graph, x)
        floor = min(1.0, largest(truth) or 1.0)
        assert bits(rw.compile(graph)(x), truth, "float32", floor) <= RIGHT
        cured = bits(rw.compile(rw.optimize(graph))(x), truth, "float32", floor)
        assert cured <= RIGHT, f"seed {seed}, {program.mode}: {cured} bits\n{program.text}"


def test_same_seed_same_program():
    assert random_program(7) == random_program(7)
    assert len({random_program(seed).text for seed in range(100)}) > 95
    assert np.all(np.isfinite(points(random_program(7))["spread"]))
