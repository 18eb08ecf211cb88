"""A set of rules for a domain: how far apart two states of a qubit are.

The states cos a·|0⟩ + sin a·|1⟩ and cos b·|0⟩ + sin b·|1⟩ overlap by cos a·cos b + sin a·sin b. The
infidelity, one less the square of that, is what a control loop drives to zero, and what loses all
its digits on the way there. Three identities, each proved by the checker, keep them; what one gives
is what the next is looking for.
"""

import numpy as np

import rewriter as rw


@rw.rule
def overlap(a: rw.Real, b: rw.Real):
    """cos a·cos b + sin a·sin b = cos(a − b)."""
    return rw.rewrite(rw.cos(a) * rw.cos(b) + rw.sin(a) * rw.sin(b), to=rw.cos(a - b))


@rw.rule
def infidelity(x: rw.Real):
    """1 − cos² x = sin² x."""
    return rw.rewrite(1 - rw.square(rw.cos(x)), to=rw.square(rw.sin(x)))


@rw.rule
def squared_distance(x: rw.Real):
    """1 − cos x = 2·sin²(x/2)."""
    return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))


QUBITS = (overlap, infidelity, squared_distance)
STRATEGY = rw.chain(rw.bottom_up(overlap), rw.bottom_up(rw.exhaust(infidelity, squared_distance)))


def graphs() -> dict[str, rw.Graph]:
    """Distances of two states, as the definitions have them."""
    a, b = rw.input("a", ("n",)), rw.input("b", ("n",))
    product = rw.cos(a) * rw.cos(b) + rw.sin(a) * rw.sin(b)
    return {
        "infidelity": rw.Graph([a, b], [1 - rw.square(product)]),
        "Bures distance": rw.Graph([a, b], [rw.sqrt(2 * (1 - product))]),
        "log of the infidelity": rw.Graph([a, b], [rw.log(1 - rw.square(product))]),
    }


def compute() -> dict[str, dict[str, np.ndarray]]:
    """Each distance for states from far to near: as written, with the rules, exact."""
    a = np.array([0.1, 0.7, 0.7, 0.7], "float32")
    b = a + np.array([1.0, 1e-2, 1e-4, 1e-6], "float32")
    results = {}
    for name, graph in graphs().items():
        cured = rw.optimize(graph, rules=STRATEGY, check=True)
        results[name] = {
            "as written": rw.compile(graph)(a, b),
            "with the rules": rw.compile(cured)(a, b),
            "exact": rw.exact(graph, a, b),
        }
    return results


def main() -> None:
    for rule in QUBITS:
        print(f"{rule.statement:<40} {rw.check(rule).status}")
    for name, ways in compute().items():
        print(f"\n{name}: {rw.pprint(rw.optimize(graphs()[name], rules=STRATEGY))}")
        for way, values in ways.items():
            print(f"  {way:<16}" + "".join(f"{value:<14.7g}" for value in values).rstrip())
    with rw.statistics() as counts:
        rw.optimize(graphs()["infidelity"], rules=STRATEGY)
    print(f"\n{counts}")


if __name__ == "__main__":
    main()
