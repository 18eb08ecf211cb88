"""A plain kanren relation as a rule: a table of identities, searched modulo the theory.

``rw.eq_ac`` is a kanren goal, so it stands beside kanren's own: ``membero`` picks an identity,
``eq_ac`` asks whether its left side is the subject modulo associativity, commutativity and the laws
of the theory, ``eq`` names its right side as the answer. ``rw.rule.from_relation`` makes a rewrite
of any such relation ``relation(term, out)``.
"""

from typing import Any

import numpy as np
from kanren import eq, lall, membero, run, var

import rewriter as rw


@rw.rule
def one_minus_cosine(x: rw.Real):
    """1 - cos x = 2·sin(x/2)²."""
    return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))


@rw.rule
def one_minus_square_of_cosine(x: rw.Real):
    """1 - cos² x = sin² x."""
    return rw.rewrite(1 - rw.square(rw.cos(x)), to=rw.square(rw.sin(x)))


@rw.rule
def difference_of_cosines(x: rw.Real, y: rw.Real):
    """cos x - cos y = 2·sin((y + x)/2)·sin((y - x)/2)."""
    return rw.rewrite(rw.cos(x) - rw.cos(y), to=2 * rw.sin((y + x) / 2) * rw.sin((y - x) / 2))


IDENTITIES = tuple(
    (identity.left, identity.right)
    for identity in (one_minus_cosine, one_minus_square_of_cosine, difference_of_cosines)
)


def without_cancellation(term: Any, out: Any) -> Any:
    """A difference of cosines is a product of sines, by one identity of the table or another."""
    left, right = var(), var()
    return lall(membero((left, right), IDENTITIES), rw.eq_ac(left, term), eq(right, out))


def answers(expression: rw.Graph) -> list[str]:
    """What the relation makes of the expression, asked of kanren directly."""
    out = var()
    term = rw.normal_form(expression.outputs[0])
    return [str(answer) for answer in run(0, out, without_cancellation(term, out))]


def graphs() -> dict[str, rw.Graph]:
    """Differences of cosines in several spellings."""
    x, y = rw.input("x"), rw.input("y")
    cosine = rw.cos(x)
    return {
        "1 - cos(x)": rw.Graph([x], [1 - cosine]),
        "-cos(x) + 1": rw.Graph([x], [-cosine + 1]),
        "1 - cos(x)*cos(x)": rw.Graph([x], [1 - cosine * cosine]),
        "cos(x) - cos(y)": rw.Graph([x, y], [cosine - rw.cos(y)]),
        "sin(x) - sin(y)": rw.Graph([x, y], [rw.sin(x) - rw.sin(y)]),
    }


def compute() -> dict[str, tuple[float, float, float]]:
    """Each graph's value at a small x (and a y beside it): as written, rewritten, exact."""
    rule = rw.rule.from_relation(without_cancellation)
    results = {}
    for name, graph in graphs().items():
        point = [np.float32(1e-4), np.float32(3e-4)][: len(graph.inputs)]
        results[name] = (
            float(rw.compile(graph, backend="numpy")(*point)),
            float(rw.compile(rw.optimize(graph, rules=[rule]), backend="numpy")(*point)),
            float(rw.exact(graph, *point, dtype="float64")),
        )
    return results


def main() -> None:
    print("The relation, asked of kanren: what may stand for each term\n")
    for name, graph in graphs().items():
        print(f"  {name:<20}{' or '.join(answers(graph)) or 'nothing'}")
    print("\nThe relation as a rule, at x = 1e-4, y = 3e-4\n")
    print(f"  {'':<20}{'as written':<16}{'rewritten':<16}exact")
    for name, values in compute().items():
        print(f"  {name:<20}" + "".join(f"{value:<16.8g}" for value in values).rstrip())


if __name__ == "__main__":
    main()
