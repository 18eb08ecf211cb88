"""Mutants of the shipped rules and of right ones: how many the checker refutes.

    python tests/benchmarks/mutation.py [rule …]

prints a row for each rule, every survivor, and says which of them are not explained in
``tests/checking/survivors.txt``. The exit status is 1 where one is not.
"""

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "checking"))

import right_rules
from survivors import known_survivors

import rules.cancellation
import rules.named_forms
import rules.shift
import rules.sigmoid
from rewriter.checking.checker import rules_in
from rewriter.checking.mutation import mutants

MODULES = (rules.shift, rules.sigmoid, rules.cancellation, rules.named_forms, right_rules)


def row(rule: Any, known: dict[tuple[str, str], str]) -> tuple[int, int, list[str]]:
    """Check the mutants of one rule: how many there are, are refuted, and survive unexplained."""
    start = time.perf_counter()
    survivors, count, unexplained = [], 0, []
    for mutant in mutants(rule):
        count += 1
        verdict = mutant.verdict()
        if verdict.status != "refuted":
            survivors.append(f"  {verdict.status}: {mutant.mistake}")
            if known.get((mutant.rule, mutant.mistake)) != verdict.status:
                unexplained.append(f"{mutant.rule}: {mutant.mistake} ({verdict.status})")
    seconds = time.perf_counter() - start
    print(f"{rule.name:<32} {count:>4} mutants  {count - len(survivors):>4} refuted"
          f"  {seconds:6.1f} s", flush=True)  # fmt: skip
    for line in survivors:
        print(line)
    return count, count - len(survivors), unexplained


def main(names: list[str]) -> int:
    """Check the mutants of the named rules, or of all."""
    known = known_survivors()
    subjects = [rule for module in MODULES for rule in rules_in(module)]
    results = [row(rule, known) for rule in subjects if not names or rule.name in names]
    total, refuted = sum(r[0] for r in results), sum(r[1] for r in results)
    print(f"\n{total} mutants, {refuted} refuted, {total - refuted} survive")
    unexplained = [line for r in results for line in r[2]]
    for line in unexplained:
        print(f"not explained: {line}")
    return int(bool(unexplained))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
