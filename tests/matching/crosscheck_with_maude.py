"""Holds the tables of problems against Maude, whose matcher and unifier are another's work.

Needs ``maude`` (the extra ``dev``). Run from the repository's root::

    PYTHONPATH=.:tests/matching python tests/matching/crosscheck_with_maude.py

Each line of ``unification.txt`` ends with the number of Maude's unifiers; with ``--write`` they are
set anew. Of ``conformance.txt`` those without plain variables are compared, since a plain variable
here counts operands, and Maude's do not.
"""

import sys
from pathlib import Path

import maude
from theories import read

from rewriter.matching import operands_of, operator_of, variables_of

HERE = Path(__file__).parent
MODULE = """fmod THEORY is
  sort Term .
  ops a b c d zero one : -> Term .
  op wrap : Term -> Term .
  op free : Term Term -> Term .
  op pair : Term Term -> Term [comm] .
  op sequence : Term Term -> Term [assoc] .
  op word : Term Term -> Term [assoc id: one] .
  op bag : Term Term -> Term [assoc comm] .
  op plus : Term Term -> Term [assoc comm id: zero] .
  op times : Term Term -> Term [assoc comm id: one] .
  vars x y z u v w r s t : Term .
endfm"""


def spelled(term):
    """Return a term as Maude reads it: associative operators in binary form."""
    operator = operator_of(term)
    if operator is None:
        return str(term)
    first, *others = map(spelled, operands_of(term))
    if not operator.associative:
        return f"{operator.name}({', '.join((first, *others))})"
    for other in others:
        first = f"{operator.name}({first}, {other})"
    return first


def unifications(module, lines):
    """Yield each line of the table with Maude's number of unifiers."""
    for line in lines:
        left, right = (module.parseTerm(spelled(read(side))) for side in line.split("|")[:2])
        number = sum(1 for _ in module.unify([(left, right)]))
        yield " | ".join((*(side.strip() for side in line.split("|")[:2]), str(number)))


def matchings(module, lines):
    """Yield each comparable line of the table with Maude's number of matches."""
    for line in lines:
        pattern, subject, _ = line.split(" | ")
        unknown = variables_of(read(pattern))
        comparable = all(str(each) in "rst" for each in unknown)
        if not comparable or "chain" in line or "union" in line:
            continue
        found = module.parseTerm(spelled(read(subject))).match(
            module.parseTerm(spelled(read(pattern)))
        )
        yield line, f"{pattern} | {subject} | {sum(1 for _ in found)}"


def main():
    """Compare, or write the numbers."""
    maude.init()
    maude.input(MODULE)
    module = maude.getModule("THEORY")
    table = HERE / "unification.txt"
    lines = table.read_text().splitlines()
    numbered = list(unifications(module, lines))
    if "--write" in sys.argv:
        table.write_text("\n".join(numbered) + "\n")
        return 0
    pairs = [*zip(lines, numbered, strict=True)]
    pairs += matchings(module, (HERE / "conformance.txt").read_text().splitlines())
    different = [f"{ours}   (Maude: {theirs})" for ours, theirs in pairs if ours != theirs]
    print(f"{len(pairs)} problems, {len(different)} differ", *different, sep="\n")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
