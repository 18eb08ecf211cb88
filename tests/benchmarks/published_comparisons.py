"""The same naive programs by several libraries: which come out right, forward and differentiated.

    python tests/benchmarks/published_comparisons.py [--cells]
        [--with JAX PyTorch PyTensor rewriter]

The programs: the catalogue of `published_bugs`, and some of each family in `common_forms`. A
program is right forward if its value is, at every regime of inputs, finite wherever the truth is
and within 6 bits (63 units in the last place of it, or of 1 where it is as large at another
regime); and with its gradient if that is too, of its largest element. The truth is the program's
own meaning, in ball arithmetic on the float32 inputs.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from accuracy_matrix import RIGHT, bits, largest
from common_forms import COMMON
from naive_programs import Form, points
from peers import PEERS, Compiled, InJax, Peer
from published_bugs import BUGS, Program

import rewriter as rw


@dataclass(frozen=True)
class Outcome:
    """What one library made of one program: the worst bits over the regimes; inf: not finite."""

    program: Program
    library: str
    value: float
    gradient: float
    note: str = ""

    def right(self, differentiated: bool) -> bool:
        """Whether it came out right, forward or with its gradient as well."""
        return self.value <= RIGHT and (not differentiated or self.gradient <= RIGHT)


def judged(program: Program, library: str, run: Compiled) -> Outcome:
    """Run a program at all regimes."""
    written = jax.value_and_grad(lambda z: program.written(InJax(), z))
    graph = rw.from_jax(written, jnp.zeros((2, 3), "float32"))
    form = Form(program.family, program.name, lambda z: z, program.inputs, (2, 3))
    truths = {name: rw.balls(graph, x) for name, x in points(form).items()}
    floors = [min(1.0, max(largest(truth[place]) for truth in truths.values())) for place in (0, 1)]
    worst, note = [0.0, 0.0], ""
    for regime, x in points(form).items():
        found: Any = (math.nan, np.full((2, 3), math.nan))
        try:
            found = run(x)
        except Exception as error:
            note = note or f"{regime}: {type(error).__name__}: {error}"[:120]
        for place, least in enumerate(floors):
            wrong = bits(found[place], truths[regime][place], "float32", least)
            if wrong > RIGHT and not note:
                note = regime
            worst[place] = max(worst[place], wrong)
    return Outcome(program, library, *worst, note)


def outcome(program: Program, library: Peer) -> Outcome:
    """What a library makes of a program; one that it does not take is not right."""
    try:
        run = library.compiled(program.written)
    except Exception as error:
        note = f"{type(error).__name__}: {error}"[:120]
        return Outcome(program, library.name, math.inf, math.inf, note)
    return judged(program, library.name, run)


def show(title: str, outcomes: list[Outcome], libraries: list[str]) -> None:
    """Print a table: of so many, how many are right forward and with their gradients."""
    families: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        families[each.program.family].append(each)
    families["all"] = outcomes
    print(f"\n| {title} | of | " + " | ".join(libraries) + " |")
    print("|---" * (2 + len(libraries)) + "|")
    for family, found in families.items():
        total = sum(each.program.count for each in found) // len(libraries)
        cells = []
        for library in libraries:
            mine = [each for each in found if each.library == library]
            forward, both = (
                sum(each.program.count for each in mine if each.right(differentiated))
                for differentiated in (False, True)
            )
            cells.append(f"{forward}, {both}")
        print(f"| {family} | {total} | " + " | ".join(cells) + " |", flush=True)


def described(found: Outcome, seconds: float) -> str:
    """A line for what is not right."""
    program = f"{found.library:<10} {found.program.family}: {found.program.name}"
    wrong = f"value {found.value:.1f}, gradient {found.gradient:.1f} bits"
    return f"{program:<50} {wrong:<36} {found.note} ({seconds:.0f} s)"


def available(names: list[str]) -> list[Peer]:
    """The libraries that are installed."""
    found: list[Peer] = []
    for name in names:
        try:
            found.append(PEERS[name]())
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)
    return found


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--with", nargs="*", dest="libraries", default=list(PEERS))
    parser.add_argument("--cells", action="store_true", help="print each program that is not right")
    options = parser.parse_args()
    libraries = available(options.libraries)
    names = [library.name for library in libraries]
    for title, programs in (("published bugs", BUGS), ("common forms", COMMON)):
        outcomes = []
        for program in programs:
            for library in libraries:
                start = time.perf_counter()
                found = outcome(program, library)
                outcomes.append(found)
                if options.cells and not found.right(True):
                    print(described(found, time.perf_counter() - start), file=sys.stderr)
        show(title, outcomes, names)


if __name__ == "__main__":
    main()
