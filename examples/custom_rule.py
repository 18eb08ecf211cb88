"""A rule of one's own: two sides, and the conditions under which they are equal.

``1 - cos(x)`` loses every digit for small x; ``2·sin(x/2)²`` is the same number and loses none. The
engine ships no law of trigonometry, so it is stated here, in one line, and used like the engine's
own. A rule with a mistake in it is refused where it is written.
"""

import numpy as np

import rewriter as rw


@rw.rule
def one_minus_cosine(x: rw.Real):
    """1 - cos x = 2·sin(x/2)²."""
    return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))


def haversine() -> rw.Graph:
    """Angles to 1 - cos(angle), as the formula has it."""
    angle = rw.input("angle", ("n",))
    return rw.Graph([angle], [1 - rw.cos(angle)])


def compute() -> dict[str, np.ndarray]:
    """1 - cos at small angles: as written, with the shipped laws, with the rule, exact."""
    angles = np.array([1e-6, 1e-4, 1e-3, 0.5], "float32")
    graph = haversine()
    ways = {
        "as written": rw.compile(graph, backend="numpy"),
        "shipped laws": rw.compile(rw.optimize(graph), backend="numpy"),
        "with the rule": rw.compile(rw.optimize(graph, rules=[one_minus_cosine]), backend="numpy"),
    }
    results = {name: run(angles).astype("float64") for name, run in ways.items()}
    return {**results, "exact": rw.exact(graph, angles, dtype="float64")}


def refusal() -> str:
    """What is said of a rule whose right side has a variable that its left side does not bind."""
    try:

        @rw.rule
        def mistaken(x: rw.Real, y: rw.Real):
            """1 - cos x = 2·sin(y/2)²: y is never bound."""
            return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(y / 2)))

    except rw.errors.UnboundVariableError as error:
        return f"{type(error).__name__}: {error}"
    return f"{mistaken} was taken"


def main() -> None:
    print(f"{one_minus_cosine}\n")
    for name, values in compute().items():
        print(f"{name:<15}" + "".join(f"{value:<14.7g}" for value in values).rstrip())
    print(f"\nA mistaken rule is refused:\n{refusal()}")


if __name__ == "__main__":
    main()
