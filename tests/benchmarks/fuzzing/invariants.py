"""What holds of the optimised graph itself: it is settled, and the same under every hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp

import rewriter as rw
from fuzzing.judging import Finding
from fuzzing.modes import MODES
from fuzzing.program import Program
from fuzzing.writing import random_program

__all__ = ["texts", "under_hash_seeds", "unsettled"]

HASH_SEEDS = ("1", "2")


def graph_of(program: Program) -> rw.Graph | None:
    """The graph of a program's mode as written; None where JAX refuses it."""
    x = jax.ShapeDtypeStruct(program.shape, program.dtype)
    written: Callable[..., Any] = MODES[program.mode].written(program.function)
    try:
        return rw.from_jax(written, x, *map(jnp.asarray, program.data))
    except Exception:
        return None


def unsettled(program: Program) -> list[Finding] | None:
    """Return a finding where optimising once more makes another graph; None where refused."""
    graph = graph_of(program)
    if graph is None:
        return None
    try:
        once = rw.optimize(graph)
        twice = rw.optimize(once)
    except Exception as error:
        return [Finding("crash", "", f"{type(error).__name__}: {error}"[:300])]
    if twice is once or str(twice) == str(once):
        return []
    return [Finding("unsettled", "", f"{once}\n\n{twice}")]


def texts(first: int, last: int) -> Iterator[tuple[int, str]]:
    """Yield the text of the optimised graph of each seed's program that JAX takes."""
    for seed in range(first, last):
        graph = graph_of(random_program(seed))
        if graph is not None:
            yield seed, str(rw.optimize(graph))


SCRIPT = """
import sys, zlib, jax
jax.config.update("jax_enable_x64", True)
from fuzzing.invariants import texts
for seed, text in texts(*map(int, sys.argv[1:])):
    print(seed, zlib.crc32(text.encode()))
"""


def under_hash_seeds(first: int, last: int) -> list[int]:
    """Return the seeds of programs whose optimised text is another under another hash seed."""
    found = [printed(first, last, hash_seed) for hash_seed in HASH_SEEDS]
    return [seed for seed in found[0] if any(one.get(seed) != found[0][seed] for one in found)]


def printed(first: int, last: int, hash_seed: str) -> dict[int, str]:
    """The digest of each program's optimised text, in a Python of that hash seed."""
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, "-c", SCRIPT, str(first), str(last)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {int(seed): digest for seed, digest in rows}
