"""Differential fuzzing: random JAX programs, stabilised and compared with what they were."""

from fuzzing.judging import KINDS, Finding, judge
from fuzzing.modes import MODES
from fuzzing.points import POINTS
from fuzzing.program import Program
from fuzzing.shrinking import shrunk
from fuzzing.writing import random_program

__all__ = ["KINDS", "MODES", "POINTS", "Finding", "Program", "judge", "random_program", "shrunk"]
