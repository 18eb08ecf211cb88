"""What ``accuracy="componentwise"`` costs: its time as a multiple of the default's, and the bits.

    python tests/benchmarks/componentwise_cost.py [--rows 512] [--columns 1024]

Each form under ``jax.jit``, and by NumPy, float32, the best of several runs; NumPy's contractions
on one thread, as two that wait for one another take from 1 to 10 times as long. The bits are those
of the worst element at one row of five logits, of which one is large, by both promises.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

PEAKED = np.float32([[3.5, -9.25, 14, -1.75, -6]])
ACCURACIES = ("normwise", "componentwise")
RUNS = 60


def softmax(x):
    """As the mathematics has it."""
    return jnp.exp(x) / jnp.sum(jnp.exp(x), axis=-1, keepdims=True)


def weights(x):
    """Numbers of both signs, one for each column."""
    return jnp.sin(jnp.arange(x.shape[-1], dtype=x.dtype))


def cross_entropy(x):
    """Of the third column."""
    return -jnp.sum(jnp.log(softmax(x))[:, 2])


FORMS: dict[str, Callable[[Any], Any]] = {
    "logsumexp": lambda x: jnp.log(jnp.sum(jnp.exp(x), axis=-1)),
    "log_softmax": lambda x: jnp.log(softmax(x)),
    "cross entropy": cross_entropy,
    "softmax, gradient": jax.grad(lambda x: jnp.sum(softmax(x) * weights(x))),
    "cross entropy, gradient": jax.grad(cross_entropy),
    "entropy, gradient": jax.grad(lambda x: -jnp.sum(softmax(x) * jnp.log(softmax(x)))),
}


def seconds(functions: list[Callable[[Any], Any]], x: Any) -> list[float]:
    """The shortest time of each of several functions, taken in turn."""
    best = [float("inf")] * len(functions)
    for run in range(RUNS + 1):
        for place, function in enumerate(functions):
            start = time.perf_counter()
            jax.block_until_ready(function(x))
            if run:
                best[place] = min(best[place], time.perf_counter() - start)
    return best


def row(name: str, function: Callable[[Any], Any], x: Any) -> str:
    """Return a line of the table."""
    jitted = [jax.jit(rw.stabilize(function, accuracy=one)) for one in ACCURACIES]
    graph = rw.from_jax(function, x)
    numpy = [rw.compile(rw.optimize(graph, accuracy=one)) for one in ACCURACIES]
    truth = rw.balls(rw.from_jax(function, PEAKED), PEAKED)
    bits = [rw.bits_of_error(np.asarray(one(PEAKED)), truth, "float32") for one in jitted]
    first, second = seconds(jitted, x)
    third, fourth = seconds(numpy, np.asarray(x))
    return (
        f"| {name} | {bits[0]:.1f} | {bits[1]:.1f} | {first * 1e3:.2f} ms | {second / first:.2f} "
        f"| {third * 1e3:.2f} ms | {fourth / third:.2f} |"
    )


def main() -> None:
    """Print the table."""
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--columns", type=int, default=1024)
    options = parser.parse_args()
    numbers = np.random.default_rng(0).normal(size=(options.rows, options.columns))
    x = jnp.asarray(4 * numbers, "float32")
    print("| form | bits, default | bits, componentwise | jit | ratio | NumPy | ratio |")
    print("|---" * 7 + "|")
    for name, function in FORMS.items():
        print(row(name, function, x), flush=True)


if __name__ == "__main__":
    main()
