"""Each law off in turn: which cells of the accuracy matrix are lost without it.

    python tests/benchmarks/ablation.py [--mode value grad] [--law …]

The matrix is that of `accuracy_matrix`, by default its values and gradients. First it is run with
all laws; then, for each law, without it. A cell is lost if it is right with all laws and not
without this one. A law without which no cell is lost is there for its name, or for a form that the
matrix does not have.
"""

from __future__ import annotations

import argparse
import signal
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from accuracy_matrix import RIGHT, error_bits, largest, prepared, too_long, truths
from derivatives import MODES, Mode
from naive_programs import FORMS, Form, points

import rules

GROUPS = tuple(name for name in rules.__all__ if name != "NAMED_FORMS")
LONGEST = 120
"""Seconds after which a form's mode is given up."""
Key = tuple[str, str, str]


@contextmanager
def without(law: Any) -> Iterator[None]:
    """Take a law out of the shipped ones; None takes out none."""
    kept = {name: getattr(rules, name) for name in GROUPS}
    for name, laws in kept.items():
        setattr(rules, name, tuple(each for each in laws if each is not law))
    try:
        yield
    finally:
        for name, laws in kept.items():
            setattr(rules, name, laws)


class Cut:
    """The forms and modes that are looked at, and their truths, which are worked out once."""

    def __init__(self, modes: list[str]) -> None:
        self.parts: list[tuple[Form, Mode, dict[str, Any]]] = []
        for form in FORMS:
            for name in modes:
                self.parts.append((form, MODES[name], truths(form, MODES[name], "float32")))

    def right(self) -> set[Key]:
        """The cells that come out right with the laws that there are."""
        jax.clear_caches()
        found: set[Key] = set()
        for form, mode, wanted in self.parts:
            floor = min(1.0, max(map(largest, wanted.values())))
            signal.alarm(LONGEST)
            run, _ = prepared(mode.stabilized("normwise"), form, jnp.zeros(form.shape, "float32"))
            for regime, x in points(form).items():
                wrong, _ = error_bits(run, x, wanted[regime], "float32", floor)
                if wrong <= RIGHT:
                    found.add((form.name, mode.name, regime))
            signal.alarm(0)
        return found

    def families(self) -> dict[str, str]:
        """The family of each form."""
        return {form.name: form.family for form, _, _ in self.parts}


def lost_by_family(lost: set[Key], families: dict[str, str]) -> str:
    """Which families lose how many cells, the ones that lose most first."""
    counts = Counter(families[form] for form, _, _ in lost)
    return ", ".join(f"{family} {count}" for family, count in counts.most_common())


def main() -> None:
    """Print which cells each law carries."""
    signal.signal(signal.SIGALRM, too_long)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--mode", nargs="*", choices=MODES, metavar="MODE", default=["value", "grad"]
    )
    parser.add_argument("--law", nargs="*", help="names; all by default")
    options = parser.parse_args()
    cut = Cut(options.mode)
    with without(None):
        whole = cut.right()
    print(f"all laws: {len(whole)} cells right\n")
    print("| without | cells lost | where | forms |\n|---|---|---|---|")
    for group in GROUPS:
        for law in getattr(rules, group):
            if options.law and law.name not in options.law:
                continue
            with without(law):
                lost = whole - cut.right()
            forms = Counter(form for form, _, _ in lost)
            examples = ", ".join(f"`{name}`" for name, _ in forms.most_common(3))
            where = lost_by_family(lost, cut.families())
            print(f"| `{law.name}` | {len(lost)} | {where} | {examples} |", flush=True)


if __name__ == "__main__":
    main()
