"""How many nodes a second ``optimize`` passes, idle and with rules firing, beside a bare pass.

    python tests/benchmarks/optimizer_throughput.py [largest exponent of ten]

The bare pass visits the same nodes in Python and looks each operator up in a dictionary of five.
All rows are measured in one run, each the best of three; the ratio is what carries from machine to
machine. In the chain of softmaxes and in the gradient of a network of attention layers all layers
are alike, and one is solved for all; in the varied chain no layer is like another: each has a size
of its own, and one of six forms.
"""

import sys
import time

import rewriter as rw
from rewriter.graph import operators as o

LOOKED_UP = {o.EXP: 1, o.LOG: 2, o.DIVIDE: 3, o.SUM: 4, o.MULTIPLY: 5}


def sound_chain(length):
    """A chain with nothing to cure."""
    x = rw.input("x", (8,), "float32")
    value = x
    for step in range(length):
        value = (value + 1.0, rw.sin(value), value * 0.5)[step % 3]
    return rw.Graph([x], [value])


def softmax_chain(length):
    """A chain in which every fifth node closes a naive softmax."""
    x = rw.input("x", (8,), "float32")
    value = x
    for _ in range(length // 5):
        exponentials = rw.exp(value)
        value = exponentials / rw.sum(exponentials) * 3.0 + x
    return rw.Graph([x], [value])


def network(length):
    """The gradient of a network of naive attention, residual connections and normalisations."""
    first = value = rw.input("x", (16, 32), "float32")
    inputs = [first]
    for layer in range(max(length // 58, 1)):
        weights = [rw.input(f"{name}{layer}", (32, 32), "float32") for name in "qkvo"]
        inputs += weights
        q, k, v = (rw.einsum("ab,bc->ac", value, w) for w in weights[:3])
        e = rw.exp(rw.einsum("ac,bc->ab", q, k) * 0.176)
        attended = rw.einsum("ab,bc->ac", e / rw.sum(e, axis=-1, keepdims=True), v)
        total = value + rw.einsum("ab,bc->ac", attended, weights[3])
        d = total - rw.sum(total, axis=-1, keepdims=True) / 32.0
        value = d / rw.sqrt(rw.sum(d * d, axis=-1, keepdims=True) / 32.0 + 1e-5)
    return rw.Graph(inputs, rw.grad(rw.sum(value * value * value), [first]))


def sigmoid(x):
    """As it is written naively."""
    return 1 / (1 + rw.exp(-x))


FORMS = (
    lambda x: rw.exp(x) / rw.sum(rw.exp(x)),
    lambda x: rw.log(rw.sum(rw.exp(x))),
    lambda x: rw.log(rw.exp(x) / rw.sum(rw.exp(x))),
    lambda x: x * sigmoid(x),
    lambda x: -rw.log(1 - sigmoid(x)),
    lambda x: rw.sum(x * rw.exp(x)) / rw.sum(rw.exp(x)),
)


def varied_chain(length):
    """A chain of naive forms in turn, no two of one size."""
    inputs, total = [], rw.constant(1.0, "float32")
    count = 0
    while count < length:
        layer = len(inputs)
        x = rw.input(f"x{layer}", (layer + 2,), "float32")
        inputs.append(x)
        total = rw.sum(rw.sin(x) * FORMS[layer % len(FORMS)](x * total))
        count += 10
    return rw.Graph(inputs, [total])


def bare_pass(graph):
    """Visit every node once and look its operator up."""
    return sum(LOOKED_UP.get(node.operator, 0) for node in graph.nodes())


def seconds(function, graph):
    """The time of one call, the best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function(graph)
        times.append(time.perf_counter() - start)
    return min(times)


CHAINS = {
    "sound": sound_chain, "softmax": softmax_chain, "network": network, "varied": varied_chain,
}  # fmt: skip


def main():
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rw.optimize(softmax_chain(10))  # the laws are read once
    print(
        f"{'nodes':>9}  {'chain':<9}{'optimize, nodes/s':>18}{'bare pass, nodes/s':>20}{'ratio':>8}"
    )
    for exponent in range(3, largest + 1):
        for name, build in CHAINS.items():
            if name == "varied" and exponent > 4:
                continue
            graph = build(10**exponent)
            count = len(list(graph.nodes()))
            bare, full = seconds(bare_pass, graph), seconds(rw.optimize, graph)
            row = f"{count:>9}  {name:<9}{count / full:>18,.0f}{count / bare:>20,.0f}"
            print(f"{row}{full / bare:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
