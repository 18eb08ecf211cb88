"""Smaller programs that fail in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from fuzzing.judging import judge
from fuzzing.program import Program

__all__ = ["shrunk"]

LONGEST = 60
"""Seconds after which a program is small enough."""


def shrunk(program: Program, kinds: set[str], points: tuple[str, ...]) -> Program:
    """Return a program with fewer lines and outputs, in a simpler mode where that still fails.

    Args:
        program: one that fails.
        kinds: of its findings; a smaller one has one of these as well.
        points: where it fails.
    """

    def fails(candidate: Program) -> bool:
        found = judge(candidate, points, longest=10 if "timeout" not in kinds else LONGEST)
        return any(finding.kind in kinds for finding in found or ())

    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        smaller = first(candidates(program), fails, end)
        if smaller is None:
            break
        program = smaller
    return program


def first(found: Iterator[Program], fails: Callable[[Program], bool], end: float) -> Program | None:
    """The first that fails, in the time there is."""
    for candidate in found:
        if time.monotonic() > end:
            return None
        if fails(candidate):
            return candidate
    return None


def candidates(program: Program) -> Iterator[Program]:
    """Programs that are one step simpler."""
    if len(program.outputs) > 1:
        yield from (replace(program, outputs=(name,)) for name in program.outputs)
    for place in reversed(range(len(program.lines))):
        lines = program.lines[:place] + program.lines[place + 1 :]
        yield replace(program, lines=lines)
    for simpler in ("value", "grad"):
        if program.mode == simpler:
            break
        yield replace(program, mode=simpler)
    if program.dtype != "float64":
        yield replace(program, dtype="float64")
