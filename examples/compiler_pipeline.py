"""A compiler pipeline: ``rw.optimize(graph)`` is one pass between the front end and the back end.

The front end writes a cross-entropy as the mathematics has it and asks for its gradient; the pass
rewrites the graph; the back end is NumPy. Without the pass the answer is nan, with it the truth.
"""

import numpy as np

import rewriter as rw


def front_end() -> rw.Graph:
    """Logits and one-hot targets to the loss and its gradient, nothing in it written with care."""
    logits = rw.input("logits", ("n", "k"))
    targets = rw.input("targets", ("n", "k"))
    exponentials = rw.exp(logits)
    probabilities = exponentials / rw.sum(exponentials, axis=-1, keepdims=True)
    loss = -rw.sum(targets * rw.log(probabilities))
    return rw.Graph([logits, targets], [loss, *rw.grad(loss, [logits])])


def back_end(graph: rw.Graph, *arrays: np.ndarray) -> list[np.ndarray]:
    """Compile for NumPy and run."""
    return list(rw.compile(graph, backend="numpy")(*arrays))


def compute() -> dict[str, list[np.ndarray]]:
    """The loss and its gradient: as written, rewritten, and in ball arithmetic."""
    graph = front_end()
    arrays = (
        np.array([[1, 2, 1000], [-1e18, 1e-18, 1e18]], "float32"),
        np.array([[0, 1, 0], [0, 0, 1]], "float32"),
    )
    return {
        "as written": back_end(graph, *arrays),
        "rewritten": back_end(rw.optimize(graph), *arrays),
        "exact": list(rw.compile(graph, backend="exact")(*arrays)),
    }


def main() -> None:
    graph = front_end()
    print("The graph as the front end made it\n")
    print(graph)
    print("\nThe graph after the pass\n")
    print(rw.optimize(graph))
    print("\nWhat the pass did, and why\n")
    print(rw.explain(graph))
    print()
    for name, (loss, gradient) in compute().items():
        print(f"{name:<11} loss {loss!s:<8} gradient {np.asarray(gradient).tolist()}")


if __name__ == "__main__":
    main()
