"""Naive programs under every derivative: how many cells come out right, as written and stabilised.

    python tests/benchmarks/accuracy_matrix.py [--family …] [--form …] [--mode …] [--cells]
        [--dtype float32] [--accuracy componentwise] [--elementwise] [--save FILE] [--read FILE …]
        [--everyday]

A cell is a form, a mode (which derivative, and where ``stabilize`` stands) and a regime of inputs.
With ``--save`` each cell is also written to a file, a line of JSON each; ``--read`` prints the
tables of such files together, and with ``--everyday`` it is longer programs that are run.
The truth is the mode's program as written, in ball arithmetic on the very float inputs. A cell is
right if it is finite wherever the truth is, and within 6 bits: 63 units in the last place of the
largest element (or of 1, where that derivative is as large at another regime: what is small there
is a difference of what is not). With ``--accuracy componentwise`` it is right if *every* element is
within 5 bits, 31 units in the last place of its own; ``--elementwise`` counts so too, of what the
default gives. What is below the smallest normal number counts as 0, as XLA has it.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from derivatives import DERIVATIVES, MODES, Mode
from naive_programs import EVERYDAY, FORMS, Form, peaked, points

import rewriter as rw

RIGHT = 6.0
"""Bits of normwise error up to which a cell is right."""
RIGHT_EACH = 5.0
"""Bits of error of every element up to which a cell is right componentwise."""
LONGEST = 90
"""Seconds after which a form's mode is given up."""

ACCURACIES = ("normwise", "componentwise")

WORSE = 2.0
"""Bits by which a cell may be worse than as written, where that was right."""


@dataclass
class Cell:
    """Bits of error of one cell, as written and stabilised; inf where not finite."""

    family: str
    form: str
    mode: str
    regime: str
    dtype: str
    naive: float
    cured: float
    note: str = ""
    counted: str = "normwise"

    def right(self, bits: float) -> bool:
        """Whether so many bits of error are right."""
        return bits <= (RIGHT if self.counted == "normwise" else RIGHT_EACH)

    @property
    def worse(self) -> bool:
        """Whether the engine lost what was right."""
        return self.right(self.naive) and self.cured > self.naive + WORSE


def inputs(form: Form, manner: Manner) -> dict[str, Any]:
    """The points of a form; where each element counts, also such as have one large element."""
    found = points(form, manner.dtype)
    return found if manner.counted == "normwise" else found | peaked(form, manner.dtype)


def truths(form: Form, mode: Mode, dtype: str, chosen: Any = None) -> dict[str, Any]:
    """Balls of the mode's true value at each regime."""
    derivative = DERIVATIVES[mode.truth]
    example = jnp.zeros(form.shape, dtype)
    written = rw.from_jax(derivative(form.careful or form.written), example)
    chosen = points(form, dtype) if chosen is None else chosen
    return {regime: rw.balls(written, x) for regime, x in chosen.items()}


def largest(truth: Any) -> float:
    """The largest finite element, 0 where there is none."""
    sizes = (abs(float(t.mid())) for t in np.asarray(truth, dtype=object).ravel() if t.is_finite())
    return max((size for size in sizes if math.isfinite(size)), default=0.0)


def bits(got: Any, truth: Any, dtype: str, floor: float | None) -> float:
    """``log2(1 + ulps)`` of the worst element whose truth is a finite float, ulps of the largest.

    Args:
        got: what was computed.
        truth: balls.
        dtype: whose ulps are counted.
        floor: what the result is computed with is at least of this size; None for the ulps of each
            element.
    """
    kind = jnp.finfo(dtype)
    greatest, least = float(kind.max), float(kind.smallest_normal)
    shared = None if floor is None else max(largest(truth), floor)
    worst = 0.0
    for value, ball in zip(
        np.asarray(got).ravel(), np.asarray(truth, dtype=object).ravel(), strict=True
    ):
        wanted = float(ball.mid()) if ball.is_finite() else math.nan
        if not math.isfinite(wanted) or abs(wanted) > greatest:
            continue
        if shared is None and max(abs(wanted), abs(float(value))) < least:
            continue
        scale = min(max(abs(wanted) if shared is None else shared, least), greatest)
        ulp = 2.0 ** (math.floor(math.log2(scale)) - kind.nmant)
        worst = max(worst, abs(float(value) - wanted) / ulp if math.isfinite(value) else math.inf)
    return math.log2(1 + worst)


@dataclass(frozen=True)
class Manner:
    """How cells are computed and counted.

    Attributes:
        dtype: of the inputs.
        accuracy: what is promised, as `rewriter.optimize` takes it.
        counted: by the ulps of the largest element, "normwise", or of each, "componentwise".
    """

    dtype: str = "float32"
    accuracy: str = "normwise"
    counted: str = "normwise"


def run(form: Form, modes: Iterable[Mode], manner: Manner) -> list[Cell]:
    """All cells of a form."""
    cells: list[Cell] = []
    for mode in modes:
        start = time.perf_counter()
        signal.alarm(LONGEST)
        try:
            wanted = truths(form, mode, manner.dtype, inputs(form, manner))
        except Exception as error:  # a form without a truth is a fault of the table
            signal.alarm(0)
            print(f"no truth: {form.name}, {mode.name}: {error!r}"[:300], file=sys.stderr)
            continue
        middle = time.perf_counter()
        signal.alarm(LONGEST)
        cells += cells_of(form, mode, manner, wanted)
        signal.alarm(0)
        if time.perf_counter() - start > 15:
            times = f"truth {middle - start:.1f} s, engine {time.perf_counter() - middle:.1f} s"
            print(f"slow: {form.name}, {mode.name}: {times}", file=sys.stderr)
    return cells


def cells_of(form: Form, mode: Mode, manner: Manner, wanted: dict[str, Any]) -> list[Cell]:
    """The cells of a form in one mode, a regime each."""
    dtype = manner.dtype
    example = jnp.zeros(form.shape, dtype)
    normwise = manner.counted == "normwise"
    floor = min(1.0, max(map(largest, wanted.values()))) if normwise else None
    naive, naive_note = prepared(mode.written, form, example)
    cured, cured_note = prepared(mode.stabilized(manner.accuracy), form, example)
    cells: list[Cell] = []
    for regime, x in inputs(form, manner).items():
        before, _ = error_bits(naive, x, wanted[regime], dtype, floor)
        after, note = error_bits(cured, x, wanted[regime], dtype, floor)
        row = (form.family, form.name, mode.name, regime, dtype, before, after)
        cells.append(Cell(*row, cured_note or naive_note or note, manner.counted))
    return cells


def prepared(take: Callable[..., Any], form: Form, example: Any) -> tuple[Any, str]:
    """Return the jitted derivative, or None and why there is none."""
    try:
        return jax.jit(take(form.written, example)), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"[:200]


def error_bits(
    function: Any, x: Any, truth: Any, dtype: str, floor: float | None
) -> tuple[float, str]:
    """Return the bits of error of a function at x, inf where it fails, and why it did."""
    if function is None:
        return math.inf, ""
    try:
        return bits(function(x), truth, dtype, floor), ""
    except Exception as error:
        return math.inf, f"{type(error).__name__}: {error}"[:200]


def summary(cells: list[Cell], key: Callable[[Cell], str]) -> list[tuple[str, int, int, int, int]]:
    """(name, cells, right as written, right as stabilised, lost by it) by a key."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[key(cell)].append(cell)
    return [
        (
            name,
            len(group),
            sum(c.right(c.naive) for c in group),
            sum(c.right(c.cured) for c in group),
            sum(c.worse for c in group),
        )
        for name, group in groups.items()
    ]


def too_long(*_: Any) -> None:
    """End a computation that its alarm has met."""
    raise TimeoutError(f"over {LONGEST} s")


def print_cell(cell: Cell) -> None:
    """Print a cell that is not right, or worse than as written."""
    if not cell.right(cell.cured) or cell.worse:
        both = f"naive {cell.naive:6.1f}  cured {cell.cured:6.1f}"
        print(f"    {cell.mode:<20} {cell.regime:<16} {both} {cell.note}", flush=True)


def print_tables(cells: list[Cell]) -> None:
    """Print how many cells are right by family, mode, regime and dtype."""
    for title, key in (
        ("family", lambda c: c.family),
        ("mode", lambda c: c.mode),
        ("regime", lambda c: c.regime),
        ("dtype", lambda c: c.dtype),
        ("all", lambda c: "all"),
    ):
        print(f"\n{title:<24}{'cells':>8}{'naive':>8}{'cured':>8}{'worse':>8}")
        for name, count, naive, cured, worse in summary(cells, key):
            print(f"{name:<24}{count:>8}{naive:>8}{cured:>8}{worse:>8}")


def measured(options: argparse.Namespace) -> list[Cell]:
    """Run the forms that were asked for, printing a row each."""
    modes = [MODES[name] for name in options.mode or MODES]
    counted = "componentwise" if options.elementwise else options.accuracy
    manner = Manner(options.dtype, options.accuracy, counted)
    cells: list[Cell] = []
    for form in EVERYDAY if options.everyday else FORMS:
        if options.family and form.family not in options.family:
            continue
        if options.form and form.name not in options.form:
            continue
        found = run(form, modes, manner)
        cells += found
        if options.save:
            with Path(options.save).open("a") as file:
                file.writelines(json.dumps(asdict(cell)) + "\n" for cell in found)
        right = sum(c.right(c.cured) for c in found)
        naive = sum(c.right(c.naive) for c in found)
        row = f"{form.family:<14} {form.name:<26} {right:>4} of {len(found)}   as written {naive}"
        print(row, flush=True)
        if options.cells:
            for cell in found:
                print_cell(cell)
    return cells


def main() -> None:
    """Run the matrix and print it."""
    signal.signal(signal.SIGALRM, too_long)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", nargs="*")
    parser.add_argument("--form", nargs="*")
    parser.add_argument("--mode", nargs="*", choices=MODES, metavar="MODE")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--accuracy", default="normwise", choices=ACCURACIES)
    parser.add_argument("--elementwise", action="store_true", help="count the ulps of each element")
    parser.add_argument("--cells", action="store_true", help="print every cell that is not right")
    parser.add_argument("--everyday", action="store_true", help="longer programs instead")
    parser.add_argument("--save", help="a file to which the cells are added")
    parser.add_argument("--read", nargs="*", help="files of cells to print, nothing is run")
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", options.dtype == "float64")
    if options.read:
        lines = (line for path in options.read for line in Path(path).read_text().splitlines())
        cells = [Cell(**json.loads(line)) for line in lines]
    else:
        cells = measured(options)
    print_tables(cells)


if __name__ == "__main__":
    main()
