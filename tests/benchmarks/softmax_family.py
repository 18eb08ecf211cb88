"""What the softmax family costs: as written, with care by hand, and as written but optimised.

    python tests/benchmarks/softmax_family.py [--rows 512] [--columns 1024] [--only NAME]

Each form of `compared_forms` is run in float32 at moderate logits, where all three come to the same
values (which is checked), on NumPy and under ``jax.jit``, one call of each after the other; a
number is the median over those rounds of a ratio of two times, so that what else the machine does
cancels. *ours : hand* is the headline: at most 1.05 is the promise. The time of ``optimize`` is
that of the first call, on a graph that it has not seen, and does not depend on sizes. Operations
are the equations of the jaxpr that compute something, layout left aside.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import time
from statistics import median
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # beside XLA's threads, more of them wait

import jax
import numpy as np
from compared_forms import FORMS, Form, Function, operations, softmax

import rewriter as rw
from rewriter.command.display import open_display

SECONDS = 2.0
"""How long the three variants of a form are called in turn, at least."""
ROUNDS = 11
"""How often, at least."""
PROMISE = 1.05
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc

TIMES = ["form", "hand, ms", "written : hand", "ours : hand"]
COSTS = ["form", "optimize, ms", "operations: written", "by hand", "ours"]


def keep_memory() -> None:
    """Let the process keep what it frees: else page faults, now here, now there, decide a race."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            mallopt(parameter, 2**30)


def seconds(function: Function, arguments: Any) -> float:
    """The wall time of one call."""
    start = time.perf_counter()
    jax.block_until_ready(function(*arguments))
    return time.perf_counter() - start


def interleaved(functions: list[Function], arguments: Any) -> tuple[float, list[float]]:
    """The median time of the second function, and each one's median ratio to it."""
    for function in functions:
        seconds(function, arguments)
    rounds: list[list[float]] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(rounds) < ROUNDS:
        rounds.append([seconds(function, arguments) for function in functions])
    ratios = [median(times[at] / times[1] for times in rounds) for at in range(len(functions))]
    return median(times[1] for times in rounds), ratios


def check(form: Form, functions: list[Function], arguments: Any) -> None:
    """Raise where one of the functions comes to other values than the second."""
    expected = jax.tree.leaves(functions[1](*arguments))
    for function in functions:
        for value, truth in zip(jax.tree.leaves(function(*arguments)), expected, strict=True):
            scale = float(np.abs(truth).max())
            np.testing.assert_allclose(value, truth, 2e-4, 1e-5 * scale, err_msg=form.name)


def on_numpy(form: Form, rows: int, columns: int) -> tuple[float, list[float]]:
    """The time of the code by hand, and ratios to it, on NumPy."""
    arguments = form.arguments(rows, columns)
    graph = rw.from_jax(form.written, *arguments)
    functions = [rw.compile(graph), form.numpy, rw.compile(rw.optimize(graph))]
    check(form, functions, arguments)
    return interleaved(functions, arguments)


def under_jit(form: Form, rows: int, columns: int) -> tuple[float, list[float]]:
    """The time of the code by hand, and ratios to it, as XLA compiles it."""
    arguments = form.arguments(rows, columns)
    functions = [jax.jit(each) for each in (form.written, form.careful, rw.stabilize(form.written))]
    check(form, functions, arguments)
    return interleaved(functions, jax.device_put(arguments))


def costs(form: Form) -> list[str]:
    """The time of ``optimize``, at its first call, and the operations of the three in JAX."""
    arguments = form.arguments(32, 48)
    graph = rw.from_jax(form.written, *arguments)
    start = time.perf_counter()
    rw.optimize(graph)
    cost = time.perf_counter() - start
    variants = (form.written, form.careful, rw.stabilize(form.written))
    counts = [operations(each, arguments) for each in variants]
    return [form.name, f"{cost * 1e3:.0f}", *map(str, counts)]


def main() -> None:
    """Print the tables, and which forms miss the promise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--columns", type=int, default=1024)
    parser.add_argument("--only", default="", help="forms whose name contains this")
    options = parser.parse_args()
    forms = [form for form in FORMS if options.only in form.name]
    display = open_display()
    keep_memory()
    rw.optimize(rw.from_jax(softmax, np.ones((2, 2), np.float32)))  # the laws are read once
    display.table("What optimising costs", COSTS, [costs(form) for form in forms])
    missed = []
    for where, measure in (("NumPy", on_numpy), ("jax.jit", under_jit)):
        table = []
        for form in display.track(forms, where):
            hand, ratios = measure(form, options.rows, options.columns)
            table.append([form.name, f"{hand * 1e3:.2f}", f"{ratios[0]:.2f}", f"{ratios[2]:.2f}"])
            if ratios[2] > PROMISE:
                missed.append(f"{form.name} on {where} ({ratios[2]:.2f})")
        display.table(f"{where}, float32, {options.rows} × {options.columns}", TIMES, table)
    display.note(f"ours : hand above {PROMISE}: " + ("; ".join(missed) or "none"))


if __name__ == "__main__":
    main()
