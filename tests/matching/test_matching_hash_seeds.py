"""The same answers in the same order, whatever seed Python hashes strings with."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
from pathlib import Path
from rewriter.matching import PatternSet, match, unify
from theories import read
lines = [l.split(" | ") for l in Path("tests/matching/conformance.txt").read_text().splitlines()]
patterns = PatternSet((read(p), p) for p in dict.fromkeys(line[0] for line in lines))
for pattern, subject, _ in lines:
    print(pattern, subject, [str(found) for found in match(read(pattern), read(subject))])
    print(patterns.candidates(read(subject)))
for line in Path("tests/matching/unification.txt").read_text().splitlines():
    left, right, number = line.split(" | ")
    if int(number) < 30:
        print(left, right, [str(found) for found in unify(read(left), read(right))])
"""


def printed(seed):
    path = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_output_does_not_depend_on_the_hash_seed():
    first, second, third = map(printed, (0, 1, 12345))
    assert first.count("\n") > 1000
    assert first == second == third
