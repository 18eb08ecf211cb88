"""Holds the tables of problems against Maude, whose matcher and unifier are another's work.

Needs ``maude`` (the extra ``dev``). Run from the repository's root::

    PYTHONPATH=.:tests/matching python tests/matching/crosscheck_with_maude.py

Each line of ``unification.txt`` ends with the number of Maude's unifiers; with ``--write`` they are
set anew. Of ``conformance.txt`` those without plain variables are compared, since a plain variable
here counts operands, and Maude's do not. With ``--random 300`` so many random problems of each kind
are compared too, and each unifier is checked by substitution.
"""

import random
import sys
from pathlib import Path

import maude
from theories import a, b, bag, c, plus, r, read, s, sequence, t, u, v, w, word, wrap, x, y, z

from rewriter.matching import match, operands_of, operator_of, unify, variables_of

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


def random_term(rng, operator, leaves, longest, wrapped):
    """Return an operator applied to leaves, some of them wrapped."""
    chosen = rng.choices(leaves, k=rng.randint(2, longest))
    return operator(*(wrap(each) if rng.random() < wrapped else each for each in chosen))


def random_unifications(module, rng, number):
    """Yield random problems with the number of unifiers here, nan if one is wrong, and in Maude."""
    for _ in range(number):
        operator, wrapped = rng.choice([bag, plus]), rng.choice([0, 0, 0.15])
        left = random_term(rng, operator, [x, y, z, x, y, z, a, b, c], 4, wrapped)
        right = random_term(rng, operator, [u, v, w, u, v, x, a, b, c], 3, wrapped)
        found = list(unify(left, right))
        sound = all(each(left) is each(right) for each in found)
        theirs = module.unify([(module.parseTerm(spelled(left)), module.parseTerm(spelled(right)))])
        problem = f"{left} | {right}"
        yield f"{problem} | {len(found) if sound else 'wrong'}", f"{problem} | {len(list(theirs))}"


def random_matchings(module, rng, number):
    """Yield random problems with the number of matches here and in Maude."""
    for _ in range(number):
        operator = rng.choice([bag, plus, sequence, word])
        pattern = random_term(rng, operator, [r, s, t, a, b, c], 4, 0.3)
        subject = random_term(rng, operator, [a, b, c], 6, 0.3)
        theirs = module.parseTerm(spelled(subject)).match(module.parseTerm(spelled(pattern)))
        found = list(match(pattern, subject))
        problem = f"{pattern} | {subject}"
        yield f"{problem} | {len(found)}", f"{problem} | {len(list(theirs))}"


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
    if "--random" in sys.argv:
        number = int(sys.argv[sys.argv.index("--random") + 1])
        pairs += random_unifications(module, random.Random(7), number)
        pairs += random_matchings(module, random.Random(7), number)
    different = [f"{ours}   (Maude: {theirs})" for ours, theirs in pairs if ours != theirs]
    print(f"{len(pairs)} problems, {len(different)} differ", *different, sep="\n")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
