"""How many nodes a second are built, walked, printed and parsed, beside a bare Python pass.

Run it as a command::

    python tests/benchmarks/graph_throughput.py [--largest 1000000]

The bare pass does the least that plain Python can do for the same graph: make one object a node,
visit each once on a stack of its own, write one line each, split the lines and look the names up.
The ratio is bare speed over ours: how many times more a typed, checked, hash-consed node costs.
The last column is the exponent p in time ~ nodes^p since the size before: 1 is linear.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import math
import random
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import rewriter as rw
from rewriter.text.parsing import parse

LEAST_SECONDS = 0.3
"""Short measurements are repeated for this long; the best one counts."""

Recipe = list[tuple[int, int, int]]
"""For each node which operation it is, and which two of the last eight values it takes."""

_fresh = itertools.count()

OURS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: rw.add(a, b), lambda a, b: rw.multiply(a, b), lambda a, b: rw.subtract(a, b),
    lambda a, b: rw.exp(a), lambda a, b: rw.tanh(a), lambda a, b: rw.maximum(a, b),
    lambda a, b: rw.sum(a, axis=-1, keepdims=True), lambda a, b: rw.divide(a, b),
]  # fmt: skip


@dataclass(slots=True, eq=False)
class Plain:
    """A node with nothing to it."""

    operator: int
    operands: tuple[Plain, ...]


BARE: list[Callable[[Any, Any], Any]] = [
    lambda a, b: Plain(0, (a, b)), lambda a, b: Plain(1, (a, b)), lambda a, b: Plain(2, (a, b)),
    lambda a, b: Plain(3, (a,)), lambda a, b: Plain(4, (a,)), lambda a, b: Plain(5, (a, b)),
    lambda a, b: Plain(6, (a,)), lambda a, b: Plain(7, (a, b)),
]  # fmt: skip


def recipe(size: int) -> Recipe:
    """A random program of that many operations, the same each time."""
    generator = random.Random(20)
    return [(generator.randrange(8), generator.randrange(1, 9), generator.randrange(1, 9))
            for _ in range(size)]  # fmt: skip


def built(
    steps: Recipe, operations: list[Callable[[Any, Any], Any]], start: list[Any]
) -> list[Any]:
    """Follow a recipe; return the last eight values, below which every node lies."""
    recent = start * 8
    for number, (operation, first, second) in enumerate(steps):
        place = number % 8
        value = operations[operation](recent[place - first], recent[place - second])
        recent[place] = value
    return recent


def build_ours(steps: Recipe) -> tuple[rw.Node, list[Any]]:
    x = rw.input(f"x{next(_fresh)}", ("n", 10))
    return x, built(steps, OURS, [x])


def build_bare(steps: Recipe) -> list[Plain]:
    return built(steps, BARE, [Plain(-1, ())])


def walk_bare(roots: list[Plain]) -> list[Plain]:
    """Every object once, operands first, on an explicit stack."""
    order: list[Plain] = []
    done: set[int] = set()
    stack: list[tuple[Plain, bool]] = [(root, False) for root in roots]
    while stack:
        node, complete = stack.pop()
        if complete:
            order.append(node)
        elif id(node) not in done:
            done.add(id(node))
            stack.append((node, True))
            stack.extend((operand, False) for operand in node.operands)
    return order


def print_bare(roots: list[Plain]) -> str:
    names: dict[int, str] = {}
    lines = []
    for number, node in enumerate(walk_bare(roots)):
        names[id(node)] = f"v{number}"
        lines.append(f"v{number} = {node.operator} {' '.join(names[id(o)] for o in node.operands)}")
    return "\n".join(lines)


def parse_bare(text: str) -> list[Plain]:
    values: dict[str, Plain] = {}
    for line in text.split("\n"):
        name, _, operator, *operands = line.split()
        values[name] = Plain(int(operator), tuple(values[operand] for operand in operands))
    return list(values.values())


def seconds(run: Callable[[], object]) -> float:
    """The best time of as many runs as fit."""
    best, total = math.inf, 0.0
    while total < LEAST_SECONDS:
        gc.collect()
        begin = time.perf_counter()
        result = run()
        taken = time.perf_counter() - begin
        del result
        best, total = min(best, taken), total + taken
    return best


@dataclass(frozen=True)
class Row:
    """One measurement: seconds of ours and of the bare pass over that many nodes."""

    task: str
    nodes: int
    ours: float
    bare: float


def measurements(size: int) -> Iterator[Row]:
    """Measure each task at that size."""
    steps = recipe(size)
    yield Row("build", size, seconds(lambda: build_ours(steps)), seconds(lambda: build_bare(steps)))
    text, bare_text, nodes = yield from of_a_live_graph(steps)
    bare = seconds(lambda: parse_bare(bare_text))
    yield Row("parse, anew", nodes, seconds(lambda: parse(text)), bare)


def of_a_live_graph(steps: Recipe) -> Generator[Row, None, tuple[str, str, int]]:
    """Measure what is done to a graph; return its text, the bare one, and how many nodes it has."""
    x, roots = build_ours(steps)
    graph, plain = rw.Graph([x], roots), build_bare(steps)
    text, bare_text = str(graph), print_bare(plain)
    if parse(text) is not graph:
        raise AssertionError("the text does not read back to the graph")
    nodes = sum(1 for _ in graph.nodes())
    pairs: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("walk", lambda: list(graph.nodes()), lambda: walk_bare(plain)),
        ("print", lambda: str(graph), lambda: print_bare(plain)),
        ("parse, alive", lambda: parse(text), lambda: parse_bare(bare_text)),
    ]
    for task, ours, bare in pairs:
        yield Row(task, nodes, seconds(ours), seconds(bare))
    return text, bare_text, nodes


def main() -> None:
    """Print the table, one line as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="nodes of the largest graph")
    largest = parser.parse_args().largest
    previous: dict[str, Row] = {}
    print(f"{'':14}{'nodes':>10}{'nodes/s':>12}{'bare Python':>14}{'ratio':>8}{'growth':>8}")
    size = 1_000
    while size <= largest:
        for row in measurements(size):
            before = previous.get(row.task)
            growth = ""
            if before is not None:
                power = math.log(row.ours / before.ours) / math.log(row.nodes / before.nodes)
                growth = f"{power:.2f}"
            speed, bare = row.nodes / row.ours, row.nodes / row.bare
            columns = f"{row.nodes:>10,}{speed:>12,.0f}{bare:>14,.0f}{row.ours / row.bare:>8.1f}"
            print(f"{row.task:14}{columns}{growth:>8}", flush=True)
            previous[row.task] = row
        print(flush=True)
        size *= 10


if __name__ == "__main__":
    main()
