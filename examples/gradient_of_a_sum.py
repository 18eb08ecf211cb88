"""The gradient of ``sum(softmax(x))``: zero, however autodiff spells it.

A softmax sums to one, so the gradient of its sum is zero everywhere. What autodiff writes for it is

    exp(x)/Σexp(x) + (Σ -exp(x)/(Σexp(x)·Σexp(x)))·exp(x)

which cancels on paper and is nan in floats. The graph is built twice: by ``rw.grad``, and node by
node as Aesara prints it (aesara-devs/aesara, "Replace custom Softmax* Ops with Aesara graphs").
"""

import numpy as np

import rewriter as rw

POINT = np.array([1e-18, 1e18, -1e18])


def by_autodiff() -> rw.Graph:
    """The gradient as ``rw.grad`` writes it."""
    x = rw.input("x", ("n",), "float64")
    exponentials = rw.exp(x)
    softmax = exponentials / rw.sum(exponentials, axis=-1, keepdims=True)
    return rw.Graph([x], rw.grad(rw.sum(softmax), [x]))


def as_printed() -> rw.Graph:
    """The gradient as Aesara's ``dprint`` shows it, with the letters that it gives the nodes."""
    x = rw.input("x", ("n",), "float64")  # D
    c = rw.exp(x)
    f = rw.sum(c)
    e = rw.expand_dims(f, 0)  # InplaceDimShuffle{x}
    b = c / e
    k = rw.constant([-1.0], "float64") * c
    m = e * e
    j = k / m
    i = rw.sum(j)
    h = rw.expand_dims(i, 0)
    g = h * c
    return rw.Graph([x], [b + g])


def compute() -> dict[str, dict[str, np.ndarray]]:
    """Each graph's value at POINT: as written, rewritten, exact."""
    results = {}
    for name, graph in (("by rw.grad", by_autodiff()), ("as printed", as_printed())):
        results[name] = {
            "as written": rw.compile(graph, backend="numpy")(POINT),
            "rewritten": rw.compile(rw.optimize(graph), backend="numpy")(POINT),
            "exact": rw.compile(graph, backend="exact")(POINT),
        }
    return results


def main() -> None:
    graph = as_printed()
    print("As a tree, shared nodes named once\n")
    rw.dprint(graph)
    print("\nAs a formula\n")
    print(rw.pprint(graph))
    print("\nRewritten\n")
    print(rw.pprint(rw.optimize(graph)))
    print("\nWhy\n")
    print(rw.explain(graph))
    for name, values in compute().items():
        print(f"\nThe gradient {name}, at {POINT.tolist()}")
        for way, value in values.items():
            print(f"  {way:<12}{np.asarray(value).tolist()}")


if __name__ == "__main__":
    main()
