"""A rule from a first guess to a proved one: the kinetic energy of a fast particle, √(1 + p²) − 1.

In units of its rest energy, at momentum p. For a slow particle the difference loses every digit.
A physicist's first idea, u/2 for √(1 + u) − 1, is an approximation, and ``rw.check`` answers with
the numbers that refute it. What is equal is u / (√(1 + u) + 1). ``rw.why_not`` says what keeps the
rule from a formula that only looks alike, and ``rw.explain(…).html()`` draws what the rule did.
"""

import tempfile
from pathlib import Path

import numpy as np

import rewriter as rw


@rw.rule
def first_guess(u: rw.Real):
    """√(1 + u) − 1 = u/2."""
    return rw.rewrite(rw.sqrt(1 + u) - 1, to=u / 2)


@rw.rule
def root_less_one(u: rw.Real):
    """√(1 + u) − 1 = u / (√(1 + u) + 1)."""
    return rw.rewrite(rw.sqrt(1 + u) - 1, to=u / (rw.sqrt(1 + u) + 1))


def kinetic_energy() -> rw.Graph:
    """Momenta to energies, as the formula has it."""
    p = rw.input("p", ("n",), "float32")
    return rw.Graph([p], [rw.sqrt(1 + rw.square(p)) - 1])


def lookalike() -> rw.Graph:
    """A formula that looks alike: 1 is added to the root, not taken from it."""
    q = rw.input("q", ("n",), "float32")
    return rw.Graph([q], [rw.sqrt(1 + rw.square(q)) + 1])


def compute() -> dict[str, np.ndarray]:
    """Energies at momenta from slow to fast: as written, with the rule, exact."""
    momenta = np.array([1e-12, 1e-6, 1e-3, 1.0, 1e6], "float32")
    graph = kinetic_energy()
    written = rw.compile(graph, backend="numpy")
    cured = rw.compile(rw.optimize(graph, rules=[root_less_one]), backend="numpy")
    return {
        "as written": written(momenta).astype("float64"),
        "with the rule": cured(momenta).astype("float64"),
        "exact": rw.exact(graph, momenta, dtype="float64"),
    }


def main() -> None:
    for rule in (first_guess, root_less_one):
        print(f"{rule.statement}\n  {str(rw.check(rule)).strip()}\n")
    for name, values in compute().items():
        print(f"{name:<15}" + "".join(f"{value:<14.7g}" for value in values).rstrip())
    print(f"\n{rw.why_not(lookalike(), root_less_one)}\n")
    explanation = rw.explain(kinetic_energy(), rules=[root_less_one])
    print(explanation)
    page = Path(tempfile.gettempdir()) / "kinetic_energy.html"
    page.write_text(explanation.html(), encoding="utf-8")
    print(f"\nThe same as a page, with both graphs drawn: {page}")


if __name__ == "__main__":
    main()
