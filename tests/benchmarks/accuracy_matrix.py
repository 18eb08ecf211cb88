"""Naive programs under every derivative: how many cells come out right, as written and stabilised.

    python tests/benchmarks/accuracy_matrix.py [--family …] [--form …] [--mode …] [--cells]

A cell is a form, a mode (which derivative, and where ``stabilize`` stands) and a regime of inputs.
The truth is the mode's program as written, in ball arithmetic on the very float inputs. A cell is
right if it is finite wherever the truth is, and within 6 bits: 63 units in the last place of the
largest element (or of 1, where that derivative is as large at another regime: what is small there
is a difference of what is not).
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from naive_programs import FORMS, Form, points

import rewriter as rw

RIGHT = 6.0
"""Bits of normwise error up to which a cell is right."""
LONGEST = 90
"""Seconds after which a form's mode is given up."""
PATTERN = np.array([0.25, -1.25, 2, 0.75, -0.5, 1.5, -0.25, 1, -2, 0.5, 1.25, -0.75])
TANGENT = np.array([1.25, 0.5, -0.75, 1, -1.75, 0.25, -0.5, 2, 0.75, -1.25, 1.5, -0.25])


def patterned(numbers, like):
    """Numbers of the shape and dtype of an array."""
    return jnp.asarray(np.resize(numbers, like.shape), like.dtype)


def scalar(function):
    """Weigh the elements of the result and add them up."""
    return lambda x: (lambda y: jnp.sum(y * patterned(PATTERN, y)))(function(x))


def pulled_back(function):
    """The vector-Jacobian product with a fixed cotangent."""

    def pull(x):
        y, pull_back = jax.vjp(function, x)
        return pull_back(patterned(PATTERN, y))[0]

    return pull


def pushed_forward(function):
    """The Jacobian-vector product with a fixed tangent."""
    return lambda x: jax.jvp(function, (x,), (patterned(TANGENT, x),))[1]


def hessian_vector(function):
    """The Hessian of the weighed result times a tangent, forward over reverse."""
    gradient = jax.grad(scalar(function))
    return lambda x: jax.jvp(gradient, (x,), (patterned(TANGENT, x),))[1]


def of_norm(function):
    """The gradient of the gradient's squared norm."""
    gradient = jax.grad(scalar(function))
    return jax.grad(lambda x: jnp.sum(gradient(x) ** 2))


def batched(function):
    """The gradient under vmap, of two rows."""
    return lambda x: jax.vmap(jax.grad(scalar(function)))(jnp.stack([x, x[::-1]]))


DERIVATIVES = {
    "value": lambda f: f,
    "grad": lambda f: jax.grad(scalar(f)),
    "vjp": pulled_back,
    "jvp": pushed_forward,
    "jacrev": jax.jacrev,
    "jacfwd": jax.jacfwd,
    "hessian": lambda f: jax.hessian(scalar(f)),
    "hvp": hessian_vector,
    "value_and_grad": lambda f: lambda x: jax.value_and_grad(scalar(f))(x)[1],
    "of norm": of_norm,
    "vmap": batched,
    "checkpoint": lambda f: jax.grad(jax.checkpoint(scalar(f))),
}
INSIDE = ("grad", "hessian")
"""Derivatives that are also taken of the stabilised function."""


@dataclass
class Cell:
    """Bits of error of one cell, as written and stabilised; inf where not finite."""

    form: Form
    mode: str
    regime: str
    naive: float
    cured: float
    note: str = ""


def truths(form: Form, mode: str, dtype: str) -> dict[str, Any]:
    """Balls of the mode's true value at each regime."""
    derivative = DERIVATIVES[mode.removesuffix(", inside")]
    example = jnp.zeros(form.shape, dtype)
    written = rw.from_jax(derivative(form.careful or form.written), example)
    return {regime: rw.balls(written, x) for regime, x in points(form, dtype).items()}


def largest(truth: Any) -> float:
    """The largest finite element, 0 where there is none."""
    sizes = (abs(float(t.mid())) for t in np.asarray(truth, dtype=object).ravel() if t.is_finite())
    return max((size for size in sizes if math.isfinite(size)), default=0.0)


def bits(got: Any, truth: Any, dtype: str, floor: float) -> float:
    """``log2(1 + ulps)`` of the worst element whose truth is a finite float, ulps of the largest.

    Args:
        got: what was computed.
        truth: balls.
        dtype: whose ulps are counted.
        floor: what the result is computed with is at least of this size.
    """
    kind = jnp.finfo(dtype)
    worst, scale = 0.0, max(largest(truth), floor, float(kind.smallest_normal))
    if scale > float(kind.max):
        scale = float(kind.max)
    ulp = 2.0 ** (math.floor(math.log2(scale)) - kind.nmant)
    for value, ball in zip(
        np.asarray(got).ravel(), np.asarray(truth, dtype=object).ravel(), strict=True
    ):
        wanted = float(ball.mid()) if ball.is_finite() else math.nan
        if math.isfinite(wanted) and abs(wanted) <= float(kind.max):
            worst = max(
                worst, abs(float(value) - wanted) / ulp if math.isfinite(value) else math.inf
            )
    return math.log2(1 + worst)


def run(form: Form, modes: list[str], dtype: str) -> list[Cell]:
    """All cells of a form."""
    cells = []
    for mode in modes:
        name = mode.removesuffix(", inside")
        derivative = DERIVATIVES[name]
        start = time.perf_counter()
        signal.alarm(LONGEST)
        try:
            wanted = truths(form, name, dtype)
        except Exception as error:  # a form without a truth is a fault of the table
            signal.alarm(0)
            print(f"no truth: {form.name}, {mode}: {error!r}"[:300], file=sys.stderr)
            continue
        middle = time.perf_counter()
        naive = jax.jit(derivative(form.written))
        cured = (
            derivative(rw.stabilize(form.written))
            if mode != name
            else rw.stabilize(derivative(form.written))
        )
        cured = jax.jit(cured)
        note = ""
        floor = min(1.0, max(map(largest, wanted.values())))
        signal.alarm(LONGEST)
        for regime, x in points(form, dtype).items():
            truth = wanted[regime]
            try:
                found = bits(cured(x), truth, dtype, floor)
            except Exception as error:
                found, note = float("inf"), f"{type(error).__name__}: {error}"[:200]
            cells.append(Cell(form, mode, regime, bits(naive(x), truth, dtype, floor), found, note))
        signal.alarm(0)
        if time.perf_counter() - start > 15:
            times = f"truth {middle - start:.1f} s, engine {time.perf_counter() - middle:.1f} s"
            print(f"slow: {form.name}, {mode}: {times}", file=sys.stderr)
    return cells


def summary(cells: list[Cell], key) -> list[tuple[str, int, int, int]]:
    """(name, cells, right as written, right as stabilised) by a key."""
    groups = defaultdict(list)
    for cell in cells:
        groups[key(cell)].append(cell)
    return [
        (
            name,
            len(group),
            sum(c.naive <= RIGHT for c in group),
            sum(c.cured <= RIGHT for c in group),
        )
        for name, group in groups.items()
    ]


def too_long(*_: Any) -> None:
    """End a computation that its alarm has met."""
    raise TimeoutError(f"over {LONGEST} s")


def print_cell(cell: Cell) -> None:
    """Print a cell that is not right, or worse than as written."""
    if cell.cured > RIGHT or cell.cured > cell.naive + 2:
        both = f"naive {cell.naive:6.1f}  cured {cell.cured:6.1f}"
        print(f"    {cell.mode:<20} {cell.regime:<16} {both} {cell.note}", flush=True)


def main() -> None:
    """Run the matrix and print it."""
    signal.signal(signal.SIGALRM, too_long)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", nargs="*")
    parser.add_argument("--form", nargs="*")
    parser.add_argument("--mode", nargs="*")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--cells", action="store_true", help="print every cell that is not right")
    options = parser.parse_args()
    modes = options.mode or [*DERIVATIVES, *(f"{name}, inside" for name in INSIDE)]
    chosen = [
        form
        for form in FORMS
        if (not options.family or form.family in options.family)
        and (not options.form or form.name in options.form)
    ]
    cells: list[Cell] = []
    for form in chosen:
        found = run(form, modes, options.dtype)
        cells += found
        right, naive = (sum(bits <= RIGHT for bits in column) for column in (
            [c.cured for c in found], [c.naive for c in found]))  # fmt: skip
        row = f"{form.family:<14} {form.name:<26} {right:>4} of {len(found)}   as written {naive}"
        print(row, flush=True)
        if options.cells:
            for cell in found:
                print_cell(cell)
    for title, key in (
        ("family", lambda c: c.form.family),
        ("mode", lambda c: c.mode),
        ("regime", lambda c: c.regime),
        ("all", lambda c: "all"),
    ):
        print(f"\n{title:<24}{'cells':>8}{'naive':>8}{'cured':>8}")
        for name, count, naive, cured in summary(cells, key):
            print(f"{name:<24}{count:>8}{naive:>8}{cured:>8}")


if __name__ == "__main__":
    main()
