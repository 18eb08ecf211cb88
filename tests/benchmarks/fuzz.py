"""Random JAX programs as written and under the engine: where do their answers part, and who errs?

    python tests/benchmarks/fuzz.py [FIRST [LAST]] [--points ordinary] [--mode grad "rw.grad"]

Programs of seeds FIRST up to LAST: a few lines of exponentials, arithmetic, layout, integers,
gathers, comparisons and choices, of one of four float types, run in one mode (which derivative, and
where the engine stands) at ordinary numbers, ties, zeros, and what is special to floats. Where the
answers differ, ball arithmetic on the program as written tells which is right. What the engine
spoiled is made smaller and printed as a function to paste, with its seed:

    wrong           a number that is not near the truth, where the program as written was
    nan for number  no number, or an infinite one, where it was right
    crash, timeout  an error of the engine's, or more than a minute
    signature       another shape, dtype or weak type
    invented        a number far from the truth, where there was none as written
    worse           more than 2 bits lost of what was right to 6
    unsure          they differ, and neither ball arithmetic nor JAX in float64 tells the truth

With --graphs nothing is run: the optimised graphs are, once more, optimised and printed under other
hash seeds. A graph that changes by it is *unsettled*.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from dataclasses import replace

import jax
import numpy as np
from fuzzing import KINDS, MODES, POINTS, Finding, Program, judge, random_program, shrunk
from fuzzing.invariants import under_hash_seeds, unsettled
from fuzzing.points import ORDINARY


def main() -> None:
    """Run the programs, show how far they are, and print what was spoiled."""
    options = arguments()
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    jax.config.update("jax_enable_x64", True)
    if options.graphs:
        sys.exit(check_graphs(options.first, options.last))
    points = ORDINARY if options.points == "ordinary" else tuple(POINTS)
    start, counts = time.perf_counter(), Counter[str]()
    for place, seed in enumerate(range(options.first, options.last), 1):
        program = random_program(seed)
        if options.mode:
            program = replace(program, mode=options.mode[seed % len(options.mode)])
        found = judge(program, points)
        counts.update(counted(found))
        if any(finding.kind in options.kind for finding in found or ()):
            report(program, found or [], points, options.shrink)
        if place % (10 if sys.stderr.isatty() else 50) == 0:
            spent = time.perf_counter() - start
            print(f"{place} programs, {spent:.0f} s: {dict(counts)}", file=sys.stderr, flush=True)
            jax.clear_caches()
    print(f"programs {options.first} to {options.last - 1}: {dict(counts)}")
    sys.exit(any(counts[kind] for kind in KINDS[:-1]))


def check_graphs(first: int, last: int) -> bool:
    """Print the programs whose optimised graphs change; tell whether there are any."""
    counts = Counter[str]()
    for place, seed in enumerate(range(first, last), 1):
        program = random_program(seed)
        found = unsettled(program)
        counts.update(counted(found))
        for finding in found or ():
            print(f"# {finding.kind}, seed {seed}\n{program.text}{finding.note}\n", flush=True)
        if place % 50 == 0:
            print(f"{place} programs: {dict(counts)}", file=sys.stderr, flush=True)
    unlike = under_hash_seeds(first, last)
    print(f"programs {first} to {last - 1}: {dict(counts)}")
    print(f"other text under another hash seed: {unlike or 'none'}")
    return bool(counts["unsettled"] or counts["crash"] or unlike)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", nargs="?", type=int, default=0, help="the first seed")
    parser.add_argument("last", nargs="?", type=int, default=1000, help="the seed to stop before")
    parser.add_argument("--points", choices=("all", "ordinary"), default="all")
    parser.add_argument("--mode", nargs="*", choices=MODES, metavar="MODE", help=", ".join(MODES))
    parser.add_argument(
        "--kind", nargs="*", choices=KINDS, default=KINDS[:-1], help="what is printed"
    )
    parser.add_argument("--graphs", action="store_true", help="look at the optimised graphs alone")
    parser.add_argument(
        "--no-shrink", dest="shrink", action="store_false", help="print programs as they are"
    )
    return parser.parse_args()


def counted(found: list[Finding] | None) -> list[str]:
    """The kinds of a program's findings, each once."""
    if found is None:
        return ["refused"]
    return ["programs", *{finding.kind: None for finding in found}]


def report(program: Program, found: list[Finding], points: tuple[str, ...], shrink: bool) -> None:
    """Print a program that was spoiled, made smaller, and what became of its answers."""
    worst = min((finding.kind for finding in found), key=KINDS.index)
    if shrink:
        at = tuple(finding.point for finding in found if finding.kind == worst)
        program = shrunk(program, {worst}, at if "" not in at else points)
        found = judge(program, points) or found
    first = min(found, key=lambda finding: KINDS.index(finding.kind))
    where = ", ".join(finding.point for finding in found)
    print(f"# {first.kind}, seed {program.seed}, at {where}\n{program.text}{first.note}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
