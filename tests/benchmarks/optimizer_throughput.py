"""How many nodes a second ``optimize`` passes, idle and with rules firing, beside a bare pass.

    python tests/benchmarks/optimizer_throughput.py [largest exponent of ten]

The bare pass visits the same nodes in Python and looks each operator up in a dictionary of five.
All rows are measured in one run; the ratio is what carries from machine to machine.
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


def bare_pass(graph):
    """Visit every node once and look its operator up."""
    return sum(LOOKED_UP.get(node.operator, 0) for node in graph.nodes())


def seconds(function, graph):
    """The time of one call."""
    start = time.perf_counter()
    function(graph)
    return time.perf_counter() - start


def main():
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rw.optimize(softmax_chain(10))  # the laws are read once
    print(
        f"{'nodes':>9}  {'chain':<9}{'optimize, nodes/s':>18}{'bare pass, nodes/s':>20}{'ratio':>8}"
    )
    for exponent in range(3, largest + 1):
        for name, build in (("sound", sound_chain), ("softmax", softmax_chain)):
            if name == "softmax" and exponent > 4:
                continue
            graph = build(10**exponent)
            count = len(list(graph.nodes()))
            bare, full = seconds(bare_pass, graph), seconds(rw.optimize, graph)
            row = f"{count:>9}  {name:<9}{count / full:>18,.0f}{count / bare:>20,.0f}"
            print(f"{row}{full / bare:>8.1f}")


if __name__ == "__main__":
    main()
